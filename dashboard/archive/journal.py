"""The runs of a source, each a line of the journal, which is appended and never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from dashboard.archive.files.journal_lines import line_of
from dashboard.domain import WatchfloorError
from dashboard.domain.text import mask_addresses

Outcome = Literal["received", "seen again", "rejected", "failed", "accepted"]

_OUTCOMES = frozenset(get_args(Outcome))
_OMITTED_IF_BLANK = ("held_back", "by")
_LOCATION = "place"  # how lines name a run's location
_MASKED = ("file", "address", "message", "location")  # old versions recorded addresses unmasked
_OF_THE_LINE = ("source", "source_again", "checksum")


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
        if self.outcome not in _OUTCOMES:
            raise ValueError(f"unknown outcome: {self.outcome!r}")
        if self.at.tzinfo is not UTC:
            object.__setattr__(self, "at", self.at.astimezone(UTC))
        for name in _MASKED:
            if "://" in (text := getattr(self, name)):
                object.__setattr__(self, name, mask_addresses(text))

    @property
    def is_look(self) -> bool:
        """Whether the source was looked at, and no person accepted anything."""
        return not self.by

    def as_json(self) -> dict[str, Any]:
        """The run under the keys of a line, the outcome first."""
        values = {"outcome": self.outcome, **{key: getattr(self, name) for name, key in _KEYS}}
        values |= {"at": self.at.isoformat(), "headers": dict(self.headers), "layout": dict(self.layout)}
        for name in _OMITTED_IF_BLANK:
            if not values[name]:
                del values[name]
        return values

    def as_line(self, source: str) -> bytes:
        """The run as a line of the journal."""
        values = self.as_json()
        return line_of(values.pop("outcome"), source, values)

    @classmethod
    def of_line(cls, line: bytes) -> Run:
        """The run of a line. Raises ValueError, KeyError or TypeError where the line is no run's."""
        values = json.loads(line)
        for name in _OF_THE_LINE:
            values.pop(name, None)
        values["location"] = values.pop(_LOCATION, "")
        values["at"] = datetime.fromisoformat(values["at"])
        return cls(**values)


_KEYS = tuple((one.name, _LOCATION if one.name == "location" else one.name) for one in fields(Run))


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
