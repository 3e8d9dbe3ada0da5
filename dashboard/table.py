"""All rows as arrays, put in order once: what every instant and every indicator is cut out of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from dashboard.errors import Problem
from dashboard.periods import day_of, end_of_day
from dashboard.remembered import Remembered


@dataclass(frozen=True, eq=False)
class Table:
    """Rows in the order of source, end, publication and line.

    Each array has one entry a row of `frame`, whose index counts from 0. `key` is equal for the vintages of one
    observation (source, period and subject).
    `remembered` holds what was made of these rows alone.
    """

    frame: pd.DataFrame
    slices: Mapping[str, slice]
    start: np.ndarray
    end: np.ndarray
    low: np.ndarray
    value: np.ndarray
    high: np.ndarray
    known_at: np.ndarray
    published_at: np.ndarray
    line: np.ndarray
    key: np.ndarray
    file: np.ndarray
    published: np.ndarray  # as it was stated
    unit: np.ndarray
    subject: np.ndarray
    figure: np.ndarray  # bool: has any of low, value, high
    judged: np.ndarray  # bool: not provisional
    withdrawn: np.ndarray  # bool
    remembered: Remembered = field(default_factory=Remembered)

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Table:
        """The table of a frame of rows as `intake` makes it."""
        frame = rows.sort_values(["source", "end", "known_at", "file", "line"], kind="stable", ignore_index=True)
        names, starts = np.unique(frame["source"].to_numpy(object).astype(str), return_index=True)
        stops = [*starts, len(frame)][1:]
        return cls(
            frame=frame,
            slices={str(name): slice(*ends) for name, *ends in zip(names, starts, stops, strict=True)},
            start=frame["start"].to_numpy("datetime64[D]"),
            end=frame["end"].to_numpy("datetime64[D]"),
            low=frame["low"].to_numpy(float),
            value=frame["value"].to_numpy(float),
            high=frame["high"].to_numpy(float),
            known_at=frame["known_at"].to_numpy("datetime64[s]"),
            published_at=frame["published_at"].to_numpy("datetime64[s]"),
            line=frame["line"].to_numpy(np.int64),
            key=_codes(*(frame[column].to_numpy() for column in ("source", "start", "end", "subject"))),
            file=frame["file"].to_numpy(object),
            published=frame["published"].to_numpy(object),
            unit=frame["unit"].to_numpy(object),
            subject=frame["subject"].to_numpy(object),
            figure=frame[["low", "value", "high"]].notna().any(axis=1).to_numpy(bool),
            judged=(frame["status"] != "provisional").to_numpy(bool),
            withdrawn=(frame["status"] == "withdrawn").to_numpy(bool),
        )

    @cached_property
    def content(self) -> np.ndarray:
        """Each row in one string, without its place in a file; only a board's version asks for it."""
        text = self.frame.drop(columns=["file", "line"]).to_csv(
            index=False, header=False, date_format="%Y-%m-%dT%H:%M:%S", lineterminator="\x1e"
        )
        return np.array(text.split("\x1e")[:-1], dtype=object)

    def known(self, source: str, as_of: date) -> np.ndarray:
        """Positions of a source's rows that were known at the end of a day; later ones leave no trace."""
        part = self.slices.get(source)
        if part is None:
            return np.array([], dtype=int)
        return np.asarray(part.start + np.flatnonzero(self.known_at[part] <= end_of_day(as_of)))

    def problem(self, row: int, column: str, message: str) -> Problem:
        """A problem of the row at a position, known since the row is."""
        return Problem(str(self.file[row]), int(self.line[row]), 0, column, message, day_of(self.known_at[row]))

    def source_of(self, row: int) -> str:
        return next(name for name, part in self.slices.items() if part.start <= row < part.stop)

    def newest_published(self, as_of: date) -> date | None:
        """The newest day on which anything became known, up to a day."""
        known = self.all_known(as_of)
        return day_of(self.known_at[known].max()) if known.size else None

    def all_known(self, as_of: date) -> np.ndarray:
        """Positions of all rows that were known at the end of a day."""
        return np.flatnonzero(self.known_at <= end_of_day(as_of))


def _codes(*columns: np.ndarray) -> np.ndarray:
    """A number for each row, equal for those that agree in all columns, in the order in which they first come."""
    codes = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        own, values = pd.factorize(column)
        codes = pd.factorize(codes * max(len(values), 1) + own)[0]
    return codes.astype(np.int64)
