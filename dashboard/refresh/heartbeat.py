"""The refresher's sign of life, a small file that it rewrites every few seconds, as it reads at an instant.

A single refresh, as cron starts them, leaves one behind when it is done.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from dashboard.domain.text import wording as words

FILE = "heartbeat.json"
OVERDUE = timedelta(seconds=60)  # it is rewritten at least every 10 seconds
_SLACK = timedelta(seconds=5)  # clocks of two machines, and instants cut to whole seconds


@dataclass(frozen=True)
class Heartbeat:
    """The refresher as it last was: instants are UTC; `doing` says in words what it is busy with; `is_single` that it
    looked at all sources once and ended."""

    pid: int
    host: str
    at: datetime
    next_run: datetime | None = None
    doing: str = ""
    is_single: bool = False


class Life(Enum):
    """Whether a refresher is at work."""

    WELL = "well"
    SINGLE = "single"  # the last one was a single refresh: whether another is overdue the schedules say
    OVERDUE = "overdue"
    ABSENT = "absent"
    AHEAD = "ahead"  # its clock lies in the future, so that nothing can be said of its age
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Pulse:
    """What the file says of the refresher at an instant."""

    life: Life
    beat: Heartbeat | None = None

    @property
    def is_well(self) -> bool:
        return self.life is Life.WELL

    def describe(self, now: datetime) -> str:
        """In words, for people: the age where all is well, else what is wrong, which does not change with the age."""
        if self.beat is None:
            return _WITHOUT[self.life]
        if self.life is Life.WELL:
            return f"refresher {words.ago(now - self.beat.at)}"
        if self.life is Life.SINGLE:
            return f"refreshed by single runs, last {words.ago(now - self.beat.at)}"
        return _WRONG[self.life].format(seen=words.instant(self.beat.at, seconds=True))

    def overdue(self) -> Pulse:
        """The same, where what was due has not been looked at."""
        return replace(self, life=Life.OVERDUE)


_WITHOUT = {
    Life.ABSENT: "No refresher is running: what you see is as of each source's last receipt, nothing new will come.",
    Life.UNREADABLE: "The refresher's heartbeat cannot be read: whether anything new will come is not known.",
}
_WRONG = {
    Life.OVERDUE: "The refresher is overdue: it was last seen on {seen}. What you see is as of then, nothing new will "
    "come until it runs again.",
    Life.AHEAD: "The refresher's clock lies in the future: it says {seen}. Ages and due times cannot be trusted until "
    "the clocks agree.",
}


def read_pulse(state: Path, now: datetime) -> Pulse:
    """What the heartbeat in a state folder says at an instant."""
    try:
        data = (state / FILE).read_bytes()
    except FileNotFoundError:
        return Pulse(Life.ABSENT)
    except OSError:
        return Pulse(Life.UNREADABLE)
    try:
        beat = _read(data)
    except (ValueError, KeyError, TypeError):
        return Pulse(Life.UNREADABLE)
    if beat.at > now + _SLACK:
        return Pulse(Life.AHEAD, beat)
    if beat.is_single:
        return Pulse(Life.SINGLE, beat)
    return Pulse(Life.OVERDUE if now - beat.at > OVERDUE else Life.WELL, beat)


def _read(data: bytes) -> Heartbeat:
    told = json.loads(data)
    following = told["next_run"]
    return Heartbeat(
        pid=int(told["pid"]),
        host=str(told["host"]),
        at=_instant(told["at"]),
        next_run=_instant(following) if following else None,
        doing=str(told["doing"] or ""),
        is_single=told.get("single", False) is True,
    )


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f'"{text}" names no time zone')
    return found.astimezone(UTC)
