"""Schedules: when a source is due, from its cron expression, its time zone and its last run. `now` is an argument.

`refresh` and `refresh --watch` share these functions. A run that was missed while nothing ran is due once, at once.
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
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")  # cron counts from Sunday, the library from Monday


PAUSE = timedelta(minutes=15)  # before a retry; most failures pass by themselves
RETRY_AFTER = "Retry-After"  # header of a failed run: the seconds that its server asks to wait
LONGEST_PAUSE = timedelta(days=1)  # an upper limit on that request
GRACE = timedelta(minutes=15)  # long enough for single refreshes that cron starts every few minutes
LONGEST_LEFT = timedelta(hours=1)  # without a look, for a source without a schedule


class _Source(Protocol):
    """The schedule of a source."""

    @property
    def schedule(self) -> str | None: ...
    @property
    def timezone(self) -> str: ...
    def has_moved(self, delivery: str, /) -> bool: ...


class _Run(Protocol):
    """The last run of a source."""

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
        """The expression of a text.

        ValueError if it is none, never comes, or restricts both kinds of days, which tools read differently.
        """
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
    """The next run; `now` if there was none, one was missed, or the last one lies in the future.

    A run in the future means that the clock was moved back; waiting for it might take years.
    """
    if last is None or last > now:
        return now
    return max(now, cron.after(last, zone))


def next_due(source: _Source, last: _Run | None, now: datetime) -> datetime:
    """The next fetch of a source; `now` if it is due, has no schedule, or has moved since its last run.

    A failed fetch is retried after `PAUSE` or at the next scheduled time, whichever comes first, but never before the
    time that its server demands.
    """
    cron = source.schedule
    if last is None or cron is None or last.at > now or source.has_moved(last.file):
        return now
    following = next_run(Cron(cron), source.timezone, last.at, now)
    if last.outcome != "failed":
        return following
    if seconds := last.headers.get(RETRY_AFTER):
        return max(now, last.at + min(timedelta(seconds=float(seconds)), LONGEST_PAUSE))
    return max(now, min(following, last.at + PAUSE))


def is_due(source: _Source, last: _Run | None, now: datetime) -> bool:
    """Whether the source must be fetched now."""
    return next_due(source, last, now) <= now


def is_overdue(source: _Source, last: _Run | None, looked_at: datetime, now: datetime) -> bool:
    """Whether single refreshes have neglected a source; `looked_at` is the start of the last complete refresh.

    A scheduled source is overdue `GRACE` after it was due, a file or folder without `refresh:` an hour after the last
    complete refresh, since each refresh looks at it.
    """
    at = now - GRACE
    if source.schedule is None:
        return looked_at < at - LONGEST_LEFT
    return last is None or last.at > now + GRACE or (last.at <= at and is_due(source, last, at))


@lru_cache(maxsize=16_384)  # called every second for each source, mostly with the same instant
def _following(text: str, instant: datetime, zone: str) -> datetime:
    from apscheduler.triggers.cron import (
        CronTrigger,
    )  # lazy, since it takes 0.1 s

    fields = dict(zip(_FIELDS, text.split(), strict=True))
    fields["day_of_week"] = re.sub(r"[0-9]+", _weekday, fields["day_of_week"])
    # the library confuses the two equal times of an autumn night, so it works in UTC and never sees the zone
    trigger = CronTrigger(timezone=UTC, **fields)

    def next_time(time: datetime) -> datetime | None:
        following = trigger.get_next_fire_time(None, time.replace(tzinfo=UTC) + timedelta(microseconds=1))
        return None if following is None else following.replace(tzinfo=None)

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
