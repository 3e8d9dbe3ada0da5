"""The lines that the thresholds of one indicator judge: combined figures, totals of a cap, or own lines.

Lines that follow from rows are remembered by the table, so that they are made once for many instants.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard.catalog import Catalog, Indicator
from dashboard.domain import Series
from dashboard.domain.dates import Anchor, Duration
from dashboard.domain.text import wording as words
from dashboard.series.inputs import IndicatorInputs
from dashboard.series.joined_lines.cap_totals import running_totals
from dashboard.series.joined_lines.cap_vintages import known_totals
from dashboard.series.joined_lines.combine import combined, title_of
from dashboard.series.joined_lines.overdue_reports import find_overdue_reports, pool_reports
from dashboard.thresholds import CapSide, LineInputs, OverdueReports, OwnLine

_MOST_NAMED = 2  # sources that one side of a comparison names one by one


def judged_lines(indicator: Indicator, inputs: IndicatorInputs, catalog: Catalog, as_of: date) -> list[Series]:
    """One line for each part that is judged by itself."""
    if indicator.own_line is not None:
        return [indicator.own_line.make(_line_inputs(indicator, indicator.own_line, inputs, catalog, as_of))]
    title = _title(indicator, catalog, inputs)
    if indicator.anchor is None:
        return _combined(indicator, inputs, title)
    return [
        _totals(group, how, indicator.anchor, title if len(group) > 1 else group[0].title, inputs, as_of)
        for group, how in cap_groups(indicator, inputs)
    ]


def cap_groups(indicator: Indicator, inputs: IndicatorInputs) -> list[tuple[tuple[Series, ...], str]]:
    """The groups of members that make one total each, and how."""
    if indicator.combine == "each":
        return [((member,), "sum") for member in inputs.members]
    return [(inputs.members, indicator.combine)]


def _line_inputs(
    indicator: Indicator, own_line: OwnLine, inputs: IndicatorInputs, catalog: Catalog, as_of: date
) -> LineInputs:
    return LineInputs(
        as_of,
        inputs.members,
        [threshold.level.hardness or 0.0 for threshold in indicator.thresholds],
        inputs.other_indicators,
        {name: _cap_side(name, own_line.only_sources, inputs, catalog, as_of) for name in own_line.caps},
        _overdue_reports(indicator, inputs, catalog) if own_line.waits_for_reports else None,
    )


def _cap_side(name: str, only: Sequence[str], inputs: IndicatorInputs, catalog: Catalog, as_of: date) -> CapSide:
    """The known totals of a cap that is compared, of those of its sources that count."""
    indicator, lines = catalog.indicators[name], inputs.other_indicators[name].lines
    anchor, how = indicator.anchor, indicator.combine
    assert anchor is not None
    members = tuple(line for line in lines if line.origin in only) if only else lines
    totals = inputs.table.memo.get(
        lambda: known_totals(members, how, anchor, as_of),
        "sides", members, how, anchor, anchor.period(as_of), observations=sum(map(len, members)),
    )  # fmt: skip
    counted = [catalog.sources[source].title for source in indicator.sources if source in only]
    is_named = 0 < len(counted) <= min(_MOST_NAMED, len(indicator.sources) - 1)
    title = words.listed(counted) if is_named else indicator.title
    return CapSide(title, anchor, totals, names_claims=is_named and how == "max")


def _overdue_reports(indicator: Indicator, inputs: IndicatorInputs, catalog: Catalog) -> OverdueReports:
    every = catalog.sources[indicator.sources[0]].rhythm
    assert isinstance(every, Duration)
    members = inputs.members
    return inputs.table.memo.get(
        lambda: find_overdue_reports(pool_reports(members), every),
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
        lambda: running_totals(members, how, anchor, title, as_of),
        "totals", members, how, anchor, title, anchor.period(as_of), observations=sum(map(len, members)),
    )  # fmt: skip


def _title(indicator: Indicator, catalog: Catalog, inputs: IndicatorInputs) -> str:
    """The source's title, or how the sources that have any figure make the line together."""
    if len(indicator.sources) == 1:
        return catalog.sources[indicator.sources[0]].title
    speaking = {member.origin for member in inputs.members if member.newest is not None}
    return title_of(indicator.combine, len(speaking or indicator.sources))
