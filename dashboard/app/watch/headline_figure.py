"""The one figure that a row of the board shows: the deciding one, a breach on record, or the newest."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from dashboard.catalog import Catalog, Indicator
from dashboard.claims import day_of_publication, is_in_words
from dashboard.domain import ClaimedFigure, Figure, Headline, LatestFigure, PastBreach, Severity, State, Verdict
from dashboard.domain.text import short_span, written_span
from dashboard.domain.text import wording as words
from dashboard.evaluation import events_in_words
from dashboard.reporting import DecidingLevel


@dataclass(frozen=True)
class HeadlineFigure:
    """A figure in words: its amount, its measure, its period, its sources; and the severity that it justifies."""

    figure: str
    measure: str
    period: str
    sources: str
    severity: Severity | None
    passed_phrase: str


def headline_figure(
    verdict: Verdict, level: DecidingLevel | None, indicator: Indicator, catalog: Catalog
) -> HeadlineFigure:
    """The figure of a verdict: a breach on record where what is known now could not be assessed.

    `level` is what the deciding observation is held against, None where nothing is known now.
    """
    record = newest_record(verdict)
    if record is not None and verdict.severity is None and verdict.state is State.ON_RECORD:
        return _of_record(verdict, record)
    titles = [catalog.sources[name].title for name in indicator.sources]
    if level is not None:
        return _of_deciding(verdict, level, titles)
    newest = max(verdict.newest, key=lambda one: one.date, default=None)
    return _of_newest(verdict, newest, titles)


def breaches_on_record(verdict: Verdict) -> list[PastBreach]:
    return [one for one in verdict.on_record if one.severity and one.severity.is_alarm]


def newest_record(verdict: Verdict) -> PastBreach | None:
    """The newest breach on record."""
    return next(reversed(breaches_on_record(verdict)), None)


def _of_deciding(verdict: Verdict, level: DecidingLevel, titles: list[str]) -> HeadlineFigure:
    claim = verdict.claim
    assert claim is not None
    in_words = is_in_words(claim)
    headline = HeadlineFigure(
        figure=claim.subject if in_words else str(claim.figure),
        measure="" if in_words else _measure(verdict, level, claim),
        period=f"last look {words.day(claim.last_look)}"
        if claim.last_look
        else short_span(claim.period.start, claim.period.end),
        sources=_source_text(claim.claimant, titles),
        severity=verdict.severity,
        passed_phrase=verdict.passed_phrase,
    )
    return _of_all_claimants(verdict, headline) if verdict.headlines else headline


def _of_all_claimants(verdict: Verdict, headline: HeadlineFigure) -> HeadlineFigure:
    """The headline of several claimants together, in place of the one figure that decides."""
    figures = [_claimed_span(one, with_unit=len(verdict.headlines) == 1) for one in verdict.headlines]
    newest = max((one.newest for one in verdict.headlines), key=lambda claim: claim.known_on)
    claimants = words.counted(sum(one.claimants for one in verdict.headlines), "claimant")
    measure = events_in_words(verdict.events, verdict.figure.unit) if verdict.events else headline.measure
    return replace(
        headline,
        figure="; ".join(figures),
        measure=measure if len(figures) == 1 else "",
        period=f"newest {day_of_publication(newest)}",
        sources=f"{claimants} · newest {newest.claimant}",
    )


def _claimed_span(headline: Headline, *, with_unit: bool) -> str:
    span = (headline.figure if with_unit else headline.figure.without_unit).as_span()
    return f"{headline.subject}: {span}" if headline.subject else span


def _measure(verdict: Verdict, level: DecidingLevel, claim: ClaimedFigure) -> str:
    if verdict.limit is not None:
        return _share(claim.figure, verdict)
    if not math.isnan(level.bound):
        return f"threshold {words.number(level.bound)} {verdict.figure.unit}"
    if not level.is_passed:
        return ""
    return "forbidden at any number" if level.is_law else "any event counts"


def _of_record(verdict: Verdict, record: PastBreach) -> HeadlineFigure:
    earlier = len(breaches_on_record(verdict)) - 1
    period = written_span(record.period)
    return HeadlineFigure(
        figure=str(record.figure),
        measure=_share(record.figure, verdict),
        period=f"{period}, and {earlier} earlier" if earlier else period,
        sources=record.claim.claimant if record.claim else "",
        severity=record.severity,
        passed_phrase=record.passed_phrase,
    )


def _of_newest(verdict: Verdict, newest: LatestFigure | None, titles: list[str]) -> HeadlineFigure:
    figure, period, said_by = "no figure", "", titles[0] if titles else "other indicators"
    if newest is not None:
        figure = str(newest.figure)
        period, said_by = words.day(newest.date), newest.title
    cap = "" if verdict.limit is None else f"cap {words.number(verdict.limit)} {verdict.figure.unit}"
    return HeadlineFigure(figure, cap, period, _source_text(said_by, titles), verdict.severity, verdict.passed_phrase)


def _share(figure: Figure, verdict: Verdict) -> str:
    if verdict.limit is None:
        return ""
    limit = verdict.limit
    return f"{figure.share_of(limit).as_percent()} of {words.number(limit)} {verdict.figure.unit}"


def _source_text(said_by: str, titles: list[str]) -> str:
    """`RUSI, 1 of 4 sources`: the claimant, and how many sources are read."""
    return f"{said_by}, 1 of {len(titles)} sources" if len(titles) > 1 and said_by in titles else said_by
