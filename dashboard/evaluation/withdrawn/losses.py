"""When figures that may have stood behind an alert went: lost, overwritten, contradicted, revised or taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from dashboard.catalog import Indicator
from dashboard.domain import Severity, State
from dashboard.domain.dates import day_of, end_of_day
from dashboard.evaluation.current.current_state import CurrentState
from dashboard.rows import Table
from dashboard.series import IndicatorInputs
from dashboard.thresholds import Assessment, Lifecycle, rank

_WARNING = rank(Severity.WARNING, 0)


def instants_of_loss(
    indicator: Indicator, inputs: IndicatorInputs, current: CurrentState, assessments: Sequence[Assessment], as_of: date
) -> dict[np.datetime64, bool]:
    """The instants at which something that may have stood behind an alert went; whether they are receipts, or else
    publications."""
    receipts: set[np.datetime64] = set()
    found: set[np.datetime64] = set()
    alone = _judges_each_alone(indicator, assessments)
    for name in inputs.lines:
        for row, instant in _lost_rows(name, inputs.table, as_of):
            if alone and _stands_anyway(row, indicator, inputs.table, current):
                continue
            if not (alone and _was_judged_since(row, name, inputs, assessments)):
                receipts.add(instant)
                found |= set(_later_publications(row, inputs))
        found |= _taken_back(name, inputs.table, as_of)
        receipts |= _refused(name, inputs)
    if alone and all((one.series.row >= 0).all() for one in assessments):
        found |= {instant for one in assessments for instant in _lowered_figures(one)}
        return {**dict.fromkeys(found, False), **dict.fromkeys(receipts, True)}
    since = _newest_known(assessments) if _keeps_no_record(indicator, assessments) else None
    revised = {instant for name in inputs.lines for instant in _revisions(name, inputs.table, as_of)}
    found |= {instant for instant in revised if since is None or instant > since}
    return {**dict.fromkeys(found, False), **dict.fromkeys(receipts, True)}


def _stands_anyway(row: int, indicator: Indicator, table: Table, current: CurrentState) -> bool:
    """Whether an alert of one line, as bad as its rules can make it, is open over the days of a row: then nothing that
    the row stood behind is missed. A figure overwritten with each delivery would be judged anew for each of them."""
    deciding = current.deciding
    if len(current.by_line) != 1 or deciding is None or deciding.episode is None or deciding.state is not State.FIRING:
        return False
    spoken = int(deciding.assessment.series.row[deciding.position])
    worst = max(one.severity_rank for one in indicator.thresholds)
    is_of_the_same = spoken >= 0 and bool(table.subject[row] == table.subject[spoken])
    day = day_of(table.end[row])
    return is_of_the_same and deciding.severity == worst and deciding.episode.first <= day <= deciding.episode.last


def _keeps_no_record(indicator: Indicator, assessments: Sequence[Assessment]) -> bool:
    """Whether only what is open matters: a level that was judged since keeps no record."""
    return indicator.anchor is None and not any(one.series.windowed for one in assessments)


def _judges_each_alone(indicator: Indicator, assessments: Sequence[Assessment]) -> bool:
    """Whether each figure of a level is held against fixed bounds, and one that passes none ends what was before."""
    fixed = all(one.level.calm is not None and one.lifecycle == Lifecycle() for one in indicator.thresholds)
    return fixed and indicator.own_line is None and _keeps_no_record(indicator, assessments)


def _newest_known(assessments: Sequence[Assessment]) -> np.datetime64 | None:
    """Since when the newest period of each line has been known at the latest: what was revised before is not open."""
    lines = [one.series for one in assessments if len(one.series)]
    return min((line.known_at[line.end == line.end[-1]].min() for line in lines), default=None)


def _was_judged_since(row: int, name: str, inputs: IndicatorInputs, assessments: Sequence[Assessment]) -> bool:
    """Whether a later period of the row's line was judged."""
    own = [one for one in assessments if one.series.origin in ("", name)]
    return any(bool(judged_after(one, inputs.table.end[row], row, inputs.table).any()) for one in own)


def judged_after(assessment: Assessment, day: np.datetime64, row: int, table: Table) -> np.ndarray:
    """Which figures about the subject of a row (-1: about any) were judged to be calm, of periods that begin after a
    day."""
    series = assessment.series
    calm = (assessment.ranks >= 0) & (assessment.ranks < _WARNING)
    later = series.current & series.has_figure & calm & (series.start > day)
    if row < 0 or series.kind != "level" or (series.row < 0).any():
        return np.asarray(later)
    return np.asarray(later & (table.subject[series.row] == table.subject[row]))


def _later_publications(row: int, inputs: IndicatorInputs) -> Iterator[np.datetime64]:
    """When other figures of its claimant about the period and subject of a row were published."""
    table, known = inputs.table, inputs.known_rows
    yield from table.known_at[
        known[(table.key[known] == table.key[row]) & (table.known_at[known] > table.known_at[row])]
    ]


def _lost_rows(name: str, table: Table, as_of: date) -> list[tuple[int, np.datetime64]]:
    """Rows with a figure that are no longer held, and since when; without those that are back, or that a person has
    accepted as wrong."""
    gone = table.dropped(name, as_of)
    gone = gone[table.has_figure[gone] & table.is_judged[gone] & ~is_accepted(table, gone, as_of)]
    known = table.known(name, as_of)
    back = {_content(table, int(row)) for row in known[np.isin(table.key[known], table.key[gone])]}
    until = table.known_times.until[gone].view("datetime64[s]")
    lost = zip(gone, until, strict=True)
    return [(int(row), instant) for row, instant in lost if _content(table, int(row)) not in back]


def is_accepted(table: Table, rows: np.ndarray, as_of: date) -> np.ndarray:
    accepted = table.accepted_at[rows]
    return np.asarray(~np.isnat(accepted) & (accepted <= end_of_day(as_of)))


def _content(table: Table, row: int) -> tuple[object, ...]:
    figures = (str(float(side[row])) for side in (table.low, table.value, table.high))
    current = str(table.unit[row]), bool(table.is_judged[row]), bool(table.is_withdrawn[row])
    return int(table.key[row]), str(table.published_at[row]), *current, *figures


_MOST_REFUSED = 50  # instants at which rows of a source came that are refused: a flood of them tells no more


def _refused(name: str, inputs: IndicatorInputs) -> set[np.datetime64]:
    """When rows came that cannot be used with others, so that neither is; the newest of these instants."""
    table = inputs.table
    used = np.concatenate([np.array([], dtype=int), *(line.row for line in inputs.lines[name])])
    part = table.slices.get(name, slice(0, 0))
    known = inputs.known_rows[(inputs.known_rows >= part.start) & (inputs.known_rows < part.stop)]
    refused = known[
        table.has_figure[known] & table.is_judged[known] & ~table.is_withdrawn[known] & ~np.isin(known, used)
    ]
    came = np.fmax(table.known_at[refused], table.known_times.gap_until[refused].view("datetime64[s]"))
    return set(np.unique(came)[-_MOST_REFUSED:])


def _taken_back(name: str, table: Table, as_of: date) -> set[np.datetime64]:
    """When claimants withdrew a figure of their own."""
    known = table.known(name, as_of)
    return set(table.known_at[known[table.is_withdrawn[known]]])


def _lowered_figures(assessment: Assessment) -> Iterator[np.datetime64]:
    """When a figure that passed was replaced by one that passes less."""
    series = assessment.series
    if not series.is_revised:
        return
    for key in np.unique(series.key[~series.current & (assessment.ranks >= _WARNING)]):
        vintages = np.flatnonzero((series.key == key) & series.has_figure)
        vintages = vintages[np.argsort(series.known_at[vintages], kind="stable")]
        ranks = assessment.ranks[vintages]
        yield from series.known_at[vintages[1:][ranks[1:] < ranks[:-1]]]


def _revisions(name: str, table: Table, as_of: date) -> Iterator[np.datetime64]:
    """When a figure was replaced by another one about the same period and subject."""
    known = table.known(name, as_of)
    known = known[table.has_figure[known] & table.is_judged[known]]
    known = known[np.lexsort((table.known_at[known], table.key[known]))]
    same = table.key[known][1:] == table.key[known][:-1]
    for before, after in zip(known[:-1][same], known[1:][same], strict=True):
        if _content(table, int(before))[2:] != _content(table, int(after))[2:]:
            yield table.known_at[after]


def lost_beneath(indicator: Indicator, inputs: IndicatorInputs, as_of: date) -> list[str]:
    """The sources that lost figures in silence which verdicts of another making rest on: of compared caps those of the
    period that is open or of the one before, of owed reports all filings that no row tells of any more."""
    table = inputs.table
    if indicator.waits_for_reports:
        return [name for name in indicator.sources if _has_lost_filings(name, table, as_of)]
    if indicator.own_line is None or not indicator.own_line.caps:
        return []
    since = np.datetime64(date(as_of.year - 1, 1, 1))
    names = sorted({table.source_of(int(row)) for row in inputs.dropped_rows if table.end[row] >= since})
    return [name for name in names if any(table.end[row] >= since for row, _ in _lost_rows(name, table, as_of))]


def _has_lost_filings(name: str, table: Table, as_of: date) -> bool:
    known = table.known(name, as_of)
    told = set(table.key[known[table.has_figure[known] & table.is_judged[known]]].tolist())
    return any(int(table.key[row]) not in told for row, _ in _lost_rows(name, table, as_of))
