"""Series in memory -> episodes, and nothing besides: the evaluation of one line without its words and its evidence."""

from __future__ import annotations

from dashboard.catalog import Indicator
from dashboard.domain import Episode, Series
from dashboard.evaluation.breaches.episodes import find_episodes, find_period_episodes
from dashboard.evaluation.current.figure_state import windows_of
from dashboard.series.joined_lines.cap_periods import split_by_period
from dashboard.series.joined_lines.cap_totals import running_totals
from dashboard.thresholds import EvaluationContext, assess


def line_episodes(indicator: Indicator, series: Series, context: EvaluationContext) -> tuple[Episode, ...]:
    """The episodes of one series that is judged figure by figure."""
    assessment = assess(series, indicator.thresholds, context)
    return find_episodes(assessment, indicator.thresholds, windows_of(indicator, series), context.as_of)


def cap_episodes(indicator: Indicator, series: Series, context: EvaluationContext) -> tuple[Episode, ...]:
    """The breaches of a cap by one series of amounts, one a period at most."""
    assert indicator.anchor is not None
    totals = running_totals([series], "sum", indicator.anchor, series.title, context.as_of)
    parts = split_by_period(totals.end, indicator.anchor)
    assessment = assess(totals, indicator.thresholds, context)
    result = find_period_episodes(assessment, parts, indicator.anchor.period(context.as_of))
    return tuple(episode for episode in result if episode is not None)
