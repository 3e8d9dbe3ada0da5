"""Verdicts in words: what was found, against what, how certain, from whom, since when, how old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard import words
from dashboard.assess import Assessment
from dashboard.model import (
    ClaimedFigure,
    DataState,
    Episode,
    Loss,
    Newest,
    OnRecord,
    PassedBy,
    Series,
    Severity,
    State,
    Withdrawal,
)
from dashboard.periods import Period, day_of
from dashboard.thresholds import Setting, Threshold

_BASIS = {"analyst": " (an analyst's level)", "unverified": " (a level not checked)"}


def figure(assessment: Assessment, position: int) -> str:
    """One observation with its range and unit: `73 railcars (70 to 73)`."""
    series = assessment.series
    return words.amount(
        float(series.low[position]),
        float(series.value[position]),
        float(series.high[position]),
        series.unit,
        or_more=bool(series.or_more[position]),
    )


def breach(
    assessment: Assessment, position: int, thresholds: Sequence[Threshold], setting: Setting, said_by: str
) -> str:
    """What was found: the figure, its date, who says it, and the threshold that it passes."""
    index = int(assessment.threshold[position])
    threshold = thresholds[index]
    own = assessment.judgements[index].finding
    finding = own(position) if own else threshold.finding(float(assessment.bounds[index][position]), setting)
    if setting.limit is not None:
        series = assessment.series
        low, value, high = (float(side[position]) for side in (series.low, series.value, series.high))
        finding = f"{share(low, value, high, setting.limit, or_more=bool(series.or_more[position]))}, {finding}"
    severity = Severity(int(assessment.severity[position])).word
    passed_by = threshold.phrase(PassedBy(int(assessment.passed_by[position])))
    finding += _BASIS.get(threshold.basis or "", "")
    said = threshold.told(figure(assessment, position), when(assessment, position), said_by)
    return f"{said}: {finding}; {severity}, {passed_by}."


def told(assessment: Assessment, position: int, said_by: str) -> str:
    """A figure, when, and by whom: `73 railcars (70 to 73) on 5 Oct 2023 (Beyond Parallel)`."""
    return f"{figure(assessment, position)} {when(assessment, position)} ({said_by})"


def behind(series: Series, position: int) -> str:
    """What a figure that no single row made was made of."""
    return series.notes.get(int(series.key[position]), series.title)


def when(assessment: Assessment, position: int) -> str:
    """`on 5 Oct 2023`, `in Nov 2024`, `from 7 Mar 2024 to 5 Nov 2024`; a total without a start is `by` a day."""
    series = assessment.series
    period = Period(day_of(series.start[position]), day_of(series.stated_end[position]))
    if period.start == period.end:
        return f"{'by' if series.kind == 'cumulative_claim' else 'on'} {words.day(period.end)}"
    return f"{'from' if '/' in str(period) else 'in'} {words.span(period)}"


def share(low: float, value: float, high: float, limit: float, *, or_more: bool) -> str:
    return f"{words.percent(low / limit, value / limit, high / limit, or_more=or_more)} of the limit"


def standing(episode: Episode, known_since: date, until: date | None) -> str:
    """Since when a breach has been known, and what ends it; `until` is the end of the last window."""
    known = f"Breach known since {words.day(known_since)}."
    if until is None:
        return known
    if episode.state is State.FIRING:
        return f"{known} Fires until {words.day(until)} unless there is news."
    return f"{known} On record since its last window ended on {words.day(until)}; silence does not resolve it."


def closed_breaches(records: Sequence[OnRecord]) -> str:
    """The closed periods in breach: `On record: 2023 critical, even at its lowest (known since 21 Mar 2024)`."""
    said = [
        f"{one.period} {one.severity.word}, {one.passed_by.phrase} (known since {words.day(one.known_since)})"
        for one in records
        if one.severity and one.passed_by and one.known_since
    ]
    return f"On record: {words.listed(said)}." if said else ""


def closed_period(
    assessment: Assessment,
    position: int,
    period: Period,
    setting: Setting,
    severity: str,
    known_since: date | None,
) -> str:
    """What stands of one closed period of a cap."""
    series = assessment.series
    low, value, high = (float(side[position]) for side in (series.low, series.value, series.high))
    or_more = bool(series.or_more[position])
    said = f"{words.span(period)}: {words.amount(low, value, high, setting.unit, or_more=or_more)}"
    if setting.limit is not None:
        said += f", {share(low, value, high, setting.limit, or_more=or_more)}"
    known = f"; known since {words.day(known_since)}" if known_since else ""
    return f"{said}: {severity}{known}."


def trust(newest: Sequence[Newest], data_state: DataState, as_of: date) -> str:
    """How far the data can be trusted: who spoke last and how old it is."""
    spoken = [one for one in newest if one.data_state is not DataState.NO_DATA]
    if not spoken:
        return ""
    last = max(spoken, key=lambda one: one.date)
    days = (as_of - last.date).days
    age = f"{words.age(days)} old" if days > 0 else "today"
    doubt = f" ({data_state.value})" if data_state in (DataState.LATE, DataState.STALE, DataState.ENDED) else ""
    whose = f" ({last.title})" if len(spoken) > 1 else ""
    return f"Newest figure: {words.day(last.date)}{whose}, {age}{doubt}."


def claimed(claim: ClaimedFigure) -> str:
    """A figure with its days, its claimant and its publication: `70 x on 5 Oct 2023 (S, published 6 Oct 2023)`."""
    said = words.amount(claim.low, claim.value, claim.high, claim.unit, or_more=claim.or_more)
    about = f", {claim.subject}" if claim.subject and claim.kind != "level" else ""
    told = f"published {words.day(claim.published_at)}" if claim.published_at else f"known {words.day(claim.known_on)}"
    return f"{said}{about} {days(claim.period, claim.kind)} ({claim.claimant}, {told})"


def days(period: Period, kind: str) -> str:
    """`on 5 Oct 2023`, `in Nov 2024`, `from 7 Mar 2024 to 5 Nov 2024`; a total without a start is `by` a day."""
    if period.start == period.end:
        return f"{'by' if kind == 'cumulative_claim' else 'on'} {words.day(period.end)}"
    return f"{'from' if '/' in str(period) else 'in'} {words.span(period)}"


def withdrawal(one: Withdrawal) -> str:
    """An alert of which the figure is gone: what it was, how it went, and what ends that."""
    gone = f"Withdrawn: {claimed(one.claim)} stood behind a {one.severity.word} alert"
    instead = f"{claimed(one.instead)}" if one.instead else "no figure"
    when = words.instant(one.lost_at)
    ways = {
        Loss.REPLACED: f"was replaced by {instead}",
        Loss.TAKEN_BACK: "was taken back by whoever said it",
        Loss.OVERWRITTEN: f"was overwritten without a new publication, received {when}; there stands {instead}",
        Loss.DROPPED: f"is missing from what was received {when}",
        Loss.UNUSABLE: "can no longer be used (see the problems)",
    }
    return f"{gone} and {ways[one.loss]}." + ("" if one.loss.is_stated else f" {_way_out(one)}")


def _way_out(one: Withdrawal) -> str:
    place = f" ({one.claim.place})" if one.claim.place else ""
    source = one.claim.source or "SOURCE"
    return (
        f"It counts until a later period is judged; if the row{place} was wrong, run: "
        f"watchfloor accept {source} --by NAME --because TEXT."
    )


def lost(withdrawals: Sequence[Withdrawal]) -> list[str]:
    """Why nothing is assessed once figures behind an alert went in silence."""
    silent = [one for one in withdrawals if one.is_open and not one.loss.is_stated]
    return [f"a figure behind the {one.severity.word} alert is gone ({one.loss.value})" for one in silent[:1]]


def not_assessed(reasons: Sequence[str]) -> str:
    return f"Not assessed: {'; '.join(reasons)}."


def nothing_known(period: Period | None, as_of: date) -> str:
    if period is None:
        return f"no figure was known by {words.day(as_of)}"
    return f"nothing for {words.span(period)} was known by {words.day(as_of)}"


def too_old(newest: Sequence[Newest], as_of: date) -> str:
    ages = [(as_of - one.date).days for one in newest if one.data_state is not DataState.NO_DATA]
    return f"the newest figure is {words.age(min(ages))} old, too old to say that all is normal" if ages else ""


def only_a_part(said: str) -> str:
    return f"{said}, which covers only a part, so it cannot be said that no threshold was reached"
