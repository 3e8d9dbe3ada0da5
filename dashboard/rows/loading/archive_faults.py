"""Describes the faults of a source's stored deliveries: unrecorded, missing and damaged bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dashboard.archive import UNRECORDED, Archive
from dashboard.domain import system_message

_DAMAGED = (
    "the rows made of it stand as long as they need not be made anew; put the file back from a backup, or fetch or "
    "save the same delivery again; if it was rejected and nobody needs it any more, delete it"
)
_LOST = (
    "received, but damaged or missing by now; the rows made of it stand as long as they need not be made anew; put the "
    "file back from a backup, or fetch or save the same delivery again; if nobody has it any more, delete its line "
    "from the journal and run `watchfloor rebuild --despite-loss`, which leaves its figures out"
)


def describe_archive_faults(name: str, archive: Archive) -> list[str]:
    """A line for unrecorded bytes, which may have been in force, for missing ones, and for each damaged delivery: the
    bytes may still be had from somewhere."""
    try:
        unrecorded, lost = archive.discrepancies(name)
    except OSError as error:
        return [f"the archive cannot be read: {system_message(error)}"]
    damaged = {path: why for path, why in archive.damages.of(name).items() if path not in lost}
    lines = [*_describe(unrecorded, UNRECORDED), *_describe(lost, _LOST)]
    return [*lines, *(f"{path}: {why}; {_DAMAGED}" for path, why in damaged.items())]


def _describe(paths: Sequence[Path], message: str) -> list[str]:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return [f"{paths[0]}{more}: {message}"] if paths else []
