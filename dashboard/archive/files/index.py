"""The index of one archive in one process: which lines and which deliveries each source has.

It is read from the files once, and then continued as they grow, so that ten thousand sources cost one reading of the
journal. The segments are read before the journal: a delivery that is received meanwhile is never without its line.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from dashboard.archive.files.journal_file import JournalFile
from dashboard.archive.files.journal_lines import beginning
from dashboard.archive.files.receiving_mark import ReceivingMark
from dashboard.archive.files.segment_files import NewDelivery, SegmentFiles
from dashboard.archive.files.segments import SUFFIX, Record, segment_name
from dashboard.archive.files.source_lines import Differences, Inventory, SourceLines
from dashboard.archive.journal import ArchiveError
from dashboard.archive.source_log import FoldedLogs, SourceLog

JOURNAL = "journal.jsonl"
TAKEOVER = "takeover.json"  # names the folders of the version before, while they are taken over


def old_folders(folder: Path) -> list[Path]:
    """The folders in the archive's folder that may be those of sources, of which the version before had one each."""
    return sorted({path.parent for name in (JOURNAL, "bytes") for path in folder.glob(f"*/{name}")})


def is_of_old_version(folder: Path) -> bool:
    """Whether a folder without a journal is an archive of the version before, and nothing in it is of this one."""
    return not _foreign_folders(folder)


def _foreign_folders(folder: Path) -> list[Path]:
    """The folders that only look like those of sources: their lines name sources, as lines of this version do, or they
    lie beside segments that no takeover wrote."""
    folders = old_folders(folder)
    is_of_this_version = any(folder.glob(f"*{SUFFIX}")) and not (folder / TAKEOVER).exists()
    return folders if is_of_this_version else [path for path in folders if _names_a_source(path / JOURNAL)]


def _describe_missing_journal(folder: Path) -> str:
    """What to do where there is no journal, but such a folder; "" where there is none."""
    folders = old_folders(folder)
    if foreign := _foreign_folders(folder):
        advice = f"put {JOURNAL} back from a backup, and move other folders out of the archive"
        return f"{folder}: {JOURNAL} is missing, and {foreign[0]} is no archive of an earlier version; {advice}"
    return f"{folder}: written by an earlier version; run `watchfloor refresh`" if folders else ""


def _names_a_source(journal: Path) -> bool:
    try:
        return any(beginning(line) for line in journal.read_bytes().splitlines())
    except OSError:  # the takeover carries that over as damage
        return False


class ArchiveIndex:
    """Several threads may ask; the caller of `append_...` holds the refresher's lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.journal = JournalFile(folder / JOURNAL)
        self.segments = SegmentFiles(folder)
        self.mark = ReceivingMark(folder)
        self._logs = FoldedLogs()
        self._inventories: dict[str, Inventory] = {}
        self._owners: object = None  # the content of the journal, and how often it removed deliveries, if ever
        self._glances = threading.local()
        self._is_forgotten = True

    @contextmanager
    def single_glance(self) -> Iterator[None]:
        """Within it, this thread looks at the files once, however often it asks, unless they cannot be read."""
        depth = getattr(self._glances, "depth", 0)
        try:
            self.refresh(is_needed=True)
            self._glances.depth = depth + 1
        except (ArchiveError, OSError):  # each question says so
            pass
        try:
            yield
        finally:
            self._glances.depth = depth

    def refresh(self, *, is_needed: bool = False) -> None:
        """Read what was added to the files. Raises OSError where they cannot be read."""
        if getattr(self._glances, "depth", 0) and not is_needed and not self._is_forgotten:
            return
        with self.lock:
            self._is_forgotten = False
            new = self.segments.refresh()
            self.mark.refresh()
            self.journal.refresh()
            self._add(new)
            if self.journal.is_missing and (what_to_do := _describe_missing_journal(self.folder)):
                raise ArchiveError(what_to_do)

    def forget(self) -> None:
        """Read everything anew with the next `refresh`."""
        with self.lock:
            self.journal.forget()
            self.segments.forget()
            self._is_forgotten = True

    def lines(self, source: str) -> SourceLines:
        """The lines of a source; none where it has none."""
        return self.journal.content.by_source.get(source) or SourceLines()

    def lines_with(self, source: str, outcomes: Collection[bytes] | None) -> list[bytes]:
        """The lines of a source that have one of these outcomes, or all, oldest first."""
        with self.lock:
            entries = self.lines(source).lines.values()
            return [line for outcome, line in entries if outcomes is None or outcome in outcomes]

    def log(self, source: str, location: str) -> SourceLog:
        """What the lines of a source add up to, for a location in the catalogue."""
        with self.lock:
            return self._logs.log(source, location, self.lines(source))

    def inventory(self, source: str) -> Inventory:
        """The deliveries of a source, beside what its lines record."""
        with self.lock:
            inventory = self._inventories.setdefault(source, Inventory())
            inventory.read_on(self.lines(source))
            return inventory

    def differences(self, source: str) -> Differences:
        """Where what is stored of a source and what its lines record differ."""
        with self.lock:
            return self.inventory(source).differences

    def contents(self, source: str) -> int:
        """A digest of the stored deliveries of a source; the same in every process."""
        known = self._inventories.get(source)
        return known.digest if known else 0

    def deliveries(self, source: str) -> Mapping[str, Record]:
        """The stored deliveries of a source by their SHA-256."""
        known = self._inventories.get(source)
        return known.stored if known else {}

    def all_records(self) -> list[Record]:
        """The stored deliveries of all sources, by their places; each has the present name of its source."""
        with self.lock:
            return sorted(
                (record for inventory in self._inventories.values() for record in inventory.stored.values()),
                key=lambda record: record.place,
            )

    def record_at(self, segment: str, offset: int) -> Record | None:
        """The stored delivery at a place, unless it was replaced or forgotten."""
        known = self.segments.segments.get(segment)
        records = known.records if known else []
        number = bisect_left(records, offset, key=lambda record: record.offset)
        if number == len(records) or records[number].offset != offset:
            return None
        present = self.deliveries(self._owner(records[number])).get(records[number].sha256)
        return present if present and (present.segment, present.offset) == (segment, offset) else None

    def sources(self) -> set[str]:
        """The names of all sources that have lines or deliveries."""
        with self.lock:
            return {
                name for name, inventory in self._inventories.items() if inventory.stored
            } | self.journal.content.by_source.keys()

    def end_of_deliveries(self) -> tuple[str, int]:
        """The place after all stored deliveries."""
        self.refresh()
        return self.segments.end

    def append_deliveries(self, deliveries: Sequence[NewDelivery]) -> None:
        """Store deliveries in one write."""
        with self.lock:
            last = self.journal.content.through[0]
            after = 0 if segment_name(last) in self.segments.segments else last
            self.segments.append(deliveries, after)
            self.refresh(is_needed=True)

    def append_lines(self, lines: Sequence[bytes], *, durable: bool) -> None:
        """Append lines to the journal in one write."""
        with self.lock:
            self.journal.append(lines, durable=durable)
            self.refresh(is_needed=True)

    def _add(self, new: Sequence[Record] | None) -> None:
        """Take in new records; all records where earlier ones changed, or where they may have other owners now."""
        content = self.journal.content
        owners = (content, content.removal_count) if content.removal_count else None
        is_anew = new is None or owners != self._owners
        if new is None or is_anew:
            new = [record for segment in self.segments.segments.values() for record in segment.records]
        inventories: dict[str, Inventory] = {} if is_anew else self._inventories
        for record in new:
            if owner := self._owner(record) if owners else record.source:
                known = record if owner == record.source else record._replace(source=owner)
                inventories.setdefault(owner, Inventory()).add(known)
        if is_anew:
            self._inventories = inventories  # in one step, since other threads read it
        self._owners = owners
        if is_anew and owners and all(segment.size >= 0 for segment in self.segments.segments.values()):
            content.forget_thinned({record.sha256 for record in new})

    def _owner(self, record: Record) -> str:
        """The present name of a record's source; "" where that was forgotten, or the delivery was let go."""
        name = record.source
        for transfer in self.journal.content.transfers:
            if transfer.source == name and record.place < transfer.through:
                name = transfer.new
        through = self.lines(name).thinned.get(record.sha256, (0, 0))
        return "" if record.place < through else name


@lru_cache(maxsize=16)
def index_of(folder: Path) -> ArchiveIndex:
    """The index of a folder, shared by all that ask for it in this process."""
    return ArchiveIndex(folder)
