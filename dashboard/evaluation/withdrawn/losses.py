"""When figures behind an alert may have been lost: dropped, overwritten, contradicted, revised or withdrawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from dashboard.catalog import Indicator
from dashboard.domain import Severity, State, rank
from dashboard.domain.dates import day_of, end_of_day
from dashboard.evaluation.current.judging import JudgedIndicator
from dashboard.rows import Table
from dashboard.series import IndicatorInputs
from dashboard.thresholds import Assessment

_WARNING = rank(Severity.WARNING, 0)


def instants_of_loss(judged: JudgedIndicator) -> dict[np.datetime64, bool]:
    """The instants at which a figure that may have stood behind an alert was lost.

    True marks the instant of a receipt, false that of a publication.
    """
    indicator, inputs, assessments, as_of = judged.indicator, judged.inputs, judged.assessments, judged.as_of
    receipts: set[np.datetime64] = set()
    publications: set[np.datetime64] = set()
    alone = _judges_each_alone(indicator, assessments)
    for name in inputs.lines:
        for row, instant in _lost_rows(name, inputs.table, as_of):
            if alone and (_is_covered(row, judged) or _was_judged_since(row, name, inputs, assessments)):
                continue
            receipts.add(instant)
            publications |= set(_later_publications(row, inputs))
        publications |= _taken_back(name, inputs.table, as_of)
        receipts |= _contradictions(name, inputs)
    if alone and all((assessment.series.row >= 0).all() for assessment in assessments):
        publications |= {instant for assessment in assessments for instant in _lowered_figures(assessment)}
    else:
        since = _newest_known(assessments) if _keeps_no_record(indicator, assessments) else None
        revised = {instant for name in inputs.lines for instant in _revisions(name, inputs.table, as_of)}
        publications |= {instant for instant in revised if since is None or instant > since}
    return {**dict.fromkeys(publications, False), **dict.fromkeys(receipts, True)}


def _is_covered(row: int, judged: JudgedIndicator) -> bool:
    """Whether the only line's alert is open over the days of a row, and as bad as its rules can make it.

    Then nothing that the row stood behind is missed. Without this rule a figure that each delivery overwrites would be
    judged anew for each of them.
    """
    current, table, deciding = judged.current, judged.inputs.table, judged.current.deciding
    if len(current.by_line) != 1 or deciding is None or deciding.episode is None or deciding.state is not State.FIRING:
        return False
    deciding_row = int(deciding.assessment.series.row[deciding.position])
    worst = max(threshold.severity_rank for threshold in judged.indicator.thresholds)
    has_same_subject = deciding_row >= 0 and bool(table.subject[row] == table.subject[deciding_row])
    day = day_of(table.end[row])
    return has_same_subject and deciding.severity == worst and deciding.episode.first <= day <= deciding.episode.last


def _keeps_no_record(indicator: Indicator, assessments: Sequence[Assessment]) -> bool:
    """Whether only an open alert matters: a level that was judged since keeps no record."""
    return indicator.anchor is None and not any(assessment.series.windowed for assessment in assessments)


def _judges_each_alone(indicator: Indicator, assessments: Sequence[Assessment]) -> bool:
    """Whether each figure of a level is held against fixed bounds, and a calm figure ends any earlier breach."""
    return indicator.has_fixed_levels and indicator.own_line is None and _keeps_no_record(indicator, assessments)


def _newest_known(assessments: Sequence[Assessment]) -> np.datetime64 | None:
    """The earliest instant since which a line has known its newest period: an older revision opens no alert."""
    lines = [assessment.series for assessment in assessments if len(assessment.series)]
    return min((line.known_at[line.end == line.end[-1]].min() for line in lines), default=None)


def _was_judged_since(row: int, name: str, inputs: IndicatorInputs, assessments: Sequence[Assessment]) -> bool:
    """Whether a later period of the row's line was judged."""
    own = [assessment for assessment in assessments if assessment.series.origin in ("", name)]
    return any(bool(judged_calm_after(each, inputs.table.end[row], row, inputs.table).any()) for each in own)


def judged_calm_after(assessment: Assessment, day: np.datetime64, row: int, table: Table) -> np.ndarray:
    """bool, by observation: whether it is current, begins after a day, and was judged to be calm.

    Of a level it must also be about the subject of the row, unless the row is -1.
    """
    series = assessment.series
    calm = (assessment.ranks >= 0) & (assessment.ranks < _WARNING)
    later = series.current & series.has_figure & calm & (series.start > day)
    if row < 0 or series.kind != "level" or (series.row < 0).any():
        return np.asarray(later)
    return np.asarray(later & (table.subject[series.row] == table.subject[row]))


def _later_publications(row: int, inputs: IndicatorInputs) -> Iterator[np.datetime64]:
    """When the claimant of a row published other figures about its period and subject."""
    table, known = inputs.table, inputs.known_rows
    yield from table.known_at[
        known[(table.key[known] == table.key[row]) & (table.known_at[known] > table.known_at[row])]
    ]


def _lost_rows(name: str, table: Table, as_of: date) -> list[tuple[int, np.datetime64]]:
    """Rows with a figure that are no longer held, and since when.

    Rows that came back, or that a person has accepted as wrong, are left out.
    """
    dropped = table.dropped(name, as_of)
    if not dropped.size:
        return []
    dropped = dropped[table.has_figure[dropped] & table.is_judged[dropped] & ~is_accepted(table, dropped, as_of)]
    known = table.known(name, as_of)
    back = {_content(table, int(row)) for row in known[np.isin(table.key[known], table.key[dropped])]}
    until = table.known_times.until[dropped].view("datetime64[s]")
    lost = zip(dropped, until, strict=True)
    return [(int(row), instant) for row, instant in lost if _content(table, int(row)) not in back]


def is_accepted(table: Table, rows: np.ndarray, as_of: date) -> np.ndarray:
    accepted = table.accepted_at[rows]
    return np.asarray(~np.isnat(accepted) & (accepted <= end_of_day(as_of)))


def _content(table: Table, row: int) -> tuple[object, ...]:
    figures = (str(float(side[row])) for side in (table.low, table.value, table.high))
    status = str(table.unit[row]), bool(table.is_judged[row]), bool(table.is_withdrawn[row])
    return int(table.key[row]), str(table.published_at[row]), *status, *figures


_MOST_CONTRADICTIONS = 50  # instants of one source; a flood of contradicting rows says no more than these


def _contradictions(name: str, inputs: IndicatorInputs) -> set[np.datetime64]:
    """The newest instants at which rows came that contradict others, so that neither is used."""
    table = inputs.table
    part = table.slices.get(name, slice(0, 0))
    is_usable = table.is_usable[part].copy()
    for line in inputs.lines[name]:
        is_usable[line.row - part.start] = False
    first, stop = inputs.known_rows.searchsorted([part.start, part.stop])
    known = inputs.known_rows[first:stop]
    refused = known[is_usable[known - part.start]]
    if not refused.size:
        return set()
    received = np.fmax(table.known_at[refused], table.known_times.gap_until[refused].view("datetime64[s]"))
    return set(np.unique(received)[-_MOST_CONTRADICTIONS:])


def _taken_back(name: str, table: Table, as_of: date) -> set[np.datetime64]:
    """When claimants withdrew their own figures."""
    known = table.known(name, as_of)
    return set(table.known_at[known[table.is_withdrawn[known]]])


def _lowered_figures(assessment: Assessment) -> Iterator[np.datetime64]:
    """When a figure that passed was replaced by a figure that passes less."""
    series = assessment.series
    if not series.is_revised:
        return
    for key in np.unique(series.key[~series.current & assessment.is_alarm]):
        vintages = np.flatnonzero((series.key == key) & series.has_figure)
        vintages = vintages[np.argsort(series.known_at[vintages], kind="stable")]
        ranks = assessment.ranks[vintages]
        yield from series.known_at[vintages[1:][ranks[1:] < ranks[:-1]]]


def _revisions(name: str, table: Table, as_of: date) -> Iterator[np.datetime64]:
    """When a figure was replaced by another figure about the same period and subject."""
    known = table.known(name, as_of)
    known = known[table.has_figure[known] & table.is_judged[known]]
    if (table.key[known][1:] > table.key[known][:-1]).all():
        return  # no figure has another vintage
    known = known[np.lexsort((table.known_at[known], table.key[known]))]
    same = table.key[known][1:] == table.key[known][:-1]
    for before, after in zip(known[:-1][same], known[1:][same], strict=True):
        if _content(table, int(before))[2:] != _content(table, int(after))[2:]:
            yield table.known_at[after]


def sources_with_losses(indicator: Indicator, inputs: IndicatorInputs, as_of: date) -> list[str]:
    """The sources whose silently lost figures a verdict on compared caps or on owed reports rests on.

    Of compared caps the figures of this year and the last count, of owed reports all filings without any other row.
    """
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
    reported = set(table.key[known[table.has_figure[known] & table.is_judged[known]]].tolist())
    return any(int(table.key[row]) not in reported for row, _ in _lost_rows(name, table, as_of))
