"""Stored deliveries that are no longer what was received: found by reading them again, and remembered until mended.

What was found stands in one file of the archive's folder, so that a board knows of it without reading all bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from dashboard.atomic_files import PART, file_stamp, private_folder, write_atomic

FILE = "damaged.json"
_CHUNK = 1 << 20  # bytes that are read at a time
_NOT_THOSE = "damaged, these are not the bytes that were received"


@dataclass(frozen=True)
class Damage:
    """A stored delivery of a source (its name is its SHA-256), what is wrong with it, and how its file looked then."""

    source: str
    name: str
    why: str
    stamp: tuple[int, ...]


class Damages:
    """What is known to be damaged in the archive's `folder`. The caller holds the refresher's lock when it writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = folder / FILE

    def known(self) -> tuple[Damage, ...]:
        """What was found, be it mended since; nothing where the file cannot be read: the next day finds it again."""
        try:
            told = json.loads(self.file.read_bytes())
            return tuple(
                Damage(str(one["source"]), str(one["name"]), str(one["why"]), tuple(map(int, one["stamp"])))
                for one in told
            )
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def of(self, source: str) -> Mapping[Path, str]:
        """What is damaged of a source now, and why: a file that was changed since it was found is read again."""
        found = {self.path(one): self.why_now(one) for one in self.known() if one.source == source}
        return {path: why for path, why in found.items() if why}

    def why_now(self, damage: Damage) -> str:
        """What is wrong with a delivery now; "" where nothing is, or it is gone, which the journal tells."""
        path = self.path(damage)
        if change_stamp(path) == damage.stamp:
            return damage.why
        return check_delivery(path)

    def note(self, source: str, name: str, why: str, times: tuple[int, ...]) -> bool:
        """Remember what is wrong with a delivery, or that nothing is, and how its file looked before it was read: one
        that was mended meanwhile is read again. Whether that is news."""
        known = {(one.source, one.name): one for one in self.known()}
        before = known.pop((source, name), None)
        if why:
            known[source, name] = Damage(source, name, why, times)
        if known.get((source, name)) == before:
            return False
        self._write(known.values())
        return (before.why if before else "") != why

    def rename(self, old: str, new: str) -> None:
        """The same of a source under its new name."""
        known = self.known()
        if any(one.source == old for one in known):
            self._write(replace(one, source=new) if one.source == old else one for one in known)

    def path(self, damage: Damage) -> Path:
        return self._folder / damage.source / "bytes" / damage.name

    def _write(self, damages: Iterable[Damage]) -> None:
        told = [asdict(one) for one in damages]
        write_atomic(private_folder(self._folder) / FILE, json.dumps(told, indent=1).encode())


def check_delivery(path: Path) -> str:
    """What is wrong with a stored delivery, read at once; "" where nothing is."""
    reading = verify(path)
    while True:
        try:
            next(reading)
        except StopIteration as done:
            why: str = done.value
            return why


def verify(path: Path) -> Generator[int, None, str]:
    """Read a stored delivery piece by piece; gives how many bytes each had, and at last what is wrong with it. Nothing
    is where it is gone, for that is told by whoever misses it."""
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
    return "" if digest.hexdigest() == path.name else _NOT_THOSE


def stored_deliveries(folder: Path) -> list[Path]:
    """The stored deliveries in a source's folder of bytes, in order of their names."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.endswith(PART))
    except (FileNotFoundError, NotADirectoryError):
        return []


def change_stamp(path: Path) -> tuple[int, ...]:
    """What tells whether a file was changed, without reading it."""
    return file_stamp(path)[1:]
