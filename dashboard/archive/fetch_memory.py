"""What the next look at a source needs to know of the looks before it; kept while one process goes on."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from dashboard.archive.journal import Run
from dashboard.archive.source_log import SourceLog, key_of
from dashboard.catalog import Source
from dashboard.domain import with_advice

_GONE = "it is gone, and what it held is not known: save a good file of that name, a header alone if there was nothing"


@dataclass
class FetchMemory:
    """The log of a source, and what this process has seen and rejected on this `day`.

    refused: by file, the headers of rejected deliveries. Only what concerns the location that the source has now
    counts: at a new location everything is read anew.
    """

    source: Source
    log: SourceLog
    refused: dict[str, Mapping[str, str]] = field(default_factory=dict)
    day: date | None = None

    @property
    def received(self) -> Mapping[str, Run]:
        """The deliveries in force from the location that the source has now, by file ("" where one is the whole)."""
        return self.log.in_force_here

    @property
    def failing(self) -> Mapping[str, Run]:
        """The newest runs that brought nothing to use; what befell a folder as a whole stands under its place.

        Where a source is back at the location of the delivery in force, a failure elsewhere lasts until the next look.
        """
        failing = dict(self.log.failing)
        if self.log.last_run_elsewhere and self.received:
            failing["" if self.source.origin.is_whole_delivery else self.source.origin.name] = replace(
                self.log.last_run_elsewhere, outcome="failed"
            )
        return failing

    @property
    def rejected_files(self) -> frozenset[str]:
        """The files whose bytes were rejected, and nothing good came after them."""
        here = self.source.location
        return frozenset(run.file for run in self.log.open_rejections if run.sha256 and run.location in ("", here))

    @property
    def rows_superseded(self) -> int:
        return sum(run.rows for run in self.log.superseded)

    @property
    def is_well(self) -> bool:
        return not self.failing

    def key(self, run: Run) -> str:
        return key_of(run, self.source.location)

    @property
    def known_marks(self) -> Mapping[str, Mapping[str, str]]:
        """By file the headers that identify an unchanged delivery, which is not read again.

        A file of a folder that could not be read, or was deleted, is read as soon as it can be, whatever it was before.
        """
        if self.source.origin.is_whole_delivery:
            return {**self.log.fetch_marks, **self.refused}
        failing = self.failing
        marks = {file: headers for file, headers in self.log.fetch_marks.items() if file not in failing}
        if self.log.superseded:  # what was refused for lack of rows is judged again with what comes besides
            return marks
        was_read = {file for file, run in failing.items() if run.sha256}
        return {**marks, **{file: headers for file, headers in self.refused.items() if file in was_read}}

    def begin(self, day: date) -> None:
        """Begin a look on a day. Deliveries rejected on another day are read anew, since rows are judged by the day: a
        clock that was behind took present figures for future ones."""
        if day != self.day:
            self.day, self.refused = day, {}

    def add(self, run: Run) -> None:
        """Note a run that was recorded just now. Once deliveries of another location give way, all is judged anew."""
        is_moving = bool(self.log.superseded)
        self.log.add(run)
        if run.outcome in ("received", "seen again"):
            self.refused = {} if is_moving else {file: one for file, one in self.refused.items() if file != run.file}

    def is_news(self, run: Run) -> bool:
        """Whether a run that the schedule did not ask for adds information and should be recorded."""
        known = self.failing.get(self.key(run))
        if run.outcome == "seen again":
            return known is not None or (bool(run.headers) and run.headers != self.log.fetch_marks.get(run.file))
        if known is None:
            return True
        return (known.outcome, known.sha256, known.message) != (run.outcome, run.sha256, run.message)

    def quiet_runs(self, folder: Path, now: datetime, files: Collection[str], *, is_due: bool) -> list[Run]:
        """The runs of a look that found the source itself in order, besides those of the `files` that it found.

        `folder` is the catalogue's. A look without news is recorded where the schedule asked for it, or where it ends a
        failure. A rejected delivery that still lies there is no news and ends nothing; but an address is asked for what
        is in force, so that without news it has that again.
        """
        origin = self.source.origin
        if origin.is_whole_delivery:
            is_still_refused = bool(self.refused) and not origin.is_remote
            is_news = not files and not is_still_refused and (is_due or bool(self.failing))
            return [self._as_before(now, origin.name)] if is_news else []
        place, failing = origin.name, self.failing
        runs = [self._as_before(now, place)] if place in failing or (is_due and not files) else []
        missing = (run for file, run in failing.items() if file != place and file not in files)
        runs += [run for known in missing if (run := self._deletion(known, folder, now))]
        return runs

    def _deletion(self, known: Run, folder: Path, now: datetime) -> Run | None:
        """The run that records once that a rejected file was deleted. The file stays rejected until a good one of its
        name comes; the bytes of one that is held back are kept, so that a person may still let it in. Under a name that
        was itself refused no good file can come, and renaming the file is what the officer was asked to do."""
        if not self.source.origin.delivers(known.file):
            return Run(now, "seen again", known.file, known.file, message="no file has this name any more")
        if self.source.origin.is_remote:
            return None  # an address that is not there says so itself
        if known.held_back or known.message.endswith(_GONE) or os.path.lexists(folder / known.file):
            return None
        return Run(now, "rejected", known.file, known.address, message=with_advice(known.message, _GONE))

    def _as_before(self, now: datetime, file: str) -> Run:
        """The run that saw the last delivery again, without bytes where nothing was ever received."""
        run = Run(now, "seen again", file, file, headers=self.log.fetch_marks.get(file, {}))
        known = self.received.get(self.key(run))
        if known is None:
            return run
        return replace(
            run, address=known.address, sha256=known.sha256, size=known.size, rows=known.rows,
            quarantined=known.quarantined,
        )  # fmt: skip
