"""The claims of several claimants side by side: the span over them, and the events that they date one by one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from dashboard.catalog import Indicator, Source
from dashboard.claims.claimed_figure import claim_at, is_in_words
from dashboard.domain import ClaimedFigure, DatedEvents, Figure, Headline
from dashboard.domain.text import appearance_keys
from dashboard.series import IndicatorInputs


def is_multiple(indicator: Indicator) -> bool:
    """Whether several claimants are kept apart, so that no claim may stand for all of them."""
    is_computed = bool(indicator.anchor or indicator.own_line)
    return indicator.combine == "each" and len(indicator.sources) > 1 and not is_computed


def headlines(indicator: Indicator, inputs: IndicatorInputs, sources: Mapping[str, Source]) -> tuple[Headline, ...]:
    """The span over the claims about each subject; none where there is one claimant, or figures are combined.

    Claims about a part of the whole count only where nobody makes a claim about the whole.
    """
    if not is_multiple(indicator):
        return ()
    current = [claim for name in indicator.sources for claim in standing_claims(name, inputs, sources)]
    wholes = [claim for claim in current if not claim.scope]
    claims = _newest_of_each(wholes or current, sources)
    partial = {claimant_of(claim.source, sources) for claim in current if claim.scope and wholes}
    subjects = sorted({claim.subject for claim in claims})
    return tuple(
        _headline([claim for claim in claims if claim.subject == subject], sources, len(partial))
        for subject in subjects
    )


def _newest_of_each(claims: Sequence[ClaimedFigure], sources: Mapping[str, Source]) -> list[ClaimedFigure]:
    """One claim for each claimant and subject: the last one published, in whichever of the claimant's sources."""
    newest: dict[tuple[str, str], ClaimedFigure] = {}
    for claim in claims:
        key = claimant_of(claim.source, sources), claim.subject
        newest[key] = max(newest.get(key, claim), claim, key=lambda other: (other.known_on, other.period.end))
    return list(newest.values())


def standing_claims(name: str, inputs: IndicatorInputs, sources: Mapping[str, Source]) -> list[ClaimedFigure]:
    """The last published claim of a source about each subject; none where it repeats another or lists events."""
    source = sources[name]
    if source.repeats or source.kind == "event":
        return []
    newest: dict[str, tuple[np.datetime64, np.datetime64, ClaimedFigure]] = {}
    for line in inputs.lines.get(name, ()):
        for at in map(int, np.flatnonzero(line.current & line.has_figure)):
            claim = claim_at(line, at, inputs, sources)
            dated = line.known_at[at], line.end[at], claim
            newest[claim.subject] = max(newest.get(claim.subject, dated), dated, key=lambda other: other[:2])
    return [claim for _, _, claim in newest.values()]


def claimant_of(name: str, sources: Mapping[str, Source]) -> str:
    """The claimant behind a source: its publisher, who may have several, or the source itself where none is named."""
    return sources[name].publisher or name


def _headline(claims: Sequence[ClaimedFigure], sources: Mapping[str, Source], parts: int) -> Headline:
    """The span over standing claims, one for each claimant, then the largest and the newest of them."""
    largest = max(claims, key=lambda claim: (claim.figure.highest, claim.figure.or_more, claim.known_on))
    newest = max(claims, key=lambda claim: (claim.known_on, claim.period.end, claim.figure.highest))
    official = {claimant_of(claim.source, sources) for claim in claims if sources[claim.source].is_official}
    bottoms = [end for claim in claims if not math.isnan(end := claim.figure.lowest)]
    top = largest.figure.highest
    highest = [claim.figure for claim in claims if claim.figure.highest == top]
    or_more = any(figure.or_more or math.isnan(figure.high) for figure in highest)
    return Headline(
        subject=largest.subject,
        figure=Figure(min(bottoms, default=math.nan), math.nan, top, largest.figure.unit, or_more),
        claimants=len({claimant_of(claim.source, sources) for claim in claims}),
        official=len(official),
        parts=parts,
        largest=largest,
        newest=newest,
    )


def dated_events(indicator: Indicator, inputs: IndicatorInputs, sources: Mapping[str, Source]) -> DatedEvents | None:
    """The number of events that several claimants date one by one; None where there are none.

    An equal day and subject counts once; running totals and events in words never count.
    """
    if not is_multiple(indicator):
        return None
    counts: dict[tuple[date, str], float] = {}
    claimants: set[str] = set()
    for name in indicator.sources:
        if sources[name].kind != "event" or sources[name].repeats:
            continue
        for line in inputs.lines.get(name, ()):
            for at in map(int, np.flatnonzero(line.current & line.has_figure)):
                claim = claim_at(line, at, inputs, sources)
                if not is_in_words(claim) and not math.isnan(low := claim.figure.lowest) and low > 0:
                    key = claim.period.end, appearance_keys(claim.subject)[0]
                    counts[key] = max(counts.get(key, low), low)
                    claimants.add(name)
    if not counts:
        return None
    return DatedEvents(sum(counts.values()), min(day for day, _ in counts), len(claimants))
