"""What all source kinds share: the look at a source, its limits, the fetched files and the errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from dashboard.domain import WatchfloorError
from dashboard.large_bytes import LARGEST, Bytes


@dataclass(frozen=True)
class Limits:
    """How much is read and how long a fetch may take; tests set lower limits. Plain numbers of times are seconds."""

    max_bytes: int = LARGEST  # of one file, packed and unpacked
    most_in_memory: int = 256 << 20  # of all new files in one look at a folder that are not held in files of their own
    settle_time: timedelta = timedelta(seconds=2)  # a file that changed more recently may still be being written
    deadline: float = 60  # for the whole fetch of an address: name look-up, redirects, retries and waits
    read_timeout: float = 20  # for the next byte
    trailing_wait: float = 0.5  # for bytes beyond the announced end of a body
    retries: int = 3
    backoff: float = 1  # the first retry is immediate, later ones wait 2, 4 ... times this
    redirects: int = 5
    pages: int = 2000  # of one feed
    paged_deadline: float = 300  # for all pages of a feed; each page also has the deadline of a fetch
    revalidation_period: timedelta = timedelta(days=1)  # how long ETag and Last-Modified are trusted
    addresses: int = 1000  # of one template that are asked in one look
    older_addresses: int = 24  # the most of these that were received, or found absent, before the newest
    recheck_period: timedelta = timedelta(days=7)  # after which such an older address is asked again
    together: int = 64 * 1024 * 1024  # bytes of dated files after which a look asks for no further one


@dataclass(frozen=True)
class FetchedFile:
    """The bytes of one file that is new, or may be.

    `file` is its name in messages: the path or address as the catalogue writes it. `address` is the real path or the
    web address. The journal keeps the `headers`, and the next look gets them back as `marks`.
    """

    data: Bytes = field(repr=False)
    file: str
    address: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class FileRemark:
    """What a look says of a file without bringing its bytes: that it is not published yet, or no longer there.

    The journal keeps the `headers` as those of a fetched file.
    """

    file: str
    message: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class RefusedFile:
    """A file that cannot be read, by its name in messages. `file` is the folder where the message is about several."""

    file: str
    message: str


class FetchError(WatchfloorError):
    """A source could not be fetched. The message is one line: which source, what happened, and what to do.

    `retry_after`: the seconds that the server asked to be left alone. `fetched`: the files of a folder that could be
    read all the same. `refused`: the files that could not; empty where the folder itself could not be read. `remarks`
    come with them.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        fetched: tuple[FetchedFile, ...] = (),
        refused: tuple[RefusedFile, ...] = (),
        remarks: tuple[FileRemark, ...] = (),
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.fetched = fetched
        self.refused = refused
        self.remarks = remarks


class AbsentError(FetchError):
    """A server says that there is nothing at an address."""


class UnfinishedError(FetchError):
    """A file is still being written. Nothing is wrong with it, and the next look reads it."""


@dataclass(frozen=True)
class Look:
    """One look at a source.

    `folder` is the catalogue's. `marks` holds, by file, the headers of the newest run that received the file or saw it
    again; with older marks nothing is missed, but more is read anew. `is_all_or_nothing`: no file of a folder is taken
    before all files in it are whole. `rows`: where the records of a JSON file stand. `zone`: the time zone of days. Of
    dated addresses: the files `received` that are in force, those whose `rejected` bytes came last, and the `failing`
    ones of which the look before brought nothing to use.
    """

    folder: Path
    marks: Mapping[str, Mapping[str, str]]
    environment: Mapping[str, str] = field(repr=False)  # holds secrets
    at: datetime  # the instant of receipt
    limits: Limits = Limits()
    is_all_or_nothing: bool = False
    rows: str = ""
    zone: str = "UTC"
    received: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()
