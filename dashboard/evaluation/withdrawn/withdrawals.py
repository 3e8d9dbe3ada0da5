"""Alerts that lost their figure: it was replaced, taken back, overwritten, or is no longer delivered.

Silence never ends an alert. So the indicator is judged anew just before each loss, by the rows known then, and each of
its breaches is looked for in the present state. A row that a person has accepted as wrong (`accepted_at`) counts as if
it had never been delivered.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from dashboard.claims import claim_at
from dashboard.domain import Loss, PassedBy, Severity, State, Withdrawal
from dashboard.domain.dates import day_of
from dashboard.evaluation.current.judging import JudgedIndicator, judge
from dashboard.evaluation.withdrawn.comparison import Comparison, utc_instant
from dashboard.evaluation.withdrawn.losses import instants_of_loss, is_accepted
from dashboard.rows import Table
from dashboard.series import gather_inputs
from dashboard.thresholds import Assessment

_ONE_SECOND = np.timedelta64(1, "s")


def find_withdrawals(judged: JudgedIndicator) -> tuple[Withdrawal, ...]:
    """The alerts of earlier instants that ended because their figure was lost, oldest first.

    Owed reports have none (see `losses.sources_with_losses`), and composites leave them to their members. Ratios
    between caps have those that a later publication took.
    """
    indicator = judged.indicator
    if indicator.waits_for_reports:
        return ()
    if indicator.needs:
        return tuple(each for line in judged.assessments for each in _lowered_periods(line, judged))
    withdrawals: dict[tuple[str, date, date], Withdrawal] = {}
    for instant, is_receipt in sorted(instants_of_loss(judged).items()):
        comparison = Comparison(judged, _judged_before(instant, judged, is_receipt=is_receipt))
        for episode in comparison.earlier.current.episodes:
            if (episode.state.is_on or episode.state is State.ON_RECORD) and comparison.has_lost(episode):
                key = episode.source, episode.first, episode.last  # the newest loss replaces earlier ones
                withdrawals[key] = comparison.withdrawal(episode, instant)
    return tuple(each for each in withdrawals.values() if each.is_open or _stays_on_record(judged, each))


def _lowered_periods(assessment: Assessment, judged: JudgedIndicator) -> Iterator[Withdrawal]:
    """The cap periods of a line that passed, and no longer do since later figures were published."""
    series, sources = assessment.series, judged.catalog.sources
    if not series.by_period:
        return
    for key in np.unique(series.key[~series.current & assessment.is_alarm]):
        passed = np.flatnonzero((series.key == key) & assessment.is_alarm)
        current = np.flatnonzero((series.key == key) & series.current)
        if not current.size or assessment.is_alarm[current[-1]]:
            continue
        at, since = int(passed[series.known_at[passed].argmax()]), int(current[-1])
        yield Withdrawal(
            line=series.source,
            claim=claim_at(series, at, judged.inputs, sources),
            severity=Severity(int(assessment.severity[at])),
            passed_by=PassedBy(int(assessment.passed_by[at])),
            loss=Loss.REPLACED,
            lost_at=utc_instant(series.known_at[since]),
            instead=claim_at(series, since, judged.inputs, sources) if series.has_figure[since] else None,
            is_open=bool(since == len(series) - 1 and judged.as_of.year == day_of(series.end[since]).year),
        )


def _stays_on_record(judged: JudgedIndicator, withdrawal: Withdrawal) -> bool:
    """Events, running totals and caps keep a record; a level that was judged since keeps none."""
    return judged.indicator.anchor is not None or withdrawal.claim.kind in ("event", "cumulative_claim")


def _judged_before(instant: np.datetime64, judged: JudgedIndicator, *, is_receipt: bool) -> JudgedIndicator:
    """The indicator judged just before an instant; before a receipt, the rows that it brought itself do not count."""
    table, before = judged.inputs.table, instant - _ONE_SECOND
    received = instant if is_receipt else None
    known = {name: _known_rows(name, table, before, received, judged.as_of) for name in judged.inputs.lines}
    inputs = gather_inputs(judged.indicator, judged.catalog, {}, table, day_of(before), {}, known)
    return judge(judged.indicator, judged.catalog, inputs, day_of(before), is_dated=False)


def _known_rows(
    name: str, table: Table, instant: np.datetime64, received: np.datetime64 | None, as_of: date
) -> np.ndarray:
    rows = table.known_at_instant(name, instant)
    if received is not None:
        rows = rows[table.known_times.gap_until[rows] < received.astype("datetime64[s]").astype(np.int64)]
    return np.asarray(rows[~is_accepted(table, rows, as_of)])
