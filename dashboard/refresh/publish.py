"""The published board: `board.json` for other programs, and its summary, which the pages draw without judging again.

Each file is swapped whole. The head of the summary names what both follow from and the checksums of both, so a file
that is damaged, edited, or of other data or another version of this code is never taken for the board of today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import TypeAdapter

from dashboard.atomic_files import Stamp, file_stamp, write_atomic
from dashboard.catalog import catalog_fingerprint
from dashboard.evaluation import EvaluatedBoard
from dashboard.reporting import BoardSummary, board_as_json, summary_from_json

FILE, SUMMARY_FILE = "board.json", "board.summary.jsonl"


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
class _Head:
    """The first line of the summary's file.

    fingerprint: of the files that the board follows from; code: of the code and the libraries that judged it; cause: of
    what makes the refresher judge again; version: of `board.json`; judged_at: when its judging began; then the SHA-256
    of `board.json` and of the summary below this line.
    """

    fingerprint: str
    code: str
    cause: str
    version: str
    judged_at: datetime
    board_sha256: str
    summary_sha256: str


def publish(
    state: Path,
    fingerprint: str,
    cause: str,
    now: datetime,
    judge: Callable[[], tuple[EvaluatedBoard, BoardSummary]],
) -> Published:
    """See to it that the published board is the one that follows from what `cause` names.

    Nothing is judged where both files are whole and were made of the same, by the same code; `board.json` is not
    written where it says the same.
    """
    published_sha256 = _sha256(state / FILE)
    head, _ = _read(state / SUMMARY_FILE)
    if head and (cause, published_sha256) == (head.cause, head.board_sha256):
        published = read_published(state)
        if published is not None and published.fingerprint == fingerprint:
            return Published(head.version, is_new=False)
    board, summary = judge()
    text = board_as_json(board)
    version = _sha256_of(text.encode())
    data = json.dumps({"version": version, **json.loads(text)}, indent=2, ensure_ascii=False).encode()
    is_new = _sha256_of(data) != published_sha256
    if is_new:
        write_atomic(state / FILE, data)
    # written last: a kill before it only means that the same board is judged once more
    body = summary.as_json()
    head = _Head(fingerprint, _code(), cause, version, now, _sha256_of(data), _checksum(body, now))
    write_atomic(state / SUMMARY_FILE, json.dumps(asdict(head), default=datetime.isoformat).encode() + b"\n" + body)
    return Published(version, is_new)


def read_published(state: Path) -> PublishedSummary | None:
    """The summary of the board that was published last, if this code judged it; None where there is none, or what is
    there is damaged. Whether the files have changed since, their fingerprint tells."""
    head, body = _read(state / SUMMARY_FILE)
    code = _code()
    if head is None or not code or code != head.code or head.summary_sha256 != _checksum(body, head.judged_at):
        return None
    try:
        return PublishedSummary(summary_from_json(body), head.judged_at, head.fingerprint)
    except ValueError:
        return None


def published_stamp(state: Path) -> Stamp:
    """The stamp of the published summary, which changes with each one."""
    return file_stamp(state / SUMMARY_FILE)


def _code() -> str:
    """Identifies the code and the libraries that judge; "" where this code cannot tell its own version."""
    libraries = f"{pd.__version__} {np.__version__} {pa.__version__}"
    return catalog_fingerprint(libraries.encode(), FILE, None) or ""


def _checksum(body: bytes, judged_at: datetime) -> str:
    """The checksum of a summary and of the instant at which it was judged, which pages show."""
    return _sha256_of(judged_at.isoformat().encode() + b"\n" + body)


def _read(path: Path) -> tuple[_Head | None, bytes]:
    """The head and the body of a summary's file; no head where `publish` did not write it."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        return TypeAdapter(_Head).validate_json(head), body
    except (OSError, ValueError):
        return None, b""


def _sha256(path: Path) -> str:
    """The checksum of a file; "" where there is none."""
    try:
        return _sha256_of(path.read_bytes())
    except FileNotFoundError:
        return ""


def _sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
