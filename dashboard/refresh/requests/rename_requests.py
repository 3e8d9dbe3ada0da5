"""What `archive rename` asks of a refresher that goes on and keeps the lock: a file each, and one for its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from dashboard.atomic_files import private_folder, write_atomic

FOLDER = "renames"
_ANSWER = ".answer"


def ask(state: Path, old: str, new: str) -> None:
    """Ask for a rename; an older answer is forgotten."""
    folder = private_folder(private_folder(state) / FOLDER)
    (folder / f"{old}{_ANSWER}").unlink(missing_ok=True)
    write_atomic(folder / old, new.encode())


def withdraw(state: Path, old: str) -> None:
    """Ask for it no longer."""
    (state / FOLDER / old).unlink(missing_ok=True)


def asked(state: Path) -> Iterator[tuple[str, str]]:
    """The old and the new names that were asked for; a request is gone once it is answered."""
    try:
        found = sorted(path for path in (state / FOLDER).iterdir() if "." not in path.name)
    except FileNotFoundError:
        return
    for path in found:
        yield path.name, path.read_text()


def answer(state: Path, old: str, said: str, *, is_done: bool) -> None:
    """Say what became of a request."""
    told = {"is_done": is_done, "said": said}
    write_atomic(state / FOLDER / f"{old}{_ANSWER}", json.dumps(told).encode())
    withdraw(state, old)


def take_answer(state: Path, old: str) -> tuple[bool, str] | None:
    """Whether it was done, and what is said of it; None while nobody has answered."""
    path = state / FOLDER / f"{old}{_ANSWER}"
    try:
        told = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    path.unlink(missing_ok=True)
    return bool(told["is_done"]), str(told["said"])
