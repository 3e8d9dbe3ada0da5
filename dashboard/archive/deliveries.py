"""Every delivery byte for byte, and a journal of the runs of all sources.

These facts cannot be obtained again; rows are derived from them. The bytes of a source are stored once, by their
SHA-256. The caller holds the refresher's lock when it writes; anybody may read at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from dashboard.archive.damage import OTHER_BYTES, Damages, describe_missing, describe_record
from dashboard.archive.files.index import JOURNAL, index_of
from dashboard.archive.files.journal_content import FORGOTTEN, RENAMED, THINNED
from dashboard.archive.files.journal_lines import checksum, line_of
from dashboard.archive.files.segments import Record, read, sha256_stored
from dashboard.archive.files.source_lines import CHANGES, RECEIVED
from dashboard.archive.journal import ArchiveError, Run
from dashboard.archive.source_log import SourceLog
from dashboard.archive.upkeep.compaction import compact
from dashboard.archive.upkeep.takeover import take_over
from dashboard.atomic_files import delete_partial_files, file_stamp, fsync_path
from dashboard.large_bytes import Bytes, sha256_of

UNRECORDED = (
    "received, but the journal does not tell of it, so that it is not among the rows; fetch or save the same delivery "
    "again, put its line of the journal back from a backup, or, if all such deliveries never counted, run "
    "`watchfloor archive compact --unrecorded`"
)
_MEND = "fetch or save the same delivery again, or put the segment back from a backup, then run `watchfloor rebuild`"
_MEND_LINE = "put that line back from a backup of the journal, or delete it, then run `watchfloor rebuild`"


class Archive:
    """The deliveries and the journal below a state folder. All archives of one folder in a process share its index."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "archive"
        self.journal = self.folder / JOURNAL
        self._index = index_of(self.folder.resolve())
        self.damages = Damages(self.folder, self._index)

    # --- writing ---

    def keep(self, source: str, data: Bytes) -> str:
        """Store the bytes of a delivery durably, if they are not stored already, and return their SHA-256."""
        return self.keep_all([(source, data)])[0]

    def keep_all(self, deliveries: Sequence[tuple[str, Bytes]]) -> list[str]:
        """Store the bytes of many deliveries (source, bytes) durably, in one write, and return the SHA-256 of each.

        Bytes that the source has already are not stored again, unless they are damaged by now.
        """
        self._index.refresh()
        checksums, new = [], dict[tuple[str, str], Bytes]()
        for source, data in deliveries:
            sha256 = sha256_of(data)
            checksums.append(sha256)
            known = self._index.deliveries(source).get(sha256)
            if known is None or not self._holds(known, data):
                new[source, sha256] = data
        if new:
            self._index.append_deliveries([(source, sha256, data) for (source, sha256), data in new.items()])
        return checksums

    def record(self, source: str, run: Run) -> None:
        """Append a run to the journal."""
        self.record_all([(source, run)])

    def record_all(self, runs: Sequence[tuple[str, Run]]) -> None:
        """Append the runs of many sources (source, run) in their order, in one write. It is forced to the disk, unless
        all of them saw the same again: no fact is lost with those."""
        if runs:
            is_news = any(run.outcome != "seen again" for _, run in runs)
            self._index.append_lines([run.as_line(source) for source, run in runs], durable=is_news)

    def rename(self, old: str, new: str) -> None:
        """Put all that was received as `old` before what was received as `new`."""
        self._append_removal(RENAMED, new, {"from": old})

    def forget(self, source: str, fields: Mapping[str, str]) -> None:
        """Forget all that was received of a source so far; `fields` say when, by whom and why."""
        self._append_removal(FORGOTTEN, source, fields)

    def thin(self, source: str, lines: Collection[bytes], fields: Mapping[str, str]) -> None:
        """Let go of the deliveries of these lines; `fields` say when and by what rule. The rows are to be made anew."""
        named = [checksum(line).decode() for line in lines]
        self._append_removal(THINNED, source, {**fields, "lines": named})

    def compact(self, *, with_unrecorded: bool = False) -> int:
        """Free the space of deliveries that nothing reads any more; returns the number of bytes freed."""
        return compact(self._index, with_unrecorded=with_unrecorded)

    @contextmanager
    def receiving(self, sources: Collection[str], tried_again: Collection[str] = ()) -> Iterator[None]:
        """Mark sources as receiving: readers then take bytes without a journal line for deliveries under judgement.

        If the process is killed, the mark stays until the next refresher sweeps. If the work fails, it stays for the
        sources that are `tried_again`, until they are.
        """
        mark = self._index.mark
        mark.refresh()
        mark.set(mark.sources | {*sources})
        remaining: Collection[str] = ()
        try:
            yield
        except Exception:
            remaining = tried_again
            raise
        finally:
            mark.set((mark.sources - {*sources}) | {*remaining})

    def sweep(self) -> None:
        """Delete what a killed writer left, and make sure that what it wrote is on the disk; only under the refresher's
        lock."""
        if not self.folder.exists():
            return
        delete_partial_files(self.folder)
        take_over(self.folder, self._index)
        with suppress(ArchiveError, OSError):  # each source reports it
            self._index.refresh()
            for path in (self._index.segments.path(name) for name in [*self._index.segments.segments][-1:]):
                fsync_path(path)
            fsync_path(self.journal)

    # --- reading ---

    def single_glance(self) -> AbstractContextManager[None]:
        """Within it, this thread looks at the files once, however many sources it asks for."""
        return self._index.single_glance()

    def data(self, source: str, sha256: str) -> Bytes:
        """The bytes of a delivery, checked. Raises ArchiveError where they are missing or damaged."""
        record = self._index.deliveries(source).get(sha256)
        if record is None or not self._index.segments.path(record.segment).exists():  # it is new, or was compacted
            self._index.refresh(is_needed=True)
            record = self._index.deliveries(source).get(sha256)
        if record is None:
            raise ArchiveError(f"{describe_missing(self.folder, source, sha256)}; {_MEND}")
        try:
            data = read(self._index.segments.path(record.segment), record)
            received = sha256_of(data) if isinstance(data, bytes) else self._sha256(record)
        except ValueError:
            received = ""
        if received != sha256:
            raise ArchiveError(f"{describe_record(self.folder, record)}: {OTHER_BYTES}; {_MEND}")
        return data

    def runs(self, source: str) -> tuple[Run, ...]:
        """All runs, oldest first. Raises as `received` does."""
        self._expect_whole(source)
        return self._parsed(self._index.journal.all_lines(source))

    def received(self, source: str) -> tuple[Run, ...]:
        """The runs that put a delivery in force, oldest first. Raises ArchiveError where any line of the source is
        damaged, since it may have recorded a delivery."""
        return self._parsed(self.lines(source, [RECEIVED]))

    def changes(self, source: str) -> tuple[Run, ...]:
        """The runs that changed the rows, oldest first: deliveries received, and rows that a person accepted as wrong.
        Raises as `received` does."""
        return self._parsed(self.lines(source, CHANGES))

    def lines(self, source: str, outcomes: Collection[bytes] | None = None) -> list[bytes]:
        """The lines with these outcomes, or all; they cost less than the runs. Raises as `received` does."""
        self._expect_whole(source)
        return self._index.lines_with(source, outcomes)

    def count_received(self, source: str) -> int:
        """The number of runs that put a delivery in force. Raises as `received` does."""
        return len(self.lines(source, [RECEIVED]))

    def log(self, source: str, present_location: str) -> SourceLog:
        """What the runs add up to for a source whose location in the catalogue is `present_location`. Raises as
        `received` does."""
        self._expect_whole(source)
        with self._telling_of_damage():
            return self._index.log(source, present_location)

    def unrecorded(self, source: str) -> tuple[str, ...]:
        """Stored bytes without a line although nothing is being received: a refresher was killed, or it is lost."""
        return self.discrepancies(source)[0]

    def discrepancies(self, source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The `unrecorded` bytes, and the recorded bytes that are missing or of another size, in words. Rejected bytes,
        of which no rows are derived, are missed only while a segment is damaged, which may have held them."""
        self._index.refresh()
        if self._index.differences(source).lost:
            self._index.refresh(is_needed=True)  # the bytes may have arrived since
        unrecorded, lost, lost_of_rows = self._index.differences(source)
        is_uncertain = source in self._index.mark.sources or self._index.journal.content.damage_of(source) is not None
        missing = lost if lost and self.damaged_stretches() else lost_of_rows
        return (
            () if is_uncertain else tuple(describe_record(self.folder, record) for record in unrecorded),
            tuple(describe_missing(self.folder, source, sha256) for sha256 in missing),
        )

    def stored(self, source: str) -> list[Record]:
        """All stored deliveries of a source, in the order of their SHA-256."""
        self._index.refresh()
        return [record for _, record in sorted(self._index.deliveries(source).items())]

    def all_stored(self) -> list[Record]:
        """All stored deliveries of all sources, in the order of their places."""
        self._index.refresh()
        return self._index.all_records()

    def stored_at(self, segment: str, offset: int) -> Record | None:
        """The stored delivery at a place, unless it was replaced or forgotten."""
        return self._index.record_at(segment, offset)

    def read_anew(self) -> None:
        """Read journal and headers from their beginnings with the next question, as damage on the disk may have changed
        them without a trace."""
        self._index.forget()

    def damaged_lines(self) -> list[str]:
        """What is wrong with each damaged line of the journal."""
        self._index.refresh()
        return [f"{damage.text}; {_MEND_LINE}" for damage in self._index.journal.content.damages]

    def damaged_stretches(self) -> list[tuple[Path, int, int]]:
        """The stretches of segments, from a byte to another one, in which no delivery can be read any more."""
        self._index.refresh()
        segments = self._index.segments.segments
        return [(self.folder / name, *stretch) for name, segment in segments.items() for stretch in segment.damaged]

    def unread_files(self) -> list[tuple[Path, str]]:
        """The files that look like segments and hold nothing that is read, and why."""
        return self._index.segments.unread

    def stamps(self, source: str) -> tuple[object, ...]:
        """Values that change with the lines of a source, its stored bytes, receiving and damage; only news is read."""
        return self.lines_stamp(source), *self.contents(source), file_stamp(self.damages.file)

    def lines_stamp(self, source: str) -> tuple[object, ...]:
        """A value that changes with the lines of a source, the same in every process; or why they cannot be read."""
        try:
            self._index.refresh()
        except (ArchiveError, OSError) as error:  # the rows report it
            return (type(error).__name__,)
        lines = self._index.lines(source)
        return lines.count, lines.digest, self._index.journal.content.damage_of(source)

    def contents(self, source: str) -> tuple[object, bool]:
        """A value that changes with the stored deliveries, or why there is none; and whether one is being received."""
        try:
            self._index.refresh()
        except (ArchiveError, OSError) as error:  # the rows report it
            return type(error).__name__, False
        return self._index.contents(source), source in self._index.mark.sources

    def has(self, source: str) -> bool:
        """Whether anything of a source is stored, if only bytes without a line."""
        try:
            self._index.refresh()
        except ArchiveError:  # an archive of an earlier version: the log says what to do
            return True
        return bool(self._index.lines(source).count or self._index.deliveries(source))

    def sources(self) -> tuple[str, ...]:
        """The names of all sources that `has` affirms, in alphabetical order."""
        try:
            self._index.refresh()
        except (ArchiveError, OSError):  # each source reports it
            return ()
        return tuple(sorted(self._index.sources()))

    # --- inside ---

    def _expect_whole(self, source: str) -> None:
        self._index.refresh()
        if damage := self._index.journal.content.damage_of(source):
            raise ArchiveError(f"{self.journal}: {damage.text}; {_MEND_LINE}")

    def _parsed(self, lines: Sequence[bytes]) -> tuple[Run, ...]:
        with self._telling_of_damage():
            return tuple(Run.of_line(line) for line in lines)

    @contextmanager
    def _telling_of_damage(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, KeyError, TypeError) as error:
            raise ArchiveError(f"{self.journal}: damaged, a line is no run ({error}); {_MEND_LINE}") from error

    def _append_removal(self, outcome: str, source: str, fields: Mapping[str, object]) -> None:
        """Append a line about what is stored by now."""
        through = self._index.end_of_deliveries()
        self._index.append_lines([line_of(outcome, source, {**fields, "through": through})], durable=True)

    def _holds(self, record: Record, data: Bytes) -> bool:
        """Whether the stored bytes are these. Damaged ones are not, and are stored anew when they arrive again."""
        with suppress(OSError, ValueError):
            return record.size == len(data) and self._sha256(record) == record.sha256
        return False

    def _sha256(self, record: Record) -> str:
        return sha256_stored(self._index.segments.path(record.segment), record)
