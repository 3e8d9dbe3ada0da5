"""All rows as arrays, sorted once; every instant and every indicator takes its rows from these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from dashboard.domain import THING, Problem
from dashboard.domain.dates import day_of, end_of_day
from dashboard.domain.text import name_keys
from dashboard.rows.memo import Memo
from dashboard.rows.row_numbers import number_rows

# instants as numbers of seconds: NaT is the least of all, and so "from ever" where it stands for that
_NEVER, _EVER = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class KnownTimes:
    """The instants at which each row is known, in seconds: from `since` until before `until`, and not in the gap.

    A row is known from its publication, as long as it is held. At instants before anything was received about its key
    (source, period, subject, publication), a row held now is known from its publication all the same, since nothing
    contradicted it then. A correction in place is unknown between the receipt of the row that it corrects and its own
    receipt: that is its gap.
    """

    since: np.ndarray
    until: np.ndarray
    gap_since: np.ndarray
    gap_until: np.ndarray
    has_gaps: bool
    ends: bool

    @classmethod
    def of(cls, frame: pd.DataFrame, key: np.ndarray) -> KnownTimes:
        """The known times of a frame of rows; rows of one source, period and subject have the same `key`."""
        known, held, until, published = (
            frame[name].to_numpy("datetime64[s]").view(np.int64)
            for name in ("known_at", "held_from", "held_until", "published_at")
        )
        is_held = until == _NEVER
        until = np.where(is_held, _EVER, until)
        if (held == _NEVER).all():
            return cls(known, until, held, held, has_gaps=False, ends=not is_held.all())
        first = pd.Series(held).groupby(number_rows((key, published))).transform("min").to_numpy()
        since = np.where(is_held, known, np.maximum(known, held))
        since = np.where((since >= until) & (held < until), held, since)  # lost on the day of its publication
        gap_since = np.where(is_held, np.maximum(first, known), held)
        has_gaps = bool((gap_since < held).any())
        return cls(since, until, gap_since, held, has_gaps=has_gaps, ends=not is_held.all())

    def at(self, instant: np.datetime64, part: slice) -> np.ndarray:
        """bool: which rows of a part are known at an instant."""
        moment = instant.astype("datetime64[s]").view(np.int64)
        seen = self.since[part] <= moment
        if self.ends:
            seen &= moment < self.until[part]
        if self.has_gaps:
            seen &= (moment < self.gap_since[part]) | (moment >= self.gap_until[part])
        return np.asarray(seen)

    def ended_at(self, instant: np.datetime64, part: slice) -> np.ndarray:
        """bool: which rows of a part were known earlier and are no longer held at an instant."""
        until = self.until[part]
        return np.asarray((self.since[part] < until) & (until <= instant.astype("datetime64[s]").view(np.int64)))

    def change_days(self, part: slice) -> np.ndarray:
        """The days, in order, on which a row of a part becomes known, or ends."""
        since, until = self.since[part], self.until[part]
        instants = [since, until[(until != _EVER) & (since < until)]]
        if self.has_gaps:
            gap = self.gap_since[part] < self.gap_until[part]
            instants += [self.gap_since[part][gap], self.gap_until[part][gap]]
        return np.unique(np.concatenate(instants).view("datetime64[s]").astype("datetime64[D]"))


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
    file: np.ndarray
    stated_publication: np.ndarray  # as it was stated
    unit: np.ndarray
    subject: np.ndarray
    has_figure: np.ndarray  # bool: has any of low, value, high
    is_judged: np.ndarray  # bool: not provisional
    is_withdrawn: np.ndarray  # bool
    accepted_at: np.ndarray  # when a person said that a row no longer held was wrong, NaT: nobody has
    memo: Memo = field(default_factory=Memo)

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Table:
        """The table of a frame of rows as `SourceRows` has it."""
        order = ["source", "end", "known_at", *(["published_at"] if _any_stated_later(rows) else []), "file", "line"]
        frame = rows.sort_values(order, kind="stable", na_position="first", ignore_index=True)
        names, starts = np.unique(frame["source"].to_numpy(object).astype(str), return_index=True)
        stops = [*starts, len(frame)][1:]
        key = number_rows(frame[column] for column in ("source", *THING))
        return cls(
            frame=frame,
            slices={str(name): slice(*ends) for name, *ends in zip(names, starts, stops, strict=True)},
            start=frame["start"].to_numpy("datetime64[D]"),
            end=frame["end"].to_numpy("datetime64[D]"),
            low=frame["low"].to_numpy(float),
            value=frame["value"].to_numpy(float),
            high=frame["high"].to_numpy(float),
            known_at=frame["known_at"].to_numpy("datetime64[s]"),
            known_times=KnownTimes.of(frame, key),
            published_at=frame["published_at"].to_numpy("datetime64[s]"),
            line=frame["line"].to_numpy(np.int64),
            key=key,
            file=frame["file"].to_numpy(object),
            stated_publication=frame["published"].to_numpy(object),
            unit=frame["unit"].to_numpy(object),
            subject=frame["subject"].to_numpy(object),
            has_figure=frame[["low", "value", "high"]].notna().any(axis=1).to_numpy(bool),
            is_judged=(frame["status"] != "provisional").to_numpy(bool),
            is_withdrawn=(frame["status"] == "withdrawn").to_numpy(bool),
            accepted_at=frame["accepted_at"].to_numpy("datetime64[s]"),
        )

    @cached_property
    def stated_instants(self) -> np.ndarray:
        """The instants that order vintages which became known together: the stated publication, which may end after the
        receipt; without one, the instant at which the row became known."""
        return np.where(np.isnat(self.published_at), self.known_at, self.published_at)

    @cached_property
    def lookalike_subjects(self) -> np.ndarray:
        """For each row a number that subjects of its source share if they look alike, else -1."""
        numbers = np.full(len(self.frame), -1)
        for part in self.slices.values():
            codes, subjects = pd.factorize(self.subject[part])
            shown, _ = pd.factorize(np.array(name_keys(subjects.tolist()), object))
            numbers[part] = np.where(np.bincount(shown)[shown] > 1, shown, -1)[codes] if len(subjects) > 1 else -1
        return numbers

    @cached_property
    def content(self) -> np.ndarray:
        """Each row as one string, without its line and its history; only the fingerprint of a board needs it."""
        text = self.frame.drop(columns=["file", "line", "held_from", "held_until", "accepted_at"]).to_csv(
            index=False, header=False, date_format="%Y-%m-%dT%H:%M:%S", lineterminator="\x1e"
        )
        return np.array(text.split("\x1e")[:-1], dtype=object)

    def known(self, source: str, as_of: date) -> np.ndarray:
        """Positions of a source's rows that were known at the end of a day; later rows leave no trace."""
        return self.known_at_instant(source, end_of_day(as_of))

    def known_at_instant(self, source: str, instant: np.datetime64) -> np.ndarray:
        """Positions of a source's rows that were known at an instant."""
        part = self.slices.get(source)
        if part is None:
            return np.array([], dtype=int)
        return np.asarray(part.start + np.flatnonzero(self.known_times.at(instant, part)))

    def dropped(self, source: str, as_of: date) -> np.ndarray:
        """Positions of a source's rows that had been known before the end of a day, and were no longer held."""
        part = self.slices.get(source)
        if part is None or not self.known_times.ends:
            return np.array([], dtype=int)
        return np.asarray(part.start + np.flatnonzero(self.known_times.ended_at(end_of_day(as_of), part)))

    def change_days(self, source: str) -> np.ndarray:
        """The days, in order, on which a row of a source became known or ended."""
        return (
            self.known_times.change_days(self.slices[source])
            if source in self.slices
            else np.array([], "datetime64[D]")
        )

    def problem(self, row: int, column: str, message: str) -> Problem:
        """A problem of the row at a position, known since the row is."""
        return Problem(str(self.file[row]), int(self.line[row]), 0, column, message, day_of(self.known_at[row]))

    def line_references(self, row: int, other: int) -> str:
        """The lines of two related rows, with their files where these differ."""
        if self.file[row] == self.file[other]:
            return f"lines {self.line[row]} and {self.line[other]}"
        return f"{self.file[row]}:{self.line[row]} and {self.file[other]}:{self.line[other]}"

    def source_of(self, row: int) -> str:
        return next(name for name, part in self.slices.items() if part.start <= row < part.stop)

    def newest_published(self, as_of: date) -> date | None:
        """The newest day on which anything became known, up to a day."""
        known = self.all_known(as_of)
        return day_of(self.known_at[known].max()) if known.size else None

    def all_known(self, as_of: date) -> np.ndarray:
        """Positions of all rows that were known at the end of a day."""
        return np.flatnonzero(self.known_times.at(end_of_day(as_of), slice(None)))


def _any_stated_later(rows: pd.DataFrame) -> bool:
    """Whether any stated publication ends after the receipt of its row, so that rows known together differ in it."""
    known, published = (rows[name].to_numpy("datetime64[s]") for name in ("known_at", "published_at"))
    return bool((published > known).any())
