"""Lines of several sources as one line, figure by figure. The totals of caps are in `cap_totals`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dashboard.domain import Series
from dashboard.series.source_lines.source_series import known_amounts


def combined(members: Sequence[Series], how: str, title: str) -> list[Series]:
    """The series that are judged: each member, or one made figure by figure.

    With `prefer` every member is judged, and the first that can be trusted decides. `sum`, `max` and `median` join
    figures of exactly the same period; where a member is missing the result is partial.
    """
    if how in ("each", "prefer") or len(members) == 1:
        return list(members)
    return [_joined(members, how, title)]


def title_of(how: str, count: int) -> str:
    """The title of a line of several sources: `largest of 2 sources`."""
    words = {"sum": "sum", "max": "largest", "median": "median", "prefer": "preferred"}
    return f"{words.get(how, 'each')} of {count} sources"


def _joined(members: Sequence[Series], how: str, title: str) -> Series:
    """Figures of the same period as one figure, known since its last part was.

    Where one claim makes it alone, it has been known since that claim was.
    """
    figures = [member.take(np.flatnonzero(member.current & member.has_figure)) for member in members]
    parts = _Parts.of([_once_a_period(part, how) for part in figures])
    series = _together(parts, how)
    some_missing = ~parts.is_present.all(axis=0)
    series = replace(
        series,
        source=f"{how} of {', '.join(member.source for member in members)}",
        title=title,
        or_more=np.asarray(series.or_more | (some_missing & (how == "sum"))),
        partial=np.asarray(series.partial | some_missing),
        unit=members[0].unit,
        kind=members[0].kind,
        breaks=tuple(sorted({day for member in members for day in member.breaks})),
        notes=_contributors(members, parts.is_present, how),
    )
    return _with_single_claims(series, parts) if how == "max" else series


def _together(parts: _Parts, how: str) -> Series:
    low, value, high = _JOINS[how](parts.low, parts.value, parts.high, parts.is_present)
    at_least, _, at_most = _JOINS[how](parts.at_least, parts.value, parts.at_most, parts.is_present)
    nobody_vouches = (parts.is_present & np.isnan(parts.at_most)).any(axis=0)
    return Series.computed(
        source="",
        title="",
        start=parts.start,
        end=parts.end,
        low=low,
        value=value,
        high=high,
        at_least=at_least,
        at_most=np.where(nobody_vouches, np.nan, at_most),
        or_more=parts.or_more.any(axis=0),
        partial=parts.partial.any(axis=0),
        known_at=np.fmax.reduce(parts.known_at, axis=0) if len(parts.end) else parts.known_at[0],
        value_floor=parts.floor("value") if how == "sum" else None,
        high_floor=parts.floor("high") if how == "sum" else None,
    )


def _once_a_period(part: Series, how: str) -> Series:
    """A source's figures, one a period: those of several subjects are added up.

    Of running totals and levels the largest counts instead, where sources are not added up either.
    """
    order = np.lexsort((part.start, part.end))
    start, end = part.start[order], part.end[order]
    is_again = np.append(False, (start[1:] == start[:-1]) & (end[1:] == end[:-1]))[: len(part)]
    if not is_again.any():
        return part
    places = np.arange(len(part))
    nth = places - np.maximum.accumulate(np.where(is_again, 0, places))
    layers = [part.take(np.sort(order[nth == number])) for number in range(int(nth.max()) + 1)]
    joined = _together(_Parts.of(layers), "sum" if how == "sum" or part.kind in ("flow", "event") else "max")
    return replace(joined, source=part.source, title=part.title, unit=part.unit, kind=part.kind, breaks=part.breaks)


@dataclass(frozen=True, eq=False)
class _Parts:
    """Figures of several lines side by side: one row a line, one column a period that any of them has a figure for."""

    start: np.ndarray
    end: np.ndarray
    low: np.ndarray
    value: np.ndarray
    high: np.ndarray
    at_least: np.ndarray
    at_most: np.ndarray
    value_floor: np.ndarray
    high_floor: np.ndarray
    or_more: np.ndarray
    partial: np.ndarray
    known_at: np.ndarray
    row: np.ndarray
    is_present: np.ndarray

    @classmethod
    def of(cls, lines: Sequence[Series]) -> _Parts:
        periods = sorted({*(pair for line in lines for pair in zip(line.end, line.start, strict=True))})
        index = {period: position for position, period in enumerate(periods)}
        shape = (len(lines), len(periods))
        sides = ("low", "value", "high", "at_least", "at_most", "value_floor", "high_floor")
        grids: dict[str, Any] = {side: np.full(shape, np.nan) for side in sides}
        grids |= {flag: np.zeros(shape, bool) for flag in ("or_more", "partial")}
        grids |= {"known_at": np.full(shape, np.datetime64("NaT", "s")), "row": np.full(shape, -1)}
        for number, line in enumerate(lines):
            where = [index[period] for period in zip(line.end, line.start, strict=True)]
            for name, grid in grids.items():
                grid[number, where] = _floor_of(line, name) if name.endswith("_floor") else getattr(line, name)
        start, end = (np.array([period[at] for period in periods], dtype="datetime64[D]") for at in (1, 0))
        return cls(start=start, end=end, is_present=~np.isnat(grids["known_at"]), **grids)

    def floor(self, side: str) -> np.ndarray | None:
        """The sum of a side, in which unknown figures count with what is known of them; None where all are known."""
        unknown = self.is_present & np.isnan(getattr(self, side))
        return _known_sum(getattr(self, f"{side}_floor"), self.is_present) if unknown.any() else None


def _floor_of(line: Series, name: str) -> np.ndarray:
    floor = getattr(line, name)
    return known_amounts(getattr(line, name.removesuffix("_floor")), line) if floor is None else np.asarray(floor)


def _contributors(members: Sequence[Series], is_present: np.ndarray, how: str) -> dict[int, str]:
    """The sources that make each figure, for figures to which not all sources contribute."""
    notes = {}
    for at in np.flatnonzero(~is_present.all(axis=0)).tolist():
        titles = {
            member.origin: member.title for member, has_part in zip(members, is_present[:, at], strict=True) if has_part
        }
        notes[at] = next(iter(titles.values())) if len(titles) == 1 else title_of(how, len(titles))
    return notes


def _with_single_claims(series: Series, parts: _Parts) -> Series:
    """Each largest figure with the row and the publication of the claim that gives all its sides, if one claim does."""
    if not len(series):
        return series
    whole = parts.is_present & (np.isnan(series.value) | (parts.value == series.value))
    for side in (parts.low, parts.high, parts.at_least):
        largest = np.fmax.reduce(side, axis=0)
        whole &= np.isnan(largest) | (side == largest)
    columns, never = np.arange(len(series)), np.datetime64("9999-12-31", "s")
    first, has_one = np.where(whole, parts.known_at, never).argmin(axis=0), whole.any(axis=0)
    return replace(
        series,
        row=np.where(has_one, parts.row[first, columns], -1),
        known_at=np.where(has_one, parts.known_at[first, columns], series.known_at),
    )


Sides = tuple[np.ndarray, np.ndarray, np.ndarray]


def _sum(low: np.ndarray, value: np.ndarray, high: np.ndarray, is_present: np.ndarray) -> Sides:
    """An unknown low end adds nothing to what is certain; an unknown value or high end leaves the sum unknown."""
    return np.nansum(low, axis=0), _known_sum(value, is_present), _known_sum(high, is_present)


def _known_sum(side: np.ndarray, is_present: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(is_present, side, 0.0).sum(axis=0))


def _max(low: np.ndarray, value: np.ndarray, high: np.ndarray, is_present: np.ndarray) -> Sides:
    """The largest at each end; without a central figure where the largest claim gave none."""
    del is_present
    largest = [np.fmax.reduce(side, axis=0) for side in (low, value, high)]
    return largest[0], np.where(largest[1] < largest[0], np.nan, largest[1]), np.fmax(largest[2], largest[0])


def _median(low: np.ndarray, value: np.ndarray, high: np.ndarray, is_present: np.ndarray) -> Sides:
    """The median where every member has a figure; with one missing there is none."""
    is_complete = is_present.all(axis=0)
    middle = [np.where(is_complete, np.median(side, axis=0), np.nan) for side in (low, value, high)]
    return middle[0], middle[1], middle[2]


_JOINS = {"sum": _sum, "max": _max, "median": _median}
