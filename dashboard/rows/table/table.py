"""All rows as arrays, sorted once; every instant and every indicator takes its rows from these."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from dashboard.domain import Problem
from dashboard.domain.dates import day_of, end_of_day
from dashboard.domain.text import name_keys
from dashboard.late_imports import pd
from dashboard.rows.memo import MOST, Memo
from dashboard.rows.table.known_times import KnownTimes
from dashboard.rows.table.row_content import RowContent
from dashboard.rows.table.row_order import in_order, number_things, slices_of
from dashboard.rows.table.text_codes import TextCodes

_MEMOIZED_PER_ROW = 8  # observations, of 50 bytes: what a board makes of a row, and half of it for another instant

_NO_ROWS = np.array([], dtype=int)


@dataclass(frozen=True, eq=False)
class Table:
    """Rows in the order of source, end, instant of becoming known, publication and line.

    Each array has one entry a row of `frame`, whose index counts from 0. `key` is equal for the vintages of one
    observation (source, period and subject). `memo` keeps results that follow from these rows alone.
    """

    frame: pd.DataFrame
    slices: Mapping[str, slice]
    start: np.ndarray
    end: np.ndarray
    low: np.ndarray
    value: np.ndarray
    high: np.ndarray
    known_at: np.ndarray
    known_times: KnownTimes
    published_at: np.ndarray
    line: np.ndarray
    key: np.ndarray
    unit: np.ndarray
    subject: np.ndarray
    has_figure: np.ndarray  # bool: has any of low, value, high
    is_judged: np.ndarray  # bool: not provisional
    is_withdrawn: np.ndarray  # bool
    accepted_at: np.ndarray  # when a person said that a row no longer held was wrong, NaT: nobody has
    memo: Memo = field(default_factory=Memo)
    _changes: dict[str, np.ndarray] = field(default_factory=dict)
    _last_known: dict[str, tuple[date, np.ndarray]] = field(default_factory=dict)
    _first_ends: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Table:
        """The table of a frame of rows as `SourceRows` has it."""
        frame = in_order(rows)
        source, status = TextCodes.of(frame["source"]), TextCodes.of(frame["status"])
        key = number_things(frame, source.codes)
        low, value, high = (frame[name].to_numpy(float) for name in ("low", "value", "high"))
        return cls(
            frame=frame,
            slices=slices_of(source),
            start=frame["start"].to_numpy("datetime64[D]"),
            end=frame["end"].to_numpy("datetime64[D]"),
            low=low,
            value=value,
            high=high,
            known_at=frame["known_at"].to_numpy("datetime64[s]"),
            known_times=KnownTimes.of(frame, key),
            published_at=frame["published_at"].to_numpy("datetime64[s]"),
            line=frame["line"].to_numpy(np.int64),
            key=key,
            unit=TextCodes.of(frame["unit"]).decoded(),
            subject=TextCodes.of(frame["subject"]).decoded(),
            has_figure=~(np.isnan(low) & np.isnan(value) & np.isnan(high)),
            is_judged=~status.equal("provisional"),
            is_withdrawn=status.equal("withdrawn"),
            accepted_at=frame["accepted_at"].to_numpy("datetime64[s]"),
            memo=Memo(max(MOST, _MEMOIZED_PER_ROW * len(frame))),
        )

    @cached_property
    def is_usable(self) -> np.ndarray:
        """bool: which rows have a figure that is judged, and is not taken back."""
        return np.asarray(self.has_figure & self.is_judged & ~self.is_withdrawn)

    @cached_property
    def _has_assumed(self) -> bool:
        return bool(self.known_times.is_assumed.any())

    def is_assumed(self, row: int) -> bool:
        """Whether the row at a position is known from an assumed publication."""
        return bool(self.known_times.is_assumed[row])

    def assumed_days(self, rows: np.ndarray) -> frozenset[date]:
        """The days on which any row at these positions became known by an assumed publication."""
        if not self._has_assumed:
            return frozenset()
        assumed = rows[self.known_times.is_assumed[rows]]
        return frozenset(np.unique(self.known_at[assumed].astype("datetime64[D]")).tolist())

    @cached_property
    def file(self) -> np.ndarray:
        """The name of the file of each row."""
        return TextCodes.of(self.frame["file"]).decoded()

    @cached_property
    def stated_publication(self) -> np.ndarray:
        """The publication of each row as it was stated."""
        return TextCodes.of(self.frame["published"]).decoded()

    @cached_property
    def stated_instants(self) -> np.ndarray:
        """The instants that order vintages which became known together: the stated publication, which may end after the
        receipt; without one, the instant at which the row became known."""
        return np.where(np.isnat(self.published_at), self.known_at, self.published_at)

    @cached_property
    def lookalike_subjects(self) -> np.ndarray:
        """For each row a number that subjects of its source share if they look alike, else -1."""
        subjects = TextCodes.of(self.frame["subject"])
        shown, _ = pd.factorize(np.array(name_keys(subjects.names.tolist()), object))
        numbers = np.full(len(self.frame), -1)
        is_shared = np.bincount(shown)[shown] > 1 if len(shown) else shown.astype(bool)
        if not is_shared.any():
            return numbers
        for part in self.slices.values():
            own = np.unique(subjects.codes[part])
            looks, counts = np.unique(shown[own], return_counts=True)
            row_looks = shown[subjects.codes[part]]
            numbers[part] = np.where(np.isin(row_looks, looks[counts > 1]), row_looks, -1)
        return numbers

    @cached_property
    def has_lookalike_subjects(self) -> bool:
        """Whether any source has subjects that look alike."""
        return bool((self.lookalike_subjects >= 0).any())

    @cached_property
    def content(self) -> RowContent:
        """Each row as a line of text; only the fingerprint of a board needs it."""
        return RowContent.of(self.frame)

    def known(self, source: str, as_of: date) -> np.ndarray:
        """Positions of a source's rows that were known at the end of a day; later rows leave no trace.

        It is one array for all days between two changes.
        """
        if source not in self.slices:
            return _NO_ROWS
        last = self._last_known.get(source)
        if last is not None and (last[0] == as_of or self.has_no_change_between(source, last[0], as_of)):
            rows = last[1]
        else:
            rows = self.known_at_instant(source, end_of_day(as_of))
        self._last_known[source] = as_of, rows
        return rows

    def known_at_instant(self, source: str, instant: np.datetime64) -> np.ndarray:
        """Positions of a source's rows that were known at an instant."""
        part = self.slices.get(source)
        if part is None:
            return _NO_ROWS
        return np.asarray(part.start + np.flatnonzero(self.known_times.at(instant, part)))

    def dropped(self, source: str, as_of: date) -> np.ndarray:
        """Positions of a source's rows that had been known before the end of a day, and were no longer held."""
        part = self.slices.get(source)
        if part is None or not self.known_times.ends:
            return _NO_ROWS
        first_end = self._first_ends.get(source)
        if first_end is None:
            first_end = self._first_ends[source] = int(self.known_times.until[part].min())
        if end_of_day(as_of).view(np.int64) < first_end:
            return _NO_ROWS
        return np.asarray(part.start + np.flatnonzero(self.known_times.ended_at(end_of_day(as_of), part)))

    def change_days(self, source: str) -> np.ndarray:
        """The days, in order, on which a row of a source became known or ended."""
        if source not in self.slices:
            return np.array([], "datetime64[D]")
        return np.unique(self._changes_of(source).view("datetime64[s]").astype("datetime64[D]"))

    def has_no_change_between(self, source: str, day: date, other: date) -> bool:
        """Whether no row of a source became known or ended after one day and up to the other, whichever is first."""
        if source not in self.slices:
            return True
        instants = np.array([end_of_day(day), end_of_day(other)]).view(np.int64)
        before, after = self._changes_of(source).searchsorted(instants, side="right")
        return bool(before == after)

    def _changes_of(self, source: str) -> np.ndarray:
        changes = self._changes.get(source)
        if changes is None:
            changes = self._changes[source] = self.known_times.changes(self.slices[source])
        return changes

    def problem(self, row: int, column: str, message: str) -> Problem:
        """A problem of the row at a position, known since the row is."""
        return Problem(str(self.file[row]), int(self.line[row]), 0, column, message, day_of(self.known_at[row]))

    def line_references(self, row: int, other: int) -> str:
        """The lines of two related rows, with their files where these differ."""
        if self.file[row] == self.file[other]:
            return f"lines {self.line[row]} and {self.line[other]}"
        return f"{self.file[row]}:{self.line[row]} and {self.file[other]}:{self.line[other]}"

    def source_of(self, row: int) -> str:
        """The source of the row at a position."""
        names, starts = self._starts
        return names[bisect_right(starts, row) - 1]

    @cached_property
    def _starts(self) -> tuple[list[str], list[int]]:
        return [*self.slices], [part.start for part in self.slices.values()]

    def newest_published(self, as_of: date, part: slice = slice(None)) -> date | None:
        """The newest day on which any row, or one of a part, became known, up to a day; a row whose publication is
        assumed, on the day of its receipt."""
        last, known_at = end_of_day(as_of), self.known_at[part]
        is_known = self.known_times.at(last, part)
        if self._has_assumed:
            received = self.known_times.gap_until[part].view("datetime64[s]")
            known_at = np.where(self.known_times.is_assumed[part], received, known_at)
            is_known &= known_at <= last
        return day_of(known_at[is_known].max()) if is_known.any() else None

    def is_known(self, as_of: date) -> np.ndarray:
        """bool: which rows were known at the end of a day."""
        return self.known_times.at(end_of_day(as_of), slice(None))
