"""The lines of a source's journal: one a run, only ever added to, and told of when they are no run's.

A line ends with a checksum over itself, so that a changed byte anywhere in it is found. Lines without one are of the
version before, which wrote none.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from dashboard.atomic_files import read_lines_and_rest
from dashboard.domain import WatchfloorError
from dashboard.domain.text import mask_addresses

Outcome = Literal["received", "seen again", "rejected", "failed", "accepted"]

_SELDOM = ("held_back", "by")  # what a line leaves out where it has nothing to say
# how whole lines begin, by what they tell of; see `Run.as_line`
_BEGINNINGS = tuple(f'{{"outcome":"{one}",'.encode() for one in get_args(Outcome))
RECEIVED, SEEN_AGAIN, _, _, ACCEPTED = _BEGINNINGS
CHANGES = RECEIVED, ACCEPTED  # what changes the rows that are made of deliveries
_CHECKSUM = re.compile(rb',"checksum":"([0-9a-f]{16})"}$')


class ArchiveError(WatchfloorError):
    """Something that was received cannot be had from the archive any more."""


@dataclass(frozen=True)
class Run:
    """One look at a source, and what became of it.

    at: when, in UTC and whole seconds; outcome: `received` new bytes that are in force, `seen again` the bytes that
    came last, `rejected` bytes that cannot be trusted (kept as well) or a file of a folder that cannot be read (without
    `sha256`), `failed` before there were any, `accepted` rows that deliveries no longer have as wrong; file: the
    delivery's name in messages, and of which file it is the whole where the source is a folder; headers: what tells
    an unchanged delivery without its bytes (ETag, or mtime_ns and size), never a secret; message: why it was rejected
    or failed; rows, quarantined: how many of the delivery; revised, dropped: of how many figures held before it says
    something else, or nothing any more (see `vintages.Arrival`); layout: how it was read, as the catalogue declared
    then, so that it can still be read after the catalogue has changed; place: what was looked at, as the catalogue
    named it then (`Source.location`); "" in old lines, which count as of the place that the source has now;
    held_back: whether a rejected delivery could be read, so that a person may let it in; by: who accepted that rows
    were wrong, or let in what is received with this run, and then `message` is why.
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
    place: str = ""
    held_back: bool = False
    by: str = ""

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None or self.at.microsecond:
            raise ValueError(f"a run is at a whole second with a time zone, not at {self.at}")
        if self.outcome not in get_args(Outcome):
            raise ValueError(f"unknown outcome: {self.outcome!r}")
        object.__setattr__(self, "at", self.at.astimezone(UTC))
        for name in ("file", "address", "message", "place"):  # lines of old versions hold addresses as they were typed
            object.__setattr__(self, name, mask_addresses(getattr(self, name)))

    @property
    def is_look(self) -> bool:
        """Whether its source was looked at, and nothing was accepted by a person."""
        return not self.by

    def as_line(self) -> bytes:
        """The run as a line of a journal; the outcome first, so that lines are chosen before they are parsed."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        plain = {"at": self.at.isoformat(), "headers": dict(self.headers), "layout": dict(self.layout)}
        told = {"outcome": self.outcome, **told, **plain}
        told = {name: one for name, one in told.items() if one or name not in _SELDOM}
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


def describe_missing_delivery(place: str, newest: Run) -> str:
    """That a source was edited and `newest`, which is of the place before, is still what its figures follow from."""
    before = newest.place or "the place before"
    said = f"nothing received yet from {place}; its figures are those of {before}"
    return f"{said}, received last {newest.at:%Y-%m-%d %H:%M} UTC"


def accept_hint(source: str, condition: str = "if it is right all the same") -> str:
    """What to do where a person knows better than what holds a delivery back, or why rows went missing."""
    return f"{condition}, run `watchfloor accept {source} --by NAME --because TEXT`"


def with_checksum(line: bytes) -> bytes:
    """A run's line as it is written: the checksum is of all that stands before it."""
    told = line.removesuffix(b"}")
    return told + f',"checksum":"{_checksum_of(told)}"}}'.encode()


def _checksum_of(told: bytes) -> str:
    return hashlib.sha256(told).hexdigest()[:16]


def _without_checksum(line: bytes) -> tuple[bytes, bool]:
    """A run's line without its checksum, and whether it had one; ValueError where that is not the line's own."""
    found = _CHECKSUM.search(line)
    if found is None:
        return line, False
    told = line[: found.start()]
    if _checksum_of(told) != found[1].decode():
        raise ValueError("its checksum is that of another line")
    return told + b"}", True


def run_of(line: bytes, journal: Path) -> Run:
    try:
        return Run.of_line(_without_checksum(line)[0])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(line, journal, error) from error


def telling_runs(journal: Path) -> Iterator[Run]:
    """The runs, oldest first; of a stretch that saw the same again only the first and the last, since those between
    add nothing to a source's log and are most of a journal."""
    stretch: list[bytes] = []
    for line in whole_lines(journal):
        if line.startswith(SEEN_AGAIN):
            stretch.append(line)
            continue
        yield from (run_of(one, journal) for one in (*_first_and_last(stretch), line))
        stretch = []
    yield from (run_of(one, journal) for one in _first_and_last(stretch))


def _first_and_last(lines: Sequence[bytes]) -> list[bytes]:
    """Of lines that differ only in their instants, with which they begin, the first and the last, in their order."""
    contents = [line[line.find(b'",', len(SEEN_AGAIN)) :].rsplit(b',"checksum":', 1)[0] for line in lines]
    last = {content: number for number, content in enumerate(contents)}
    first = {content: number for number, content in reversed([*enumerate(contents)])}
    return [lines[number] for number in sorted({*first.values(), *last.values()})]


def whole_lines(journal: Path) -> Iterator[bytes]:
    """The lines, each of them a run's as a whole: one that is damaged inside may have swallowed the next."""
    lines, rest = read_lines_and_rest(journal)
    if _is_whole_line(rest[:-1]):
        raise _damaged(rest, journal, "its line break is damaged")
    for line in lines:
        if not _CHECKSUM.search(sound(line, journal)):
            run_of(line, journal)
        yield line


def _is_whole_line(line: bytes) -> bool:
    try:
        return _without_checksum(line)[1]
    except ValueError:
        return False


def sound(line: bytes, journal: Path) -> bytes:
    """A line that begins and ends as a run's does, and agrees with its checksum where it has one. One that is not even
    that may have told of anything."""
    if not line.startswith(_BEGINNINGS) or not line.endswith(b"}") or b"\0" in line:
        raise _damaged(line, journal, "it does not begin with an outcome, or was cut off or overwritten")
    try:
        _without_checksum(line)
    except ValueError as error:
        raise _damaged(line, journal, error) from error
    return line


def _damaged(line: bytes, journal: Path, why: object) -> ArchiveError:
    return ArchiveError(
        f"{journal}: damaged; a line is no run of a source ({why}): {line[:80]!r}; "
        "put the journal back from a backup, or delete that line, then run `watchfloor rebuild`"
    )
