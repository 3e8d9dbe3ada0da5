"""What the journal of a source says that the next look needs: read once, and kept while one process goes on."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from dashboard.archive.journal import Run
from dashboard.catalog import Source
from dashboard.domain import with_more
from dashboard.fetch import covers_whole_source

_GONE = "it is gone, and what it held is not known: save a good file of that name, a header alone if there was nothing"


@dataclass
class Past:
    """last: the newest run; received: the newest that brought what is in force; marks: by file the headers of the
    newest that received it or saw it again; failing: the newest run, where that brought nothing to use; refused: by
    file the headers of what this process has seen and rejected on this `day`; leaving: what brought the figures of the
    place before, where nothing whole has come from the one that the source has now; accepted: the newest run in which a
    person said that rows were wrong. Neither that nor what a person let in is a look: `last` is another run.

    All but `last` and `leaving` are of the place that the source has now: there all is read anew. Of a folder each file
    has its own `received` and `failing`, and what befell the folder as a whole stands under its place; any other source
    has one, under "" (see `key`).
    """

    source: Source
    last: Run | None = None
    received: dict[str, Run] = field(default_factory=dict)
    marks: dict[str, Mapping[str, str]] = field(default_factory=dict)
    failing: dict[str, Run] = field(default_factory=dict)
    refused: dict[str, Mapping[str, str]] = field(default_factory=dict)
    day: date | None = None
    leaving: tuple[Run, ...] = ()
    accepted: Run | None = None

    @classmethod
    def of(cls, source: Source, newest_first: Iterable[Run]) -> Past:
        """Of a source that is no folder only the newest runs are read."""
        past, runs = cls(source), iter(newest_first)
        newest: dict[str, Run] = {}
        elsewhere: Run | None = None
        quarantined: dict[datetime, int] = {}
        for run in runs:
            if run.outcome == "accepted":
                past.accepted = past.accepted or run
                continue
            past.last = past.last or (run if run.is_look else None)
            if run.place not in ("", source.location):
                if run.outcome == "received":
                    past.leaving = () if 0 in quarantined.values() else _brought(run, runs)
                    break
                elsewhere = elsewhere if newest else elsewhere or run
                continue
            newest.setdefault(past.key(run), run)
            if run.outcome in ("received", "seen again"):
                past.marks.setdefault(run.file, run.headers)
            if run.outcome == "received":
                past.received.setdefault(past.key(run), run)
                quarantined[run.at] = quarantined.get(run.at, 0) + run.quarantined
                if source.origin.is_whole_delivery:
                    break
        if elsewhere and past.received:  # the source is back where it was: the next look ends what failed elsewhere
            newest["" if source.origin.is_whole_delivery else source.origin.name] = replace(elsewhere, outcome="failed")
        past.failing = {file: run for file, run in newest.items() if run.outcome in ("rejected", "failed")}
        return past

    @property
    def rows_leaving(self) -> int:
        return sum(run.rows for run in self.leaving)

    def key(self, run: Run) -> str:
        return "" if self.source.origin.is_whole_delivery else run.file

    @property
    def before(self) -> dict[str, Mapping[str, str]]:
        """By file, what tells that it is as it was: rejected files are not read again and again while they stay so.

        A file of a folder that could not be read, or was gone, is read as soon as it can be, whatever it was before.
        """
        if self.source.origin.is_whole_delivery:
            return {**self.marks, **self.refused}
        marks = {file: headers for file, headers in self.marks.items() if file not in self.failing}
        read = {file for file, run in self.failing.items() if run.sha256}
        if self.leaving:  # what was refused for lack of rows is judged again with what comes besides
            return marks
        return {**marks, **{file: headers for file, headers in self.refused.items() if file in read}}

    def begin(self, day: date) -> None:
        """A look on a day. What was rejected on another one is read anew, for rows are judged by the day: a clock that
        was back made figures of the present ones of the future."""
        if day != self.day:
            self.day, self.refused = day, {}

    @property
    def is_well(self) -> bool:
        return not self.failing

    def add(self, run: Run) -> None:
        """A run that was recorded just now."""
        key, self.last = self.key(run), run
        if run.outcome == "received":
            self.received[key] = run
        if run.outcome in ("rejected", "failed"):
            self.failing[key] = run
        else:
            self.failing.pop(key, None)
            self.marks[run.file] = run.headers
            self.refused.pop(run.file, None)

    def is_told_by(self, run: Run) -> bool:
        """Whether a run that the schedule did not ask for tells anything that is not known."""
        known = self.failing.get(self.key(run))
        if run.outcome == "seen again":
            return known is not None or (bool(run.headers) and run.headers != self.marks.get(run.file))
        if known is None:
            return True
        told = (run.outcome, run.sha256, run.message)
        return (known.outcome, known.sha256, known.message) != told

    def quiet(self, folder: Path, now: datetime, found: Collection[str], *, is_due: bool) -> list[Run]:
        """The runs of a look that found the source itself in order, besides those of what it `found`.

        `folder` is the catalogue's. A look without news is one where the schedule asked for it, or where it ends a
        failure. What was rejected and still lies there is no news, and ends nothing; but an address is asked for what
        is in force, so that without news it has that again.
        """
        origin = self.source.origin
        if origin.is_whole_delivery:
            still_refused = bool(self.refused) and not origin.is_remote
            is_news = not found and not still_refused and (is_due or bool(self.failing))
            return [self._as_before(now, origin.name)] if is_news else []
        place = origin.name
        runs = [self._as_before(now, place)] if place in self.failing or (is_due and not found) else []
        missing = (run for file, run in self.failing.items() if file != place and file not in found)
        runs += [run for known in missing if (run := self._gone(known, folder, now))]
        return runs

    def _gone(self, known: Run, folder: Path, now: datetime) -> Run | None:
        """The run that tells once that a rejected file is gone. It stays rejected until a good one of its name comes;
        of one that is held back the bytes are there, so that it may still be let in. Only under a name that was itself
        refused none can come, and renaming the file is what was asked for."""
        if not self.source.origin.delivers(known.file):
            return Run(now, "seen again", known.file, known.file, message="no file has this name any more")
        if known.held_back or known.message.endswith(_GONE) or os.path.lexists(folder / known.file):
            return None
        return Run(now, "rejected", known.file, known.address, message=with_more(known.message, _GONE))

    def _as_before(self, now: datetime, file: str) -> Run:
        """What was received last was found again, or nothing to speak of where nothing ever was."""
        run = Run(now, "seen again", file, file, headers=self.marks.get(file, {}))
        known = self.received.get(self.key(run))
        if known is None:
            return run
        return replace(
            run, address=known.address, sha256=known.sha256, size=known.size, rows=known.rows,
            quarantined=known.quarantined,
        )  # fmt: skip


def _brought(newest: Run, before: Iterable[Run]) -> tuple[Run, ...]:
    """The runs that brought what is in force of the place of the `newest`."""
    found = {newest.file: newest}
    for run in before:
        if covers_whole_source(newest.place) or (run.outcome == "received" and run.place != newest.place):
            break
        if run.outcome == "received":
            found.setdefault(run.file, run)
    return tuple(found.values())
