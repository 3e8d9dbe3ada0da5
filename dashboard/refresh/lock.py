"""One refresher at a time: a lock of the operating system, which dies with its owner, and the name of who holds it."""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from dashboard.atomic_files import private_folder, write_atomic
from dashboard.domain import WatchfloorError

LOCK, HOLDER = "refresh.lock", "refresh.holder.json"
SINGLE, WATCHING = "watchfloor refresh", "watchfloor refresh --watch"  # names of holders


@dataclass(frozen=True)
class Holder:
    """Who refreshes: for messages only, for a name proves nothing; the lock does."""

    name: str
    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid} on {self.host}, since {self.since})"


class BusyError(WatchfloorError):
    """Another process refreshes the same state; `holder` is None where it has not yet written its name."""

    def __init__(self, state: Path, holder: Holder | None) -> None:
        super().__init__(f"{state} is in use by {holder or 'another process'}; wait until it has ended, or end it")
        self.holder = holder


class LostLockError(WatchfloorError):
    """The state folder is no longer the one that was locked: whoever goes on may be the second there."""

    def __init__(self, state: Path) -> None:
        super().__init__(
            f"{state} was moved or deleted away while it was being refreshed: another process may refresh what is "
            "there now, so this one ends; start it again"
        )


@dataclass(frozen=True)
class Hold:
    """A lock that was taken: of the file that then lay in the state folder (its device and inode)."""

    state: Path
    file: tuple[int, int] | None

    @property
    def is_lost(self) -> bool:
        """Whether the file that is locked lies in the folder no more, so that another process may lock what does."""
        return self.file is None or _identity(self.state / LOCK) != self.file

    def check(self) -> None:
        """LostLockError where it is lost: to be asked before anything is written."""
        if self.is_lost:
            raise LostLockError(self.state)


@contextmanager
def sole_refresher(
    state: Path, name: str, since: datetime, wait: float = 0, give_up: Callable[[], bool] | None = None
) -> Iterator[Hold]:
    """Nobody else refreshes this state until the end of the `with`, as long as the hold is not lost.

    `name` is the holder's in others' messages. BusyError where another holds it for longer than `wait` seconds, or
    until `give_up` says so.
    """
    # Never a lock file that is only there or not: one whose owner was killed would stand for ever.
    lock = FileLock(private_folder(state) / LOCK, fallback_to_soft=False)
    try:
        lock.acquire(timeout=max(wait, 0), cancel_check=give_up)
    except Timeout as error:
        raise BusyError(state, holder_of(state)) from error
    except NotImplementedError as error:
        raise OSError(errno.ENOLCK, "this file system knows no locks", str(state / LOCK)) from error
    hold = Hold(state, _identity(state / LOCK))
    try:
        hold.check()
        own = Holder(name, os.getpid(), socket.gethostname(), since.isoformat(timespec="seconds"))
        write_atomic(state / HOLDER, json.dumps(asdict(own)).encode())
        yield hold
    finally:
        # the name goes first: who then gets the lock writes its own
        if not hold.is_lost:
            with suppress(OSError):
                (state / HOLDER).unlink()
        lock.release()


def holder_of(state: Path) -> Holder | None:
    """Whose name stands beside the lock; the process may have been killed since."""
    try:
        found = json.loads((state / HOLDER).read_bytes())
        return Holder(str(found["name"]), int(found["pid"]), str(found["host"]), str(found["since"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there, whatever its name was before; None where none can be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
