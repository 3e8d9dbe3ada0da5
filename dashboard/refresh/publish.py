"""The published board: one file that is swapped whole and has a version, which pages and other programs poll."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboard.atomic_files import write_atomic
from dashboard.evaluation import EvaluatedBoard
from dashboard.reporting import board_as_json

FILE, MADE_OF = "board.json", "board.made_of.json"


@dataclass(frozen=True)
class Published:
    """version: a hash of all that the board says, which changes when that does and only then; is_new: whether the
    board that was there said something else."""

    version: str
    is_new: bool


def publish(state: Path, made_of: str, make: Callable[[], EvaluatedBoard]) -> Published:
    """See to it that the published board is the one that follows from what `made_of` names.

    It is not even made where the one that stands there was made of the same, and not written where it says the same.
    What stands there is told by its bytes, so that a damaged or edited one is written again. A `made_of` of "" names
    nothing.
    """
    standing, known = _sha256(state / FILE), _known(state)
    if made_of and standing and known is not None and (made_of, standing) == (known["made_of"], known["sha256"]):
        return Published(known["version"], is_new=False)
    told = board_as_json(make())
    version = hashlib.sha256(told.encode()).hexdigest()
    data = json.dumps({"version": version, **json.loads(told)}, indent=2, ensure_ascii=False).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    is_new = sha256 != standing
    if is_new:
        write_atomic(state / FILE, data)
    # written last: a kill before it only means that the same board is made once more
    told_of = {"made_of": made_of, "version": version, "sha256": sha256}
    write_atomic(state / MADE_OF, json.dumps(told_of).encode())
    return Published(version, is_new)


def _known(state: Path) -> dict[str, str] | None:
    """What the board was made of, its version, and its file's SHA-256; None where nothing that can be read tells."""
    try:
        found = json.loads((state / MADE_OF).read_bytes())
        return {name: str(found[name]) for name in ("made_of", "version", "sha256")}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _sha256(path: Path) -> str:
    """Of the bytes that stand there; "" where there is no file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
