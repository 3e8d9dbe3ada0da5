"""Units: rows in another unit than the one that is judged, brought to it by cited factors; rows stay as they came.

A factor is a range. It widens the figure, and never adds to what somebody vouches for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from dashboard.catalog import Factor, Indicator, Source
from dashboard.domain import Figure, Problem, Series
from dashboard.domain.dates import Anchor, Period, day_of
from dashboard.domain.text import wording as words
from dashboard.rows import Table


def unit_of_cap(indicator: Indicator, table: Table, rows: np.ndarray) -> str:
    """The unit in which an indicator is judged: its own.

    A cap with limits in several units is judged in the one that all figures that stand state, if there is one.
    """
    if not indicator.limit_in:
        return indicator.unit
    return _only_unit(indicator, table, _counted(table, rows)) or indicator.unit


CapFactors = tuple[tuple[Period, str], ...]  # periods of a cap, each with the one unit that its figures are in


def cap_factors(indicator: Indicator, table: Table, groups: Sequence[np.ndarray], unit: str) -> list[CapFactors]:
    """For each group of rows that make one total the periods that are wholly in another unit than is judged in.

    Their figures reach the cap exactly where they reach its limit in their own unit, whatever came in other periods.
    """
    anchor = indicator.anchor
    if not indicator.limit_in or anchor is None or unit != indicator.unit:
        return [() for _ in groups]
    return [_cap_factors(indicator, table, _counted(table, rows), anchor) for rows in groups]


def with_cap_factors(source: Source, indicator: Indicator, ways: CapFactors) -> Source:
    """The source with the cap's own two limits as its factor for some periods, before those that it cites."""
    return source.model_copy(
        update={"factors": [*(_factor_of_limits(indicator, *one) for one in ways), *source.factors]}
    )


def in_one_unit(
    table: Table, rows: np.ndarray, source: Source, unit: str | None, *, stated: bool
) -> tuple[np.ndarray, str | None, list[Problem]]:
    """The rows that are in `unit`, or have a factor to it; that unit; and why the others cannot be used.

    A `unit` of "" stands for the first one that all can be brought to. Where a source has factors, or `stated` asks
    for it, a figure without its unit might be in any, and is refused. What a later vintage settles is no problem.
    """
    if unit is None:
        return rows, None, []
    given = table.unit[rows]
    expected = unit or _common(given, source.factors)
    blank = np.asarray(given == "")
    right = np.asarray(given == expected) | blank
    if stated:
        right |= ~_needs_unit(table, rows)
    if source.factors:
        right |= _convertible(table, rows, source.factors, expected)
    if stated or source.factors:
        right &= ~(blank & _needs_unit(table, rows))
    right |= table.is_withdrawn[rows]  # whatever it states, it takes a figure back
    whose = "indicator is" if unit else "others are"
    problems = [
        table.problem(row, "unit", _why_not(table, row, source, expected, whose))
        for row in rows[~right & _stands(table, rows)].tolist()
    ]
    return rows[right], expected, problems


def converted(series: Series, table: Table, factors: Sequence[Factor], *, stated: bool = False) -> Series:
    """The series with the rows that came in another unit than its own brought to it.

    For a cap (`stated`) "at least so much" may be as much as the factor's high end makes of it, and stays "or more".
    """
    arrays: dict[str, Any] = {}
    left = np.ones(len(series), bool)
    for factor in factors:
        if factor.to_unit == series.unit and (mine := left & _good_for(factor, table, series.row)).any():
            left &= ~mine  # the first factor that is good counts
            arrays = arrays or {side: getattr(series, side).copy() for side in _SIDES}
            for side, scaled in _SIDES.items():
                arrays[side][mine] = scaled(arrays[side][mine], factor)
            if stated:
                high = arrays["high"][mine]
                arrays["high"][mine] = np.where(
                    np.isnan(high) & series.or_more[mine], _most(series.low[mine], factor), high
                )
    return replace(series, **arrays) if arrays else series


@dataclass(frozen=True)
class Conversion:
    """A row's figure in the unit that is judged, blanks filled as series fill them; `stated` as the row has it."""

    figure: Figure
    stated: str
    factor: Factor

    def __str__(self) -> str:
        """`converted from 12,345 t at 7.98 bbl/t (7.9 to 8.1)`."""
        one = self.factor
        extent = "" if one.low == one.high else f" ({words.in_full(one.low, 6)} to {words.in_full(one.high, 6)})"
        return f"converted from {self.stated} at {words.in_full(one.value, 6)} {one.to_unit}/{one.from_unit}{extent}"

    @property
    def cited(self) -> str:
        """Where the factor can be read."""
        one = self.factor
        return one.citation or (f"document {one.document}" if one.document else one.note)


@dataclass(frozen=True)
class Conversions:
    """How the rows of sources are converted: by source, its factors and the unit that it is judged in."""

    factors: Mapping[str, Sequence[Factor]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def of(self, row: Mapping[Any, Any]) -> Conversion | None:
        """The conversion of a row of the frame; None where it has no figure, or is in the right unit."""
        given, unit = str(row["unit"]), self.units.get(row["source"], "")
        low, value, high = (float(row[side]) for side in ("low", "value", "high"))
        if given in ("", unit) or row["status"] in ("missing", "withdrawn"):
            return None
        start, end = row["start"].date(), row["end"].date()
        ways = (one for one in self.factors.get(row["source"], ()) if (one.from_unit, one.to_unit) == (given, unit))
        factor = next((one for one in ways if start in one.days and end in one.days), None)
        if factor is None:
            return None
        stated = Figure.stated(low, value, high, given)
        sides = (_least(stated.low, factor), _middle(value, factor), _most(stated.high, factor))
        least, middle, most = map(float, sides)
        return Conversion(Figure(least, middle, most, unit, stated.or_more), str(stated), factor)

    def at(self, frame: pd.DataFrame, position: int) -> Conversion | None:
        """The conversion of the row at a position of the frame."""
        return self.of(frame.iloc[position].to_dict()) if self.factors else None

    def also(self, other: Conversions) -> Conversions:
        """These and another's."""
        return Conversions({**self.factors, **other.factors}, {**self.units, **other.units})


def _least(side: Any, factor: Factor) -> Any:
    return np.minimum(side * factor.low, side * factor.high)  # below zero the larger factor makes the least


def _middle(side: Any, factor: Factor) -> Any:
    return side * factor.value


def _most(side: Any, factor: Factor) -> Any:
    return np.maximum(side * factor.low, side * factor.high)


# what nobody vouches for is NaN, and stays so
_SIDES = {"low": _least, "value": _middle, "high": _most, "at_least": _least, "at_most": _most}


def _needs_unit(table: Table, rows: np.ndarray) -> np.ndarray:
    """Which rows have a figure that stands."""
    return np.asarray(table.has_figure[rows] & ~table.is_withdrawn[rows])


def _stands(table: Table, rows: np.ndarray) -> np.ndarray:
    """Which of a source's known, judged rows no later figure or withdrawal of the same key supersedes."""
    _, which = np.unique(table.key[rows], return_inverse=True)
    known_at = table.known_at[rows].view(np.int64)
    settles = table.has_figure[rows] | table.is_withdrawn[rows]  # a gap never supersedes a figure
    newest = np.full(len(rows), np.iinfo(np.int64).min)
    np.maximum.at(newest, which[settles], known_at[settles])
    return np.asarray(known_at >= newest[which])


def _counted(table: Table, rows: np.ndarray) -> np.ndarray:
    """The rows whose figures stand."""
    judged = rows[table.is_judged[rows]]
    return np.asarray(judged[_needs_unit(table, judged) & _stands(table, judged)])


def _only_unit(indicator: Indicator, table: Table, counted: np.ndarray) -> str:
    """The one of the cap's other units that all these rows are in; "" if there is none."""
    given = set(map(str, table.unit[counted])) - {""}  # a blank is refused whatever the others are in
    return given.pop() if len(given) == 1 and given <= set(indicator.limit_in) else ""


def _cap_factors(indicator: Indicator, table: Table, counted: np.ndarray, anchor: Anchor) -> CapFactors:
    start, end = table.start[counted], table.end[counted]
    end = np.minimum(end, table.known_at[counted].astype("datetime64[D]"))  # as series place what is not over yet
    if not len(counted):
        return ()
    periods, _ = anchor.periods(day_of(end.min()), day_of(end.max()))
    found = []
    for period in periods:
        inside = (start >= np.datetime64(period.start)) & (end <= np.datetime64(period.end))
        if unit := _only_unit(indicator, table, counted[inside]):
            found.append((period, unit))
    return tuple(found)


def _factor_of_limits(indicator: Indicator, period: Period, unit: str) -> Factor:
    own, other = indicator.limits[indicator.unit], indicator.limits[unit]
    ratio = own / other * (1 + 1e-12)  # rounding must not leave a sum that reaches the one limit below the other
    note = f"the cap itself: {words.number(own)} {indicator.unit} or {words.number(other)} {unit}"
    days = {"since": period.start.isoformat(), "until": period.end.isoformat()}
    made = {"from": unit, "to": indicator.unit, "value": ratio, "low": ratio, "high": ratio, "note": note, **days}
    return Factor.model_validate(made)


def _common(given: np.ndarray, factors: Sequence[Factor]) -> str:
    units = list(dict.fromkeys(str(one) for one in given if one))
    ways = {(factor.from_unit, factor.to_unit) for factor in factors}
    reached = [unit for unit in units if all(other == unit or (other, unit) in ways for other in units)]
    return next(iter([*reached, *units]), "")


def _good_for(factor: Factor, table: Table, rows: np.ndarray) -> np.ndarray:
    """Which rows are in the factor's unit, and about days that it is good for."""
    first, last = np.datetime64(factor.days.start), np.datetime64(factor.days.end)
    return np.asarray((table.unit[rows] == factor.from_unit) & (table.start[rows] >= first) & (table.end[rows] <= last))


def _convertible(table: Table, rows: np.ndarray, factors: Sequence[Factor], unit: str) -> np.ndarray:
    """Which rows have a factor to the unit; those without a figure need only some factor."""
    found = np.zeros(len(rows), bool)
    for factor in factors:
        if factor.to_unit == unit:
            no_figure = (table.unit[rows] == factor.from_unit) & ~_needs_unit(table, rows)
            found |= _good_for(factor, table, rows) | no_figure
    return found


def _why_not(table: Table, row: int, source: Source, unit: str, whose: str) -> str:
    """Why a row cannot be used in a unit, and what to write."""
    given = str(table.unit[row])
    if not given:
        return f"which unit? write it, such as {unit or source.factors[0].to_unit}; figures here may be in several"
    cited = (factor for factor in source.factors if factor.citation or factor.document)
    ways = [factor for factor in cited if (factor.from_unit, factor.to_unit) == (given, unit)]
    if not ways:
        said = f'"{given}", but the {whose} in {unit}'
        return f"{said}; if it is meant, give its source a cited factor: factors: [{{from: {given}, to: {unit}, ...}}]"
    days = Period(day_of(table.start[row]), day_of(table.end[row]))
    good = words.listed([_span(factor) for factor in ways])
    return (
        f'"{given}", and no factor from {given} to {unit} is good for all of {days} (its source has one {good}); '
        f"add one to its factors: with since: {days.start} and until: {days.end}, or widen one to hold these days"
    )


def _span(factor: Factor) -> str:
    since = f"since {factor.since}" if factor.since else ""
    return f"{since} until {factor.until}".strip() if factor.until else since
