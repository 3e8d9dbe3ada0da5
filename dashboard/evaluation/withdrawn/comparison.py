"""Compares an indicator just before a loss with the present: which breaches are gone, and how their figures went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from dashboard.claims import claim_at
from dashboard.domain import ClaimedFigure, Episode, Loss, Series, State, Withdrawal
from dashboard.evaluation.breaches.episode_identity import is_the_same_line, overlap
from dashboard.evaluation.current.judging import JudgedIndicator
from dashboard.evaluation.withdrawn.losses import judged_calm_after


def utc_instant(instant: np.datetime64) -> datetime:
    return datetime.fromtimestamp(int(instant.astype("datetime64[s]").astype(np.int64)), UTC)


@dataclass(frozen=True, eq=False)
class Comparison:
    """One indicator at the present instant and, earlier, just before a loss; the episodes are the earlier ones."""

    present: JudgedIndicator
    earlier: JudgedIndicator

    def has_lost(self, episode: Episode) -> bool:
        """Whether a breach was lost; for an event or a running total also whether its figure was lost."""
        if self._is_another_source_preferred(episode):
            return False
        return not self._has(episode) or self._has_lost_news(episode)

    def withdrawal(self, episode: Episode, instant: np.datetime64) -> Withdrawal:
        """The withdrawal of a breach that is gone, its figure having been lost at an instant."""
        claim, own_row = self._claim(episode)
        row = own_row if own_row >= 0 else self._lost_part(episode)
        loss, instead = self._loss(row, instant)
        return Withdrawal(
            line=episode.source,
            claim=claim,
            severity=episode.severity,
            passed_by=episode.passed_by,
            loss=loss,
            lost_at=utc_instant(instant),
            instead=instead,
            is_open=self._is_open(own_row, episode),
            part=_claim_of_row(row, self.earlier) if own_row < 0 <= row else None,
        )

    def _claim(self, episode: Episode) -> tuple[ClaimedFigure, int]:
        """The figure of a breach, and its row, -1 where several rows made it."""
        series = _line(self.earlier, episode)
        return claim_at(series, episode.head, self.earlier.inputs, self.earlier.catalog.sources), int(
            series.row[episode.head]
        )

    def _has_lost_news(self, episode: Episode) -> bool:
        """Whether a running total or an event went in silence, though others of its line hold the alert up."""
        claim, row = self._claim(episode)
        if row < 0 or claim.kind not in ("event", "cumulative_claim") or self.present.indicator.anchor is not None:
            return False
        return not self._loss(row, np.datetime64("NaT", "s"))[0].is_stated and row not in self.present.inputs.known_rows

    def _has(self, episode: Episode) -> bool:
        """Whether a breach is still there: at least as bad, or ended by a period after its own."""
        subject = self._subject(self.earlier, episode)
        return any(
            overlap(other, episode)
            and other.severity >= episode.severity
            and (other.state is not State.RESOLVED or other.ended is None or other.ended > episode.last)
            and self._subject(self.present, other) == subject
            for other in self.present.current.episodes
        )

    def _subject(self, judged: JudgedIndicator, episode: Episode) -> str:
        """The subject of a breach of a level; "" for other kinds, where subjects make no lines of their own."""
        series = _line(judged, episode)
        row = int(series.row[episode.head])
        return str(self.present.inputs.table.subject[row]) if row >= 0 and series.kind == "level" else ""

    def _is_another_source_preferred(self, episode: Episode) -> bool:
        """Whether the figure is still there, and only another source decides."""
        if self.present.indicator.combine != "prefer":
            return False
        row, deciding = self._claim(episode)[1], self.present.current.deciding
        is_there = any(bool((line.row[line.current] == row).any()) for line in self.present.inputs.members)
        return is_there and deciding is not None and deciding.assessment.series.source != episode.source

    def _is_open(self, row: int, episode: Episode) -> bool:
        """Whether the breach's time has not passed, and no later period of its line was judged to be calm.

        Later is a period after all those of which the line had figures then, for these had not ended the breach.
        """
        indicator, as_of = self.present.indicator, self.present.as_of
        if indicator.anchor is not None:
            return as_of in indicator.anchor.period(episode.last)
        if episode.until is not None and as_of > episode.until:
            return False
        line = _line(self.earlier, episode)
        ends = line.end[line.current & line.has_figure]
        day = max(np.datetime64(episode.last), np.datetime64(ends.max() if ends.size else episode.last))
        own = [each for each in self.present.assessments if is_the_same_line(episode.source, each.series.source)]
        return not any(bool(judged_calm_after(each, day, row, self.present.inputs.table).any()) for each in own)

    def _loss(self, row: int, instant: np.datetime64) -> tuple[Loss, ClaimedFigure | None]:
        """How a row of a breach went (-1 unknown), and the figure that its claimant states instead."""
        if row < 0:
            return Loss.REPLACED, None
        table, known = self.present.inputs.table, self.present.inputs.known_rows
        own = known[table.key[known] == table.key[row]]
        own = own[table.is_judged[own] | (own == row)]
        later = own[table.published_at[own] > table.published_at[row]]
        if table.is_withdrawn[own].any():
            return Loss.TAKEN_BACK, None
        if (figures := later[table.has_figure[later]]).size:
            return Loss.REPLACED, _claim_of_row(int(figures[-1]), self.present)
        is_held = bool((own == row).any())
        others = own[(own != row) & table.has_figure[own]]
        if is_held and not self._is_used(int(table.key[row])):
            return Loss.CONTRADICTED, None
        if others.size and not (is_held and self._is_current(row)):
            return Loss.OVERWRITTEN, _claim_of_row(int(others[-1]), self.present)
        if is_held:
            return (Loss.UNSUPPORTED if self._has_dropped_rows(instant) else Loss.REVISED), None
        return Loss.DROPPED, None

    def _is_used(self, key: int) -> bool:
        """Whether any line has a figure of a period and subject."""
        return any(bool((line.key == key).any()) for line in _source_lines(self.present))

    def _is_current(self, row: int) -> bool:
        """Whether a known row gives the figure of its period now."""
        return any(bool((line.row[line.current] == row).any()) for line in _source_lines(self.present))

    def _has_dropped_rows(self, instant: np.datetime64) -> bool:
        """Whether any row of its sources was dropped at an instant; else a publication of then took its support."""
        inputs = self.present.inputs
        until = inputs.table.known_times.until[inputs.dropped_rows].view("datetime64[s]")
        return bool((until == instant).any())

    def _lost_part(self, episode: Episode) -> int:
        """The first row of a figure that several rows made, of those that are no longer known or no longer used.

        -1 where all of them are known and used.
        """
        parts = list(self._parts(episode))
        for line, inside in parts:
            lost = line.row[inside & ~np.isin(line.row, self.present.inputs.known_rows)]
            if lost.size:
                return int(lost[0])
        keys = {int(key) for line in self.present.inputs.members for key in line.key[line.current]}
        rows = {int(row) for line in self.present.inputs.members for row in line.row[line.current]}
        for line, inside in parts:
            for row, key in zip(line.row[inside], line.key[inside], strict=True):
                if int(row) not in rows or int(key) not in keys:
                    return int(row)
        return -1

    def _parts(self, episode: Episode) -> Iterator[tuple[Series, np.ndarray]]:
        """Each line, and the mask of its figures inside the days of a breach."""
        first, last = np.datetime64(episode.began), np.datetime64(episode.last)
        for line in self.earlier.inputs.members:
            yield line, line.current & line.has_figure & (line.start >= first) & (line.end <= last)


def _line(judged: JudgedIndicator, episode: Episode) -> Series:
    """The line of a breach."""
    return next(each.series for each in judged.assessments if each.series.source == episode.source)


def _source_lines(judged: JudgedIndicator) -> Iterator[Series]:
    for lines in judged.inputs.lines.values():
        yield from lines


def _claim_of_row(row: int, judged: JudgedIndicator) -> ClaimedFigure | None:
    """The figure of one row, where a line still has it."""
    for line in _source_lines(judged):
        if (places := np.flatnonzero(line.row == row)).size:
            return claim_at(line, int(places[0]), judged.inputs, judged.catalog.sources)
    return None
