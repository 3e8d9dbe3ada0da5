"""What is known of one indicator at an instant: the series of its sources, their trust, and their problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np

from dashboard.catalog import Catalog, Indicator, Source
from dashboard.domain import UNITS_IN_WORDS, DataState, Newest, Problem, RowCounts, Series
from dashboard.domain.dates import Anchor, Duration, Period, day_of
from dashboard.domain.text import wording as words
from dashboard.rows import Table
from dashboard.series import cap_totals as caps
from dashboard.series import freshness
from dashboard.series import source_series as series_of
from dashboard.series.combine import combined, title_of
from dashboard.series.overdue_reports import OverdueReports, delay_series, overdue_reports, pooled
from dashboard.series.units import Conversions, Ways, unit_of_cap, ways_of_cap, with_ways
from dashboard.thresholds import CapSide, EvaluationContext, OtherIndicator

_TOO_MANY = 3  # sources to name them all where they are one side of a comparison
_NO_ROWS = np.array([], dtype=int)


class OtherEvaluation(OtherIndicator, Protocol):
    """Another indicator as it was evaluated at the same instant, with the rows that it rests on."""

    @property
    def rests_on(self) -> tuple[int, ...]: ...
    @property
    def gone(self) -> np.ndarray: ...
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
    others: Mapping[str, OtherEvaluation],
    known: Mapping[str, np.ndarray] | None = None,
) -> IndicatorInputs:
    """Everything the verdict on one indicator needs, as known at the end of `as_of`; or as the rows `known` have it, by
    source."""
    cited = [one.cites for one in indicator.thresholds if one.cites]
    names = list(dict.fromkeys([*indicator.sources, *cited]))
    known = known or {name: table.known(name, as_of) for name in names}
    unit = unit_of_cap(indicator, table, np.concatenate([_NO_ROWS, *(known[name] for name in indicator.sources)]))
    units = {name: _unit(indicator, catalog.sources[name].kind, unit) for name in names}
    stated = bool(indicator.limit_in)
    sources = {name: catalog.sources[name] for name in names} | _by_the_cap(indicator, catalog, table, known, unit)
    made = {name: _lines_of(name, sources[name], table, known[name], units[name], stated=stated) for name in names}
    wrong = {name: [*known_problems(problems.get(name, ()), as_of), *made[name][1]] for name in names}
    state_of = freshness.state_of_last_look if silences(indicator) else freshness.state_of_source
    return IndicatorInputs(
        members=tuple(line for name in indicator.sources for line in made[name][0]),
        data_states={
            name: state_of(catalog.sources[name], made[name][0], has_problems=bool(wrong[name]), as_of=as_of)
            for name in names
        }
        | {name: other.verdict.data_state for name, other in others.items()},
        lines={name: made[name][0] for name in names},
        source_problems=wrong,
        baselines={name: made[name][0][0] for name in cited},
        problems=tuple(sorted({problem for found in wrong.values() for problem in found})),
        other_indicators=others,
        table=table,
        known_rows=np.unique(np.concatenate([_NO_ROWS, *known.values(), *(other.known for other in others.values())])),
        dropped_rows=np.unique(
            np.concatenate(
                [_NO_ROWS, *(table.dropped(name, as_of) for name in names), *(other.gone for other in others.values())]
            )
        ),
        unit=unit,
        conversions=_conversions(
            {name: made[name][0][0].unit for name in names if units[name] is not None}, sources, others
        ),
        sources={name: catalog.sources[name] for name in names},
        as_of=as_of,
    )


def _by_the_cap(
    indicator: Indicator, catalog: Catalog, table: Table, known: Mapping[str, np.ndarray], unit: str
) -> dict[str, Source]:
    """The sources with periods that the cap's own two limits bring to the unit judged, its factors among theirs."""
    names = indicator.sources
    groups = [[name] for name in names] if indicator.combine == "each" else [names]
    rows = [np.concatenate([_NO_ROWS, *(known[name] for name in group)]) for group in groups]
    found = {}
    for group, ways in zip(groups, ways_of_cap(indicator, table, rows, unit), strict=True):
        for name in group if ways else ():
            found[name] = _with_ways(catalog.sources[name], indicator, ways, table)
    return found


def _with_ways(source: Source, indicator: Indicator, ways: Ways, table: Table) -> Source:
    """One object for the same ways, since what follows from a source is remembered by it."""
    return table.memo.get(
        lambda: with_ways(source, indicator, ways),
        "ways", source, indicator, tuple(part for one in ways for part in one), observations=len(ways),
    )  # fmt: skip


def _conversions(
    units: Mapping[str, str], sources: Mapping[str, Source], others: Mapping[str, OtherEvaluation]
) -> Conversions:
    factors = {name: sources[name].factors for name in units if sources[name].factors}
    found = Conversions(factors, units)
    for other in others.values():
        found = other.conversions.also(found)
    return found


def _lines_of(
    name: str, source: Source, table: Table, known: np.ndarray, unit: str | None, *, stated: bool
) -> tuple[list[Series], list[Problem]]:
    """A source's lines and their problems, which follow from the rows known."""
    return table.memo.get(
        lambda: series_of.source_lines(name, source, table, known, unit, stated=stated),
        "lines", name, source, unit, stated, known.tobytes(), observations=len(known),
    )  # fmt: skip


def evaluation_context(indicator: Indicator, inputs: IndicatorInputs, as_of: date) -> EvaluationContext:
    """What the indicator's thresholds may look at besides the series."""
    return EvaluationContext(
        as_of,
        inputs.unit,
        indicator.limit_for(inputs.unit),
        indicator.period_name,
        indicator.anchor,
        inputs.baselines,
        inputs.other_indicators,
        indicator.limits,
    )


def _unit(indicator: Indicator, kind: str, unit: str) -> str | None:
    """The unit that rows must be in; None where units do not matter: reports that are only waited for, and events
    that are only counted as occurring."""
    if indicator.own_line:
        return ""  # what is compared must agree with itself; the ratio has a unit of its own
    if silences(indicator) or (kind == "event" and all(one.level() is None for one in indicator.thresholds)):
        return None
    return unit


def known_problems(problems: Sequence[Problem], as_of: date) -> list[Problem]:
    """Those that stood at the end of a day."""
    return [problem for problem in problems if problem.stood(as_of)]


def row_counts(name: str, problems: Mapping[str, Sequence[Problem]], table: Table, as_of: date) -> RowCounts:
    quarantined = sum(one.rows for one in known_problems(problems.get(name, ()), as_of))
    return RowCounts(len(table.known(name, as_of)), quarantined)


def judged_lines(indicator: Indicator, inputs: IndicatorInputs, catalog: Catalog, as_of: date) -> list[Series]:
    """The series that the thresholds look at: silence, running totals, or figures, combined as the YAML says."""
    if levels := silences(indicator):
        source = catalog.sources[indicator.sources[0]]
        assert source.expect_every is not None
        return [delay_series(_owed(inputs, Duration.parse(source.expect_every)), levels, as_of)]
    if indicator.own_line:
        context = replace(evaluation_context(indicator, inputs, as_of), sides=_sides(indicator, inputs, catalog, as_of))
        return [indicator.own_line.line(inputs.members, context)]
    title = _title(indicator, catalog, inputs)
    if indicator.anchor is None:
        return _combined(indicator, inputs, title)
    return [
        _totals(group, how, indicator.anchor, title if len(group) > 1 else group[0].title, inputs, as_of)
        for group, how in cap_groups(indicator, inputs)
    ]


def _sides(indicator: Indicator, inputs: IndicatorInputs, catalog: Catalog, as_of: date) -> dict[str, CapSide]:
    """What is known of the caps that the indicator compares, by those of their sources that count."""
    own = indicator.own_line
    if own is None or not own.needs_caps:
        return {}
    return {name: _side(name, own.only_sources, inputs, catalog, as_of) for name in own.needs}


def _side(name: str, only: Sequence[str], inputs: IndicatorInputs, catalog: Catalog, as_of: date) -> CapSide:
    other, lines = catalog.indicators[name], inputs.other_indicators[name].lines
    anchor, how = other.anchor, other.combine
    assert anchor is not None
    members = tuple(line for line in lines if line.origin in only) if only else lines
    totals = inputs.table.memo.get(
        lambda: caps.known_totals(members, how, anchor, as_of),
        "sides", members, how, anchor, anchor.period(as_of), observations=sum(map(len, members)),
    )  # fmt: skip
    counted = [catalog.sources[name].title for name in other.sources if name in only]
    is_named = 0 < len(counted) < min(_TOO_MANY, len(other.sources))
    title = words.listed(counted) if is_named else other.title
    return CapSide(title, anchor, totals, names_claims=is_named and how == "max")


def _owed(inputs: IndicatorInputs, every: Duration) -> OverdueReports:
    members = inputs.members
    return inputs.table.memo.get(
        lambda: overdue_reports(pooled(members), every),
        "owed", members, every.months, every.days, observations=sum(map(len, members)),
    )  # fmt: skip


def _combined(indicator: Indicator, inputs: IndicatorInputs, title: str) -> list[Series]:
    members, how = inputs.members, indicator.combine
    return inputs.table.memo.get(
        lambda: combined(members, how, title),
        "combined", members, how, title, observations=sum(map(len, members)),
    )  # fmt: skip


def _totals(
    members: tuple[Series, ...], how: str, anchor: Anchor, title: str, inputs: IndicatorInputs, as_of: date
) -> Series:
    """The running totals of a cap; of the instant only the open period matters."""
    return inputs.table.memo.get(
        lambda: caps.running_totals(members, how, anchor, title, as_of),
        "totals", members, how, anchor, title, anchor.period(as_of), observations=sum(map(len, members)),
    )  # fmt: skip


def cap_groups(indicator: Indicator, inputs: IndicatorInputs) -> list[tuple[tuple[Series, ...], str]]:
    """Which members make one total, and how."""
    if indicator.combine == "each":
        return [((member,), "sum") for member in inputs.members]
    return [(inputs.members, indicator.combine)]


def newest_figures(indicator: Indicator, inputs: IndicatorInputs, sources: Mapping[str, Source]) -> tuple[Newest, ...]:
    """The newest current figure of each member that has one.

    Of a line that was computed from others no figure is anybody's newest; the indicators behind it tell theirs.
    """
    if indicator.own_line:
        return ()
    return tuple(
        _newest(member, inputs, sources[member.origin]) for member in inputs.members if member.newest is not None
    )


def silences(indicator: Indicator) -> list[Duration]:
    """How long is too long, for an indicator that watches for reports that do not come."""
    return [one.silence for one in indicator.thresholds if one.silence]


def depends_on_rows_only(indicator: Indicator) -> bool:
    """Whether its lines follow from rows, and not from the instant as well, or from other verdicts."""
    return not silences(indicator) and indicator.own_line is None


def straddling_row_problems(indicator: Indicator, inputs: IndicatorInputs) -> tuple[Problem, ...]:
    """Rows that no single period of the cap holds: shown to the officer, counted nowhere."""
    if indicator.anchor is None:
        return ()
    found = []
    for member in inputs.members:
        for position in caps.straddling(member, indicator.anchor):
            row = int(member.row[position])
            period = Period(day_of(member.start[position]), day_of(member.stated_end[position]))
            message = f"{period} lies in more than one {indicator.period_name}; it is shown, not counted"
            found.append(Problem(str(inputs.table.file[row]), int(inputs.table.line[row]), 0, "period", message))
    return tuple(found)


def _newest(member: Series, inputs: IndicatorInputs, source: Source) -> Newest:
    last = member.newest
    assert last is not None
    table, row = inputs.table, int(member.row[last])
    published, unit = table.published_at[row], member.unit or str(table.unit[row])
    is_in_words = member.kind == "event" and unit in UNITS_IN_WORDS
    return Newest(
        source=member.source,
        title=member.title,
        figure=replace(member.figure(last), unit=unit),
        date=day_of(member.end[last]),
        published_at=None if np.isnat(published) else day_of(published),
        data_state=inputs.state_of(member),
        converted=str(inputs.conversions.at(table.frame, row) or ""),
        retells=bool(source.repeats),
        scope=source.scope,
        event=str(table.subject[row]) if is_in_words else "",
        period=Period(day_of(member.start[last]), day_of(member.stated_end[last])),
    )


def _title(indicator: Indicator, catalog: Catalog, inputs: IndicatorInputs) -> str:
    """The source's, or how many sources that have any figure make the line together."""
    if len(indicator.sources) == 1:
        return catalog.sources[indicator.sources[0]].title
    spoken = {member.origin for member in inputs.members if member.newest is not None}
    return title_of(indicator.combine, len(spoken or indicator.sources))
