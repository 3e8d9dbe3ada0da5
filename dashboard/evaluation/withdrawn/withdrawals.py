"""Alerts of which the figure is gone: replaced, taken back, overwritten, or no longer delivered.

Silence never ends an alert. So each instant before a loss is judged anew, by the rows known then, and what stood then
is looked for among what stands now. What a person has accepted as wrong (`accepted_at`) counts as never said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from dashboard.catalog import Catalog, Indicator
from dashboard.claims import claim_at
from dashboard.domain import ClaimedFigure, Episode, Loss, PassedBy, Severity, State, Withdrawal
from dashboard.domain.dates import day_of
from dashboard.evaluation.breaches.episode_identity import is_the_same_line, overlap
from dashboard.evaluation.current.current_state import CurrentState
from dashboard.evaluation.withdrawn.judging import judged
from dashboard.evaluation.withdrawn.losses import instants_of_loss, is_accepted, judged_after
from dashboard.rows import Table
from dashboard.series import IndicatorInputs, evaluation_context, gather_inputs
from dashboard.thresholds import Assessment, rank

_WARNING = rank(Severity.WARNING, 0)
_ONE_SECOND = np.timedelta64(1, "s")


def find_withdrawals(
    indicator: Indicator,
    catalog: Catalog,
    inputs: IndicatorInputs,
    current: CurrentState,
    assessments: Sequence[Assessment],
    as_of: date,
) -> tuple[Withdrawal, ...]:
    """The alerts that stood at an earlier instant and no longer do because their figure is gone, oldest first.

    Owed reports have none (see `losses.lost_beneath`), nor have composites, whose members tell of theirs. Of ratios
    between caps those are found that a later publication took.
    """
    if indicator.waits_for_reports:
        return ()
    if indicator.needs:
        return tuple(one for line in assessments for one in _lowered_periods(line, inputs, catalog, as_of))
    now = _Now(indicator, catalog, inputs, current, tuple(assessments), as_of)
    found: dict[tuple[str, date, date], Withdrawal] = {}
    for instant, is_receipt in sorted(instants_of_loss(indicator, inputs, current, assessments, as_of).items()):
        for then, episode in _stood_before(instant, now, is_receipt=is_receipt):
            if now.has_lost(then, episode):
                key = episode.source, episode.first, episode.last  # the newest loss before which it stood took it
                found[key] = now.withdrawal(then, episode, instant)
    return tuple(one for one in found.values() if one.is_open or _is_kept_on_record(indicator, one))


def _lowered_periods(
    assessment: Assessment, inputs: IndicatorInputs, catalog: Catalog, as_of: date
) -> Iterator[Withdrawal]:
    """Of a line of cap periods those that passed, and no longer do as their figures were published since."""
    series, ranks = assessment.series, assessment.ranks
    if not series.by_period:
        return
    for key in np.unique(series.key[~series.current & (ranks >= _WARNING)]):
        passed = np.flatnonzero((series.key == key) & (ranks >= _WARNING))
        now = np.flatnonzero((series.key == key) & series.current)
        if not now.size or ranks[now[-1]] >= _WARNING:
            continue
        at, since = int(passed[series.known_at[passed].argmax()]), int(now[-1])
        yield Withdrawal(
            line=series.source,
            claim=claim_at(series, at, inputs, catalog.sources),
            severity=Severity(int(assessment.severity[at])),
            passed_by=PassedBy(int(assessment.passed_by[at])),
            loss=Loss.REPLACED,
            lost_at=_utc(series.known_at[since]),
            instead=claim_at(series, since, inputs, catalog.sources) if series.has_figure[since] else None,
            is_open=bool(since == len(series) - 1 and as_of.year == day_of(series.end[since]).year),
        )


def _utc(instant: np.datetime64) -> datetime:
    return datetime.fromtimestamp(int(instant.astype("datetime64[s]").astype(np.int64)), UTC)


def _is_kept_on_record(indicator: Indicator, one: Withdrawal) -> bool:
    """Events, running totals and caps keep a record; a level that was judged since keeps none."""
    return indicator.anchor is not None or one.claim.kind in ("event", "cumulative_claim")


@dataclass(frozen=True, eq=False)
class _Then:
    """What was known and stood just before an instant."""

    inputs: IndicatorInputs
    assessments: tuple[Assessment, ...]

    def claim(self, episode: Episode, catalog: Catalog) -> tuple[ClaimedFigure, int]:
        """The figure of a breach that stood, and its row, -1 where several made it."""
        series = next(one.series for one in self.assessments if one.series.source == episode.source)
        return claim_at(series, episode.head, self.inputs, catalog.sources), int(series.row[episode.head])

    def claim_of(self, row: int, catalog: Catalog) -> ClaimedFigure | None:
        """The figure of one row that was known then."""
        return _claim_of(row, self.inputs, catalog)

    def newest_end(self, episode: Episode) -> np.datetime64:
        """The end of the newest period that its line had a figure of."""
        series = next(one.series for one in self.assessments if one.series.source == episode.source)
        known = series.end[series.current & series.has_figure]
        return np.datetime64(known.max() if known.size else episode.last)


def _stood_before(instant: np.datetime64, now: _Now, *, is_receipt: bool) -> Iterator[tuple[_Then, Episode]]:
    """The breaches that stood just before an instant; before a receipt nothing counts that it brought itself."""
    table, before = now.inputs.table, instant - _ONE_SECOND
    day = day_of(before)
    received = instant if is_receipt else None
    known = {name: _known(name, table, before, received, now.as_of) for name in now.inputs.lines}
    inputs = gather_inputs(now.indicator, now.catalog, {}, table, day, {}, known)
    period = now.indicator.anchor.period(day) if now.indicator.anchor else None
    context = evaluation_context(now.indicator, inputs, day)
    current, assessments = judged(now.indicator, inputs, now.catalog, context, period, is_dated=False)
    then = _Then(inputs, assessments)
    yield from (
        (then, episode) for episode in current.episodes if episode.state.is_on or episode.state is State.ON_RECORD
    )


def _known(name: str, table: Table, instant: np.datetime64, received: np.datetime64 | None, as_of: date) -> np.ndarray:
    rows = table.known_at_instant(name, instant)
    if received is not None:
        rows = rows[table.known_times.gap_until[rows] < received.astype("datetime64[s]").astype(np.int64)]
    return np.asarray(rows[~is_accepted(table, rows, as_of)])


@dataclass(frozen=True, eq=False)
class _Now:
    """What is known and stands at the instant that is asked about."""

    indicator: Indicator
    catalog: Catalog
    inputs: IndicatorInputs
    current: CurrentState
    assessments: tuple[Assessment, ...]
    as_of: date

    def has_lost(self, then: _Then, episode: Episode) -> bool:
        """Whether a breach that stood is gone; of news also whether the figure is that it stood by."""
        if self.prefers_another_line(then, episode):
            return False
        return not self.has(then, episode) or self._has_lost_news(then, episode)

    def _has_lost_news(self, then: _Then, episode: Episode) -> bool:
        """Whether a running total or an event went in silence, though others of its line hold the alert up."""
        claim, row = then.claim(episode, self.catalog)
        if row < 0 or claim.kind not in ("event", "cumulative_claim") or self.indicator.anchor is not None:
            return False
        return not self._loss(row, np.datetime64("NaT", "s"))[0].is_stated and row not in self.inputs.known_rows

    def has(self, then: _Then, episode: Episode) -> bool:
        """Whether a breach that stood is still there, be it as bad at least or ended by a period after its own."""
        about = self._subject(then.assessments, episode)
        return any(
            overlap(one, episode)
            and one.severity >= episode.severity
            and (one.state is not State.RESOLVED or one.ended is None or one.ended > episode.last)
            and self._subject(self.assessments, one) == about
            for one in self.current.episodes
        )

    def _subject(self, lines: Sequence[Assessment], episode: Episode) -> str:
        """Whom a breach of a level is about; "" for other kinds, where subjects make no lines of their own."""
        series = next(one.series for one in lines if one.series.source == episode.source)
        row = int(series.row[episode.head])
        return str(self.inputs.table.subject[row]) if row >= 0 and series.kind == "level" else ""

    def prefers_another_line(self, then: _Then, episode: Episode) -> bool:
        """Whether its figure is still there, and only another source speaks."""
        if self.indicator.combine != "prefer":
            return False
        row, deciding = then.claim(episode, self.catalog)[1], self.current.deciding
        is_there = any(bool((line.row[line.current] == row).any()) for line in self.inputs.members)
        return is_there and deciding is not None and deciding.assessment.series.source != episode.source

    def withdrawal(self, then: _Then, episode: Episode, instant: np.datetime64) -> Withdrawal:
        claim, made_by = then.claim(episode, self.catalog)
        row = made_by if made_by >= 0 else self._lost_part(episode, then)
        loss, instead = self._loss(row, instant)
        return Withdrawal(
            line=episode.source,
            claim=claim,
            severity=episode.severity,
            passed_by=episode.passed_by,
            loss=loss,
            lost_at=_utc(instant),
            instead=instead,
            is_open=self._is_open(made_by, episode, then.newest_end(episode)),
            part=then.claim_of(row, self.catalog) if made_by < 0 <= row else None,
        )

    def _is_open(self, row: int, episode: Episode, newest: np.datetime64) -> bool:
        """Whether its time has not passed, and no period of its line was judged that is later than all of which the
        figures had not ended it."""
        if self.indicator.anchor is not None:
            return self.as_of in self.indicator.anchor.period(episode.last)
        if episode.until is not None and self.as_of > episode.until:
            return False
        own = [one for one in self.assessments if is_the_same_line(episode.source, one.series.source)]
        day = max(np.datetime64(episode.last), newest)
        return not any(bool(judged_after(one, day, row, self.inputs.table).any()) for one in own)

    def _loss(self, row: int, instant: np.datetime64) -> tuple[Loss, ClaimedFigure | None]:
        """How the figure of a breach went, or the row that was a part of it, and what its claimant says instead."""
        if row < 0:
            return Loss.REPLACED, None
        table = self.inputs.table
        own = self.inputs.known_rows[table.key[self.inputs.known_rows] == table.key[row]]
        own = own[table.is_judged[own] | (own == row)]
        later = own[table.published_at[own] > table.published_at[row]]
        if table.is_withdrawn[own].any():
            return Loss.TAKEN_BACK, None
        if (figures := later[table.has_figure[later]]).size:
            return Loss.REPLACED, self._claim_of(int(figures[-1]))
        is_held = bool((own == row).any())
        others = own[(own != row) & table.has_figure[own]]
        if is_held and not self._is_used(int(table.key[row])):
            return Loss.CONTRADICTED, None
        if others.size and not (is_held and self._is_current(row)):
            return Loss.OVERWRITTEN, self._claim_of(int(others[-1]))
        if is_held:
            return (Loss.UNSUPPORTED if self._lost_silently(instant) else Loss.REVISED), None
        return Loss.DROPPED, None

    def _is_used(self, key: int) -> bool:
        """Whether any line has a figure of a period and subject."""
        return any(bool((line.key == key).any()) for lines in self.inputs.lines.values() for line in lines)

    def _is_current(self, row: int) -> bool:
        """Whether a row that is known gives the figure of its period now."""
        return any(
            bool((line.row[line.current] == row).any()) for lines in self.inputs.lines.values() for line in lines
        )

    def _lost_silently(self, instant: np.datetime64) -> bool:
        """Whether any row of its sources went at an instant: else what was published then took its support."""
        until = self.inputs.table.known_times.until[self.inputs.dropped_rows].view("datetime64[s]")
        return bool((until == instant).any())

    def _lost_part(self, episode: Episode, then: _Then) -> int:
        """Of a figure that several rows made, the first of them that is no longer known; -1 where all are."""
        first, last = np.datetime64(episode.began), np.datetime64(episode.last)
        for line in then.inputs.members:
            inside = line.current & line.has_figure & (line.start >= first) & (line.end <= last)
            lost = line.row[inside & ~np.isin(line.row, self.inputs.known_rows)]
            if lost.size:
                return int(lost[0])
        return self._replaced_part(then, first, last)

    def _replaced_part(self, then: _Then, first: np.datetime64, last: np.datetime64) -> int:
        """Of a figure that several rows made, the first that another publication has replaced since."""
        keys = {int(key) for line in self.inputs.members for key in line.key[line.current]}
        rows = {int(row) for line in self.inputs.members for row in line.row[line.current]}
        for line in then.inputs.members:
            inside = line.current & line.has_figure & (line.start >= first) & (line.end <= last)
            for row, key in zip(line.row[inside], line.key[inside], strict=True):
                if int(row) not in rows or int(key) not in keys:
                    return int(row)
        return -1

    def _claim_of(self, row: int) -> ClaimedFigure | None:
        """The figure of a row that is known now."""
        return _claim_of(row, self.inputs, self.catalog)


def _claim_of(row: int, inputs: IndicatorInputs, catalog: Catalog) -> ClaimedFigure | None:
    """The figure of one row, where a line still has it."""
    for lines in inputs.lines.values():
        for line in lines:
            if (at := np.flatnonzero(line.row == row)).size:
                return claim_at(line, int(at[0]), inputs, catalog.sources)
    return None
