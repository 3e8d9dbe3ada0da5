"""Describes the faults of a source's stored deliveries: unrecorded, missing and damaged bytes."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.archive import UNRECORDED, Archive, ArchiveError
from dashboard.domain import system_message

_DAMAGED = (
    "the rows made of it stand as long as they need not be made anew; fetch or save the same delivery again, or put "
    "the segment back from a backup; if it was rejected and nobody needs it any more, run `watchfloor archive compact`"
)
_LOST = (
    "received, but damaged or missing by now; the rows made of it stand as long as they need not be made anew; fetch "
    "or save the same delivery again, or put the segment back from a backup; if nobody has it any more, delete its "
    "line from the journal and run `watchfloor rebuild --despite-loss`, which leaves its figures out"
)


def describe_archive_faults(name: str, archive: Archive) -> list[str]:
    """A line for unrecorded bytes, which may have been in force, for missing ones, and for each damaged delivery: the
    bytes may still be had from somewhere."""
    try:
        unrecorded, lost = archive.discrepancies(name)
        damaged = archive.damages.of(name)
    except ArchiveError:
        return []  # of an earlier version, which whoever reads the journal is told
    except OSError as error:
        return [f"the archive cannot be read: {system_message(error)}"]
    lines = [*_describe(unrecorded, UNRECORDED), *_describe(lost, _LOST)]
    return [*lines, *(f"{place}: {why}; {_DAMAGED}" for place, why in damaged.items())]


def _describe(places: Sequence[str], message: str) -> list[str]:
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return [f"{places[0]}{more}: {message}"] if places else []
