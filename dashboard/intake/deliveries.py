"""The rows of a source as its archive has them: every delivery read, and each row with the instants it was held."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from dashboard.archive import Archive, ArchiveError, Run
from dashboard.catalog import Source
from dashboard.errors import Problem, with_more
from dashboard.intake.layout import Layout
from dashboard.intake.many import read_many
from dashboard.intake.reading import Reading, read, rows_of
from dashboard.intake.rows import frame
from dashboard.periods import day_of, end_of_day
from dashboard.store import Store, Stored
from dashboard.vintages import Arrival, arrive

_NO_FILE = "\0"  # is no file's name, so that nothing that is held makes way
_PACKAGE = Path(__file__).parent.parent
_CODE = ("intake", "columns.py", "periods.py", "vintages.py", "store.py")  # what makes rows of bytes


def held(name: str, source: Source, archive: Archive, store: Store | None, today: date | None = None) -> Stored:
    """The rows of all deliveries in the archive; nothing is written.

    What is stored is used as far as it goes and was made in the same way; without a store all is made anew. Raises
    ArchiveError where a delivery that is needed is missing or damaged, and where the store knows of one that the
    journal does not: rows made of such a journal would lack it. Where the journal has a receipt after `today`, a clock
    was ahead and took rows of the future in: then all is read anew, by the day that it is.
    """
    runs = archive.received(name)
    was_ahead = today is not None and any(run.at.date() > today for run in runs)
    stored = store.read(name) if store else None
    if store and stored and not _goes_with(stored, runs):
        raise ArchiveError(
            f"{store.path(name)}: made of {stored.through} received, the last one "
            f"{stored.newest!r}, but the journal of {name} tells of {len(runs)} and not of that one at its place: it "
            "has lost lines; put the newer journal back from a backup, or delete this file of rows and receive again "
            "what is missing"
        )
    if stored is None or was_ahead or stored.made_of != made_of(source):
        stored = nothing_held(source)
    for at, together in groupby(runs[stored.through :], key=lambda run: run.at):
        some = list(together)
        day = min(at.date(), today or at.date())
        again = _read_again(source, [(run, archive.data(name, run.sha256)) for run in some], day)
        stored = _with_runs(stored, source, again)
    return stored


def is_current(name: str, source: Source, archive: Archive, store: Store) -> bool:
    """Whether the store has the rows of all that was received, made as they would be now; no row is read for that."""
    count, newest = archive.count_received(name), archive.last_received(name)
    if newest is None:
        return store.told(name) is None
    return store.told(name) == (made_of(source), count, _told(newest))


def nothing_held(source: Source) -> Stored:
    """What is held before the first delivery."""
    return Stored(frame([]), through=0, made_of=made_of(source))


def with_delivery(
    stored: Stored, source: Source, reading: Reading, file: str, at: np.datetime64
) -> tuple[Stored, Arrival]:
    """What is held after a delivery that was read and not rejected, before its run is in the journal: then
    `through_run` names it. A problem without a day of its own is known since its row came."""
    arrival = arrive(stored.rows, reading.rows, at, None if is_whole(source) else file)
    kept = stored.wrong if source.folder else {}
    wrong = {**kept, file: _wrong(stored, source, reading, file, at)}
    return replace(stored, rows=arrival.rows, wrong=wrong), arrival


def with_deliveries(
    stored: Stored, source: Source, deliveries: Sequence[tuple[Reading, str]], at: np.datetime64
) -> tuple[Stored, list[int]]:
    """What is held after several deliveries of one instant, and how many keys each of them revised.

    Files that a folder did not have before arrive together, for with each arrival all that is held is copied; it comes
    to the same as one by one.
    """
    known = {*stored.rows["file"].unique(), *stored.wrong}
    fresh = [(reading, file) for reading, file in deliveries if source.folder and file not in known]
    together = len(fresh) > 1 and len({file for _, file in fresh}) == len(fresh)
    if together:
        arrival = arrive(stored.rows, rows_of([reading for reading, _ in fresh]), at, _NO_FILE)
        wrong = {file: _wrong(stored, source, reading, file, at) for reading, file in fresh}
        stored = replace(stored, rows=arrival.rows, wrong={**stored.wrong, **wrong})
    revised = []
    for reading, file in deliveries:
        if together and file not in known:
            revised.append(0)
            continue
        stored, arrival = with_delivery(stored, source, reading, file, at)
        revised.append(arrival.revised)
    return stored, revised


def _wrong(stored: Stored, source: Source, reading: Reading, file: str, at: np.datetime64) -> tuple[Problem, ...]:
    before = stored.wrong if source.folder else {file: stored.problems}
    known = {(one.path, one.message): one.known_at for one in before.get(file, ())}
    today = day_of(at)
    return tuple(
        one if one.known_at else replace(one, known_at=known.get((one.path, one.message)) or today)
        for one in reading.quarantined
    )


def through_run(stored: Stored, run: Run) -> Stored:
    """The same, as made of one received run more."""
    return replace(stored, through=stored.through + 1, newest=_told(run))


def is_whole(source: Source) -> bool:
    """Whether a delivery is the whole of the source, and not of one file in a folder."""
    return source.folder is None


def made_of(source: Source) -> str:
    """What the rows follow from besides the deliveries: how they are to be read, and this code."""
    told = json.dumps([Layout.of(source).as_json(), is_whole(source), _code()], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def not_after(rows: pd.DataFrame, today: date) -> pd.DataFrame:
    """Rows of which none came after today: a clock that was ahead then must not hide them now."""
    last = end_of_day(today)
    held_from, held_until = (rows[name].to_numpy("datetime64[s]") for name in ("held_from", "held_until"))
    if not ((held_from > last) | (held_until > last)).any():
        return rows
    known_at = rows["known_at"].to_numpy("datetime64[s]")
    return rows.assign(
        held_from=np.where(held_from > last, last, held_from),
        held_until=np.where(held_until > last, last, held_until),
        known_at=np.where(known_at > last, last, known_at),
    )


def _goes_with(stored: Stored, runs: tuple[Run, ...]) -> bool:
    """Whether rows were made of the runs with which the journal begins."""
    return 0 < stored.through <= len(runs) and stored.newest == _told(runs[stored.through - 1])


@dataclass(frozen=True, eq=False)
class _Again:
    """A delivery read again; unmet: why it was not read as the catalogue declares now, but as it did when it came."""

    run: Run
    reading: Reading
    unmet: tuple[Problem, ...] = ()


def _read_again(source: Source, received: Sequence[tuple[Run, bytes]], today: date) -> list[_Again]:
    """Deliveries as the catalogue declares them now.

    Bytes that do not go with it any more are read as they were when they came: a publisher who renames a column ends
    no history.
    """
    readings = read_many([(run.file, data) for run, data in received], Layout.of(source), today)
    return [
        _as_it_came(run, data, reading, today) if reading.rejected and run.layout else _Again(run, reading)
        for reading, (run, data) in zip(readings, received, strict=True)
    ]


def _as_it_came(run: Run, data: bytes, now: Reading, today: date) -> _Again:
    then = read(data, run.file, Layout.from_json(run.layout), today)
    if then.rejected:
        return _Again(run, then)
    standing = f"{_receipt(run)}, does not go with the catalogue as it is now; read as declared when it came"
    return _Again(run, then, _told_with(now.rejected, standing, run))


def _with_runs(stored: Stored, source: Source, received: Sequence[_Again]) -> Stored:
    """What is held after runs of one instant; what can no longer be read, or not as it is declared now, is said."""
    sound = [(one.reading, one.run.file) for one in received if not one.reading.rejected]
    at = np.datetime64(received[0].run.at.replace(tzinfo=None), "s")
    stored, _ = with_deliveries(stored, source, sound, at)
    stored = _with_unmet(stored, source, received)
    for one in received:
        stored = through_run(_unread(stored, source, one) if one.reading.rejected else stored, one.run)
    return stored


def _with_unmet(stored: Stored, source: Source, received: Sequence[_Again]) -> Stored:
    """The same, and that deliveries in force are not read as the catalogue declares them: their figures may be those
    of another column. The next delivery takes the problem with it, so history is read as it came without one."""
    in_force = {"" if is_whole(source) else one.run.file: one for one in received if not one.reading.rejected}
    unmet = {one.run.file: (*stored.wrong.get(one.run.file, ()), *one.unmet) for one in in_force.values() if one.unmet}
    return replace(stored, wrong={**stored.wrong, **unmet})


def _unread(stored: Stored, source: Source, one: _Again) -> Stored:
    """The same, and that nothing could be made of a delivery."""
    wrong = _told_with(one.reading.rejected, f"{_receipt(one.run)}, no longer readable", one.run)
    before = stored.wrong if source.folder else {}
    return replace(stored, unread=(*stored.unread, *wrong), wrong={**before, one.run.file: wrong})


def _told_with(problems: Sequence[Problem], standing: str, run: Run) -> tuple[Problem, ...]:
    """Problems of a delivery since its receipt, and how it stands with it."""
    return tuple(replace(one, message=with_more(one.message, standing), known_at=run.at.date()) for one in problems)


def _receipt(run: Run) -> str:
    return f"received {run.at:%Y-%m-%d %H:%M} UTC (sha256 {run.sha256[:12]})"


def _told(run: Run) -> str:
    return f"{run.at.isoformat()} {run.file} {run.sha256}"


@cache
def _code() -> str:
    """A fingerprint of the code and the libraries that make rows of bytes."""
    digest = hashlib.sha256(f"{pd.__version__} {np.__version__} {pa.__version__}".encode())
    for name in _CODE:
        place = _PACKAGE / name
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
