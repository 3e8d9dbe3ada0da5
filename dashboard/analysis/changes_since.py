"""What changed of each verdict since an earlier day, on which it is given anew only where that may matter."""

from __future__ import annotations

from dashboard.analysis.board_changes import Change, change_of
from dashboard.catalog import Catalog, Indicator
from dashboard.domain.dates import Period
from dashboard.evaluation import Evaluation, evaluations_of
from dashboard.rows import SourceRows
from dashboard.series import state_on_day


class ChangesSince:
    """The changes of the verdicts of one catalogue from the first to the last of some days.

    It keeps the earlier evaluations that other indicators need, and no others: ten thousand take much memory.
    """

    def __init__(self, catalog: Catalog, rows: SourceRows, days: Period) -> None:
        self._catalog, self._rows, self._days = catalog, rows, days
        self._needed = {need for indicator in catalog.indicators.values() for need in indicator.needs}
        self._finished: dict[str, Evaluation] = {}

    def of(self, name: str, evaluation: Evaluation) -> Change | None:
        """What changed of one indicator, whose evaluation is that of the last day; None where nothing did."""
        if stood_still(self._catalog.indicators[name], evaluation, self._catalog, self._rows, self._days):
            return None
        names = self._catalog.with_needs(name)
        earlier = evaluations_of(names, self._catalog, self._rows, self._days.start, self._finished)
        self._finished |= {each: earlier[each] for each in names if each in self._needed}
        return change_of(earlier[name], evaluation, self._days)


def stood_still(indicator: Indicator, evaluation: Evaluation, catalog: Catalog, rows: SourceRows, days: Period) -> bool:
    """Whether the verdict on the first of the days can differ from that on the last only by ages in its sentences.

    It is said only of an indicator with one line of one source whose breaches end by figures alone. No row may have
    become known or been dropped meanwhile, no problem have begun or ended, and no figure have grown late or stale.
    """
    if not _is_timeless(indicator, evaluation) or len(evaluation.dropped_rows):
        return False
    (name,) = indicator.sources
    problems = rows.problems.get(name, ())
    if any(problem.was_open(days.start) != problem.was_open(days.end) for problem in problems):
        return False
    return rows.table.has_no_change_between(name, days.start, days.end) and _have_equal_ages(
        name, evaluation, catalog, days
    )


def _is_timeless(indicator: Indicator, evaluation: Evaluation) -> bool:
    """Whether the breaches of an indicator follow from one line of one source, whatever the day."""
    if len(indicator.sources) != 1 or indicator.baselines or indicator.needs or indicator.combine == "prefer":
        return False
    if indicator.anchor or indicator.own_line or len(evaluation.lines) != 1 or len(evaluation.assessments) != 1:
        return False
    ages = any(threshold.alarm_window or threshold.lifecycle.keep for threshold in indicator.thresholds)
    return not ages and not evaluation.assessments[0].series.windowed


def _have_equal_ages(name: str, evaluation: Evaluation, catalog: Catalog, days: Period) -> bool:
    """Whether the newest figure and the deciding one were as fresh on the first of the days as on the last."""
    source, verdict = catalog.sources[name], evaluation.verdict
    figures = {verdict.date, *(newest.date for newest in verdict.newest)}
    return all(
        state_on_day(source, figure, has_problems=False, as_of=days.start)
        is state_on_day(source, figure, has_problems=False, as_of=days.end)
        for figure in figures
    )
