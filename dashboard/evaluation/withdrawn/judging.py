"""What the thresholds of one indicator say of its lines, and what stands by that."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.catalog import Catalog, Indicator
from dashboard.domain import Series
from dashboard.domain.dates import Period
from dashboard.evaluation.current.current_state import Standing, of_figures, of_periods
from dashboard.series import Gathered, follows_from_rows, judged_lines
from dashboard.thresholds import Assessment, Setting, assess


def judged(
    indicator: Indicator,
    gathered: Gathered,
    catalog: Catalog,
    setting: Setting,
    period: Period | None,
    *,
    is_dated: bool = True,
) -> tuple[Standing, tuple[Assessment, ...]]:
    """What stands, by the figures or in the period that is counted, and what the thresholds say of each line."""
    lines = judged_lines(indicator, gathered, catalog, setting.as_of)
    assessments = tuple(_assessed(line, indicator, setting, gathered) for line in lines)
    if period is None:
        standing = of_figures(indicator, gathered, assessments, _official(indicator, catalog), setting.as_of)
        if retold := _retold(standing, assessments, catalog):
            assessments = tuple(one for one in assessments if one.series.source not in retold)
            standing = of_figures(indicator, gathered, assessments, _official(indicator, catalog), setting.as_of)
        return standing, assessments
    return of_periods(indicator, gathered, assessments, period, setting.as_of, is_dated=is_dated)


def _assessed(line: Series, indicator: Indicator, setting: Setting, gathered: Gathered) -> Assessment:
    """What the thresholds say of a line: they look at the instant only to make a line of their own."""
    if not follows_from_rows(indicator):
        return assess(line, indicator.thresholds, setting)
    return gathered.table.memo.get(
        lambda: assess(line, indicator.thresholds, setting),
        "assessed", line, indicator, setting.unit, setting.limit, tuple(setting.baselines.values()),
        observations=len(line) * len(indicator.thresholds),
    )  # fmt: skip


def _retold(standing: Standing, assessments: Sequence[Assessment], catalog: Catalog) -> set[str]:
    """The lines that only retell what is judged here of the source they repeat: they neither freshen nor prolong it.

    A line that tells of something worse than its source ever did is no mere retelling, and is judged.
    """
    worst: dict[str, int] = {}
    origins = {one.series.source: one.series.origin for one in assessments}
    for episode in standing.episodes:
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
