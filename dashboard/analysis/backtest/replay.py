"""Replays an indicator's whole history as if it had been watched live, each verdict from what was known then.

An indicator is evaluated where its verdict can change: at the end of each day on which a row of its own sources
became known or was no longer held (or of those of the indicators that it judges), and of each day on which time alone
may change it: a window or a cap's period has passed, a report has become overdue, a figure stale. Between two such
days nothing changes but ages in sentences.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

import numpy as np

from dashboard.analysis.backtest.announcements import follow
from dashboard.analysis.backtest.history import AnnouncedEpisode, History, Status
from dashboard.catalog import Catalog, Indicator
from dashboard.domain.dates import day_of, parse_day
from dashboard.evaluation import Evaluation, evaluations_of, source_of
from dashboard.rows import SourceRows

_ONE_DAY = timedelta(days=1)
_MOST_MEMOIZED = 5_000  # evaluations of members of composites that are kept during a backtest


def backtest(catalog: Catalog, intake: SourceRows, names: Iterable[str], until: date) -> tuple[History, ...]:
    """The named indicators' histories up to the end of `until`."""
    memo = _MemberMemo(catalog)
    return tuple(_history(name, catalog, intake, until, memo) for name in names)


class _MemberMemo:
    """Evaluations of members of composites by day, so that no composite evaluates them again."""

    def __init__(self, catalog: Catalog) -> None:
        self._needed = {need for indicator in catalog.indicators.values() for need in indicator.needs}
        self._by_day: dict[date, dict[str, Evaluation]] = {}
        self._room = _MOST_MEMOIZED

    def on(self, day: date) -> Mapping[str, Evaluation]:
        return self._by_day.get(day, {})

    def keep(self, day: date, evaluations: Mapping[str, Evaluation]) -> None:
        known = self.on(day)
        new = {name: each for name, each in evaluations.items() if name in self._needed and name not in known}
        if new and len(new) <= self._room:
            self._by_day.setdefault(day, {}).update(new)
            self._room -= len(new)


def replay(
    name: str, catalog: Catalog, intake: SourceRows, until: date, memo: _MemberMemo | None = None
) -> Iterator[tuple[date, date, Evaluation]]:
    """One indicator's evaluations, oldest first, each with the first and the last day that it holds for."""
    names, memo = catalog.with_needs(name), memo or _MemberMemo(catalog)
    news = {day for needed in names for day in _days_of_news(catalog.indicators[needed], intake)}
    days_of_news = sorted(news)
    day = min(days_of_news, default=date.max)
    while day <= until:
        evaluations = evaluations_of(names, catalog, intake, day, memo.on(day))
        memo.keep(day, evaluations)
        clock = [
            later
            for needed, evaluation in evaluations.items()
            for later in _days_by_clock(catalog.indicators[needed], catalog, evaluation, day)
        ]
        coming = days_of_news[bisect_right(days_of_news, day) :][:1]
        next_day = min((later for later in (*coming, *clock) if later > day), default=date.max)
        yield day, min(next_day - _ONE_DAY, until), evaluations[name]
        day = next_day


def _history(name: str, catalog: Catalog, intake: SourceRows, until: date, memo: _MemberMemo) -> History:
    statuses: list[Status] = []
    episodes: list[AnnouncedEpisode] = []
    for day, last_day, evaluation in replay(name, catalog, intake, until, memo):
        verdict = evaluation.verdict
        statuses.append(Status(day, verdict.severity, verdict.passed_by, verdict.state))
        episodes = follow(episodes, evaluation, day, lasting=(last_day - day).days + 1)
    return History(name, catalog.indicators[name].title, tuple(statuses), tuple(episodes))


def _days_of_news(indicator: Indicator, intake: SourceRows) -> set[date]:
    """The days on which a row, or a mistake in one, became known or was no longer held."""
    table = intake.table
    names = {*indicator.sources, *indicator.baselines}
    problems = [problem for name in names for problem in intake.problems.get(name, ())]
    days = {day for problem in problems for day in (problem.known_at, problem.held_until) if day}
    return {*(day_of(day) for name in names for day in table.change_days(name)), *days}


def _days_by_clock(indicator: Indicator, catalog: Catalog, evaluation: Evaluation, day: date) -> Iterator[date]:
    """The days, some of them past, on which time alone may change the verdict given on `day`."""
    yield from _ends_of_episodes(indicator, evaluation)
    yield from _days_of_staleness(indicator, catalog, evaluation)
    if indicator.waits_for_reports:
        yield from _days_of_delay(indicator, evaluation, day)
    yield from (parse_day(ended) for name in indicator.sources if (ended := catalog.sources[name].end_day))


def _ends_of_episodes(indicator: Indicator, evaluation: Evaluation) -> Iterator[date]:
    """The days after which a window, a recovery that is kept on, or a cap's period is over."""
    for episode in evaluation.episodes:
        if episode.until:
            yield episode.until + _ONE_DAY
        if episode.ended:
            recoveries = (threshold.lifecycle.keep for threshold in indicator.thresholds)
            yield from (keep.after(episode.ended) for keep in recoveries if keep)
    if evaluation.verdict.period:
        yield evaluation.verdict.period.end + _ONE_DAY


def _days_of_staleness(indicator: Indicator, catalog: Catalog, evaluation: Evaluation) -> Iterator[date]:
    """The days on which a figure or a look becomes stale."""
    dates = [(source_of(newest.source), newest.date) for newest in evaluation.verdict.newest]
    if (date_of_figure := evaluation.verdict.date) is not None:  # the deciding figure need not be the newest
        dates += [(name, date_of_figure) for name in indicator.sources]
    if indicator.own_line and indicator.sources:  # no figure of its line is any source's newest
        rows, known = evaluation.all_rows, evaluation.known_rows  # column by column: a frame of them costs far more
        days = rows["known_at"].to_numpy("datetime64[D]")[known]
        if not indicator.waits_for_reports:
            days = np.minimum(rows["end"].to_numpy("datetime64[D]")[known], days)
        dates += {*zip(rows["source"].array.take(known), map(day_of, days), strict=True)}
    yield from (catalog.sources[source].stale_age.after(day) + _ONE_DAY for source, day in dates)


def _days_of_delay(indicator: Indicator, evaluation: Evaluation, day: date) -> Iterator[date]:
    """The days on which a delay passes a level."""
    delays = [int(line.high[-1]) for line in (each.series for each in evaluation.assessments) if len(line)]
    for threshold in indicator.thresholds:
        level = int(threshold.level.hardness or 0)
        yield from (day + timedelta(days=level - delay + 1) for delay in delays)
