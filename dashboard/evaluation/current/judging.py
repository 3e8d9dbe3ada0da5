"""Judges an indicator: its thresholds assess its lines, and these give its current state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.catalog import Catalog, Indicator
from dashboard.domain import Series
from dashboard.domain.dates import Period
from dashboard.evaluation.current.current_state import CurrentState
from dashboard.evaluation.current.figure_state import state_by_figures
from dashboard.evaluation.current.period_state import state_by_periods
from dashboard.series import IndicatorInputs, evaluation_context, judged_lines
from dashboard.thresholds import Assessment, EvaluationContext, assess


@dataclass(frozen=True, eq=False)
class JudgedIndicator:
    """An indicator with its inputs at an instant, the assessments of its lines, and its current state.

    period: the cap's period that holds the instant, None for an indicator without a cap.
    """

    indicator: Indicator
    catalog: Catalog
    inputs: IndicatorInputs
    context: EvaluationContext
    period: Period | None
    assessments: tuple[Assessment, ...]
    current: CurrentState

    @property
    def as_of(self) -> date:
        return self.context.as_of


def judge(
    indicator: Indicator, catalog: Catalog, inputs: IndicatorInputs, as_of: date, *, is_dated: bool = True
) -> JudgedIndicator:
    """Judges an indicator by figures, or by cap periods where it has an anchor. `is_dated`: see `state_by_periods`.

    Lines that only repeat another source have no assessment.
    """
    context = evaluation_context(indicator, inputs, as_of)
    lines = judged_lines(indicator, inputs, catalog, as_of)
    assessments = tuple(_assess(line, indicator, context, inputs) for line in lines)
    period = indicator.anchor.period(as_of) if indicator.anchor else None
    if period is None:
        current, assessments = _judge_by_figures(indicator, catalog, inputs, assessments, as_of)
    else:
        current, assessments = state_by_periods(indicator, inputs, assessments, period, as_of, is_dated=is_dated)
    return JudgedIndicator(indicator, catalog, inputs, context, period, assessments, current)


def _judge_by_figures(
    indicator: Indicator,
    catalog: Catalog,
    inputs: IndicatorInputs,
    assessments: tuple[Assessment, ...],
    as_of: date,
) -> tuple[CurrentState, tuple[Assessment, ...]]:
    official = {name for name in indicator.sources if catalog.sources[name].is_official}
    current = state_by_figures(indicator, inputs, assessments, official, as_of)
    if repetitions := _repetitions(current, assessments, catalog):
        assessments = tuple(each for each in assessments if each.series.source not in repetitions)
        current = state_by_figures(indicator, inputs, assessments, official, as_of)
    return current, assessments


def _assess(line: Series, indicator: Indicator, context: EvaluationContext, inputs: IndicatorInputs) -> Assessment:
    """The assessment of a line, memoized unless the thresholds make the line themselves: then the instant matters."""
    if indicator.own_line is not None:
        return assess(line, indicator.thresholds, context)
    return inputs.table.memo.get(
        lambda: assess(line, indicator.thresholds, context),
        "assessed", line, indicator, context.unit, context.limit, tuple(context.baselines.values()),
        observations=len(line) * len(indicator.thresholds),
    )  # fmt: skip


def _repetitions(current: CurrentState, assessments: Sequence[Assessment], catalog: Catalog) -> set[str]:
    """The lines that only repeat another source that is judged here: they neither freshen nor prolong its alert.

    A line with a worse breach than its original ever had is more than a repetition, and is judged.
    """
    worst: dict[str, int] = {}
    origins = {assessment.series.source: assessment.series.origin for assessment in assessments}
    for episode in current.episodes:
        origin = origins[episode.source]
        worst[origin] = max(worst.get(origin, 0), int(episode.severity))
    with_figures = {each.series.origin for each in assessments if each.series.newest is not None}
    return {
        line
        for line, origin in origins.items()
        if origin
        and (original := catalog.original_of(origin)) != origin
        and original in with_figures
        and worst.get(origin, 0) <= worst.get(original, 0)
    }
