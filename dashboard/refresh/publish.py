"""The published board: `board.json` for other programs, its summary and how each indicator finds its sources, which the
pages draw without judging again, and its parts, of which the next board takes over those that did not change.

Each file is swapped whole. The head of the summary names what all follow from and the checksums of all, so a file that
is damaged, edited, or of other data or another version of this code is never taken for the board of today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as distribution_version
from pathlib import Path

from pydantic import TypeAdapter

from dashboard.analysis import Figures
from dashboard.atomic_files import Stamp, file_stamp, write_atomic
from dashboard.catalog import catalog_fingerprint
from dashboard.reporting import (
    BoardParts,
    BoardSummary,
    figures_from_json,
    parts_as_bytes,
    parts_from_bytes,
    renew_parts,
    summary_from_json,
)
from dashboard.workspace import Workspace

LIBRARIES = (
    "holidays",
    "lxml",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "tzdata",
)  # that figures and verdicts are computed with
EXTRAS = ("openpyxl",)  # libraries that need not be installed, and make figures where they are
FILE, SUMMARY_FILE, PARTS_FILE = "board.json", "board.summary.jsonl", "board.parts"
SOURCES_FILE = "board.sources.jsonl"


@dataclass(frozen=True)
class Published:
    """version: a hash of all that the board says, which changes when that does and only then; is_new: whether the
    board that was there said something else."""

    version: str
    is_new: bool


@dataclass(frozen=True)
class PublishedSummary:
    """A summary that the refresher published, when its board was judged, and the fingerprint of the files then."""

    summary: BoardSummary
    judged_at: datetime
    fingerprint: str


@dataclass(frozen=True)
class PublishedFigures:
    """The state of the figures of all sources on a day, and the fingerprint of the files that it follows from."""

    as_of: date
    figures: Mapping[str, Figures]
    fingerprint: str


@dataclass(frozen=True)
class _Head:
    """The first line of the summary's file.

    fingerprint: of the files that the board follows from; code: of the code and the libraries that judged it; cause: of
    what makes the refresher judge again; version: of `board.json`; judged_at: when its judging began; then the SHA-256
    of `board.json`, of the parts, of the sources, and of the summary below this line.
    """

    fingerprint: str
    code: str
    cause: str
    version: str
    judged_at: datetime
    board_sha256: str
    parts_sha256: str
    sources_sha256: str
    summary_sha256: str


@dataclass(frozen=True, eq=False)
class _PublishedBoard:
    """The published board as its files hold it: their stamps, the head, and the parts."""

    stamps: tuple[Stamp, ...]
    head: _Head
    parts: BoardParts


class Publisher:
    """Publishes the boards of one state folder. It keeps the last one in memory, and reads the files only where another
    process has changed them."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._last: _PublishedBoard | None = None

    def publish(
        self,
        workspace: Workspace,
        fingerprints: Mapping[str, object],
        cause: str,
        now: datetime,
        check: Callable[[], None],
    ) -> Published:
        """See to it that the published board is the one that follows from what `cause` names.

        Nothing is judged where all files are whole and were made of the same, by the same code; `board.json` is not
        written where it says the same. `fingerprints`: those of the sources. `check` is called before anything is
        written.
        """
        published = self._read_published_board()
        if published and published.head.cause == cause:
            self._last = published
            return Published(published.head.version, is_new=False)
        last = published or self._last
        kept = last.parts if last else None
        parts = renew_parts(workspace, now.date(), fingerprints, kept, with_summary=True)
        check()
        whole = parts.whole(workspace.catalog)
        text, body, rest = parts.board_json(whole), parts.summary_json(whole), parts_as_bytes(parts)
        sources = parts.findings_json()
        version = _sha256_of(text.encode())
        data = _with_version(text, version)
        checksums = _sha256_of(data), _sha256_of(rest), _sha256_of(sources), _checksum(body, now)
        fingerprint = workspace.fingerprint(now.date(), fingerprints)
        head = _Head(fingerprint, code_fingerprint(), cause, version, now, *checksums)
        before = published.head.board_sha256 if published else _sha256_of(_content(self._state / FILE))
        is_new = head.board_sha256 != before
        self._write(head, data if is_new else None, {PARTS_FILE: rest, SOURCES_FILE: sources}, body)
        self._last = _PublishedBoard((), head, parts)  # without stamps: another may have changed the files already
        return Published(version, is_new)

    def _read_published_board(self) -> _PublishedBoard | None:
        """The published board; None unless all files are whole."""
        stamps = _stamps(self._state)
        if self._last and self._last.stamps == stamps:
            return self._last
        files = _Files.read(self._state)
        is_known = self._last is not None and files.head == self._last.head and files.are_whole
        parts = self._last.parts if self._last and is_known else files.parts()
        return _PublishedBoard(stamps, files.head, parts) if files.head and parts else None

    def _write(self, head: _Head, board: bytes | None, others: Mapping[str, bytes], summary: bytes) -> None:
        """Write the files, the board only where it is new. The summary comes last: a kill before it only means that the
        same board is judged once more."""
        if board is not None:
            write_atomic(self._state / FILE, board)
        for name, content in others.items():
            write_atomic(self._state / name, content)
        first = json.dumps(asdict(head), default=datetime.isoformat).encode()
        write_atomic(self._state / SUMMARY_FILE, first + b"\n" + summary)


@dataclass(frozen=True)
class _Files:
    """The published files as they stand; b"" for a missing one, and no head where `Publisher` did not write it."""

    head: _Head | None
    summary: bytes
    board: bytes
    rest: bytes
    sources: bytes

    @classmethod
    def read(cls, state: Path) -> _Files:
        return cls(*_read(state / SUMMARY_FILE), *(_content(state / name) for name in (FILE, PARTS_FILE, SOURCES_FILE)))

    @property
    def are_whole(self) -> bool:
        """Whether this code wrote all of them, and they are as it wrote them."""
        head = self.head
        if head is None or not _is_of_this_code(head) or head.summary_sha256 != _checksum(self.summary, head.judged_at):
            return False
        checksums = tuple(map(_sha256_of, (self.board, self.rest, self.sources)))
        return checksums == (head.board_sha256, head.parts_sha256, head.sources_sha256)

    def parts(self) -> BoardParts | None:
        """The parts of the published board; None unless all files are whole."""
        if not self.are_whole:
            return None
        try:
            return parts_from_bytes(self.rest, self.board.decode(), self.summary, self.sources)
        except (ValueError, OSError):
            return None


def current_parts(workspace: Workspace, today: date, *, with_summary: bool = False) -> BoardParts:
    """The parts of today's board: of the published board, as far as they still stand."""
    kept = _Files.read(workspace.state).parts()
    return renew_parts(workspace, today, workspace.source_fingerprints(), kept, with_summary=with_summary)


def read_published(state: Path) -> PublishedSummary | None:
    """The summary of the board that was published last, if this code judged it; None where there is none, or what is
    there is damaged. Whether the files have changed since, their fingerprint tells."""
    head, body = _read(state / SUMMARY_FILE)
    if head is None or not _is_of_this_code(head) or head.summary_sha256 != _checksum(body, head.judged_at):
        return None
    try:
        return PublishedSummary(summary_from_json(body), head.judged_at, head.fingerprint)
    except ValueError:
        return None


def read_published_figures(state: Path) -> PublishedFigures | None:
    """The figures of the sources as the board that was published last found them; None as `read_published` says."""
    (head, _), body = _read(state / SUMMARY_FILE), _content(state / SOURCES_FILE)
    if head is None or not _is_of_this_code(head) or head.sources_sha256 != _sha256_of(body):
        return None
    try:
        return PublishedFigures(*figures_from_json(body), head.fingerprint)
    except ValueError:
        return None


def _is_of_this_code(head: _Head) -> bool:
    """Whether this code wrote it; code that cannot tell its own version trusts nothing."""
    return head.code == (code_fingerprint() or None)


def published_stamp(state: Path) -> Stamp:
    """The stamp of the published summary, which changes with each one."""
    return file_stamp(state / SUMMARY_FILE)


def code_fingerprint() -> str:
    """Identifies the code and the libraries that judge; "" where this code cannot tell its own version."""
    libraries = _library_versions()
    return (catalog_fingerprint(libraries.encode(), FILE, None) or "") if libraries else ""


@cache
def _library_versions() -> str:
    """The versions of the libraries, read without importing them; "" where the installation does not tell all."""
    try:
        versions = [f"{name} {distribution_version(name)}" for name in LIBRARIES]
    except PackageNotFoundError:
        return ""
    return " ".join([*versions, *map(_version_of_extra, EXTRAS)])


def _version_of_extra(name: str) -> str:
    try:
        return f"{name} {distribution_version(name)}"
    except PackageNotFoundError:
        return f"no {name}"


def _checksum(body: bytes, judged_at: datetime) -> str:
    """The checksum of a summary and of the instant at which it was judged, which pages show."""
    return _sha256_of(judged_at.isoformat().encode() + b"\n" + body)


def _read(path: Path) -> tuple[_Head | None, bytes]:
    """The head and the body of a summary's file; no head where `Publisher` did not write it."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        return TypeAdapter(_Head).validate_json(head), body
    except (OSError, ValueError):
        return None, b""


def _stamps(state: Path) -> tuple[Stamp, ...]:
    return tuple(file_stamp(state / name) for name in (FILE, PARTS_FILE, SOURCES_FILE, SUMMARY_FILE))


def _content(path: Path) -> bytes:
    """The bytes of a file; none where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _with_version(text: str, version: str) -> bytes:
    """The JSON of a board with its version as the first key."""
    return f'{{\n  "version": "{version}",{text[1:]}'.encode()


def _sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
