"""Every delivery byte for byte, and a journal of what each run of a source brought.

These are the facts that cannot be made again; rows are made of them. Bytes are stored once, under their SHA-256. The
caller holds the refresher's lock when it writes; anybody may read at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from dashboard.durable import PART, append_line, private_folder, read_lines, stamp, sweep, write_whole
from dashboard.errors import WatchfloorError

Outcome = Literal["received", "seen again", "rejected", "failed"]

JOURNAL = "journal.jsonl"
_BLOCK = 1 << 16  # bytes of a journal that are read at once, from its end
# how whole lines begin, by what they tell of; see `Run.as_line`
_BEGINNINGS = tuple(f'{{"outcome":"{one}",'.encode() for one in get_args(Outcome))
_RECEIVED, _, _REJECTED, _FAILED = _BEGINNINGS
_BYTES = re.compile(rb'"sha256":"([0-9a-f]{64})","size":([0-9]+)')
_GONE = "the file is gone"  # how journals once told of a rejected file that was not there any more


class ArchiveError(WatchfloorError):
    """Something that was received cannot be had from the archive any more."""


@dataclass(frozen=True)
class Run:
    """One look at a source, and what became of it.

    at: when, in UTC and whole seconds; outcome: `received` new bytes that are in force, `seen again` the bytes that
    came last, `rejected` bytes that cannot be trusted (kept as well) or a file of a folder that cannot be read (without
    `sha256`), `failed` before there were any; file: the
    delivery's name in messages, and of which file it is the whole where the source is a folder; headers: what tells
    an unchanged delivery without its bytes (ETag, or mtime_ns and size), never a secret; message: why it was rejected
    or failed; rows, quarantined: how many of the delivery; revised, dropped: of how many figures held before it says
    something else, or nothing any more (see `vintages.Arrival`); layout: how it was read, as the catalogue declared
    then, so that it can still be read after the catalogue has changed.
    """

    at: datetime
    outcome: Outcome
    file: str
    address: str
    sha256: str = ""
    size: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    rows: int = 0
    quarantined: int = 0
    revised: int = 0
    dropped: int = 0
    layout: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None or self.at.microsecond:
            raise ValueError(f"a run is at a whole second with a time zone, not at {self.at}")
        if self.outcome not in get_args(Outcome):
            raise ValueError(f"unknown outcome: {self.outcome!r}")
        object.__setattr__(self, "at", self.at.astimezone(UTC))

    def as_line(self) -> bytes:
        """The run as a line of a journal; the outcome first, so that lines are chosen before they are parsed."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        plain = {"at": self.at.isoformat(), "headers": dict(self.headers), "layout": dict(self.layout)}
        told = {"outcome": self.outcome, **told, **plain}
        return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace")

    @classmethod
    def of_line(cls, line: bytes) -> Run:
        """The run of a line; ValueError, KeyError or TypeError where it is none."""
        told = json.loads(line)
        return cls(**{**told, "at": datetime.fromisoformat(told["at"])})


@dataclass(frozen=True)
class Rejection:
    """A rejected delivery; until: when something else came in its place, None while it stands."""

    run: Run
    until: datetime | None = None


class Archive:
    """The deliveries and journals below a state folder, a folder for each source."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "archive"

    def keep(self, source: str, data: bytes) -> str:
        """Store the bytes of a delivery durably and give their SHA-256; nothing is written where they are already."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._bytes(source, sha256)
        if not _holds(path, data):
            private_folder(path.parent)
            write_whole(path, data)
        return sha256

    def data(self, source: str, sha256: str) -> bytes:
        """The bytes of a delivery, checked; ArchiveError where they are gone or not what they were."""
        path = self._bytes(source, sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise ArchiveError(f"{path}: a delivery of {source} is missing from the archive; {_MEND}") from error
        if (found := hashlib.sha256(data).hexdigest()) != sha256:
            raise ArchiveError(
                f"{path}: damaged; these bytes of {source} have the SHA-256 {found}, not that of the name; {_MEND}"
            )
        return data

    def record(self, source: str, run: Run, *, durable: bool = True) -> None:
        """Add a run to the source's journal; a lost `seen again` loses nothing and need not be `durable`."""
        private_folder(self._journal(source).parent)
        append_line(self._journal(source), run.as_line(), durable=durable)

    def runs(self, source: str) -> tuple[Run, ...]:
        """All runs, oldest first."""
        path = self._journal(source)
        return tuple(_run(line, path) for line in read_lines(path))

    def received(self, source: str) -> tuple[Run, ...]:
        """The runs that brought what was in force, oldest first.

        ArchiveError where any line is no run's: it may have told of a delivery. Those who read less of a journal leave
        it to this to look into every line.
        """
        path = self._journal(source)
        return tuple(_run(line, path) for line in _whole_lines(path) if line.startswith(_RECEIVED))

    def count_received(self, source: str) -> int:
        """How many runs brought what was in force. Raises as `received` does."""
        return sum(line.startswith(_RECEIVED) for line in _whole_lines(self._journal(source)))

    def newest_received(self, source: str) -> dict[str, Run]:
        """The newest run that brought each file what is in force."""
        return {run.file: run for run in self.received(source)}

    def standing_rejections(self, source: str, *, whole: bool) -> tuple[Run, ...]:
        """The rejections after which nothing good came; see `rejections`."""
        return tuple(one.run for one in self.rejections(source, whole=whole) if one.until is None)

    def rejections(self, source: str, *, whole: bool) -> tuple[Rejection, ...]:
        """All rejections, each until something else came: new bytes, good or bad, or those in force again.

        One at most stands at a time where each delivery is the `whole` of the source, else one for each file. That a
        rejected file is gone ends nothing: nobody knows what it held. What is told anew of the same bytes is known
        since the first time.
        """
        path, standing, over = self._journal(source), dict[str, Run](), list[Rejection]()
        for line in _sound_lines(path):
            if line.startswith(_FAILED) or not (standing or line.startswith(_REJECTED)):
                continue
            run = _run(line, path)
            if run.outcome == "seen again" and run.message.startswith(_GONE):
                continue
            before = standing.pop(file := "" if whole else run.file, None)
            if before and not _repeats(run, before):
                over.append(Rejection(before, run.at))
                before = None
            if run.outcome == "rejected":
                standing[file] = replace(run, at=before.at) if before else run
            elif before:
                standing[file] = before
        return (*over, *map(Rejection, standing.values()))

    def last(self, source: str) -> Run | None:
        """The newest run of any outcome."""
        return next(self.newest_first(source), None)

    def last_received(self, source: str) -> Run | None:
        """The newest run that brought what was in force; no more of the journal is read than up to there."""
        path = self._journal(source)
        lines = (line for line in _lines_from_the_end(path) if _sound(line, path).startswith(_RECEIVED))
        return next((_run(line, path) for line in lines), None)

    def untold(self, source: str) -> tuple[Path, ...]:
        """Bytes that were kept and of which no line of the journal tells: a refresher was killed before it wrote the
        line, or the line is lost."""
        return self.discrepancies(source)[0]

    def discrepancies(self, source: str) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
        """What is `untold`, and the bytes of which the journal tells and that are not there or of another size."""
        # the folder first: whoever records meanwhile makes nothing untold
        folder = self._folder / source / "bytes"
        kept = _sizes(folder)
        try:
            found = _BYTES.findall(self._journal(source).read_bytes())
        except FileNotFoundError:
            found = []
        told = {sha256.decode(): int(size) for sha256, size in found}
        untold = tuple(folder / name for name in sorted(kept) if name not in told)
        # what differs is looked at again: it may have come since
        suspect = [name for name, size in told.items() if kept.get(name) != size]
        return untold, tuple(folder / name for name in suspect if stamp(folder / name)[2] != told[name])

    def stamps(self, source: str) -> tuple[object, ...]:
        """What tells apart whether the journal was changed, or bytes came or went, without reading them."""
        return stamp(self._journal(source)), stamp(self._folder / source / "bytes")

    def newest_first(self, source: str) -> Iterator[Run]:
        """The runs, newest first; no more of the journal is read than is asked for."""
        path = self._journal(source)
        return (_run(line, path) for line in _lines_from_the_end(path))

    def has(self, source: str) -> bool:
        """Whether there is anything of a source, be it bytes without a journal."""
        return (self._folder / source).exists()

    def sources(self) -> tuple[str, ...]:
        """The names of the sources that were ever looked at, in alphabetical order."""
        return tuple(sorted(path.parent.name for path in self._folder.glob(f"*/{JOURNAL}")))

    def folders(self) -> tuple[str, ...]:
        """The names of all sources of which anything is kept, be it bytes without a journal, in alphabetical order."""
        try:
            return tuple(sorted(path.name for path in self._folder.iterdir() if path.is_dir()))
        except OSError:  # that nothing is there, or can be looked at, each source says itself
            return ()

    def sweep(self) -> None:
        """Delete what killed writers left; only under the refresher's lock."""
        for folder in self._folder.glob("*/bytes"):
            sweep(folder)

    def _bytes(self, source: str, sha256: str) -> Path:
        return self._folder / source / "bytes" / sha256

    def _journal(self, source: str) -> Path:
        return self._folder / source / JOURNAL


_MEND = (
    "put this file back from a backup, or delete it and fetch or save the same delivery again, "
    "then run `watchfloor rebuild`"
)


def _repeats(run: Run, rejected: Run) -> bool:
    """Whether a run only tells again of what was rejected."""
    if run.outcome == "rejected":
        return run.sha256 in ("", rejected.sha256)
    return run.outcome == "seen again" and run.sha256 != "" and run.sha256 == rejected.sha256


def _holds(path: Path, data: bytes) -> bool:
    """Whether a file holds the bytes; a damaged one does not, and is mended when they come again."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def _sizes(folder: Path) -> dict[str, int]:
    """By name, how large the files of a folder are that were written to their end."""
    try:
        with os.scandir(folder) as found:
            return {one.name: one.stat().st_size for one in found if not one.name.endswith(PART)}
    except FileNotFoundError:
        return {}


def _run(line: bytes, journal: Path) -> Run:
    try:
        return Run.of_line(line)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(line, journal, error) from error


def _sound_lines(journal: Path) -> Iterator[bytes]:
    return (_sound(line, journal) for line in read_lines(journal))


def _whole_lines(journal: Path) -> Iterator[bytes]:
    """The lines, each of them a run's as a whole: one that is damaged inside may have swallowed the next."""
    for line in _sound_lines(journal):
        try:
            json.loads(line)
        except ValueError as error:
            raise _damaged(line, journal, error) from error
        yield line


def _sound(line: bytes, journal: Path) -> bytes:
    """A line that begins and ends as a run's does. One that is not even that may have told of anything."""
    if not line.startswith(_BEGINNINGS) or not line.endswith(b"}") or b"\0" in line:
        raise _damaged(line, journal, "it does not begin with an outcome, or was cut off or overwritten")
    return line


def _damaged(line: bytes, journal: Path, why: object) -> ArchiveError:
    return ArchiveError(
        f"{journal}: damaged; a line is no run of a source ({why}): {line[:80]!r}; "
        "put the journal back from a backup, or delete that line, then run `watchfloor rebuild`"
    )


def _lines_from_the_end(path: Path) -> Iterator[bytes]:
    """The whole lines of a journal, the last one first, read in blocks."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        place = file.seek(0, 2)
        rest, is_torn = b"", True  # what follows the last line break is a line cut off, or nothing
        while place:
            step = min(_BLOCK, place)
            place -= step
            file.seek(place)
            first, *lines = (file.read(step) + rest).split(b"\n")
            rest = first
            if lines and is_torn:
                lines.pop()
                is_torn = False
            yield from reversed(lines)
        if rest and not is_torn:
            yield rest
