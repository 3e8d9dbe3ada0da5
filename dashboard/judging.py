"""What the thresholds of one indicator say of its lines, and what stands by that."""

from __future__ import annotations

from dashboard.assess import Assessment, assess
from dashboard.catalog import Catalog, Indicator
from dashboard.gather import Gathered, follows_from_rows, judged_lines
from dashboard.model import Series
from dashboard.periods import Period
from dashboard.standing import Standing, of_figures, of_periods
from dashboard.thresholds import Setting


def judged(
    indicator: Indicator, gathered: Gathered, catalog: Catalog, setting: Setting, period: Period | None
) -> tuple[Standing, tuple[Assessment, ...]]:
    """What stands, by the figures or in the period that is counted, and what the thresholds say of each line."""
    lines = judged_lines(indicator, gathered, catalog, setting.as_of)
    assessments = tuple(_assessed(line, indicator, setting, gathered) for line in lines)
    if period is None:
        return of_figures(indicator, gathered, assessments, _official(indicator, catalog), setting.as_of), assessments
    return of_periods(indicator, gathered, assessments, period, setting.as_of)


def _assessed(line: Series, indicator: Indicator, setting: Setting, gathered: Gathered) -> Assessment:
    """What the thresholds say of a line: they look at the instant only to make a line of their own."""
    if not follows_from_rows(indicator):
        return assess(line, indicator.thresholds, setting)
    return gathered.table.remembered.of(
        lambda: assess(line, indicator.thresholds, setting),
        "assessed", line, indicator, setting.unit, setting.limit, tuple(setting.baselines.values()),
        observations=len(line) * len(indicator.thresholds),
    )  # fmt: skip


def _official(indicator: Indicator, catalog: Catalog) -> set[str]:
    return {name for name in indicator.sources if catalog.sources[name].is_official}
