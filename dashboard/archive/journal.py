"""The runs of a source and the lines of its journal, one line a run; a line is appended and never changed.

A line ends with a checksum over itself, so that a changed byte anywhere in it is detected. The first versions wrote
lines without a checksum.
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

_OMITTED_IF_BLANK = ("held_back", "by")
_LOCATION = "place"  # how lines name a run's location
# how lines begin, by their outcome; see `Run.as_line`
_BEGINNINGS = tuple(f'{{"outcome":"{one}",'.encode() for one in get_args(Outcome))
RECEIVED, SEEN_AGAIN, _, _, ACCEPTED = _BEGINNINGS
CHANGES = RECEIVED, ACCEPTED  # the outcomes that change rows
_CHECKSUM = re.compile(rb',"checksum":"([0-9a-f]{16})"}$')


class ArchiveError(WatchfloorError):
    """The archive has lost or damaged something that was received."""


@dataclass(frozen=True)
class Run:
    """One look at a source and its outcome, or an acceptance by a person.

    at: when, in UTC and whole seconds. outcome: `received` new bytes, which are in force; `seen again` the bytes of the
    delivery before; `rejected` bytes that cannot be trusted (stored all the same), or a file of a folder that cannot be
    read (without `sha256`); `failed` to obtain bytes; `accepted` rows that deliveries no longer have as wrong. file:
    the delivery's name in messages, and the file that it is the whole of where the source is a folder. headers: what
    identifies an unchanged delivery without its bytes (ETag, or mtime_ns and size), never a secret. message: why the
    delivery was rejected or the look failed. rows, quarantined: the numbers of the delivery's rows. revised, dropped:
    the numbers of figures that it changed or no longer has (see `MergedRows` of `rows/`). layout: the dialect that
    the catalogue declared then, so that the delivery stays readable after the catalogue changed. location: where the
    delivery came from (`Source.location` of then); "" in old lines, which count as of the location now. held_back:
    whether a rejected delivery is readable, so that a person may let it in. by: the person who accepted rows as wrong
    or let this delivery in; `message` is then the reason.
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
    location: str = ""
    held_back: bool = False
    by: str = ""

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None or self.at.microsecond:
            raise ValueError(f"a run is at a whole second with a time zone, not at {self.at}")
        if self.outcome not in get_args(Outcome):
            raise ValueError(f"unknown outcome: {self.outcome!r}")
        object.__setattr__(self, "at", self.at.astimezone(UTC))
        for name in ("file", "address", "message", "location"):  # old versions recorded addresses unmasked
            object.__setattr__(self, name, mask_addresses(getattr(self, name)))

    @property
    def is_look(self) -> bool:
        """Whether the source was looked at, and no person accepted anything."""
        return not self.by

    def as_line(self) -> bytes:
        """The run as a line of a journal; the outcome first, so that lines are selected before parsing."""
        values = {_key_on_disk(name): getattr(self, name) for name in ("outcome", *(one.name for one in fields(self)))}
        values |= {"at": self.at.isoformat(), "headers": dict(self.headers), "layout": dict(self.layout)}
        line = {name: value for name, value in values.items() if value or name not in _OMITTED_IF_BLANK}
        return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace")

    @classmethod
    def of_line(cls, line: bytes) -> Run:
        """The run of a line. Raises ValueError, KeyError or TypeError where the line is no run's."""
        values = json.loads(line)
        location = values.pop(_LOCATION, "")
        return cls(**{**values, "at": datetime.fromisoformat(values["at"]), "location": location})


def _key_on_disk(name: str) -> str:
    return _LOCATION if name == "location" else name


@dataclass(frozen=True)
class Rejection:
    """A rejected delivery; until: when something else replaced it, None while it stands."""

    run: Run
    until: datetime | None = None


def describe_missing_delivery(location: str, newest: Run) -> str:
    """A sentence for a source whose location was edited, while `newest`, from the location before, is in force."""
    before = newest.location or "the place before"
    state = f"no delivery yet from {location}; still showing rows from {before}"
    return f"{state}, received last {newest.at:%Y-%m-%d %H:%M} UTC"


def accept_hint(source: str, condition: str = "if it is right all the same") -> str:
    """What to do for a person who knows that a held-back delivery is right, or why rows went missing."""
    return f"{condition}, run `watchfloor accept {source} --by NAME --because TEXT`"


def with_checksum(line: bytes) -> bytes:
    """A run's line as it is written: the checksum covers all bytes before it."""
    content = line.removesuffix(b"}")
    return content + f',"checksum":"{_checksum_of(content)}"}}'.encode()


def _checksum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _without_checksum(line: bytes) -> tuple[bytes, bool]:
    """A run's line without its checksum, and whether it had one. Raises ValueError for a wrong checksum."""
    checksum = _CHECKSUM.search(line)
    if checksum is None:
        return line, False
    content = line[: checksum.start()]
    if _checksum_of(content) != checksum[1].decode():
        raise ValueError("its checksum is that of another line")
    return content + b"}", True


def parse_run(line: bytes, journal: Path) -> Run:
    try:
        return Run.of_line(_without_checksum(line)[0])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(line, journal, error) from error


def runs_for_log(journal: Path) -> Iterator[Run]:
    """The runs, oldest first; of a stretch that saw the same again only the first and the last, since those between
    add nothing to a source's log and are most of a journal."""
    stretch: list[bytes] = []
    for line in checked_lines(journal):
        if line.startswith(SEEN_AGAIN):
            stretch.append(line)
            continue
        yield from (parse_run(one, journal) for one in (*_first_and_last(stretch), line))
        stretch = []
    yield from (parse_run(one, journal) for one in _first_and_last(stretch))


def _first_and_last(lines: Sequence[bytes]) -> list[bytes]:
    """Of lines that differ only in their instants, with which they begin, the first and the last, in their order."""
    contents = [line[line.find(b'",', len(SEEN_AGAIN)) :].rsplit(b',"checksum":', 1)[0] for line in lines]
    last = {content: number for number, content in enumerate(contents)}
    first = {content: number for number, content in reversed([*enumerate(contents)])}
    return [lines[number] for number in sorted({*first.values(), *last.values()})]


def checked_lines(journal: Path) -> Iterator[bytes]:
    """The lines of a journal, every one of them checked, since a damaged line may contain the next one."""
    lines, rest = read_lines_and_rest(journal)
    if _has_right_checksum(rest[:-1]):
        raise _damaged(rest, journal, "its line break is damaged")
    for line in lines:
        _check(line, journal)
        if not _CHECKSUM.search(line):
            parse_run(line, journal)
        yield line


def _has_right_checksum(line: bytes) -> bool:
    try:
        return _without_checksum(line)[1]
    except ValueError:
        return False


def _check(line: bytes, journal: Path) -> None:
    """Raise ArchiveError unless a line begins and ends as a run's does and matches its checksum, if it has one."""
    if not line.startswith(_BEGINNINGS) or not line.endswith(b"}") or b"\0" in line:
        raise _damaged(line, journal, "it does not begin with an outcome, or was cut off or overwritten")
    try:
        _without_checksum(line)
    except ValueError as error:
        raise _damaged(line, journal, error) from error


def _damaged(line: bytes, journal: Path, why: object) -> ArchiveError:
    return ArchiveError(
        f"{journal}: damaged; a line is no run of a source ({why}): {line[:80]!r}; "
        "put the journal back from a backup, or delete that line, then run `watchfloor rebuild`"
    )
