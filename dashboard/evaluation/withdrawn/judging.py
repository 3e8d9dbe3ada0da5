"""What the thresholds of one indicator say of its lines, and what stands by that."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.catalog import Catalog, Indicator
from dashboard.domain import Series
from dashboard.domain.dates import Period
from dashboard.evaluation.current.current_state import CurrentState, of_figures, of_periods
from dashboard.series import IndicatorInputs, judged_lines
from dashboard.thresholds import Assessment, EvaluationContext, assess


def judged(
    indicator: Indicator,
    inputs: IndicatorInputs,
    catalog: Catalog,
    context: EvaluationContext,
    period: Period | None,
    *,
    is_dated: bool = True,
) -> tuple[CurrentState, tuple[Assessment, ...]]:
    """What stands, by the figures or in the period that is counted, and what the thresholds say of each line."""
    lines = judged_lines(indicator, inputs, catalog, context.as_of)
    assessments = tuple(_assessed(line, indicator, context, inputs) for line in lines)
    if period is None:
        current = of_figures(indicator, inputs, assessments, _official(indicator, catalog), context.as_of)
        if retold := _retold(current, assessments, catalog):
            assessments = tuple(one for one in assessments if one.series.source not in retold)
            current = of_figures(indicator, inputs, assessments, _official(indicator, catalog), context.as_of)
        return current, assessments
    return of_periods(indicator, inputs, assessments, period, context.as_of, is_dated=is_dated)


def _assessed(line: Series, indicator: Indicator, context: EvaluationContext, inputs: IndicatorInputs) -> Assessment:
    """What the thresholds say of a line: they look at the instant only to make a line of their own."""
    if indicator.own_line is not None:
        return assess(line, indicator.thresholds, context)
    return inputs.table.memo.get(
        lambda: assess(line, indicator.thresholds, context),
        "assessed", line, indicator, context.unit, context.limit, tuple(context.baselines.values()),
        observations=len(line) * len(indicator.thresholds),
    )  # fmt: skip


def _retold(current: CurrentState, assessments: Sequence[Assessment], catalog: Catalog) -> set[str]:
    """The lines that only retell what is judged here of the source they repeat: they neither freshen nor prolong it.

    A line that tells of something worse than its source ever did is no mere retelling, and is judged.
    """
    worst: dict[str, int] = {}
    origins = {one.series.source: one.series.origin for one in assessments}
    for episode in current.episodes:
        worst[origins[episode.source]] = max(worst.get(origins[episode.source], 0), int(episode.severity))
    spoken = {one.series.origin for one in assessments if one.series.newest is not None}
    return {
        line
        for line, origin in origins.items()
        if origin
        and (told_by := catalog.original_of(origin)) != origin
        and told_by in spoken
        and worst.get(origin, 0) <= worst.get(told_by, 0)
    }


def _official(indicator: Indicator, catalog: Catalog) -> set[str]:
    return {name for name in indicator.sources if catalog.sources[name].is_official}
