"""One refresher at a time: a lock of the operating system, which ends with its process, and the name of its holder."""

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
    """The process that refreshes, for messages only: the name proves nothing, the lock does."""

    name: str
    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid} on {self.host}, since {self.since})"


class BusyError(WatchfloorError):
    """Another process refreshes the same state folder; `holder` is None until it has written its name."""

    def __init__(self, state: Path, holder: Holder | None) -> None:
        super().__init__(f"{state} is in use by {holder or 'another process'}; wait until it has ended, or end it")
        self.holder = holder


class LostLockError(WatchfloorError):
    """The state folder is no longer the one that was locked, so another process may be refreshing it."""

    def __init__(self, state: Path) -> None:
        super().__init__(
            f"{state} was moved or deleted away while it was being refreshed: another process may refresh what is "
            "there now, so this one ends; start it again"
        )


@dataclass(frozen=True)
class Hold:
    """The lock of a state folder, on the file that lay there when it was taken (its device and inode)."""

    state: Path
    file: tuple[int, int] | None

    @property
    def is_lost(self) -> bool:
        """Whether the locked file no longer lies in the folder, so that another process may lock a new one."""
        return self.file is None or _identity(self.state / LOCK) != self.file

    def check(self) -> None:
        """LostLockError where the lock is lost; called before anything is written."""
        if self.is_lost:
            raise LostLockError(self.state)


@contextmanager
def sole_refresher(
    state: Path, name: str, since: datetime, wait: float = 0, give_up: Callable[[], bool] | None = None
) -> Iterator[Hold]:
    """Hold the lock of a state folder until the end of the `with`; `check` of the hold tells whether it is lost.

    name: the holder's, in the messages of others. BusyError where another process holds the lock for longer than `wait`
    seconds, or until `give_up` returns True.
    """
    # never a lock by the mere presence of a file: one whose owner was killed would stand for ever
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
        # the name goes first: the next holder writes its own
        if not hold.is_lost:
            with suppress(OSError):
                (state / HOLDER).unlink()
        lock.release()


def holder_of(state: Path) -> Holder | None:
    """The holder that is named beside the lock; its process may have been killed since."""
    try:
        fields = json.loads((state / HOLDER).read_bytes())
        return Holder(str(fields["name"]), int(fields["pid"]), str(fields["host"]), str(fields["since"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file; None where there is none, or it cannot be seen."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
