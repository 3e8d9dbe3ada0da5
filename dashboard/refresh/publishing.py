"""The published board: one file that is swapped whole and has a version, which pages and other programs poll."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from dashboard.durable import write_whole
from dashboard.export import board_as_json
from dashboard.model import Board

FILE = "board.json"


def publish(board: Board, state: Path) -> str:
    """Make it the published board and give its version; a board that says the same is not written again.

    The version is a hash of all that the board says, so it changes when that does and only then.
    """
    told = board_as_json(board)
    version = hashlib.sha256(told.encode()).hexdigest()
    data = json.dumps({"version": version, **json.loads(told)}, indent=2, ensure_ascii=False).encode()
    path = state / FILE
    if not _holds(path, data):
        write_whole(path, data)
    return version


def published_version(state: Path) -> str | None:
    """The version of the published board; None where there is none, or none that can be read."""
    try:
        version = json.loads((state / FILE).read_bytes())["version"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return version if isinstance(version, str) else None


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file says this already; by its bytes, so that a damaged one is written again."""
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False
