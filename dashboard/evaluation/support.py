"""The support of a breach: which claimants pass the level, how they know it, and whether they are independent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from dashboard.catalog import Indicator, Source
from dashboard.claims import claimant_of
from dashboard.domain import Severity, Support, rank
from dashboard.domain.dates import Period
from dashboard.evaluation.current.current_state import CurrentState, DecidingObservation
from dashboard.series import IndicatorInputs
from dashboard.thresholds import EvaluationContext, assess


def support_of(
    indicator: Indicator,
    current: CurrentState,
    inputs: IndicatorInputs,
    sources: Mapping[str, Source],
    context: EvaluationContext,
) -> Support | None:
    """The claimants behind the present breach; None without a breach, or where nobody claims it.

    Nobody claims a breach that verdicts on other indicators make, nor an overdue report. Behind a sum stand all who are
    added, behind the largest claim those who pass by themselves.
    """
    deciding = current.deciding
    if (
        indicator.needs
        or indicator.waits_for_reports
        or deciding is None
        or not (deciding.severity and deciding.severity.is_alarm)
    ):
        return None
    names = _passing(indicator, current, deciding, inputs, context)
    originals = {name for name in names if not sources[name].repeats} or names
    claimants = {claimant_of(name, sources): name for name in sorted(originals)}
    counted = Counter(sources[name].known_by or "" for name in claimants.values())
    return Support(len(claimants), tuple(sorted(counted.items())), are_independent(originals, sources))


def are_independent(names: Collection[str], sources: Mapping[str, Source]) -> bool:
    """Whether the catalogue states that two of the sources are independent. Independence is never assumed."""
    return any(other in names for name in names for other in sources[name].independent_of if other != name)


def _passing(
    indicator: Indicator,
    current: CurrentState,
    deciding: DecidingObservation,
    inputs: IndicatorInputs,
    context: EvaluationContext,
) -> set[str]:
    if indicator.anchor is not None:
        period = indicator.anchor.period(context.as_of)
        return _in_a_cap(indicator, inputs, period, deciding.severity or Severity.WARNING, context)
    origin = {line.source: line.origin for line in inputs.members}
    least = rank(int(deciding.severity or 0), int(deciding.passed_by or 0))
    as_severe = [episode for episode in current.episodes_from(least) if episode.state is deciding.state]
    named = {origin[episode.source] for episode in as_severe if origin.get(episode.source)}
    return named or set(_with_figures(inputs, indicator.sources))


def _in_a_cap(
    indicator: Indicator, inputs: IndicatorInputs, period: Period, severity: Severity, context: EvaluationContext
) -> set[str]:
    inside = {name: _inside(inputs, name, period) for name in indicator.sources}
    spoke = {name for name, rows in inside.items() if rows}
    if indicator.combine == "sum":
        return spoke
    passing = {
        name
        for name in spoke
        for line in inputs.lines[name]
        if (
            assess(line, indicator.thresholds, context).severity[_chosen(line.end, line.current, period)] >= severity
        ).any()
    }
    return passing or spoke


def _inside(inputs: IndicatorInputs, name: str, period: Period) -> int:
    return sum(int(_chosen(line.end, line.current & line.has_figure, period).sum()) for line in inputs.lines[name])


def _chosen(end: np.ndarray, counts: np.ndarray, period: Period) -> np.ndarray:
    return np.asarray(counts & (end >= np.datetime64(period.start)) & (end <= np.datetime64(period.end)))


def _with_figures(inputs: IndicatorInputs, names: Sequence[str]) -> list[str]:
    return [name for name in names if any(line.newest is not None for line in inputs.lines[name])]
