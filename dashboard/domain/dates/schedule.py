"""When a source is due: its cron expression and time zone against its last run; the clock is an argument.

The single run and the one that goes on ask the same function. A run that was missed while nothing ran is due at once,
and once only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from dashboard.domain.dates.clock_changes import first_instant_after

_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as cron counts them; the library's 0 is Monday


PAUSE = timedelta(minutes=15)  # after a failure, for most pass by themselves
RETRY_AFTER = "Retry-After"  # the header of a failed run: for how many seconds its server asked for peace
LONGEST_PAUSE = timedelta(days=1)  # whatever a server asks for
GRACE = timedelta(minutes=15)  # until single refreshes that cron starts every few minutes have come and ended
LONGEST_LEFT = timedelta(hours=1)  # that what has no schedule may be left alone by them


class _Source(Protocol):
    """What a source says of its schedule."""

    @property
    def schedule(self) -> str | None: ...
    @property
    def timezone(self) -> str: ...
    def has_moved(self, delivery: str, /) -> bool: ...


class _Run(Protocol):
    """What became of it the last time."""

    @property
    def at(self) -> datetime: ...
    @property
    def file(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Cron:
    """A cron expression of five fields: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday)."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Cron:
        """ValueError where it is none, never comes, or restricts both kinds of days, which tools read differently."""
        fields = text.split()
        if len(fields) != len(_FIELDS):
            raise ValueError(f'"{text}" has {len(fields)} fields, a cron expression has 5: "15 6 * * *"')
        if fields[2] != "*" and fields[4] != "*":
            raise ValueError(f'"{text}" names days of the month and of the week; leave one of them *')
        cron = cls(text)
        try:
            cron.after(datetime(2024, 1, 1, tzinfo=UTC), "UTC")
        except ValueError as error:
            raise ValueError(f'"{text}" is not a cron expression like "15 6 * * *": {error}') from error
        return cron

    def after(self, instant: datetime, zone: str) -> datetime:
        """The first time after `instant`, which knows its time zone; in UTC."""
        return _following(self.text, instant, zone)


def next_run(cron: Cron, zone: str, last: datetime | None, now: datetime) -> datetime:
    """When it runs next: `now` where it never ran, a run was missed, or the last one lies in the future.

    The clock was moved back then; waiting until it has come round again might take years.
    """
    if last is None or last > now:
        return now
    return max(now, cron.after(last, zone))


def next_due(source: _Source, last: _Run | None, now: datetime) -> datetime:
    """When a source is fetched next; `now` where it is due, has no schedule, or has moved since its last run.

    A failed fetch is repeated after `PAUSE` or at the next scheduled time, whichever comes first, but never before the
    time that its server demands.
    """
    cron = source.schedule
    if last is None or cron is None or last.at > now or source.has_moved(last.file):
        return now
    following = next_run(Cron(cron), source.timezone, last.at, now)
    if last.outcome != "failed":
        return following
    if asked := last.headers.get(RETRY_AFTER):
        return max(now, last.at + min(timedelta(seconds=float(asked)), LONGEST_PAUSE))
    return max(now, min(following, last.at + PAUSE))


def is_due(source: _Source, last: _Run | None, now: datetime) -> bool:
    """Whether it is to be fetched now."""
    return next_due(source, last, now) <= now


def is_overdue(source: _Source, last: _Run | None, looked_at: datetime, now: datetime) -> bool:
    """Whether single refreshes have left a source alone for longer than they may; `looked_at` is when the last one that
    looked at everything began.

    A little while after it was due; a file or a folder without `refresh:` once an hour, for each of them looks at it.
    """
    at = now - GRACE
    if source.schedule is None:
        return looked_at < at - LONGEST_LEFT
    return last is None or last.at > now + GRACE or (last.at <= at and is_due(source, last, at))


@lru_cache(maxsize=16_384)  # asked every second for each source, and mostly about the same instant
def _following(text: str, instant: datetime, zone: str) -> datetime:
    from apscheduler.triggers.cron import CronTrigger  # here, since it takes 0.1 s and most commands need none

    fields = dict(zip(_FIELDS, text.split(), strict=True))
    fields["day_of_week"] = re.sub(r"[0-9]+", _weekday, fields["day_of_week"])
    # the library loses which of two equal times of an autumn night is meant: it is asked without a zone, as in UTC
    trigger = CronTrigger(timezone=UTC, **fields)

    def next_time(time: datetime) -> datetime | None:
        found = trigger.get_next_fire_time(None, time.replace(tzinfo=UTC) + timedelta(microseconds=1))
        return None if found is None else found.replace(tzinfo=None)

    repeats = fields["minute"].startswith("*") or fields["hour"].startswith("*")
    following = first_instant_after(instant, ZoneInfo(zone), next_time, repeats=repeats)
    if following is None:
        raise ValueError("it never comes")
    return following


def _weekday(number: re.Match[str]) -> str:
    place = int(number[0])
    if place >= len(_WEEKDAYS):
        raise ValueError(f"{place} is not a day of the week")
    return _WEEKDAYS[place]
