"""Everything that the verdict on one indicator is made of, as known at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol

import numpy as np

from dashboard.catalog import Catalog, Indicator, Source
from dashboard.domain import DataState, Problem, Series
from dashboard.domain.dates import day_of
from dashboard.rows import Table
from dashboard.series import freshness
from dashboard.series.row_problems import known_problems
from dashboard.series.source_lines.source_series import source_lines
from dashboard.series.source_lines.units import CapFactors, Conversions, cap_factors, unit_of_cap, with_cap_factors
from dashboard.thresholds import EvaluationContext, OtherIndicator

_NO_ROWS = np.array([], dtype=int)


class OtherEvaluation(OtherIndicator, Protocol):
    """Another indicator as evaluated at the same instant, with the rows that its verdict rests on."""

    @property
    def rests_on(self) -> tuple[int, ...]: ...
    @property
    def dropped_rows(self) -> np.ndarray: ...
    @property
    def conversions(self) -> Conversions: ...


@dataclass(frozen=True, eq=False)
class IndicatorInputs:
    """Everything that the verdict on one indicator is made of, as known at an instant.

    members: the lines of the sources, in the order of the YAML; data_states, lines and source_problems: by source id,
    those of cited baselines included; baselines: the series that thresholds cite; other_indicators: the evaluations
    that thresholds judge; known_rows: positions in `table` of all rows of all these that were known at the instant;
    dropped_rows: positions of rows that were known before and are no longer held; unit: the unit that the indicator is
    judged in; conversions: how rows in other units were converted to it; sources: by id, as the catalogue has them.
    """

    members: tuple[Series, ...]
    data_states: Mapping[str, DataState]
    lines: Mapping[str, Sequence[Series]]
    source_problems: Mapping[str, Sequence[Problem]]
    baselines: Mapping[str, Series]
    problems: tuple[Problem, ...]
    other_indicators: Mapping[str, OtherEvaluation]
    table: Table
    known_rows: np.ndarray
    dropped_rows: np.ndarray
    unit: str
    conversions: Conversions
    sources: Mapping[str, Source]
    as_of: date

    @cached_property
    def assumed_days(self) -> frozenset[date]:
        """The days on which rows became known by an assumed publication, those no longer held included."""
        return self.table.assumed_days(np.concatenate([self.known_rows, self.dropped_rows]))

    def state_on(self, name: str, day: date | None) -> DataState:
        """The data state of a source's figure about a period that ends on a day; None: it has no figure."""
        return freshness.state_on_day(
            self.sources[name], day, has_problems=bool(self.source_problems[name]), as_of=self.as_of
        )

    def state_of(self, line: Series) -> DataState:
        """The data state of a source's line by its own newest figure."""
        return self.state_on(line.origin, None if line.newest is None else day_of(line.end[line.newest]))

    def subject_of(self, line: Series) -> str:
        """Whom the newest figure of a line is about."""
        row = -1 if line.newest is None else int(line.row[line.newest])
        return str(self.table.subject[row]) if row >= 0 else ""


def gather_inputs(
    indicator: Indicator,
    catalog: Catalog,
    problems: Mapping[str, Sequence[Problem]],
    table: Table,
    as_of: date,
    other_indicators: Mapping[str, OtherEvaluation],
    known: Mapping[str, np.ndarray] | None = None,
) -> IndicatorInputs:
    """Everything that the verdict on one indicator needs, as known at the end of `as_of`.

    `known` gives for each source the positions of its known rows, for an instant within a day.
    """
    sources = {name: catalog.sources[name] for name in [*indicator.sources, *indicator.baselines]}
    known = known or {name: table.known(name, as_of) for name in sources}
    unit = unit_of_cap(indicator, table, [known[name] for name in indicator.sources])
    units = {name: _unit_of_rows(indicator, source.kind, unit) for name, source in sources.items()}
    converting = sources | _sources_with_cap_factors(indicator, catalog, table, known, unit)
    is_stated = bool(indicator.limit_in)
    parts = {name: _lines(name, converting[name], table, known[name], units[name], is_stated) for name in sources}
    lines = {name: own for name, (own, _) in parts.items()}
    source_problems = {name: [*known_problems(problems.get(name, ()), as_of), *own] for name, (_, own) in parts.items()}
    states = _data_states(indicator, sources, lines, source_problems, as_of)
    others = other_indicators.values()
    return IndicatorInputs(
        members=tuple(line for name in indicator.sources for line in lines[name]),
        data_states=states | {name: other.verdict.data_state for name, other in other_indicators.items()},
        lines=lines,
        source_problems=source_problems,
        baselines={name: lines[name][0] for name in indicator.baselines},
        problems=tuple(sorted({problem for own in source_problems.values() for problem in own})),
        other_indicators=other_indicators,
        table=table,
        known_rows=_in_order([*known.values(), *(other.known_rows for other in others)]),
        dropped_rows=_dropped_rows(table, sources, others, as_of),
        unit=unit,
        conversions=_conversions(lines, units, converting, others),
        sources=sources,
        as_of=as_of,
    )


def evaluation_context(indicator: Indicator, inputs: IndicatorInputs, as_of: date) -> EvaluationContext:
    """What the indicator's thresholds may read besides the series."""
    return EvaluationContext(
        as_of,
        inputs.unit,
        indicator.limits.get(inputs.unit),
        indicator.period_name,
        indicator.anchor,
        inputs.baselines,
        inputs.other_indicators,
        indicator.limits,
    )


def _joined(positions: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate([_NO_ROWS, *positions])


def _in_order(positions: Sequence[np.ndarray]) -> np.ndarray:
    """All positions, each once; those of one source stand in order."""
    filled = [rows for rows in positions if len(rows)]
    return np.unique(_joined(filled)) if len(filled) > 1 else filled[0] if filled else _NO_ROWS


def _unit_of_rows(indicator: Indicator, kind: str, unit: str) -> str | None:
    """The unit that rows must be in; "" where they need only agree; None where units do not matter.

    They do not matter for reports that are only awaited, nor for events that are only counted as occurring.
    """
    if indicator.waits_for_reports:
        return None
    if indicator.own_line:
        return ""  # a ratio has a unit of its own, and what it compares must agree
    if kind == "event" and all(threshold.level.hardness is None for threshold in indicator.thresholds):
        return None
    return unit


def _sources_with_cap_factors(
    indicator: Indicator, catalog: Catalog, table: Table, known: Mapping[str, np.ndarray], unit: str
) -> dict[str, Source]:
    """The sources with periods that the cap's own two limits convert, those limits among their factors."""
    names = indicator.sources
    groups = [[name] for name in names] if indicator.combine == "each" else [names]
    rows = [_joined(known[name] for name in group) for group in groups]
    sources = {}
    for group, factors in zip(groups, cap_factors(indicator, table, rows, unit), strict=True):
        for name in group if factors else ():
            sources[name] = _source_with_cap_factors(catalog.sources[name], indicator, factors, table)
    return sources


def _source_with_cap_factors(source: Source, indicator: Indicator, factors: CapFactors, table: Table) -> Source:
    """One object for equal factors, since the lines of a source are remembered by the source."""
    return table.memo.get(
        lambda: with_cap_factors(source, indicator, factors),
        "ways", source, indicator, tuple(part for factor in factors for part in factor), observations=len(factors),
    )  # fmt: skip


def _data_states(
    indicator: Indicator,
    sources: Mapping[str, Source],
    lines: Mapping[str, Sequence[Series]],
    problems: Mapping[str, Sequence[Problem]],
    as_of: date,
) -> dict[str, DataState]:
    state_of = freshness.state_of_last_look if indicator.waits_for_reports else freshness.state_of_source
    return {
        name: state_of(source, lines[name], has_problems=bool(problems[name]), as_of=as_of)
        for name, source in sources.items()
    }


def _dropped_rows(table: Table, sources: Iterable[str], others: Iterable[OtherEvaluation], as_of: date) -> np.ndarray:
    return _in_order([*(table.dropped(name, as_of) for name in sources), *(other.dropped_rows for other in others)])


def _conversions(
    lines: Mapping[str, Sequence[Series]],
    units: Mapping[str, str | None],
    sources: Mapping[str, Source],
    others: Iterable[OtherEvaluation],
) -> Conversions:
    """How rows of the sources whose units matter were converted, and those of the other indicators."""
    line_units = {name: lines[name][0].unit for name, unit in units.items() if unit is not None}
    factors = {name: sources[name].factors for name in line_units if sources[name].factors}
    conversions = Conversions(factors, line_units)
    for other in others:
        conversions = other.conversions.also(conversions)
    return conversions


def _lines(
    name: str, source: Source, table: Table, known: np.ndarray, unit: str | None, stated: bool
) -> tuple[list[Series], list[Problem]]:
    """A source's lines and their problems, which follow from the known rows."""
    return table.memo.get(
        lambda: source_lines(name, source, table, known, unit, stated=stated),
        "lines", name, source, unit, stated, known.tobytes(), observations=len(known),
    )  # fmt: skip
