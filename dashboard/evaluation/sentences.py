"""Verdicts in words: what was found, against what, how certain, from whom, since when, how old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard.archive import accept_hint
from dashboard.claims import is_in_words, known_words, published_words
from dashboard.domain import (
    ClaimedFigure,
    DataState,
    DatedEvents,
    Episode,
    Figure,
    Headline,
    LatestFigure,
    Loss,
    PassedBy,
    PastBreach,
    Series,
    Severity,
    State,
    Support,
    Withdrawal,
)
from dashboard.domain.dates import Period
from dashboard.domain.text import wording as words
from dashboard.thresholds import Assessment, EvaluationContext, Threshold

_BASIS = {"analyst": " (an analyst's level)", "unverified": " (a level not checked)"}
_KNOWN = {
    "counted": "counted",
    "official": "official",
    "estimate": "by estimate",
    "press": "in the press",
    "author": "by an author",
    "": "not stated how",
}
_ONE = {
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
    said = str(series.figure(position))
    if series.may_fall is not None and series.may_fall[position]:
        return _of_what(said)
    return said + _at_least(series.floor_at(position))


def _at_least(floor: float | None) -> str:
    return f" ({words.number(floor)} or more if what has no stated value counts at its lowest)" if floor else ""


def _of_what(multiple: str) -> str:
    """A multiple of something that may still grow."""
    if multiple == words.WITHOUT_MEASURE:
        return "Without measure, for nothing had been reported of these days"
    return f"{multiple} what had been reported by then"


def breach(
    assessment: Assessment,
    position: int,
    context: EvaluationContext,
    claim: ClaimedFigure,
    *,
    said: str,
    earned: str,
    support: Support | None,
) -> str:
    """What was found: `said` (the figure, its days and who says it), the level that it passes, by which end, by whose
    figure where that is another's (`earned`), and how it is supported."""
    index = int(assessment.decided_by[position])
    threshold = assessment.thresholds[index]
    severity = Severity(int(assessment.severity[position]))
    if severity is Severity.INFO:
        return f"{said}."
    passed_by = PassedBy(int(assessment.passed_by[position]))
    own = assessment.judgements[index].finding
    bound = float(assessment.bounds[index][position])
    finding = own(position) if own else threshold.finding(bound, _passing(claim, passed_by), context)
    finding = (threshold.wording.doubt if passed_by is PassedBy.HIGHEST else "") or finding
    if context.limit is not None:
        finding = f"{share(claim, context.limit)} of the {context.period_name}'s cap of {context.cap}: {finding}"
    finding += _BASIS.get(threshold.basis or "", "")
    word = f"{severity.word} if true" if support and support.is_unproven else severity.word
    parts = [word, threshold.wording.phrase(passed_by) + earned, *([supported(support)] if support else [])]
    return f"{said}: {finding}; {', '.join(parts)}."


def _passing(claim: ClaimedFigure, passed_by: PassedBy) -> float:
    """The end of a figure that passes."""
    figure = claim.figure
    value = figure.value if claim.value_floor is None else claim.value_floor
    ends = {PassedBy.LOWEST: figure.low, PassedBy.VALUE: value, PassedBy.HIGHEST: figure.high}
    return ends[passed_by]


def supported(support: Support) -> str:
    """`one press report`, `3 claimants (2 official, 1 by estimate), independence unknown`."""
    if support.claimants == 1:
        return _ONE[support.known_by[0][0]]
    how = words.listed([f"{count} {_KNOWN[known]}" for known, count in support.known_by])
    said = "corroborated" if support.is_corroborated else "independence unknown"
    return f"{support.claimants} claimants ({how}), {said}"


def told(claim: ClaimedFigure, conversion: str = "", threshold: Threshold | None = None) -> str:
    """A figure, its days, its claimant and its publication: `73 railcars on 5 Oct 2023 (S, published 6 Oct 2023)`."""
    by = claim.claimant if claim.looked else f"{claim.claimant}, {known_words(claim)}"
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


def headline(one: Headline) -> str:
    """The span over the standing claims, their number, then the largest and the newest, each with its claimant."""
    about = f"{one.subject}: " if one.subject else ""
    parts = [f"{about}{one.figure.as_span()}"]
    if one.claimants == 1:
        of_a_part = f" of the whole, {one.parts} of a part only" if one.parts else ""
        return " · ".join([*parts, f"one claimant{of_a_part}", _claimant(one.newest)])
    official = f", {one.official} official" if one.official else ""
    of_a_part = f", and {one.parts} of a part only" if one.parts else ""
    parts.append(f"{one.claimants} claimants{official}{of_a_part}")
    if one.largest.is_figure_of(one.newest):
        return " · ".join([*parts, f"largest and newest {_claimed_briefly(one.newest)}"])
    return " · ".join([*parts, f"largest {_claimed_briefly(one.largest)}", f"newest {_claimed_briefly(one.newest)}"])


def _claimed_briefly(claim: ClaimedFigure) -> str:
    return f"{claim.figure.without_unit}, {_claimant(claim)}"


def _claimant(claim: ClaimedFigure) -> str:
    part = f" (of a part: {claim.scope})" if claim.scope else ""
    return f"{claim.claimant}{part}, {published_words(claim)}"


def dated(events: DatedEvents, unit: str) -> str:
    """`8 dated calls since 7 Mar 2024, 2 sources`."""
    figure = Figure.exact(events.count, f"dated {unit or 'events'}")
    return f"{figure} since {words.day(events.since)}, {words.counted(events.claimants, 'source')}"


def behind(series: Series, position: int) -> str:
    """What a figure that no single row made was made of."""
    return series.note(position)


def share(claim: ClaimedFigure, limit: float) -> str:
    """A figure's share of a cap: `at least 152 %`, `up to 156 %`."""
    return claim.figure.share_of(limit).as_percent()


def since(first: ClaimedFigure | None, breach_known_since: date, old: str) -> str:
    """When such a breach was known first, by which figure, and since when this alert has been open; `old` says up to
    when one was known that is not current, "" of one that is."""
    said = f"This alert since {words.day(breach_known_since)}."
    said = f"{_first(first)}; t{said[1:]}" if first is not None else said
    return f"Open, not current: {old}. {said}" if old else said


def ends(episode: Episode, until: date | None, last_known: date) -> str:
    """What ends an alert: `until` is the end of the last window, None where only a newer figure does."""
    if until is None:
        return ""
    if episode.state is State.FIRING:
        return f"The alert stays open until {words.day(until)} unless something newer is published."
    return f"No newer report since {words.day(last_known)}: on record until somebody reports an end."


def closed_periods(records: Sequence[PastBreach], unknown: Sequence[str]) -> str:
    """The closed periods in breach, the `unknown` ones of which nothing can be said, and those whose breach its
    claimant took back; the rest was normal.

    `On record: critical, even at its lowest in 2020 and 2022; warning, at its stated value in 2019.`
    """
    breaches: dict[str, list[str]] = {}
    taken: list[str] = []
    for one in records:
        if one.severity and one.severity.is_alarm:
            breaches.setdefault(_in_breach(one), []).append(one.period)
        elif one.is_withdrawn:
            taken.append(one.period)
    said = "; ".join(f"{how} in {words.listed(periods)}" for how, periods in breaches.items())
    parts = [
        f"On record: {said}." if said else "",
        f"Not assessed: {words.listed(unknown)}." if said and unknown else "",
        f"Withdrawn from the record: {words.listed(taken)}." if taken else "",
    ]
    return " ".join(part for part in parts if part)


def _in_breach(record: PastBreach) -> str:
    assert record.severity is not None
    end = f", {record.passed_phrase}" if record.passed_phrase else ""
    return f"{record.severity.word}{end}{', withdrawn' if record.is_withdrawn else ''}"


def past(said: str, severity: str, first: ClaimedFigure | None, claim: ClaimedFigure) -> str:
    """A breach of the past: the figure with its own dates, what it was, and by which figure it was known first."""
    if first is None or first.is_figure_of(claim):
        return f"{said}: {severity}."
    return f"{said}: {severity}. {_first(first)}."


def _first(first: ClaimedFigure) -> str:
    """`First known 26 Mar 2024: 5 or more by RUSI`."""
    figure = str(first.figure if first.figure.unit == words.MULTIPLE else first.figure.without_unit)
    figure = _of_what(figure) if first.may_fall else figure
    said = first.subject if is_in_words(first) else figure
    end = f", {first.passed}" if first.passed else ""
    return f"First known {words.day(first.known_on)}{end}: {said}, {first.claimant}"


def trust(newest: Sequence[LatestFigure], data_state: DataState, as_of: date) -> str:
    """How far the data can be trusted: who spoke last and how old it is. Whoever retells others is not asked."""
    spoken = [one for one in newest if one.data_state is not DataState.NO_DATA and not one.retells]
    if not spoken:
        return ""
    last = max(spoken, key=lambda one: one.date)
    whose = f" ({last.title})" if len(spoken) > 1 else ""
    if data_state is DataState.NO_DATA:
        return f"The newest figure is of {words.day(last.date)}{whose}."
    passed = (as_of - last.date).days
    age = f"{words.age(passed)} old" if passed > 0 else "today"
    own = data_state if data_state is DataState.ENDED else last.data_state
    doubt = f" ({own.value})" if own in (DataState.LATE, DataState.STALE, DataState.ENDED) else ""
    return f"Newest figure: {words.day(last.date)}{whose}, {age}{doubt}."


def withdrawal(one: Withdrawal) -> str:
    """An alert of which the figure is gone: what it was, how it went, and what ends that."""
    gone = f"Withdrawn: {told(one.claim)} stood behind a {one.severity.word} alert"
    instead = told(one.instead) if one.instead else "no figure"
    part = f"a part of it, {told(one.part)}, " if one.part else ""
    when = words.instant(one.lost_at)
    ways = {
        Loss.REPLACED: f"was replaced by {instead}",
        Loss.TAKEN_BACK: "was taken back by whoever said it",
        Loss.OVERWRITTEN: f"was overwritten without a new publication, received {when}; there stands {instead}",
        Loss.CONTRADICTED: "cannot be used any more, for another row contradicts it (see the problems)",
        Loss.DROPPED: f"is missing from what was received {when}",
        Loss.REVISED: "no longer passes, since figures that it was judged with were revised",
        Loss.UNSUPPORTED: f"no longer passes, since figures that it was judged with went by what was received {when}",
    }
    return f"{gone}, and {part}{ways[one.loss]}." + ("" if one.loss.is_stated else f" {_way_out(one)}")


def _way_out(one: Withdrawal) -> str:
    row = one.part.place if one.part else one.claim.place
    place = f" ({row})" if row else ""
    if not one.source:
        return "It counts until a later period is judged."
    return f"It counts until a later period is judged; {accept_hint(one.source, f'if the row{place} was wrong')}."


def lost(withdrawals: Sequence[Withdrawal], beneath: Sequence[str]) -> list[str]:
    """Why nothing is assessed once figures behind an alert went in silence, or figures of the sources `beneath` that
    are compared."""
    silent = [one for one in withdrawals if one.is_open and not one.loss.is_stated]
    own = [f"a figure behind the {one.severity.word} alert is gone ({one.loss.value})" for one in silent[:1]]
    way = [accept_hint(name, "if they were wrong") for name in beneath]
    return [*own, *(f"figures that it compares are gone; {one}" for one in way[:1])]


def not_assessed(reasons: Sequence[str]) -> str:
    return f"Not assessed: {'; '.join(reasons)}."


def nothing_known(period: Period | None, as_of: date) -> str:
    if period is None:
        return f"no figure was known by {words.day(as_of)}"
    return f"no figure for {words.span(period)} was known by {words.day(as_of)}"


def too_old(day: date, as_of: date) -> str:
    return f"the newest figure is {words.age((as_of - day).days)} old, too old to say that all is normal"


def only_a_part(said: str) -> str:
    return f"{said} known so far, of a part only: whether a level was reached cannot be said"
