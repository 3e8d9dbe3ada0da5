"""The rows of a source as its archive has them: every delivery read, and each row with the instants it was held."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import groupby, islice
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
from dashboard.intake.wrong import with_wrong
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
    journal does not: rows made of such a journal would lack it. Rows that were refused for their day alone are used
    from that day on, up to `today`. Where the journal has a receipt after `today`, a clock was ahead and took rows of
    the future in: then all is read anew, by the day that it is.
    """
    runs = archive.received(name)
    made = made_of(source, _ahead_of(today, runs))
    stored = store.read(name) if store else None
    if store and stored:
        _expect_begun_by(store.path(name), stored.through, stored.newest, runs)
    if stored is None or stored.made_of != made:
        stored = replace(nothing_held(source), made_of=made)
    told = _edited_after(source, runs)
    for at, together in groupby(range(stored.through, len(runs)), key=lambda number: runs[number].at):
        numbers = list(together)
        day = min(at.date(), today or at.date())
        stored = _ripened(stored, name, source, archive, runs, day)
        again = _read_again(source, [(run := runs[one], archive.data(name, run.sha256)) for one in numbers], day)
        readings = [
            one if number in told else replace(one, unmet=()) for number, one in zip(numbers, again, strict=True)
        ]
        stored = _with_runs(stored, source, [runs[number] for number in numbers], readings)
    return _ripened(stored, name, source, archive, runs, today) if today else stored


def _ripened(stored: Stored, name: str, source: Source, archive: Archive, runs: Sequence[Run], today: date) -> Stored:
    """The same on a day: where rows were refused for their day alone, their delivery is read again on that day, as if
    it had come with its first instant."""
    while (day := stored.ripens) and day <= today:
        files = {file for file, found in stored.wrong.items() if any(one.sound_from == day for one in found)}
        newest = {run.file: run for run in runs[: stored.through] if run.file in files}
        again = _read_again(source, [(run, archive.data(name, run.sha256)) for run in newest.values()], day)
        stored = _with_readings(stored, source, list(newest.values()), again, np.datetime64(day, "s"))
    return stored


def is_current(name: str, source: Source, archive: Archive, store: Store, today: date) -> bool:
    """Whether the store has the rows of all that was received, made as they would be now; no row is read for that."""
    count, newest, told = archive.count_received(name), archive.last_received(name), store.told(name)
    if newest is None or told is None:
        return newest is None and told is None
    if told.ripens and told.ripens <= today:
        return False
    return told[:3] in [(made_of(source, day), count, _told(newest)) for day in (None, today)]


def _ahead_of(today: date | None, runs: Sequence[Run]) -> date | None:
    """Today, where the journal has a receipt after it: what is made of that holds for today alone."""
    return today if today and any(run.at.date() > today for run in runs) else None


def nothing_held(source: Source) -> Stored:
    """What is held before the first delivery."""
    return Stored(frame([]), through=0, made_of=made_of(source))


def with_delivery(
    stored: Stored, source: Source, reading: Reading, file: str, at: np.datetime64
) -> tuple[Stored, Arrival]:
    """What is held after a delivery that was read and not rejected, before its run is in the journal: then
    `through_run` names it."""
    whole_of = None if is_whole(source) else file
    arrival = arrive(stored.rows, reading.rows, at, whole_of, is_complete=not reading.quarantined)
    stored = with_wrong(stored, {file: _wrong(reading)}, day_of(at), is_whole=is_whole(source))
    return replace(stored, rows=arrival.rows), arrival


def with_deliveries(
    stored: Stored, source: Source, deliveries: Sequence[tuple[Reading, str]], at: np.datetime64
) -> tuple[Stored, list[tuple[int, int]]]:
    """What is held after several deliveries of one instant, and how many keys each of them revised and dropped.

    Files that a folder did not have before arrive together, for with each arrival all that is held is copied; it comes
    to the same as one by one.
    """
    if _is_elsewhere(stored, source) and not all(source.lacks(file) for _, file in deliveries):
        return _moved_in(stored, source, deliveries, at)
    known = {*stored.rows["file"].unique(), *stored.wrong}
    fresh = [(reading, file) for reading, file in deliveries if source.folder and file not in known]
    together = len(fresh) > 1 and len({file for _, file in fresh}) == len(fresh)
    if together:
        arrival = arrive(stored.rows, rows_of([reading for reading, _ in fresh]), at, _NO_FILE)
        stored = with_wrong(stored, {file: _wrong(one) for one, file in fresh}, day_of(at), is_whole=False)
        stored = replace(stored, rows=arrival.rows)
    changed = []
    for reading, file in deliveries:
        if together and file not in known:
            changed.append((0, 0))
            continue
        stored, arrival = with_delivery(stored, source, reading, file, at)
        changed.append((arrival.revised, arrival.dropped))
    return stored, changed


def _moved_in(
    stored: Stored, source: Source, deliveries: Sequence[tuple[Reading, str]], at: np.datetime64
) -> tuple[Stored, list[tuple[int, int]]]:
    """What is held after files of a folder as it is named now came beside what came from elsewhere: from the folder, or
    the file, that the source was before. They take the place of that together, as of the files of their names.

    Where rows of theirs are quarantined they take nothing away, and the next ones do.
    """
    newest = {file: reading for reading, file in deliveries}
    elsewhere = [file for file in stored.wrong if source.lacks(file)]
    is_beside = stored.rows["held_until"].isna() & ~stored.rows["file"].isin([*elsewhere, *newest])
    before = stored.rows[~is_beside].sort_values("held_until", kind="stable", ignore_index=True)
    is_complete = not any(reading.quarantined for reading in newest.values())
    arrival = arrive(before, rows_of(list(newest.values())), at, is_complete=is_complete)
    # what is held of a file lies together
    rows = pd.concat([stored.rows[is_beside], arrival.rows]).sort_values(
        ["held_until", "file"], kind="stable", ignore_index=True
    )
    found = {**dict.fromkeys(elsewhere, ()), **{file: _wrong(reading) for file, reading in newest.items()}}
    stored = with_wrong(stored, found, day_of(at), is_whole=False)
    wrong = {file: said for file, said in stored.wrong.items() if file not in elsewhere or not is_complete}
    counts = [(arrival.revised, arrival.dropped), *[(0, 0)] * (len(deliveries) - 1)]
    return replace(stored, rows=rows, wrong=wrong), counts


def _is_elsewhere(stored: Stored, source: Source) -> bool:
    """Whether anything that is held came from elsewhere than the folder as it is named now: it came first."""
    return any(source.lacks(file) for file in islice(stored.wrong, 1))


def _has_moved(stored: Stored, source: Source) -> bool:
    """Whether anything came from the folder as it is named now: it came last."""
    return any(not source.lacks(file) for file in [*stored.wrong][-1:])


def _wrong(reading: Reading) -> tuple[Problem, ...]:
    return (*reading.quarantined, *reading.unmet)


def through_run(stored: Stored, run: Run) -> Stored:
    """The same, as made of one received run more."""
    return replace(stored, through=stored.through + 1, newest=_told(run))


def is_whole(source: Source) -> bool:
    """Whether a delivery is the whole of the source, and not of one file in a folder."""
    return source.folder is None


def made_of(source: Source, day: date | None = None) -> str:
    """What the rows follow from besides the deliveries: how they are to be read, this code, and, where a clock was
    ahead, the day."""
    place = [source.folder, source.glob] if source.folder else None
    told = json.dumps([Layout.of(source).as_json(), place, _code(), str(day)], sort_keys=True)
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


def expect_whole_journal(name: str, archive: Archive, store: Store) -> None:
    """ArchiveError where the stored rows or the bytes that were kept know of a delivery that the journal does not:
    rows made of it would lack that."""
    told = store.told(name)
    if told is not None:
        _expect_begun_by(store.path(name), told[1], told[2], archive.received(name))
    if untold := archive.untold(name):
        raise ArchiveError(
            f"{untold[0]}: received, but the journal of {name} does not tell of it; fetch or save the same delivery "
            "again, put the journal back from a backup, or delete the file if it never counted"
        )


def _expect_begun_by(rows: Path, through: int, newest: str, runs: tuple[Run, ...]) -> None:
    """ArchiveError where rows were not made of the runs with which the journal begins."""
    if not (0 < through <= len(runs) and newest == _told(runs[through - 1])):
        raise ArchiveError(
            f"{rows}: made of {through} received, the last one {newest!r}, but the journal tells of {len(runs)} and "
            "not of that one at its place: it has lost lines; put the newer journal back from a backup, or run "
            "`watchfloor rebuild --despite-loss` and receive again what is missing"
        )


def _read_again(source: Source, received: Sequence[tuple[Run, bytes]], today: date) -> list[Reading]:
    """Deliveries as the catalogue declares them now.

    Bytes that do not go with it any more are read as they were when they came: a publisher who renames a column ends
    no history.
    """
    readings = read_many([(run.file, data) for run, data in received], Layout.of(source), today)
    return [
        _as_it_came(run, data, reading, today) if reading.rejected and run.layout else reading
        for reading, (run, data) in zip(readings, received, strict=True)
    ]


def _as_it_came(run: Run, data: bytes, now: Reading, today: date) -> Reading:
    then = read(data, run.file, Layout.from_json(run.layout), today)
    if then.rejected:
        return then
    standing = f"{_receipt(run)}, does not go with the catalogue as it is now; read as declared when it came"
    return replace(then, unmet=_told_with(now.rejected, standing, run))


def _edited_after(source: Source, runs: Sequence[Run]) -> set[int]:
    """The places of deliveries that are in force, or were when the catalogue was edited: the next one was declared
    otherwise. If these do not go with the catalogue the board said so then, and of no others."""
    told, later = set[int](), dict[str, Run]()
    for number, run in reversed([*enumerate(runs)]):
        file = "" if is_whole(source) else run.file
        if file not in later or later[file].layout != run.layout:
            told.add(number)
        later[file] = run
    return told


def _with_runs(stored: Stored, source: Source, runs: Sequence[Run], readings: Sequence[Reading]) -> Stored:
    """What is held after runs of one instant."""
    stored = _with_readings(stored, source, runs, readings, np.datetime64(runs[0].at.replace(tzinfo=None), "s"))
    for run in runs:
        stored = through_run(stored, run)
    return stored


def _with_readings(
    stored: Stored, source: Source, runs: Sequence[Run], readings: Sequence[Reading], at: np.datetime64
) -> Stored:
    """What is held after readings of one instant; what can no longer be read, or not as it is declared now, is said."""
    told = list(zip(runs, readings, strict=True))
    inside = [(run, reading) for run, reading in told if not source.lacks(run.file)]
    counting = inside if inside or _has_moved(stored, source) else told
    sound = [(reading, run.file) for run, reading in counting if not reading.rejected]
    stored, _ = with_deliveries(stored, source, sound, at)
    for run, reading in counting:
        stored = _unread(stored, source, run, reading, day_of(at)) if reading.rejected else stored
    return stored


def _unread(stored: Stored, source: Source, run: Run, reading: Reading, day: date) -> Stored:
    """The same, and that nothing could be made of a delivery."""
    wrong = _told_with(reading.rejected, f"{_receipt(run)}, no longer readable", run)
    stored = with_wrong(stored, {run.file: wrong}, day, is_whole=is_whole(source))
    return replace(stored, unread=(*stored.unread, *wrong))


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
