"""What every way of fetching shares: what is asked, within which limits, what comes back, and how it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from dashboard.catalog import Source
from dashboard.domain import WatchfloorError


@dataclass(frozen=True)
class Limits:
    """How much and how long; tests ask for less. Times are seconds where they are no timedelta."""

    most_bytes: int = 256 * 1024 * 1024  # of one file, as sent and unpacked; of all new files of a look at a folder
    settled_after: timedelta = timedelta(seconds=2)  # a file that changed later than this ago may still be written
    deadline: float = 60  # for all that one address is asked: names, redirects, retries and waiting included
    silence: float = 20  # how long one read may wait for the next byte
    past_end: float = 0.5  # how long a whole body is watched for bytes that were not announced
    retries: int = 3
    backoff: float = 1  # the first retry comes at once, then after 2, 4 ... times this
    redirects: int = 5
    asked_in_full_after: timedelta = timedelta(days=1)  # then ETag and Last-Modified are not relied on


@dataclass(frozen=True)
class Fetched:
    """The bytes of one file that are new, or may be.

    `file` is its name in messages: the path or address as the catalogue writes it. `address` is where it lies: the real
    path or the web address. `headers` are for the journal, and come back as `before` with the next look.
    """

    data: bytes = field(repr=False)
    file: str
    address: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Refused:
    """A file of a folder that cannot be read, by its name in messages, or the folder's place where more wait."""

    file: str
    message: str


class FetchError(WatchfloorError):
    """A source could not be fetched: one line that says which, what happened, and what to do.

    `retry_after`: for how many seconds the server asked to be left alone. `fetched`: the files of a folder that could
    be read all the same. `refused`: those that could not; empty where the folder itself could not be looked at.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        fetched: tuple[Fetched, ...] = (),
        refused: tuple[Refused, ...] = (),
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.fetched = fetched
        self.refused = refused


class UnfinishedError(FetchError):
    """A file that somebody writes just now: nothing is wrong with it, the next look reads it."""


@dataclass(frozen=True)
class Look:
    """One look at a source. `before`: by file, the headers of the newest run that received it or saw it again."""

    source: Source
    folder: Path
    before: Mapping[str, Mapping[str, str]]
    environment: Mapping[str, str] = field(repr=False)  # holds secrets
    at: datetime  # the instant of receipt
    limits: Limits
    together: bool = False  # nothing of a folder comes before all files in it are whole
