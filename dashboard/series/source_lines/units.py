"""Converts rows in another unit to the unit that is judged, by cited factors; stored rows stay as they were received.

A factor is a range. It widens the figure, and never raises an end that somebody vouches for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dashboard.catalog import Factor, Indicator, Source
from dashboard.domain import Figure, Problem, Series
from dashboard.domain.dates import Anchor, Period, day_of
from dashboard.domain.text import wording as words
from dashboard.late_imports import pd
from dashboard.rows import Table


def unit_of_cap(indicator: Indicator, table: Table, rows: Sequence[np.ndarray]) -> str:
    """The unit in which an indicator is judged: its own.

    A cap with limits in several units is judged in the unit that all standing figures state, if they agree.
    """
    if not indicator.limit_in:
        return indicator.unit
    return _only_unit(indicator, table, _counted(table, np.concatenate(rows))) or indicator.unit


CapFactors = tuple[tuple[Period, str], ...]  # periods of a cap, each with the only unit of its figures


def cap_factors(indicator: Indicator, table: Table, groups: Sequence[np.ndarray], unit: str) -> list[CapFactors]:
    """For each group of rows that make one total, the periods whose figures are all in one other unit than `unit`.

    Such figures reach the cap exactly where they reach its limit in their own unit, whatever other periods hold.
    """
    anchor = indicator.anchor
    if not indicator.limit_in or anchor is None or unit != indicator.unit:
        return [() for _ in groups]
    return [_cap_factors(indicator, table, _counted(table, rows), anchor) for rows in groups]


def with_cap_factors(source: Source, indicator: Indicator, periods: CapFactors) -> Source:
    """The source with the cap's own two limits as its factor for some periods, before those that it cites."""
    return source.model_copy(
        update={"factors": [*(_factor_of_limits(indicator, *period) for period in periods), *source.factors]}
    )


def in_one_unit(
    table: Table, rows: np.ndarray, source: Source, unit: str | None, *, stated: bool
) -> tuple[np.ndarray, str | None, list[Problem]]:
    """The rows that are in `unit`, or have a factor to it; that unit; and the problems with the other rows.

    A `unit` of "" stands for the first unit that all rows can be converted to. Where a source has factors, or `stated`
    demands units, a figure without a unit might be in any, and is refused. A row that a later vintage replaces is no
    problem.
    """
    if unit is None:
        return rows, None, []
    units = table.unit[rows]
    expected = unit or _common_unit(units, source.factors)
    is_blank = np.asarray(units == "")
    is_usable = np.asarray(units == expected) | is_blank
    if stated:
        is_usable |= ~_needs_unit(table, rows)
    if source.factors:
        is_usable |= _convertible(table, rows, source.factors, expected)
    if stated or source.factors:
        is_usable &= ~(is_blank & _needs_unit(table, rows))
    is_usable |= table.is_withdrawn[rows]  # in any unit a withdrawal takes its figure back
    whose = "indicator is" if unit else "others are"
    if is_usable.all():
        return rows, expected, []
    problems = [
        table.problem(row, "unit", _why_not(table, row, source, expected, whose))
        for row in rows[~is_usable & _stands(table, rows)].tolist()
    ]
    return rows[is_usable], expected, problems


def converted(series: Series, table: Table, factors: Sequence[Factor], *, stated: bool = False) -> Series:
    """The series with the rows that came in another unit than its own brought to it.

    For a cap (`stated`) "at least so much" may be as much as the factor's high end makes of it, and stays "or more".
    """
    arrays: dict[str, Any] = {}
    left = np.ones(len(series), bool)
    for factor in factors:
        if factor.to_unit == series.unit and (mine := left & _is_factor_for(factor, table, series.row)).any():
            left &= ~mine  # the first factor that fits counts
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
    stated_figure: str
    factor: Factor

    def __str__(self) -> str:
        """`converted from 12,345 t at 7.98 bbl/t (7.9 to 8.1)`."""
        factor, low, high = self.factor, words.in_full(self.factor.low, 6), words.in_full(self.factor.high, 6)
        extent = "" if factor.low == factor.high else f" ({low} to {high})"
        rate = f"{words.in_full(factor.value, 6)} {factor.to_unit}/{factor.from_unit}"
        return f"converted from {self.stated_figure} at {rate}{extent}"

    @property
    def cited(self) -> str:
        """Where the factor can be read."""
        factor = self.factor
        return factor.citation or (f"document {factor.document}" if factor.document else factor.note)


@dataclass(frozen=True)
class Conversions:
    """How the rows of sources are converted: by source, its factors and the unit that it is judged in."""

    factors: Mapping[str, Sequence[Factor]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def of(self, row: Mapping[Any, Any]) -> Conversion | None:
        """The conversion of a row of the frame; None where it has no figure, or is in the unit judged."""
        own_unit, unit = str(row["unit"]), self.units.get(row["source"], "")
        low, value, high = (float(row[side]) for side in ("low", "value", "high"))
        if own_unit in ("", unit) or row["status"] in ("missing", "withdrawn"):
            return None
        start, end = row["start"].date(), row["end"].date()
        factors = (factor for factor in self.factors.get(row["source"], ()) if _converts(factor, own_unit, unit))
        factor = next((factor for factor in factors if start in factor.days and end in factor.days), None)
        if factor is None:
            return None
        stated = Figure.from_cells(low, value, high, own_unit)
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


# an end that nobody vouches for is NaN, and stays NaN
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
    """The other unit of the cap that all these rows are in; "" where they are in several, or in its own."""
    units = set(map(str, table.unit[counted])) - {""}  # a blank is refused in any case
    return units.pop() if len(units) == 1 and units <= set(indicator.limit_in) else ""


def _cap_factors(indicator: Indicator, table: Table, counted: np.ndarray, anchor: Anchor) -> CapFactors:
    start, end = table.start[counted], table.end[counted]
    end = np.minimum(end, table.known_at[counted].astype("datetime64[D]"))  # as series place what is not over yet
    if not len(counted):
        return ()
    periods, _ = anchor.periods(day_of(end.min()), day_of(end.max()))
    factors = []
    for period in periods:
        inside = (start >= np.datetime64(period.start)) & (end <= np.datetime64(period.end))
        if unit := _only_unit(indicator, table, counted[inside]):
            factors.append((period, unit))
    return tuple(factors)


def _factor_of_limits(indicator: Indicator, period: Period, unit: str) -> Factor:
    own, other = indicator.limits[indicator.unit], indicator.limits[unit]
    ratio = own / other * (1 + 1e-12)  # rounding must not leave a sum that reaches the one limit below the other
    note = f"the cap itself: {words.number(own)} {indicator.unit} or {words.number(other)} {unit}"
    days = {"since": period.start.isoformat(), "until": period.end.isoformat()}
    factor = {"from": unit, "to": indicator.unit, "value": ratio, "low": ratio, "high": ratio, "note": note, **days}
    return Factor.model_validate(factor)


def _common_unit(units_of_rows: np.ndarray, factors: Sequence[Factor]) -> str:
    """The first unit that all others can be converted to; the first of all where there is none."""
    units = list(dict.fromkeys(str(unit) for unit in units_of_rows if unit))
    ways = {(factor.from_unit, factor.to_unit) for factor in factors}
    reached = [unit for unit in units if all(other == unit or (other, unit) in ways for other in units)]
    return next(iter([*reached, *units]), "")


def _is_factor_for(factor: Factor, table: Table, rows: np.ndarray) -> np.ndarray:
    """Which rows are in the factor's unit, and about days for which it holds."""
    first, last = np.datetime64(factor.days.start), np.datetime64(factor.days.end)
    return np.asarray((table.unit[rows] == factor.from_unit) & (table.start[rows] >= first) & (table.end[rows] <= last))


def _convertible(table: Table, rows: np.ndarray, factors: Sequence[Factor], unit: str) -> np.ndarray:
    """Which rows have a factor to the unit; those without a figure need only some factor."""
    is_convertible = np.zeros(len(rows), bool)
    for factor in factors:
        if factor.to_unit == unit:
            no_figure = (table.unit[rows] == factor.from_unit) & ~_needs_unit(table, rows)
            is_convertible |= _is_factor_for(factor, table, rows) | no_figure
    return is_convertible


def _converts(factor: Factor, from_unit: str, to_unit: str) -> bool:
    return (factor.from_unit, factor.to_unit) == (from_unit, to_unit)


def _why_not(table: Table, row: int, source: Source, unit: str, whose: str) -> str:
    """Why a row cannot be used in a unit, and what an officer can do."""
    own_unit = str(table.unit[row])
    if not own_unit:
        return f"which unit? write it, such as {unit or source.factors[0].to_unit}; figures here may be in several"
    cited = (factor for factor in source.factors if factor.citation or factor.document)
    ways = [factor for factor in cited if _converts(factor, own_unit, unit)]
    if not ways:
        advice = f"give its source a cited factor: factors: [{{from: {own_unit}, to: {unit}, ...}}]"
        return f'"{own_unit}", but the {whose} in {unit}; if it is meant, {advice}'
    days = Period(day_of(table.start[row]), day_of(table.end[row]))
    good = words.listed([_span(factor) for factor in ways])
    return (
        f'"{own_unit}", and no factor from {own_unit} to {unit} is good for all of {days} (its source has one {good}); '
        f"add one to its factors: with since: {days.start} and until: {days.end}, or widen one to hold these days"
    )


def _span(factor: Factor) -> str:
    since = f"since {factor.since}" if factor.since else ""
    return f"{since} until {factor.until}".strip() if factor.until else since
