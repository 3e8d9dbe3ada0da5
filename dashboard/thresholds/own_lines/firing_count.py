"""How many of some indicators fire on a day, as known at the instant.

An indicator counts on a day when it fired on any day of the window up to it. It is calm when its newest figures by that
day were judged and pass nothing, and unknown otherwise. The line has an observation on the days that rows are about,
and beyond them (the last day on which a firing counts among them) only while enough indicators fire. So the mere
passing of time begins and prolongs a breach, but never ends one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

import numpy as np

from dashboard.domain import Episode, PassedBy, Series, Severity, State, Verdict
from dashboard.domain.dates import Anchor, Duration, day_of, end_of_day
from dashboard.domain.text import day
from dashboard.thresholds.evaluation_context import AssessedLine, OtherIndicator
from dashboard.thresholds.own_lines.own_line import LineInputs, OwnLine


@dataclass(frozen=True)
class FiringCount(OwnLine):
    """The count of the indicators that fire within one window.

    Low even at their lowest, value at their value, high at their highest; `at_most`: with those that are unknown.
    """

    needs_all_calm: ClassVar[bool] = False

    indicators: frozenset[str]
    enough: int
    within: str

    def make(self, inputs: LineInputs) -> Series:
        others = [other for name, other in inputs.other_indicators.items() if name in self.indicators]
        return _as_series(list(_counts(others, self.enough, Duration.parse(self.within), inputs.as_of)), len(others))


@dataclass(frozen=True)
class _Firing:
    """One episode of an indicator, with the first and the last day on which it fired."""

    verdict: Verdict
    assessment: AssessedLine
    episode: Episode
    first: date
    last: date

    def deciding_position(self, on: date, within: Duration) -> int:
        """The position of the observation by which it counts on a day: the newest breaching one by that day.

        One in the window that passes by more than its highest end comes first, since it is surer.
        """
        series = self.assessment.series
        own = series.current & self.assessment.is_alarm
        inside = own & (series.end >= np.datetime64(self.episode.first)) & (series.end <= np.datetime64(on))
        places = np.flatnonzero(inside)
        surer = places[self.assessment.passed_by[places] > PassedBy.HIGHEST]
        if surer.size and on < within.after(day_of(series.end[surer[-1]])):
            return int(surer[-1])
        return int(places[-1])


@dataclass(frozen=True)
class _Count:
    """How many indicators fire on a day, by each end of the range; `at_most` counts those that are unknown too."""

    on: date
    low: int
    value: int
    high: int
    at_most: int
    known_at: np.datetime64
    note: str


def _counts(others: Sequence[OtherIndicator], enough: int, within: Duration, as_of: date) -> Iterator[_Count]:
    firings = {other.verdict.id: list(_firings(other, as_of)) for other in others}
    row_days = sorted({on for other in others for on in _days_of_rows(other, as_of)})
    newest = row_days[-1] if row_days else None
    last_counting = {within.after(firing.last) - timedelta(days=1) for own in firings.values() for firing in own}
    for on in _days(sorted({*row_days, *(on for on in last_counting if on < as_of)}), within, as_of):
        count = _count(others, firings, on, within, enough, by_verdict=newest is not None and on >= newest)
        if on in row_days or count.high >= enough:
            yield count


def _days(days: Sequence[date], within: Duration, as_of: date) -> Iterator[date]:
    """All given days; after each, one more day every `within` until the next; `as_of` last."""
    for first, following in zip(days, [*days[1:], as_of], strict=False):
        on = first
        while on < following:
            yield on
            on = within.after(on)
    if days:
        yield as_of


def _days_of_rows(other: OtherIndicator, as_of: date) -> set[date]:
    """The ends of the days that rows of an indicator with a figure are about."""
    rows, known = other.all_rows, other.known_rows  # column by column: a frame of some rows costs a hundred times that
    low, value, high, end, known_at = (
        rows[name].to_numpy()[known] for name in ("low", "value", "high", "end", "known_at")
    )
    has_figure = ~(np.isnan(low) & np.isnan(value) & np.isnan(high))
    counted = has_figure & (rows["status"].iloc[known] != "provisional").to_numpy(bool)
    ends = np.minimum(end[counted], known_at[counted]).astype("datetime64[D]")
    return {min(day_of(end), as_of) for end in np.unique(ends)}


def _count(
    others: Sequence[OtherIndicator],
    firings: Mapping[str, Sequence[_Firing]],
    on: date,
    within: Duration,
    enough: int,
    *,
    by_verdict: bool,
) -> _Count:
    """The count on a day; `by_verdict`: no row is about a later day, so that the verdicts know what is calm."""
    newest = [(other, _newest(firings[other.verdict.id], on, within)) for other in others]
    firing = [(own, own.deciding_position(on, within)) for _, own in newest if own is not None]
    not_firing = [other for other, own in newest if own is None]
    calm = [other for other in not_firing if (other.verdict.is_calm if by_verdict else _was_calm(other, on))]
    passed_by = [_certain_end(own, at, by_verdict=by_verdict) for own, at in firing]
    known = sorted(own.assessment.known_since[at] for own, at in firing)
    last = known[min(enough, len(known)) - 1] if known else end_of_day(on)
    notes = [f"{own.verdict.title} ({_in_words(own, at)})" for own, at in firing]
    return _Count(
        on=on,
        low=sum(end >= PassedBy.LOWEST for end in passed_by),
        value=sum(end >= PassedBy.VALUE for end in passed_by),
        high=len(passed_by),
        at_most=len(others) - len(calm),
        known_at=max(last, end_of_day(on)),
        note=", ".join(notes) or "none of them fires",
    )


def _certain_end(firing: _Firing, position: int, *, by_verdict: bool) -> int:
    """The end by which an indicator fires; at most the highest end for an alert that is open and not current."""
    passed_by = int(firing.assessment.passed_by[position])
    return passed_by if firing.verdict.is_current or not by_verdict else min(passed_by, int(PassedBy.HIGHEST))


def _in_words(firing: _Firing, position: int) -> str:
    severity, passed_by = (int(side[position]) for side in (firing.assessment.severity, firing.assessment.passed_by))
    of_day = day(day_of(firing.assessment.series.end[position]))
    return f"{Severity(severity).word}, {PassedBy(passed_by).phrase}, of {of_day}"


def _newest(firings: Sequence[_Firing], on: date, within: Duration) -> _Firing | None:
    """The last of the firings that reach into the window up to a day."""
    counted = [firing for firing in firings if firing.first <= on < within.after(firing.last)]
    return max(counted, key=lambda firing: (firing.last, firing.episode.passed_by), default=None)


def _firings(other: OtherIndicator, as_of: date) -> Iterator[_Firing]:
    lines = {line.series.source: line for line in other.assessments}
    for episode in other.episodes:
        if episode.fired is not None:
            assessment = lines[episode.source]
            last = max(_last_day(other.verdict, assessment, episode, as_of), episode.fired)
            yield _Firing(other.verdict, assessment, episode, episode.fired, last)


def _last_day(verdict: Verdict, assessment: AssessedLine, episode: Episode, as_of: date) -> date:
    if episode.state is State.RESOLVED:
        ended = episode.ended - timedelta(days=1) if episode.ended else episode.last
        return max(min(ended, episode.until or ended), episode.last, *_kept(assessment, episode))
    if episode.state is not State.ON_RECORD:
        return as_of
    if verdict.period is not None:
        return _anchor(verdict).period(episode.last).end
    return episode.until or episode.last


def _kept(assessment: AssessedLine, episode: Episode) -> Iterator[date]:
    """The last day on which each threshold that was passed still fired after the figure that ended the breach."""
    for threshold, passed in zip(assessment.thresholds, assessment.passed, strict=True):
        keep = threshold.lifecycle.keep
        if keep and episode.ended and threshold.is_alarm and passed[episode.head] >= threshold.demanded_end:
            yield keep.after(episode.ended) - timedelta(days=1)


def _anchor(verdict: Verdict) -> Anchor:
    assert verdict.period is not None
    return Anchor.of(verdict.period)


def _was_calm(other: OtherIndicator, on: date) -> bool:
    """Whether by a day every line had a figure, and no newest figure was open or in breach."""
    return bool(other.assessments) and all(_line_was_calm(other.verdict, line, on) for line in other.assessments)


def _line_was_calm(verdict: Verdict, assessment: AssessedLine, on: date) -> bool:
    series = assessment.series
    usable = np.flatnonzero(series.current & series.has_figure & (series.end <= np.datetime64(on)))
    if verdict.period is None:
        usable = usable[series.take(usable).last_words]
    if not usable.size or not np.isin(assessment.severity[usable], (Severity.NORMAL, Severity.INFO)).all():
        return False
    return verdict.period is None or day_of(series.end[usable[-1]]) in _anchor(verdict).period(on)


def _as_series(counts: Sequence[_Count], of: int) -> Series:
    def side(name: str) -> np.ndarray:
        return np.array([getattr(count, name) for count in counts], dtype=float)

    end = np.array([count.on for count in counts], dtype="datetime64[D]")
    nothing = np.zeros(len(counts), bool)
    return Series.computed(
        source="firing",
        title="other indicators",
        start=end,
        end=end,
        low=side("low"),
        value=side("value"),
        high=side("high"),
        at_least=side("low"),
        at_most=side("at_most"),
        or_more=nothing,
        partial=nothing,
        known_at=np.array([count.known_at for count in counts], dtype="datetime64[s]"),
        unit=f"of {of} firing",
        notes=dict(enumerate(count.note for count in counts)),
    )
