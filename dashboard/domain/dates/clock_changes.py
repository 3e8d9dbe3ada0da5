"""Clock changes: the instants of scheduled wall-clock times in zones with summer time.

Two rules, which cron has kept since 1993. A time that the clock skips runs as many minutes after the change as it would
have lain after it. A time that the clock shows twice runs both times if the schedule `repeats` within the day, and
otherwise only the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_MOST = timedelta(hours=26)  # the largest change of a clock: Samoa skipped a whole day in 2011
_AHEAD = timedelta(days=2)  # no local time is further than this from the same time in UTC
_WINDOW = timedelta(days=4)  # searched for clock changes at a time
_STEP = timedelta(hours=6)  # no zone moves its clock twice in that time
_TICK = timedelta(microseconds=1)

# the first local time after another one, both without a zone; None if none ever comes
NextTime = Callable[[datetime], datetime | None]


class _Span(NamedTuple):
    """A span of one UTC offset, from `start` until `end` (naive, in UTC); `before` is the offset before `start`."""

    start: datetime
    end: datetime
    offset: timedelta
    before: timedelta


def first_instant_after(instant: datetime, zone: ZoneInfo, next_time: NextTime, *, repeats: bool) -> datetime | None:
    """The first instant after `instant` at which the clock shows a scheduled time; None if none ever comes."""
    begin = instant.astimezone(UTC).replace(tzinfo=None)
    while True:
        # a skipped or repeated time may lie before the time that the clock shows now
        time = next_time(begin + _offset(begin, zone) - _MOST)
        if time is None:
            return None
        begin = max(begin, time - _AHEAD)
        for span in _spans(begin, begin + _WINDOW, zone):
            if scheduled := min(_times_of(span, begin, next_time, repeats), default=None):
                return scheduled.replace(tzinfo=UTC)
        begin += _WINDOW


def _times_of(span: _Span, begin: datetime, next_time: NextTime, repeats: bool) -> Iterator[datetime]:
    """The first scheduled instant of a span after `begin`, and the first one that the clock skipped at its start."""
    shown_before = span.start + (span.offset if repeats else max(span.offset, span.before))
    shown = next_time(max(begin + span.offset, shown_before - _TICK))
    if shown is not None and shown - span.offset < span.end:
        yield shown - span.offset
    if span.offset > span.before:
        skipped = next_time(max(begin, span.start - _TICK) + span.before)
        if skipped is not None and skipped < span.start + span.offset:
            yield skipped - span.before


def _spans(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[_Span]:
    """The spans between two instants and the span before, whose skipped times may still be due."""
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
    """The second of the clock change between two instants."""
    offset = _offset(early, zone)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (middle, late) if _offset(middle, zone) == offset else (early, middle)
    return late


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return offset
