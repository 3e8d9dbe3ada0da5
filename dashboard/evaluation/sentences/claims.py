"""Claims in words: a figure with its days, claimant and publication, and several claims side by side."""

from __future__ import annotations

from dashboard.claims import is_in_words, known_words, published_words
from dashboard.domain import ClaimedFigure, DatedEvents, Figure, Headline, Support
from dashboard.domain.dates import Period
from dashboard.domain.text import wording as words
from dashboard.thresholds import Assessment, Threshold

_KNOWN = {
    "counted": "counted",
    "official": "official",
    "estimate": "by estimate",
    "press": "in the press",
    "author": "by an author",
    "": "not stated how",
}
_SINGLE = {
    "counted": "counted by one claimant",
    "official": "one official claimant",
    "estimate": "one estimate",
    "press": "one press report",
    "author": "one author",
    "": "one claimant",
}


def figure(assessment: Assessment, position: int) -> str:
    """One observation with its range and unit: `73 railcars (70 to 73)`; a sum without a value also with its floor."""
    series = assessment.series
    text = str(series.figure(position))
    if series.may_fall is not None and series.may_fall[position]:
        return _of_what(text)
    return text + _at_least(series.floor_at(position))


def _at_least(floor: float | None) -> str:
    return f" ({words.number(floor)} or more if what has no stated value counts at its lowest)" if floor else ""


def _of_what(multiple: str) -> str:
    """A multiple of something that may still grow."""
    if multiple == words.WITHOUT_MEASURE:
        return "Without measure, for nothing had been reported of these days"
    return f"{multiple} what had been reported by then"


def support_in_words(support: Support) -> str:
    """`one press report`, `3 claimants (2 official, 1 by estimate), independence unknown`."""
    if support.claimants == 1:
        return _SINGLE[support.known_by[0][0]]
    how = words.listed([f"{count} {_KNOWN[known]}" for known, count in support.known_by])
    independence = "corroborated" if support.is_corroborated else "independence unknown"
    return f"{support.claimants} claimants ({how}), {independence}"


def claim_in_words(claim: ClaimedFigure, conversion: str = "", threshold: Threshold | None = None) -> str:
    """A figure, its days, its claimant and its publication: `73 railcars on 5 Oct 2023 (S, published 6 Oct 2023)`."""
    by = claim.claimant if claim.last_look else f"{claim.claimant}, {known_words(claim)}"
    by += f", {conversion}" if conversion else ""
    if is_in_words(claim):
        return f"{claim.subject}, {words.span(claim.period)} ({by})"
    by = f"{claim.subject}; {by}" if claim.subject else by
    by += f"; of a part: {claim.scope}" if claim.scope else ""
    figure = str(claim.figure)
    figure = _of_what(figure) if claim.may_fall else figure + _at_least(claim.value_floor)
    when = days(claim.period, claim.kind)
    return threshold.wording.describe(figure, when, by) if threshold else f"{figure} {when} ({by})"


def days(period: Period, kind: str) -> str:
    """`on 5 Oct 2023`, `in Nov 2024`, `from 7 Mar 2024 to 5 Nov 2024`; a total without a start is `by` a day."""
    if period.start == period.end:
        return f"{'by' if kind == 'cumulative_claim' else 'on'} {words.day(period.end)}"
    return f"{'from' if '/' in str(period) else 'in'} {words.span(period)}"


def headline(span: Headline) -> str:
    """The span over the standing claims, their number, then the largest and the newest, each with its claimant."""
    about = f"{span.subject}: " if span.subject else ""
    parts = [f"{about}{span.figure.as_span()}"]
    if span.claimants == 1:
        of_a_part = f" of the whole, {span.parts} of a part only" if span.parts else ""
        return " · ".join([*parts, f"one claimant{of_a_part}", _claimant(span.newest)])
    official = f", {span.official} official" if span.official else ""
    of_a_part = f", and {span.parts} of a part only" if span.parts else ""
    parts.append(f"{span.claimants} claimants{official}{of_a_part}")
    if span.largest.is_figure_of(span.newest):
        return " · ".join([*parts, f"largest and newest {_claimed_briefly(span.newest)}"])
    return " · ".join([*parts, f"largest {_claimed_briefly(span.largest)}", f"newest {_claimed_briefly(span.newest)}"])


def _claimed_briefly(claim: ClaimedFigure) -> str:
    return f"{claim.figure.without_unit}, {_claimant(claim)}"


def _claimant(claim: ClaimedFigure) -> str:
    part = f" (of a part: {claim.scope})" if claim.scope else ""
    return f"{claim.claimant}{part}, {published_words(claim)}"


def events_in_words(events: DatedEvents, unit: str) -> str:
    """`8 dated calls since 7 Mar 2024, 2 sources`."""
    figure = Figure.exact(events.count, f"dated {unit or 'events'}")
    return f"{figure} since {words.day(events.since)}, {words.counted(events.claimants, 'source')}"


def share(claim: ClaimedFigure, limit: float) -> str:
    """A figure's share of a cap: `at least 152 %`, `up to 156 %`."""
    return claim.figure.share_of(limit).as_percent()


def first_known(first: ClaimedFigure) -> str:
    """`First known 26 Mar 2024: 5 or more by RUSI`."""
    figure = str(first.figure if first.figure.unit == words.MULTIPLE else first.figure.without_unit)
    figure = _of_what(figure) if first.may_fall else figure
    content = first.subject if is_in_words(first) else figure
    end = f", {first.passed}" if first.passed else ""
    day = words.day_known(first.known_on, is_assumed=first.is_assumed)
    return f"First known {day}{end}: {content}, {first.claimant}"
