"""When a source is due: its cron expression and time zone against its last run; the clock is an argument.

A run that was missed while nothing ran is due at once, and once only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as cron counts them; the library's 0 is Monday


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
        from apscheduler.triggers.cron import CronTrigger  # here, since it takes 0.1 s and most commands need none

        fields = dict(zip(_FIELDS, self.text.split(), strict=True))
        fields["day_of_week"] = re.sub(r"[0-9]+", _weekday, fields["day_of_week"])
        own = ZoneInfo(zone)
        trigger = CronTrigger(timezone=own, **fields)
        found = trigger.get_next_fire_time(None, instant.astimezone(own) + timedelta(microseconds=1))
        if found is None:
            raise ValueError("it never comes")
        following: datetime = found.astimezone(UTC)
        return following


def next_run(cron: Cron, zone: str, last: datetime | None, now: datetime) -> datetime:
    """When it runs next: `now` where it never ran or a run was missed.

    A last run that lies in the future (the clock was moved back) counts as now.
    """
    if last is None:
        return now
    return max(now, cron.after(min(last, now), zone))


def _weekday(number: re.Match[str]) -> str:
    place = int(number[0])
    if place >= len(_WEEKDAYS):
        raise ValueError(f"{place} is not a day of the week")
    return _WEEKDAYS[place]
