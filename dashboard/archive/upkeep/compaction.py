"""Frees the space of deliveries that nothing reads any more: forgotten ones, and damaged ones that were replaced.

What is still needed of a segment is copied to a new one, and synced, before the old one is deleted. Killed between the
two, the copies count, and the next compaction deletes the old segment.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.archive.files.index import ArchiveIndex
from dashboard.archive.files.segments import Record, number_of, read_large, sha256_stored
from dashboard.atomic_files import fsync_path

_TOGETHER = 32 << 20  # bytes that are written at once


def compact(index: ArchiveIndex, *, with_unrecorded: bool = False) -> int:
    """Rewrite the segments that hold anything that nothing reads; returns the number of bytes that this freed.

    with_unrecorded: whether deliveries that no line records are dropped too, since a person says that they never
    counted. The caller holds the refresher's lock. A segment with damage that a person may still mend stays as it is.
    """
    index.refresh()
    newest = number_of(index.segments.end[0])
    freed = 0
    for name, segment in [*index.segments.segments.items()]:
        needed = None if segment.damaged else _needed(index, segment.records, with_unrecorded)
        if needed is None or len(needed) == len(segment.records):
            continue
        for together in _batches(needed):
            path = index.segments.path(name)
            copies = [(record, read_large(path, record).stored_pieces()) for record in together]
            index.segments.append_copies(copies, newest)
            index.refresh()
        index.segments.path(name).unlink()
        fsync_path(index.folder)
        freed += segment.size - sum(record.end - record.offset for record in needed)
    index.refresh()
    return freed


def _needed(index: ArchiveIndex, records: list[Record], with_unrecorded: bool) -> list[Record] | None:
    """The records of a segment that are read, each with the present name of its source; None where one of these is
    damaged and rows may be derived from it. Damaged ones that were rejected are not needed."""
    present = [index.record_at(record.segment, record.offset) for record in records]
    needed = []
    for record in present:
        if record is None or (with_unrecorded and _is_unrecorded(index, record)):
            continue
        if _is_sound(index, record):
            needed.append(record)
        elif record.sha256 in index.inventory(record.source).needed or index.journal.content.damage_of(record.source):
            return None
    return needed


def _is_unrecorded(index: ArchiveIndex, record: Record) -> bool:
    """Whether no line records a delivery; unknown, and so False, where a line of its source may be damaged."""
    has_damage = index.journal.content.damage_of(record.source) is not None
    return not has_damage and record.sha256 not in index.inventory(record.source).sizes


def _is_sound(index: ArchiveIndex, record: Record) -> bool:
    try:
        return sha256_stored(index.segments.path(record.segment), record) == record.sha256
    except ValueError:
        return False


def _batches(records: list[Record]) -> Iterator[list[Record]]:
    together: list[Record] = []
    size = 0
    for record in records:
        together.append(record)
        size += record.stored
        if size >= _TOGETHER:
            yield together
            together, size = [], 0
    if together:
        yield together
