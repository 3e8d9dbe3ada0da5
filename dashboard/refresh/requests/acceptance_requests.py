"""What is asked of a refresher that goes on: acceptances, a file each, and beside it the answer that whoever asked
waits for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from dashboard.atomic_files import PART, private_folder, write_atomic
from dashboard.refresh.requests.accept import Acceptance, AcceptanceResult
from dashboard.refresh.requests.refresh_requests import FOLDER

_ASKED, _ANSWER = ".asked.json", ".answer.json"


def ask(state: Path, asked: Acceptance) -> str:
    """Ask for an acceptance; gives the name under which it is answered."""
    folder = private_folder(private_folder(private_folder(state) / FOLDER) / "acceptances")
    name = uuid4().hex
    write_atomic(folder / f"{name}{_ASKED}", json.dumps(asdict(asked)).encode())
    return name


def answer_to(state: Path, name: str) -> AcceptanceResult | None:
    """What became of an acceptance, told once; None where nobody has answered yet."""
    path = _folder(state) / f"{name}{_ANSWER}"
    try:
        told = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    path.unlink(missing_ok=True)
    return AcceptanceResult(tuple(told["lines"]), bool(told["is_done"]))


def withdraw(state: Path, name: str) -> bool:
    """Take back what was asked for; False where it was taken by a refresher already."""
    try:
        (_folder(state) / f"{name}{_ASKED}").unlink()
    except FileNotFoundError:
        return False
    return True


def take(state: Path) -> Iterator[tuple[str, Acceptance]]:
    """What was asked for, by its name; taken away before it is given."""
    for path in sorted(_folder(state).glob(f"*{_ASKED}")):
        try:
            told = json.loads(path.read_bytes())
            asked = Acceptance(**{**told, "seen": None if told["seen"] is None else tuple(told["seen"])})
        except (OSError, ValueError, TypeError, KeyError):
            asked = None
        path.unlink(missing_ok=True)
        if asked is not None:
            yield path.name.removesuffix(_ASKED), asked


def answer(state: Path, name: str, accepted: AcceptanceResult) -> None:
    write_atomic(_folder(state) / f"{name}{_ANSWER}", json.dumps(asdict(accepted)).encode())


def sweep(state: Path) -> None:
    """Delete answers that nobody waits for any more, and what killed writers left; only under the refresher's lock."""
    for pattern in (f"*{_ANSWER}", f"*{PART}"):
        for path in _folder(state).glob(pattern):
            with suppress(FileNotFoundError):
                path.unlink()


def _folder(state: Path) -> Path:
    return state / FOLDER / "acceptances"
