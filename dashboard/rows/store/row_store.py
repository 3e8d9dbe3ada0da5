"""The rows of all sources below a state folder, derived from the archive and never the only copy.

Each write adds one part, a file with the rows of all sources that changed; the newest part that names a source counts.
A new part takes in younger parts that are not much larger than itself, so that there are few. A damaged part counts as
absent, and the rows of its sources are derived anew.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from dashboard.atomic_files import Stamp, delete_partial_files, private_folder
from dashboard.late_imports import pd
from dashboard.rows.store.part import DamageError, Part, Piece, raising_damage, stamp_of, write_part
from dashboard.rows.store.stored_rows import StoredRows, StoredSummary, from_record, summary_of

_SUFFIX = ".rows"
_TRIES = 20  # a writer may replace parts while they are read
_MUCH_LARGER = 2  # a part that is larger by this factor stays as it is


class Snapshot:
    """The parts at one moment, oldest first, and which of them has the rows of each source.

    trouble: why the system does not let them be read; then there are no parts.
    """

    def __init__(self, parts: tuple[Part, ...] = (), trouble: OSError | None = None) -> None:
        self.parts, self.trouble = parts, trouble

    @cached_property
    def owners(self) -> Mapping[str, Part]:
        owners: dict[str, Part] = {}
        for part in self.parts:
            for name in part.removed:
                owners.pop(name, None)
            owners |= dict.fromkeys(part.entries, part)
        return owners

    def summary(self, source: str) -> StoredSummary | None:
        """What is recorded about the rows of a source; None where it has none."""
        part = self.owners.get(source)
        return summary_of(part.entries[source].record) if part else None

    def version(self, source: str) -> str:
        """Changes with the rows of a source; "" where it has none."""
        part = self.owners.get(source)
        return part.version(source) if part else ""

    def by_part(self, sources: Iterable[str]) -> dict[Part, list[str]]:
        """Those of the sources that have rows, by their part."""
        by_part: dict[Part, list[str]] = {}
        for name in sources:
            if part := self.owners.get(name):
                by_part.setdefault(part, []).append(name)
        return by_part


class _Glance(threading.local):
    """How many times one thread is within `single_glance`, and what it saw there."""

    depth = 0
    snapshot: Snapshot | None = None


class RowStore:
    """The caller holds the refresher's lock when it writes; anybody may read at any time."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "rows"
        self._damaged: set[Stamp] = set()
        self._snapshot = Snapshot()
        self._glance = _Glance()

    @contextmanager
    def single_glance(self) -> Iterator[None]:
        """Within it, this thread looks at the folder once, however often it asks, unless it writes or meets damage."""
        self._glance.depth += 1
        try:
            yield
        finally:
            self._glance.depth -= 1
            if not self._glance.depth:
                self._glance.snapshot = None

    def snapshot(self) -> Snapshot:
        """The parts as they are now, or as they were when this thread first asked within a `single_glance`."""
        seen = self._glance.snapshot
        if seen is None:
            seen = self._look()
            if self._glance.depth and not seen.trouble:
                self._glance.snapshot = seen
        return seen

    def _look(self) -> Snapshot:
        """The parts as they are now; those that were read before are not read again."""
        for _ in range(_TRIES):
            try:
                known = {part.stamp: part for part in self._snapshot.parts}
                stamps = [stamp_of(path) for path in self._paths()]
                if [part.stamp for part in self._snapshot.parts] != stamps:
                    self._snapshot = Snapshot(tuple(known.get(stamp) or self._read_part(stamp) for stamp in stamps))
                return self._snapshot
            except FileNotFoundError as error:  # the writer has replaced it meanwhile
                trouble: OSError = error
            except OSError as error:
                return Snapshot(trouble=error)
        return Snapshot(trouble=trouble)

    def rows(self, source: str) -> pd.DataFrame | None:
        """The rows of a source; None where none are stored."""
        stored = self.read(source)
        return stored.rows if stored else None

    def read(self, source: str) -> StoredRows | None:
        """The stored rows of a source; None where they are absent or damaged. Raises OSError."""
        return self.read_all([source]).get(source)

    def read_all(self, sources: Iterable[str]) -> dict[str, StoredRows]:
        """The stored rows of those of the sources that have any; sources of one part share a frame. Raises OSError."""
        names = [*sources]
        for _ in range(_TRIES):
            try:
                by_part = self._readable().by_part(names)
                stored = [self._read(part, wanted) for part, wanted in by_part.items()]
                return {name: rows for group in stored for name, rows in group.items()}
            except FileNotFoundError:  # the writer has replaced it meanwhile
                self._glance.snapshot = None
        raise FileNotFoundError(f"{self._folder}: its files change too fast to be read")

    def summary(self, source: str) -> StoredSummary | None:
        """What is recorded about the rows of a source, without reading them; None where there are none. Raises
        OSError."""
        return self._readable().summary(source)

    def sources(self) -> tuple[str, ...]:
        """The sources that have rows."""
        return tuple(sorted(self.snapshot().owners))

    def write(self, source: str, stored: StoredRows) -> None:
        """Replace the rows of a source in one step and durably; remove them where no delivery is in force."""
        self.write_all({source: stored})

    def write_all(self, rows_by_source: Mapping[str, StoredRows]) -> None:
        """Replace the rows of many sources in one step and durably."""
        self._glance.snapshot = None
        parts, owners = self._readable().parts, self._readable().owners
        written = {name: stored for name, stored in rows_by_source.items() if stored.run_count}
        removed = (rows_by_source.keys() - written.keys()) & owners.keys()
        if not written and not removed:
            return
        pieces = [Piece.of(written)] if written else []
        absorbed = self._take_in(rows_by_source, pieces, is_all=bool(removed))
        self._glance.snapshot = None
        removed |= {name for part in absorbed for name in part.removed}
        removed &= {name for part in parts for name in part.entries} - written.keys()
        if pieces or removed:
            private_folder(self._folder)
            number = int(parts[-1].path.stem) + 1 if parts else 1
            write_part(self._folder / f"{number:06}{_SUFFIX}", pieces or [Piece.of({})], removed)
        for part in absorbed:
            part.path.unlink(missing_ok=True)

    def remove(self, source: str) -> None:
        """Delete the rows of a source; they are derived anew from the archive."""
        self.write_all({source: StoredRows(pd.DataFrame(), 0, "")})

    def sweep(self) -> None:
        """Delete what killed writers left, and the files of earlier versions; only under the refresher's lock."""
        delete_partial_files(self._folder)
        for path in self._folder.glob("*.parquet"):  # each had the rows of one source
            path.unlink(missing_ok=True)

    def _readable(self) -> Snapshot:
        """The parts as they are now. Raises OSError where the system does not let them be read."""
        snapshot = self.snapshot()
        if snapshot.trouble:
            raise snapshot.trouble
        return snapshot

    def _paths(self) -> list[Path]:
        """The files of parts, oldest first."""
        try:
            return sorted(path for path in self._folder.iterdir() if path.suffix == _SUFFIX)
        except FileNotFoundError:
            return []

    def _read_part(self, stamp: Stamp) -> Part:
        path = Path(stamp[0])
        return Part.damaged(path, stamp) if stamp in self._damaged else Part.read(path, stamp)

    def _read(self, part: Part, sources: list[str]) -> dict[str, StoredRows]:
        try:
            rows, spans = part.rows(sources)
            with raising_damage():
                return {name: from_record(part.entries[name].record, rows, spans[name]) for name in sources}
        except DamageError:
            self._note_damage([part])
            return {}

    def _note_damage(self, parts: Iterable[Part]) -> None:
        """From now on the parts have no sources for this process."""
        self._damaged |= {part.stamp for part in parts}
        self._snapshot, self._glance.snapshot = Snapshot(), None

    def _take_in(self, replaced: Collection[str], pieces: list[Piece], *, is_all: bool) -> list[Part]:
        """Add to the pieces of a new part the rows of those parts that are not much larger, but for the replaced
        sources; returns the parts, youngest first, that have no other rows then."""
        snapshot = self.snapshot()
        by_part = snapshot.by_part(name for name in snapshot.owners if name not in replaced)
        size, absorbed = sum(piece.weight for piece in pieces), []
        for part in reversed(snapshot.parts):
            if names := by_part.get(part):
                weight = part.weight(names)
                is_other = bool(pieces) and part.columns != pieces[0].columns
                if is_other or (weight > _MUCH_LARGER * size and not is_all):
                    continue
                try:
                    pieces.append(part.piece(names))
                except DamageError:
                    self._note_damage([part])
                size += weight
            absorbed.append(part)
        return absorbed
