"""Damaged deliveries: found by reading the stored bytes again, and remembered until mended.

One file of the archive's folder lists them, so that a board knows of the damage without reading all bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dashboard.atomic_files import PART, file_stamp, private_folder, write_atomic

FILE = "damaged.json"
_CHUNK = 1 << 20  # bytes that are read at a time
_OTHER_BYTES = "damaged, these are not the bytes that were received"


@dataclass(frozen=True)
class Damage:
    """A damaged delivery of a source: its name, which is its SHA-256, why it is damaged, and its stamp at that time."""

    source: str
    name: str
    reason: str
    stamp: tuple[int, ...]


class Damages:
    """The known damage in the archive's `folder`. The caller holds the refresher's lock when it writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = folder / FILE

    def entries(self) -> tuple[Damage, ...]:
        """All damage found, even if mended since; none where the file is unreadable: the next day finds it again."""
        try:
            entries = json.loads(self.file.read_bytes())
            return tuple(
                Damage(str(entry["source"]), str(entry["name"]), str(entry["why"]), tuple(map(int, entry["stamp"])))
                for entry in entries
            )
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def of(self, source: str) -> Mapping[Path, str]:
        """The damaged deliveries of a source and why; a file that changed since it was found damaged is read again."""
        reasons = {self.path(damage): self.why_now(damage) for damage in self.entries() if damage.source == source}
        return {path: why for path, why in reasons.items() if why}

    def why_now(self, damage: Damage) -> str:
        """Why a delivery is damaged now; "" where it is mended, or missing, which the journal shows."""
        path = self.path(damage)
        if change_stamp(path) == damage.stamp:
            return damage.reason
        return check_delivery(path)

    def note(self, source: str, name: str, why: str, times: tuple[int, ...]) -> bool:
        """Store why a delivery is damaged, or "" for sound, with the stamp of its file before it was read, so that a
        file mended meanwhile is read again. Returns whether that is news."""
        known = {(damage.source, damage.name): damage for damage in self.entries()}
        before = known.pop((source, name), None)
        if why:
            known[source, name] = Damage(source, name, why, times)
        if known.get((source, name)) == before:
            return False
        self._write(known.values())
        return (before.reason if before else "") != why

    def rename(self, old: str, new: str) -> None:
        """Give the damage of a source to its new name."""
        known = self.entries()
        if any(damage.source == old for damage in known):
            self._write(replace(damage, source=new) if damage.source == old else damage for damage in known)

    def path(self, damage: Damage) -> Path:
        return self._folder / damage.source / "bytes" / damage.name

    def _write(self, damages: Iterable[Damage]) -> None:
        entries = [
            {"source": damage.source, "name": damage.name, "why": damage.reason, "stamp": damage.stamp}
            for damage in damages
        ]
        write_atomic(private_folder(self._folder) / FILE, json.dumps(entries, indent=1).encode())


def check_delivery(path: Path) -> str:
    """Why a stored delivery is damaged, read at once; "" where it is sound."""
    reading = verify(path)
    while True:
        try:
            next(reading)
        except StopIteration as done:
            why: str = done.value
            return why


def verify(path: Path) -> Generator[int, None, str]:
    """Read a stored delivery piece by piece: yields the size of each piece, and returns why the delivery is damaged.
    A missing delivery is not damaged; `Archive.discrepancies` reports it."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_CHUNK):
                digest.update(piece)
                yield len(piece)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return "" if digest.hexdigest() == path.name else _OTHER_BYTES


def stored_deliveries(folder: Path) -> list[Path]:
    """The stored deliveries in a source's folder of bytes, in order of their names."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.endswith(PART))
    except (FileNotFoundError, NotADirectoryError):
        return []


def change_stamp(path: Path) -> tuple[int, ...]:
    """A stamp that changes with a file; the file is not read for it."""
    return file_stamp(path)[1:]
