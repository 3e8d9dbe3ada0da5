"""Catalogue + rows + instant -> Board: a pure function that always covers the whole history.

An alert is never stored: evaluating today, and evaluating as of today in a year, give the same.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from dashboard import freshness, sentences
from dashboard.assess import assess
from dashboard.catalog import Catalog, Indicator
from dashboard.errors import Problem
from dashboard.gather import Gathered, gather, judged_lines, newest_figures, silences, straddlers
from dashboard.intake import Intake
from dashboard.model import Board, DataState, Newest, OnRecord, Severity, State, Verdict
from dashboard.periods import Period, day_of
from dashboard.provenance import rows_behind
from dashboard.records import of_record, share_of_limit
from dashboard.standing import Head, Standing, of_figures, of_periods
from dashboard.table import Table
from dashboard.thresholds import Setting


def evaluate(catalog: Catalog, intake: Intake, as_of: date) -> Board:
    """All verdicts on what was known at the end of `as_of` (UTC); what was published later leaves no trace."""
    table = intake.table
    known = table.all_known(as_of)
    return Board(
        as_of=as_of,
        data_version=_version(catalog, table.content[known]),
        verdicts=tuple(
            _verdict(name, indicator, catalog, intake.problems, table, as_of)
            for name, indicator in catalog.indicators.items()
        ),
        not_loaded=catalog.not_loaded,
        newest_published=day_of(table.known_at[known].max()) if known.size else None,
    )


def _version(catalog: Catalog, content: np.ndarray) -> str:
    """A hash of the definitions and of the known rows' content, whatever their order and files."""
    digest = hashlib.sha256(catalog.definitions)
    for row in sorted(content):
        digest.update(row.encode())
        digest.update(b"\x1e")
    return digest.hexdigest()


def _verdict(
    name: str,
    indicator: Indicator,
    catalog: Catalog,
    problems: Mapping[str, Sequence[Problem]],
    table: Table,
    as_of: date,
) -> Verdict:
    gathered = gather(indicator, catalog, problems, table, as_of)
    setting = Setting(as_of, indicator.unit, indicator.limit, indicator.period_name, gathered.baselines)
    lines = judged_lines(indicator, gathered, catalog, as_of)
    assessments = tuple(assess(line, indicator.thresholds, setting) for line in lines)
    period = indicator.anchor.period(as_of) if indicator.anchor else None
    if period is None:
        standing = of_figures(indicator, assessments, _official(indicator, catalog), as_of)
    else:
        standing, assessments = of_periods(indicator, gathered, assessments, period, as_of)
    newest = newest_figures(gathered, lines, silent=bool(silences(indicator)))
    data_state = _data_state(indicator, gathered, standing)
    head = standing.head
    severity, reasons = _severity(indicator, gathered, standing, newest, data_state, period, as_of)
    low, value, high, or_more = _figure(indicator, head)
    said_by = _said_by(head, gathered, catalog)
    on_record = of_record(indicator, setting, standing, assessments)
    return Verdict(
        id=name,
        title=indicator.title,
        severity=severity,
        state=standing.state,
        certainty=head.certainty if head and severity is not None else None,
        data_state=data_state,
        low=low,
        value=value,
        high=high,
        or_more=or_more,
        unit=indicator.unit,
        limit=indicator.limit,
        share_of_limit=share_of_limit(low, value, indicator.limit),
        date=day_of(head.assessment.series.end[head.position]) if head else None,
        since=_since(standing, "since"),
        known_since=_since(standing, "known_since"),
        sentence=_sentence(indicator, setting, said_by, standing, newest, data_state, reasons, on_record),
        newest=newest,
        on_record=on_record,
        problems=(*gathered.problems, *straddlers(indicator, gathered)),
        rules=tuple(threshold.rule(setting) for threshold in indicator.thresholds),
        period=period,
        assessments=assessments,
        episodes=standing.episodes,
        rests_on=rows_behind(indicator, gathered, standing),
        rows=table.frame.iloc[gathered.known],
    )


def _official(indicator: Indicator, catalog: Catalog) -> set[str]:
    return {name for name in indicator.sources if catalog.sources[name].official}


def _said_by(head: Head | None, gathered: Gathered, catalog: Catalog) -> str:
    """Whose figure the head is: one source's where one row made it, else the combination's title."""
    if head is None:
        return ""
    row = int(head.assessment.series.row[head.position])
    if row < 0:
        return head.assessment.series.title
    return catalog.sources[str(gathered.table.frame["source"].iloc[row])].title


def _data_state(indicator: Indicator, gathered: Gathered, standing: Standing) -> DataState:
    states = [gathered.states[name] for name in indicator.sources]
    state = freshness.of_several(states, all_needed=indicator.combine == "sum")
    if state is DataState.ERROR:
        return state
    if standing.head is None:
        return DataState.NO_DATA
    window_has_passed = standing.state is State.ON_RECORD and standing.head.episode is not None
    return DataState.STALE if window_has_passed and state in freshness.TRUSTED else state


def _severity(
    indicator: Indicator,
    gathered: Gathered,
    standing: Standing,
    newest: Sequence[Newest],
    data_state: DataState,
    period: Period | None,
    as_of: date,
) -> tuple[Severity | None, list[str]]:
    """The severity now, and why it is not assessed where it is not. Normal needs data that can be trusted."""
    head = standing.head
    if head is not None and head.severity is not None and head.severity > Severity.NORMAL:
        return head.severity, []
    reasons = []
    if data_state is DataState.ERROR:
        reasons.append("what could not be read might hold a breach (see the problems)")
    if head is None:
        return None, [*reasons, sentences.nothing_known(period, as_of)]
    if head.severity is None:
        reasons.append(_why_not(indicator, head))
    if data_state not in (*freshness.TRUSTED, DataState.ERROR):
        reasons.append(sentences.too_old(newest, as_of))
    line_state = gathered.states.get(head.assessment.series.source, data_state)
    if not reasons and line_state not in freshness.TRUSTED:
        reasons.append(sentences.too_old(newest, as_of))
    return (None, reasons) if reasons else (Severity.NORMAL, [])


def _why_not(indicator: Indicator, head: Head) -> str:
    if head.assessment.reason:
        return head.assessment.reason
    said = sentences.figure(head.assessment, head.position)
    if not indicator.thresholds:
        return f"{said}, and no threshold to judge it by"
    if head.assessment.series.partial[head.position] or np.isnan(head.assessment.series.high[head.position]):
        return sentences.lower_bound(said)
    return f"{said} passes a threshold less surely than the threshold demands"


def _figure(indicator: Indicator, head: Head | None) -> tuple[float, float, float, bool]:
    """Low, value, high and "or more" of the head; nothing where several sources are not combined."""
    if head is None or (indicator.combine == "each" and len(indicator.sources) > 1):
        return math.nan, math.nan, math.nan, False
    series, at = head.assessment.series, head.position
    return float(series.low[at]), float(series.value[at]), float(series.high[at]), bool(series.or_more[at])


def _since(standing: Standing, field: str) -> date | None:
    """When the standing breach began, or became known: of the head, else of the newest on record."""
    if standing.head is not None and standing.head.state in (State.FIRING, State.ON_RECORD):
        found: date | None = getattr(standing.head, field)
        return found
    on_record = [episode for episode in standing.episodes if episode.state is State.ON_RECORD]
    return getattr(on_record[-1], field) if on_record and standing.state is State.ON_RECORD else None


def _sentence(
    indicator: Indicator,
    setting: Setting,
    said_by: str,
    standing: Standing,
    newest: Sequence[Newest],
    data_state: DataState,
    reasons: Sequence[str],
    on_record: Sequence[OnRecord],
) -> str:
    """The verdict in words: what was found or why nothing can be said, since when, and how old it is."""
    head = standing.head
    parts = []
    if reasons:
        parts.append(sentences.not_assessed(reasons))
    elif head is not None and head.severity is not None:
        parts.append(_finding(indicator, setting, said_by, head))
    if head is not None and head.episode is not None and head.known_since is not None:
        parts.append(sentences.standing(head.state, head.known_since, head.episode.until))
    if indicator.anchor:
        breaches = [one for one in on_record if one.severity and one.severity >= Severity.WARNING]
        parts.append(sentences.closed_breaches(breaches))
    parts.append(sentences.trust(newest, data_state, setting.as_of))
    return " ".join(part for part in parts if part)


def _finding(indicator: Indicator, setting: Setting, said_by: str, head: Head) -> str:
    if head.severity is not Severity.NORMAL:
        return sentences.breach(head.assessment, head.position, indicator.thresholds, setting, said_by)
    return f"{sentences.told(head.assessment, head.position, said_by)}: no threshold is passed."
