"""The one figure that a row of the board shows: what speaks for it now, a breach on record, or the newest."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dashboard import sentences, words
from dashboard.app.spans import short_span, written_span
from dashboard.app.speaker import Speaker, speaker
from dashboard.catalog import Catalog, Indicator
from dashboard.model import Newest, OnRecord, PassedBy, Severity, State, Verdict
from dashboard.periods import day_of


@dataclass(frozen=True)
class Shown:
    """A figure in words: how much, held against what, about when, by whom; and the severity that it stands for."""

    figure: str
    measure: str
    period: str
    sources: str
    severity: Severity | None
    passed_by: PassedBy | None


def shown(verdict: Verdict, indicator: Indicator, catalog: Catalog) -> Shown:
    """A breach on record speaks where what is known now could not be assessed."""
    record = standing_record(verdict)
    if record is not None and verdict.severity is None and verdict.state is State.ON_RECORD:
        return _of_record(verdict, record)
    titles = [catalog.sources[name].title for name in indicator.sources]
    spoken = speaker(verdict)
    if spoken is not None:
        return _of_speaker(verdict, spoken, titles)
    newest = max(verdict.newest, key=lambda one: one.date, default=None)
    return _of_newest(verdict, newest, titles)


def breaches_on_record(verdict: Verdict) -> list[OnRecord]:
    return [one for one in verdict.on_record if one.severity is not None and one.severity >= Severity.WARNING]


def standing_record(verdict: Verdict) -> OnRecord | None:
    """The newest breach on record."""
    return next(reversed(breaches_on_record(verdict)), None)


def _of_speaker(verdict: Verdict, spoken: Speaker, titles: list[str]) -> Shown:
    series, at = spoken.assessment.series, spoken.position
    if verdict.limit is not None:
        low, value, high = (float(side[at]) for side in (series.low, series.value, series.high))
        measure = _share(low, value, high, verdict, or_more=bool(series.or_more[at]))
    elif math.isnan(spoken.bound):
        measure = "any amount counts"
    else:
        measure = f"threshold {words.number(spoken.bound)} {verdict.unit}"
    return Shown(
        figure=sentences.figure(spoken.assessment, at),
        measure=measure,
        period=short_span(day_of(series.start[at]), day_of(series.end[at])),
        sources=_and_more(series.title, titles),
        severity=verdict.severity,
        passed_by=verdict.passed_by,
    )


def _of_record(verdict: Verdict, record: OnRecord) -> Shown:
    earlier = len(breaches_on_record(verdict)) - 1
    period = written_span(record.period)
    return Shown(
        figure=words.amount(record.low, record.value, record.high, record.unit, or_more=record.or_more),
        measure=_share(record.low, record.value, record.high, verdict, or_more=record.or_more),
        period=f"{period}, and {earlier} earlier" if earlier else period,
        sources=_title_of(record.source, verdict),
        severity=record.severity,
        passed_by=record.passed_by,
    )


def _title_of(line: str | None, verdict: Verdict) -> str:
    """The title of the line that a record is about, or of the first where it is about all."""
    titles = {one.series.source: one.series.title for one in verdict.assessments}
    return titles[line] if line in titles else verdict.assessments[0].series.title


def _of_newest(verdict: Verdict, newest: Newest | None, titles: list[str]) -> Shown:
    figure, period, said_by = "no figure", "", titles[0] if titles else "other indicators"
    if newest is not None:
        figure = words.amount(newest.low, newest.value, newest.high, newest.unit, or_more=newest.or_more)
        period, said_by = words.day(newest.date), newest.title
    cap = "" if verdict.limit is None else f"cap {words.number(verdict.limit)} {verdict.unit}"
    return Shown(figure, cap, period, _and_more(said_by, titles), verdict.severity, verdict.passed_by)


def _share(low: float, value: float, high: float, verdict: Verdict, *, or_more: bool) -> str:
    if verdict.limit is None:
        return ""
    limit = verdict.limit
    share = words.percent(low / limit, value / limit, high / limit, or_more=or_more)
    return f"{share} of {words.number(limit)} {verdict.unit}"


def _and_more(said_by: str, titles: list[str]) -> str:
    """`RUSI + 3 more`: who says it, and how many others are read."""
    others = len(titles) - 1
    return f"{said_by} + {others} more" if others and said_by in titles else said_by
