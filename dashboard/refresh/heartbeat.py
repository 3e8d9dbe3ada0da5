"""The refresher's heartbeat: a small file that it rewrites every few seconds, and the state of the refresher it shows.

It says who the refresher is, what it does, and when it next has something to do. A page that finds it overdue raises an
alarm, since figures may then be older than they look. A single refresh, as cron starts it, leaves one at its end.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from dashboard.atomic_files import write_atomic
from dashboard.domain import system_message
from dashboard.domain.text import wording as words

FILE = "heartbeat.json"
EVERY = 5.0  # seconds between two beats
OVERDUE = timedelta(seconds=60)  # it is rewritten at least every 10 seconds
_SLACK = timedelta(seconds=5)  # clocks of two machines, and instants cut to whole seconds


@dataclass(frozen=True)
class Heartbeat:
    """The refresher at its last beat. Instants are UTC. doing: its present task in words. is_single: whether it looked
    at all sources once and ended."""

    pid: int
    host: str
    at: datetime
    next_run: datetime | None = None
    doing: str = ""
    is_single: bool = False


class Life(Enum):
    """Whether a refresher is at work."""

    WELL = "well"
    SINGLE = "single"  # the last one was a single refresh; the schedules say whether another is overdue
    OVERDUE = "overdue"
    ABSENT = "absent"
    AHEAD = "ahead"  # its clock lies in the future, so its age is not known
    UNREADABLE = "unreadable"


_WITHOUT_BEAT = {
    Life.ABSENT: "No refresher is running: what you see is as of each source's last receipt, nothing new will come.",
    Life.UNREADABLE: "The refresher's heartbeat cannot be read: whether anything new will come is not known.",
}
_WITH_BEAT = {
    Life.OVERDUE: "The refresher is overdue: it was last seen on {seen}. What you see is as of then, nothing new will "
    "come until it runs again.",
    Life.AHEAD: "The refresher's clock lies in the future: it says {seen}. Ages and due times cannot be trusted until "
    "the clocks agree.",
}


@dataclass(frozen=True)
class Pulse:
    """The heartbeat as it reads at an instant."""

    life: Life
    beat: Heartbeat | None = None

    @property
    def is_well(self) -> bool:
        return self.life is Life.WELL

    def describe(self, now: datetime) -> str:
        """The age where all is well, else the problem, in words that do not change with the age."""
        if self.beat is None:
            return _WITHOUT_BEAT[self.life]
        if self.life is Life.WELL:
            return f"refresher {words.ago(now - self.beat.at)}"
        if self.life is Life.SINGLE:
            return f"refreshed by single runs, last {words.ago(now - self.beat.at)}"
        return _WITH_BEAT[self.life].format(seen=words.instant(self.beat.at, seconds=True))

    def overdue(self) -> Pulse:
        """The same beat, where something was due since and nobody looked."""
        return replace(self, life=Life.OVERDUE)


def read_pulse(state: Path, now: datetime) -> Pulse:
    """The heartbeat in a state folder, at an instant."""
    try:
        data = (state / FILE).read_bytes()
    except FileNotFoundError:
        return Pulse(Life.ABSENT)
    except OSError:
        return Pulse(Life.UNREADABLE)
    try:
        beat = _parse(data)
    except (ValueError, KeyError, TypeError):
        return Pulse(Life.UNREADABLE)
    if beat.at > now + _SLACK:
        return Pulse(Life.AHEAD, beat)
    if beat.is_single:
        return Pulse(Life.SINGLE, beat)
    return Pulse(Life.OVERDUE if now - beat.at > OVERDUE else Life.WELL, beat)


class HeartbeatWriter:
    """Beats in a thread of its own, also while the refresher is busy.

    A beat that cannot be written is reported once and tried again: a heartbeat that grows old is the alarm. Where the
    lock of the state folder `is_lost` the file belongs to another refresher, and is left alone.
    """

    def __init__(self, state: Path, clock: Callable[[], datetime], is_lost: Callable[[], bool]) -> None:
        self.doing = "starting"
        self.next_run: datetime | None = None
        self._path, self._clock, self._is_lost = state / FILE, clock, is_lost
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="heartbeat", daemon=True)
        self._had_failed = False

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Beat until the end of the `with`, then delete the file: a refresher that was ended is absent, not overdue."""
        self._thread.start()
        try:
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        if not self._is_lost():
            self._path.unlink(missing_ok=True)

    def _beat_on(self) -> None:
        while not self._is_lost():
            self._beat()
            if self._stopped.wait(EVERY):
                return

    def _beat(self) -> None:
        try:
            write_atomic(self._path, _as_json(self._clock(), self.next_run, self.doing))
            self._had_failed = False
        except OSError as error:
            if not self._had_failed:
                print(f"the heartbeat cannot be written: {system_message(error)}", file=sys.stderr, flush=True)
            self._had_failed = True


def write_single_heartbeat(state: Path, began: datetime, next_run: datetime | None) -> None:
    """The heartbeat of a single refresh that has looked at everything; a refresher that goes on overwrites it."""
    write_atomic(state / FILE, _as_json(began, next_run, "", single=True))


def _as_json(at: datetime, next_run: datetime | None, doing: str, **more: bool) -> bytes:
    following = next_run.isoformat(timespec="seconds") if next_run else None
    fields = {"at": at.isoformat(timespec="seconds"), "next_run": following, "doing": doing, **more}
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), **fields}).encode()


def _parse(data: bytes) -> Heartbeat:
    fields = json.loads(data)
    following = fields["next_run"]
    return Heartbeat(
        pid=int(fields["pid"]),
        host=str(fields["host"]),
        at=_parse_instant(fields["at"]),
        next_run=_parse_instant(following) if following else None,
        doing=str(fields["doing"] or ""),
        is_single=fields.get("single", False) is True,
    )


def _parse_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f'"{text}" names no time zone')
    return instant.astimezone(UTC)
