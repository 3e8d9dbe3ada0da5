"""The journal of one source folded once, from its oldest run to its newest: what is in force, fails and was rejected.

The fold knows nothing of files on disk. `add` continues it, so that a process that records runs reads a journal once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from dashboard.archive.files.source_lines import ReadThrough, SourceLines
from dashboard.archive.journal import Rejection, Run
from dashboard.fetch import covers_whole_source, is_read_in_place

_WORTH_KEEPING = 100  # lines
_ONCE_GONE = "the file is gone"  # how journals of earlier versions said that a rejected file had been deleted


@dataclass
class SourceLog:
    """What the runs of a source add up to, for the location that the catalogue gives it now.

    Files of a folder have deliveries of their own, so runs are kept by file; a source of which each delivery is the
    whole has one entry, under "" (see `key_of`).

    present_location: the location in the catalogue; lines without a location count as of it. location: where the newest
    delivery in force came from, "" before the first. in_force: the newest delivery of each file from `location`, oldest
    first. last: the newest look, whatever came of it. accepted: the newest run since the last whole delivery in which a
    person let something in, or said that rows were wrong. newest_here: the newest run of each file at the present
    location, since deliveries from elsewhere were in force. fetch_marks: the headers of the newest delivery of each
    file there, received or seen again. last_run_elsewhere: the newest look at another location, if none at the present
    one came after it. changes: the runs that changed the rows, oldest first: those that were received or accepted.
    """

    present_location: str
    location: str = ""
    in_force: dict[str, Run] = field(default_factory=dict)
    last: Run | None = None
    accepted: Run | None = None
    newest_here: dict[str, Run] = field(default_factory=dict)
    fetch_marks: dict[str, Mapping[str, str]] = field(default_factory=dict)
    last_run_elsewhere: Run | None = None
    changes: list[Run] = field(default_factory=list)
    _before_move: tuple[Run, ...] = ()  # the deliveries in force of the location before
    _quarantined: dict[datetime, int] = field(default_factory=dict)  # rows by receipt, since the move
    _first_rejected: dict[tuple[str, str], datetime] = field(default_factory=dict)  # by key and SHA-256
    _open: dict[tuple[str, str], Run] = field(default_factory=dict)  # rejections by location and key
    _ended: list[Rejection] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)  # of the deliveries in force, among the changes
    _at_edits: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, present_location: str, runs: Iterable[Run]) -> SourceLog:
        """The log of runs, oldest first."""
        log = cls(present_location)
        for run in runs:
            log.add(run)
        return log

    def add(self, run: Run) -> None:
        """Continue with the next run."""
        if run.outcome == "accepted":
            self.accepted = run
            self.changes.append(run)
            return
        location = run.location or self.present_location
        if run.is_look:
            self.last = run
        if run.outcome == "received":
            self._receive(run, location)
        if location == self.present_location:
            self._note_here(run)
        elif run.outcome != "received":
            self.last_run_elsewhere = run
        self._judge_rejections(run, location)

    def copy(self) -> SourceLog:
        """Another log of the same runs, to be continued by itself."""
        other = copy(self)
        for each in fields(self):
            if isinstance(value := getattr(self, each.name), (dict, list, set)):
                setattr(other, each.name, copy(value))
        return other

    @property
    def in_force_here(self) -> Mapping[str, Run]:
        """The deliveries in force, where they came from `here`."""
        return self.in_force if self.location == self.present_location else {}

    @property
    def last_received(self) -> Run | None:
        """The newest delivery in force."""
        return next(reversed(self.in_force.values()), None)

    @property
    def failing(self) -> Mapping[str, Run]:
        """The newest run of each file at `present_location` that brought nothing to use, newest first."""
        runs = reversed(self.newest_here.items())
        return {key: run for key, run in runs if run.outcome in ("rejected", "failed")}

    @property
    def rejected_since(self) -> Mapping[str, datetime]:
        """By file, when the rejected bytes of its newest run came first."""
        return {
            run.file: self._first_rejected[key, run.sha256]
            for key, run in self.newest_here.items()
            if run.outcome == "rejected"
        }

    @property
    def superseded(self) -> tuple[Run, ...]:
        """The deliveries of another location that are still in force, newest first: they give way together, to the
        first delivery from `here` without quarantined rows."""
        if self.location not in ("", self.present_location):
            return tuple(reversed(self.in_force.values()))
        has_moved = covers_whole_source(self.present_location) or 0 in self._quarantined.values()
        return () if has_moved else self._before_move

    @property
    def last_of_their_layout(self) -> frozenset[int]:
        """The numbers among the `changes`, counting from 0, of deliveries in force now or when the catalogue was
        edited: the delivery that replaced them was declared otherwise."""
        return frozenset({*self._at_edits, *self._numbers.values()})

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """All rejections, each until something else came: new bytes, good or bad, or those in force again.

        At most one stands at a time for each file, or for the whole source. A deleted file ends no rejection: nobody
        knows what the file held. Rejections of the same bytes count from the first. A failure counts as a rejection if
        nothing else stands, and it is that of a file, or of a location that has not yet taken over from another. A
        delivery from the location in force ends failures there and whatever stands at other locations.
        """
        return (*self._ended, *map(Rejection, self._open.values()))

    @property
    def open_rejections(self) -> tuple[Run, ...]:
        """The rejections that have not ended."""
        return tuple(self._open.values())

    def _receive(self, run: Run, location: str) -> None:
        """Put a delivery in force: a whole one and one from another location replace all, a file its older self."""
        key, is_whole = key_of(run, location), covers_whole_source(location)
        if location != self.location:
            self._note_edits(self.in_force, run)
            self._before_move = tuple(reversed(self.in_force.values()))
            self.accepted = None if self.location else self.accepted
            self.location, self.in_force, self._numbers, self._quarantined = location, {}, {}, {}
        if is_whole or location != self.present_location:
            self.newest_here, self.fetch_marks, self._first_rejected = {}, {}, {}
        if is_whole or run.by:
            self.accepted = run if run.by else None
        self._note_edits({key} & self.in_force.keys(), run)
        self.in_force.pop(key, None)
        self.in_force[key], self._numbers[key] = run, len(self.changes)
        self.changes.append(run)
        self._quarantined[run.at] = self._quarantined.get(run.at, 0) + run.quarantined

    def _note_edits(self, replaced: Collection[str], run: Run) -> None:
        self._at_edits |= {self._numbers[key] for key in replaced if self.in_force[key].layout != run.layout}

    def _note_here(self, run: Run) -> None:
        key, self.last_run_elsewhere = key_of(run, self.present_location), None
        self.newest_here.pop(key, None)
        self.newest_here[key] = run
        if run.outcome in ("received", "seen again"):
            self.fetch_marks[run.file] = run.headers
        if run.outcome == "rejected":
            self._first_rejected.setdefault((key, run.sha256), run.at)

    def _judge_rejections(self, run: Run, location: str) -> None:
        """Begin, continue or end the rejections that this run affects; the rules are at `rejections`."""
        key = location, key_of(run, location)
        if run.outcome == "failed":
            if is_read_in_place(location) or self.location not in ("", location):
                self._open.setdefault(key, run)
            return
        if run.outcome == "seen again" and run.message.startswith(_ONCE_GONE):
            return
        if run.outcome != "rejected" and location == self.location:
            ended = [one for one in self._open if one[0] != location or self._open[one].outcome == "failed"]
            self._ended += [Rejection(self._open.pop(one), run.at) for one in ended]
        before = self._open.pop(key, None)
        if before and not _repeats(run, before):
            self._ended.append(Rejection(before, run.at))
            before = None
        if run.outcome == "rejected":
            self._open[key] = replace(run, at=before.at) if before else run
        elif before:
            self._open[key] = before


class FoldedLogs:
    """The logs of the sources of one archive, each continued by the lines that were added since it was asked for.

    Short ones are folded anew each time, which costs nothing, so that they take no memory.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[ReadThrough, SourceLog]] = {}

    def log(self, source: str, location: str, lines: SourceLines) -> SourceLog:
        """The log of a source's lines. Raises ValueError, KeyError or TypeError where a line is no run's."""
        begun = ReadThrough(), SourceLog(location)
        read, log = self._known.pop((source, location), begun)
        if not read.is_of(lines):
            log = SourceLog(location)
            read.begin(lines)
        for run in [Run.of_line(line) for _, line in read.read_on()]:
            log.add(run)
        if len(lines.lines) < _WORTH_KEEPING:
            return log
        self._known[source, location] = read, log
        return log.copy()


def key_of(run: Run, location: str) -> str:
    """Under which key a run at a location is kept: its file for a folder, "" for what each delivery is the whole of."""
    return "" if covers_whole_source(location) else run.file


def _repeats(run: Run, rejected: Run) -> bool:
    """Whether a run only repeats what was rejected."""
    if run.outcome == "rejected":
        return run.sha256 in ("", rejected.sha256)
    return run.outcome == "seen again" and run.sha256 != "" and run.sha256 == rejected.sha256
