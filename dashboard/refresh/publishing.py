"""The published board: one file that is swapped whole and has a version, which pages and other programs poll."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboard.durable import write_whole
from dashboard.export import board_as_json
from dashboard.model import Board

FILE, MADE_OF = "board.json", "board.made_of.json"


@dataclass(frozen=True)
class Published:
    """version: a hash of all that the board says, which changes when that does and only then; is_new: whether the
    board that was there said something else."""

    version: str
    is_new: bool


def publish(state: Path, made_of: str, make: Callable[[], Board]) -> Published:
    """See to it that the published board is the one that follows from what `made_of` names.

    It is not even made where the one that stands there was made of the same, and not written where it says the same.
    A `made_of` of "" names nothing.
    """
    known = _known(state)
    if made_of and known is not None and known[0] == made_of and published_version(state) == known[1]:
        return Published(known[1], is_new=False)
    told = board_as_json(make())
    version = hashlib.sha256(told.encode()).hexdigest()
    data = json.dumps({"version": version, **json.loads(told)}, indent=2, ensure_ascii=False).encode()
    is_new = not _holds(state / FILE, data)
    if is_new:
        write_whole(state / FILE, data)
    # written last: a kill before it only means that the same board is made once more
    write_whole(state / MADE_OF, json.dumps({"made_of": made_of, "version": version}).encode())
    return Published(version, is_new)


def published_version(state: Path) -> str | None:
    """The version of the published board; None where there is none, or none that can be read."""
    try:
        version = json.loads((state / FILE).read_bytes())["version"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return version if isinstance(version, str) else None


def _known(state: Path) -> tuple[str, str] | None:
    """What the board was made of, and its version; None where nothing that can be read tells."""
    try:
        found = json.loads((state / MADE_OF).read_bytes())
        return str(found["made_of"]), str(found["version"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file says this already; by its bytes, so that a damaged one is written again."""
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False
