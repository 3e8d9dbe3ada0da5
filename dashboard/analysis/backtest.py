"""What each indicator would have announced, as known then: its whole history evaluated as if it had been watched live.

An indicator is evaluated where its verdict can change: at the end of each day on which a row of its own sources
became known or was no longer held (or of those of the indicators that it judges), and of each day on which time alone
may change it: a window or a cap's period has passed, a report has become overdue, a figure stale. Between two such
days nothing changes but ages in sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from dashboard.catalog import Catalog, Indicator
from dashboard.domain import Episode, PassedBy, Severity, State
from dashboard.domain.dates import day_of, parse_day
from dashboard.evaluation import Evaluation, evaluations_of, is_the_same_line, source_of
from dashboard.rows import SourceRows
from dashboard.thresholds import rank

_ONE_DAY = timedelta(days=1)
_MOST_JUDGED = 5_000  # verdicts on members of composites that are kept during a backtest
Span = tuple[date, date]  # first and last day


@dataclass(frozen=True)
class Announced:
    """One episode as it was announced live, and what became of it.

    severity, passed_by: at worst; began, first: first and last day of the first breaching observation, as announced;
    span: the last days of the first and the newest observation, as last known, of a cap's period from its first day on;
    known_from: the day of the announcement;
    published: the first publication that supports it; until: the last day on which it fired, None while it does or
    where it never did; fired_days: on how many days it fired, the days of recovery included; state: as last known,
    `withdrawn` where the data support it no longer. A breach of which another source now speaks (`prefer`) stays on
    record; one that is only pending has not been announced.
    """

    source: str
    severity: Severity
    passed_by: PassedBy
    began: date
    first: date
    span: Span
    known_from: date
    published: date
    until: date | None
    fired_days: int
    state: State

    @property
    def days_after_end(self) -> int:
        """Days from the end of the period it is about to its first supporting publication."""
        return (self.published - self.first).days

    @property
    def days_after_start(self) -> int:
        return (self.published - self.began).days

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "severity": self.severity.word,
            "passed_by": self.passed_by.word,
            "period_start": self.began.isoformat(),
            "period_end": self.first.isoformat(),
            "known_from": self.known_from.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "fired_days": self.fired_days,
            "first_published": self.published.isoformat(),
            "days_after_start": self.days_after_start,
            "days_after_end": self.days_after_end,
            "state": self.state.value,
        }


@dataclass(frozen=True)
class Said:
    """What an indicator said from the end of `day` until it said something else."""

    day: date
    severity: Severity | None
    passed_by: PassedBy | None
    state: State


@dataclass(frozen=True)
class History:
    """One indicator's backtest: what it said when, and the episodes it announced, oldest announcement first."""

    indicator: str
    title: str
    said: tuple[Said, ...]
    episodes: tuple[Announced, ...]

    @property
    def withdrawn(self) -> int:
        return sum(one.state is State.WITHDRAWN for one in self.episodes)

    def on(self, day: date) -> Said | None:
        """What it said at the end of a day; None before anything was known."""
        return next((one for one in reversed(self.said) if one.day <= day), None)

    def known_from(self, day: date) -> History:
        """Without the episodes announced before a day."""
        return replace(self, episodes=tuple(one for one in self.episodes if one.known_from >= day))

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.indicator,
            "title": self.title,
            "evaluations": len(self.said),
            "episodes": [one.as_json() for one in self.episodes],
            "withdrawn": self.withdrawn,
        }


def backtest(catalog: Catalog, intake: SourceRows, names: Iterable[str], until: date) -> tuple[History, ...]:
    """The named indicators' histories up to the end of `until`."""
    judged = _Judged(catalog)
    return tuple(_history(name, catalog, intake, until, judged) for name in names)


class _Judged:
    """The verdicts of past days on indicators that others need, so that those above them do not judge them again."""

    def __init__(self, catalog: Catalog) -> None:
        self._needed = {need for one in catalog.indicators.values() for need in one.needs}
        self._by_day: dict[date, dict[str, Evaluation]] = {}
        self._room = _MOST_JUDGED

    def on(self, day: date) -> Mapping[str, Evaluation]:
        return self._by_day.get(day, {})

    def keep(self, day: date, evaluations: Mapping[str, Evaluation]) -> None:
        known = self.on(day)
        new = {name: one for name, one in evaluations.items() if name in self._needed and name not in known}
        if new and len(new) <= self._room:
            self._by_day.setdefault(day, {}).update(new)
            self._room -= len(new)


def replay(
    name: str, catalog: Catalog, intake: SourceRows, until: date, judged: _Judged | None = None
) -> Iterator[tuple[date, date, Evaluation]]:
    """One indicator's evaluations, oldest first, each with the first and the last day on which it could be given."""
    names, judged = catalog.with_needs(name), judged or _Judged(catalog)
    news = {day for one in names for day in _days_of_news(catalog.indicators[one], intake)}
    day = min(news, default=date.max)
    while day <= until:
        evaluations = evaluations_of(names, catalog, intake, day, judged.on(day))
        judged.keep(day, evaluations)
        clock = [
            later
            for one, evaluation in evaluations.items()
            for later in _days_by_clock(catalog.indicators[one], catalog, evaluation, day)
        ]
        next_day = min((one for one in (*news, *clock) if one > day), default=date.max)
        yield day, min(next_day - _ONE_DAY, until), evaluations[name]
        day = next_day


def _history(name: str, catalog: Catalog, intake: SourceRows, until: date, judged: _Judged) -> History:
    said: list[Said] = []
    episodes: list[Announced] = []
    for day, last_day, evaluation in replay(name, catalog, intake, until, judged):
        verdict = evaluation.verdict
        said.append(Said(day, verdict.severity, verdict.passed_by, verdict.state))
        episodes = _announced(episodes, evaluation, day, lasting=(last_day - day).days + 1)
    return History(name, catalog.indicators[name].title, tuple(said), tuple(episodes))


def _days_of_news(indicator: Indicator, intake: SourceRows) -> set[date]:
    """The days on which a row, or a mistake in one, became known or was no longer held."""
    table = intake.table
    names = {*indicator.sources, *indicator.baselines}
    wrong = [one for name in names for one in intake.problems.get(name, ())]
    days = {day for one in wrong for day in (one.known_at, one.held_until) if day}
    return {*(day_of(day) for name in names for day in table.change_days(name)), *days}


def _days_by_clock(indicator: Indicator, catalog: Catalog, evaluation: Evaluation, day: date) -> Iterator[date]:
    """The days, some of them past, on which time alone may change the verdict given on `day`."""
    for episode in evaluation.episodes:
        if episode.until:
            yield episode.until + _ONE_DAY
        if episode.ended:
            kept = (threshold.lifecycle.keep for threshold in indicator.thresholds)
            yield from (keep.after(episode.ended) for keep in kept if keep)
    if evaluation.verdict.period:
        yield evaluation.verdict.period.end + _ONE_DAY
    for newest in evaluation.verdict.newest:
        yield catalog.sources[source_of(newest.source)].stale_age.after(newest.date) + _ONE_DAY
    if (date_of_figure := evaluation.verdict.date) is not None:  # the deciding figure need not be the newest
        yield from (catalog.sources[name].stale_age.after(date_of_figure) + _ONE_DAY for name in indicator.sources)
    if indicator.waits_for_reports:
        yield from _days_of_delay(indicator, catalog, evaluation, day)
    elif indicator.own_line and indicator.sources:  # no figure of its line is anybody's newest
        rows = evaluation.rows
        ends = np.minimum(rows["end"].to_numpy("datetime64[D]"), rows["known_at"].to_numpy("datetime64[D]"))
        for source, end in sorted({*zip(rows["source"], map(day_of, ends), strict=True)}):
            yield catalog.sources[source].stale_age.after(end) + _ONE_DAY
    yield from (parse_day(ended) for name in indicator.sources if (ended := catalog.sources[name].end_day))


def _days_of_delay(indicator: Indicator, catalog: Catalog, evaluation: Evaluation, day: date) -> Iterator[date]:
    """The days on which a delay passes a level, or the last look at a source is too old."""
    delays = [int(one.series.high[-1]) for one in evaluation.assessments if len(one.series)]
    for threshold in indicator.thresholds:
        level = int(threshold.level.hardness or 0)
        yield from (day + timedelta(days=level - delay + 1) for delay in delays)
    looks = {*zip(evaluation.rows["source"], map(day_of, evaluation.rows["known_at"].to_numpy()), strict=True)}
    yield from (catalog.sources[source].stale_age.after(look) + _ONE_DAY for source, look in looks)


def _announced(known: Sequence[Announced], evaluation: Evaluation, day: date, *, lasting: int) -> list[Announced]:
    """The episodes announced so far, after a verdict that lasts so many days: continued, ended or new."""
    episodes = [episode for episode in evaluation.episodes if episode.state is not State.PENDING]
    span_of = _span_of_period if any(one.series.by_period for one in evaluation.assessments) else _span
    continued = _continuations(known, episodes, span_of)
    told = [
        _continued(one, continued[number], span_of, day, lasting)
        if number in continued
        else _without_support(one, evaluation, day)
        for number, one in enumerate(known)
    ]
    taken = [id(episode) for episode in continued.values()]
    return told + [_opened(episode, span_of, day, lasting) for episode in episodes if id(episode) not in taken]


def _span(episode: Episode) -> Span:
    return episode.first, episode.last


def _span_of_period(episode: Episode) -> Span:
    """Of a period of a cap from its first day on: it is the same one however far its figures reach."""
    return episode.began, episode.last


def _continuations(
    known: Sequence[Announced], episodes: Sequence[Episode], span_of: Callable[[Episode], Span]
) -> dict[int, Episode]:
    """Which announced episode goes on as which: the first one alike that no other goes on as. Where a later figure
    has joined two to one, both go on as that one."""
    found: dict[int, Episode] = {}
    for episode in episodes:
        free = [
            number
            for number, one in enumerate(known)
            if number not in found and _is_the_same(one, episode, span_of(episode))
        ]
        found |= dict.fromkeys(free[:1], episode)
    for number, one in enumerate(known):
        alike = [episode for episode in episodes if _is_the_same(one, episode, span_of(episode))]
        if alike:
            found.setdefault(number, alike[0])
    return found


def _is_the_same(one: Announced, episode: Episode, span: Span) -> bool:
    """Whether an episode overlaps in time, on the same line, one that was announced and not withdrawn."""
    return (
        one.state is not State.WITHDRAWN
        and is_the_same_line(one.source, episode.source)
        and one.span[0] <= span[1]
        and span[0] <= one.span[1]
    )


def _opened(episode: Episode, span_of: Callable[[Episode], Span], day: date, lasting: int) -> Announced:
    is_on = episode.state.is_on
    return Announced(
        source=episode.source,
        severity=episode.severity,
        passed_by=episode.passed_by,
        began=episode.began,
        first=episode.first,
        span=span_of(episode),
        known_from=day,
        published=episode.known_since,
        until=None,
        fired_days=lasting if is_on else 0,
        state=episode.state,
    )


def _continued(
    one: Announced, episode: Episode, span_of: Callable[[Episode], Span], day: date, lasting: int
) -> Announced:
    is_on = episode.state.is_on
    is_worse = rank(episode.severity, episode.passed_by) > rank(one.severity, one.passed_by)
    return replace(
        one,
        severity=episode.severity if is_worse else one.severity,
        passed_by=episode.passed_by if is_worse else one.passed_by,
        span=span_of(episode),
        until=None if is_on else _until(one, day),
        fired_days=one.fired_days + (lasting if is_on else 0),
        state=episode.state,
    )


def _without_support(one: Announced, evaluation: Evaluation, day: date) -> Announced:
    """An episode that the verdict does not have: what has ended stays so, the rest is withdrawn, unless the figures
    still stand and another source speaks."""
    if one.state in (State.RESOLVED, State.WITHDRAWN):
        return one
    state = State.ON_RECORD if _still_stands(one, evaluation) else State.WITHDRAWN
    return replace(one, until=_until(one, day), state=state)


def _until(one: Announced, day: date) -> date | None:
    return day - _ONE_DAY if one.state.is_on else one.until


def _still_stands(one: Announced, evaluation: Evaluation) -> bool:
    for assessment in evaluation.assessments:
        series = assessment.series
        inside = (series.end >= np.datetime64(one.span[0])) & (series.end <= np.datetime64(one.span[1]))
        breaches = series.current & assessment.is_alarm
        if is_the_same_line(one.source, series.source) and bool((inside & breaches).any()):
            return True
    return False
