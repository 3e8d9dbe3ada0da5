"""Chooses the deliveries that `keep:` lets go: those of one day whose rows are all in the next delivery of that day.

Without them every row has the same figures and days, so that no board of any day changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import ArchiveError, Run
from dashboard.archive.source_log import key_of
from dashboard.domain.dates import Duration

_HAS_ONLY_ADDED = b'"quarantined":0,"revised":0,"dropped":0,'


class _Delivery(NamedTuple):
    """A delivery with its line; kept: the SHA-256 of the one that holds its rows once it and others are let go."""

    line: bytes
    run: Run
    kept: str


def superseded_deliveries(archive: Archive, source: str, keep: Duration, today: date) -> list[bytes]:
    """The lines of deliveries that `Archive.thin` may let go: received on a day that is longer ago than `keep`, and
    followed on that day by a delivery with all of their rows, which is stored soundly.

    None while anything of the source is damaged, missing or without a line. Raises ArchiveError where the journal is.
    """
    entries = [(line, Run.of_line(line)) for line in archive.lines(source)]
    if any(archive.discrepancies(source)) or archive.damages.of(source):
        return []
    superseded = _superseded([(line, run) for line, run in entries if run.outcome != "seen again"], keep, today)
    return [line for kept, lines in superseded.items() if _is_sound(archive, source, kept) for line in lines]


def _superseded(runs: Sequence[tuple[bytes, Run]], keep: Duration, today: date) -> dict[str, list[bytes]]:
    """The lines of deliveries that may go, by the SHA-256 of the delivery that has their rows.

    A delivery stays if it is the first of its location, if it or the next one of its file took a row away or has
    quarantined rows, if a person let one of the two in, or if anything else than deliveries came between them. What
    comes at one instant stays too: rows that came then, and went then, would never have been in force.
    """
    superseded: dict[str, list[bytes]] = {}
    followers: dict[str, _Delivery] = {}
    later = datetime.max.replace(tzinfo=UTC)
    for (line, run), (_, before) in zip(reversed(runs[1:]), reversed(runs[:-1]), strict=True):
        is_usual = run.outcome == before.outcome == "received" and run.location and run.location == before.location
        is_apart = before.at < run.at < later
        later = run.at
        if not is_usual or not is_apart:
            followers.clear()
            continue
        delivery, follower = _Delivery(line, run, run.sha256), followers.get(key_of(run, run.location))
        if follower and keep.after(run.at.date()) < today and _is_held_by(delivery, follower):
            superseded.setdefault(follower.kept, []).append(line)
            delivery = delivery._replace(kept=follower.kept)
        followers[key_of(run, run.location)] = delivery
    return superseded


def _is_sound(archive: Archive, source: str, sha256: str) -> bool:
    try:
        archive.data(source, sha256)
    except (ArchiveError, OSError):
        return False
    return True


def _is_held_by(delivery: _Delivery, follower: _Delivery) -> bool:
    """Whether the next delivery of a file came on the same day, and neither of the two took a row away."""
    run, other = delivery.run, follower.run
    return (
        run.at.date() == other.at.date()
        and run.layout == other.layout
        and not (run.by or other.by)
        and _HAS_ONLY_ADDED in delivery.line
        and _HAS_ONLY_ADDED in follower.line
    )
