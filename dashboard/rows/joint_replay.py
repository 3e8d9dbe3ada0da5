"""Replays the deliveries of many sources at once: in each step the next one of every source, if it is a usual one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date

from dashboard.archive import Archive, ArchiveError, Run, SourceLog
from dashboard.catalog import Source
from dashboard.domain.dates import instant_of
from dashboard.ingest import Delivery, Dialect, Reading, read_all
from dashboard.rows.merging.apply_delivery import count_run
from dashboard.rows.merging.arrivals import Arrival, apply_arrivals
from dashboard.rows.replay import Replay
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.stored_rows import StoredRows

_STEP_BYTES = 32 << 20  # of deliveries that are read together
_GROUP_BYTES = 64 << 20  # of the largest deliveries of sources whose rows are written together

LoggedSources = Mapping[str, tuple[Source, SourceLog]]


def replay_groups(sources: LoggedSources) -> Iterator[LoggedSources]:
    """The sources in groups, whose rows are to be derived and written together; all of them do not fit into memory."""
    group, size = dict[str, tuple[Source, SourceLog]](), 0
    for name, (source, log) in sources.items():
        group[name] = source, log
        size += max((run.size for run in log.changes), default=0)
        if size >= _GROUP_BYTES:
            yield group
            group, size = {}, 0
    if group:
        yield group


def replay_all(sources: LoggedSources, archive: Archive, store: RowStore | None, today: date) -> dict[str, StoredRows]:
    """What `replay_deliveries` gives of each source with its log. Sources of which it raises an error are left out."""
    try:
        before = store.read_all(sources) if store else {}
    except OSError:
        return {}
    replays, rows = list[Replay](), dict[str, StoredRows]()
    for name, (source, log) in sources.items():
        with suppress(ArchiveError):
            replays.append(Replay.begin(name, source, archive, before.get(name), today, log))
    advance_together(replays)
    for replay in replays:
        with suppress(ArchiveError, OSError):
            rows[replay.name] = replay.finish()
    return rows


def advance_together(replays: Sequence[Replay]) -> None:
    """Continue the replays by their next runs, up to the first of each that is not usual, or cannot be read."""
    pending = {replay.name: replay for replay in replays if replay.usual_run()}
    while len(pending) > 1:
        advanced = {name for group in _groups([*pending.values()]) for name in _advance(group)}
        pending = {name: replay for name, replay in pending.items() if name in advanced and replay.usual_run()}


def _groups(replays: Sequence[Replay]) -> Iterator[dict[str, tuple[Replay, Run]]]:
    """The replays with their next runs, in groups whose deliveries fit into memory."""
    group, size = dict[str, tuple[Replay, Run]](), 0
    for replay in replays:
        run = replay.usual_run()
        assert run is not None
        group[replay.name] = replay, run
        size += run.size
        if size > _STEP_BYTES:
            yield group
            group, size = {}, 0
    if group:
        yield group


def _advance(group: Mapping[str, tuple[Replay, Run]]) -> set[str]:
    """Apply the next run of each replay; returns the names of those of which it could be read."""
    arrivals = {
        name: Arrival(
            replay.stored,
            run.location or replay.source.location,
            [(reading, run.file)],
            instant_of(run.at),
            is_accepted=bool(run.by),
        )
        for name, reading in _read(group).items()
        if not reading.rejected
        for replay, run in [group[name]]
    }
    for name, (stored, _) in apply_arrivals(arrivals).items():
        replay, run = group[name]
        replay.stored = count_run(stored, run)
    return {*arrivals}


def _read(group: Mapping[str, tuple[Replay, Run]]) -> dict[str, Reading]:
    """The readings of the deliveries; deliveries that are missing or damaged are left out, and reported later."""
    by_day: dict[date, dict[str, Delivery]] = {}
    for name, (replay, run) in group.items():
        with suppress(ArchiveError, OSError):
            data = replay.archive.data(name, run.sha256)
            delivery = Delivery(run.file, data, Dialect.of(replay.source))
            by_day.setdefault(replay.day_of(replay.stored.run_count), {})[name] = delivery
    return {
        name: reading
        for day, deliveries in by_day.items()
        for name, reading in zip(deliveries, read_all([*deliveries.values()], day), strict=True)
    }
