"""Instants at which a clock on the wall shows given times, where it is put forward and back twice a year.

Two rules, which cron has kept since 1993: a time that the clock skips counts as many minutes after the moment at which
it is put forward as it would have lain after it; a time that it shows twice counts both times where the schedule
`repeats` within the day, and else only the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_MOST = timedelta(hours=26)  # that a clock was ever moved: Samoa skipped a whole day in 2011
_AHEAD = timedelta(days=2)  # a time on any wall lies less than that from the same time in UTC
_WINDOW = timedelta(days=4)  # that is searched for moved clocks at a time
_STEP = timedelta(hours=6)  # no zone moves its clock twice in that time
_TICK = timedelta(microseconds=1)

# the first time on the wall after another one, both without a zone; None where none ever comes
NextTime = Callable[[datetime], datetime | None]


class _Span(NamedTuple):
    """From `start` until `end`, both in UTC without saying so, the clock differs from UTC by `offset`; until `start` it
    differed by `before`."""

    start: datetime
    end: datetime
    offset: timedelta
    before: timedelta


def first_instant_after(instant: datetime, zone: ZoneInfo, next_time: NextTime, *, repeats: bool) -> datetime | None:
    """The first instant after `instant` at which the clock shows a time of the schedule; None where none ever comes."""
    begin = instant.astimezone(UTC).replace(tzinfo=None)
    while True:
        # a time that was skipped, or is shown again, may lie before what the clock shows now
        time = next_time(begin + _offset(begin, zone) - _MOST)
        if time is None:
            return None
        begin = max(begin, time - _AHEAD)
        for span in _spans(begin, begin + _WINDOW, zone):
            if found := min(_times_of(span, begin, next_time, repeats), default=None):
                return found.replace(tzinfo=UTC)
        begin += _WINDOW


def _times_of(span: _Span, begin: datetime, next_time: NextTime, repeats: bool) -> Iterator[datetime]:
    """The first instant of a span after `begin` that the clock shows, and the first that it skipped at the start."""
    shown_before = span.start + (span.offset if repeats else max(span.offset, span.before))
    shown = next_time(max(begin + span.offset, shown_before - _TICK))
    if shown is not None and shown - span.offset < span.end:
        yield shown - span.offset
    if span.offset > span.before:
        skipped = next_time(max(begin, span.start - _TICK) + span.before)
        if skipped is not None and skipped < span.start + span.offset:
            yield skipped - span.before


def _spans(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[_Span]:
    """The spans between two instants, and the one before, of which skipped times may still be to come."""
    start = at = (begin - _MOST).replace(minute=0, second=0, microsecond=0)
    before = offset = _offset(at, zone)
    while at < end:
        following = at + _STEP
        if _offset(following, zone) != offset:
            moved = _moved_at(at, following, zone)
            yield _Span(start, moved, offset, before)
            start, before, offset = moved, offset, _offset(following, zone)
        at = following
    yield _Span(start, at + _TICK, offset, before)


def _moved_at(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the clock is moved between two instants."""
    offset = _offset(early, zone)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (middle, late) if _offset(middle, zone) == offset else (early, middle)
    return late


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    found = instant.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    assert found is not None
    return found
