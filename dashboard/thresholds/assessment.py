"""All thresholds over one series: how severe each observation is, by which end of its range, and since when.

The judgements are computed at once, everything that follows from them on demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from dashboard.domain import PassedBy, Series, Severity, rank
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import NOT_JUDGED, NOT_PASSED, Judgement
from dashboard.thresholds.threshold import Threshold

NOT_ASSESSED = -4  # the rank of an observation whose severity is unknown


@dataclass(frozen=True, eq=False)
class Assessment:
    """A series with the judgements of its thresholds.

    The properties have one entry an observation. `bounds` holds for each threshold the level compared to (NaN where
    there is none), and `passed` its results: int8, a `PassedBy`, 0 for not passed, -1 for not judged.
    """

    series: Series
    thresholds: tuple[Threshold, ...]
    judgements: tuple[Judgement, ...]
    exact_known_since: np.ndarray | None = None

    @cached_property
    def ranks(self) -> np.ndarray:
        """int8: 4 times the severity plus the end that passes, see `rank`; NOT_ASSESSED where the severity is unknown.

        The severity is the worst among the thresholds passed by the end that they demand; the end is the lowest one by
        which any threshold of that severity is passed. An observation is normal only if every threshold could be judged
        and none was passed, not even possibly; context does not hide an open alarm.
        """
        ranks = np.zeros(len(self.series), np.int8)
        doubts = []  # where a judgement is open, and below which rank the severity is then unknown
        for threshold, passed in zip(self.thresholds, self.passed, strict=True):
            raised = passed >= threshold.demanded_end
            np.maximum(ranks, (passed + np.int8(4 * threshold.severity_rank.value)) * raised.view(np.int8), out=ranks)
            if threshold.demanded_end > PassedBy.HIGHEST or passed.min(initial=0) == NOT_JUDGED:
                doubts.append(((passed != NOT_PASSED) & ~raised, _WARNING if threshold.is_alarm else _INFO))
        if not self.series.is_plain:
            doubts.append((~self.series.has_figure, _WARNING))
        for is_open, below in doubts:
            ranks[is_open & (ranks < below)] = NOT_ASSESSED
        if not self.thresholds:
            ranks[:] = NOT_ASSESSED
        return ranks

    @cached_property
    def severity(self) -> np.ndarray:
        """int8: a `Severity`, or -1 for "not assessed"."""
        return np.asarray(self.ranks >> 2)

    @cached_property
    def is_alarm(self) -> np.ndarray:
        """bool: a warning or worse."""
        return np.asarray(self.severity >= Severity.WARNING)

    @cached_property
    def passed_by(self) -> np.ndarray:
        """int8: a `PassedBy`, or 0 where nothing is passed."""
        return np.asarray(self.ranks & 3)

    @cached_property
    def decided_by(self) -> np.ndarray:
        """For each observation the position of the threshold that decides: the hardest passed of the worst; -1 none."""
        decided_by = np.full(len(self.series), -1, np.int32)
        for index in self._by_weight:
            np.copyto(decided_by, index, where=self.passed[index] >= self.thresholds[index].demanded_end)
        return decided_by

    def decided_at(self, position: int) -> int:
        """The entry of `decided_by` at a position: most verdicts ask for one or two."""
        for index in reversed(self._by_weight):
            if self.passed[index].item(position) >= self.thresholds[index].demanded_end:
                return index
        return -1

    @cached_property
    def _by_weight(self) -> list[int]:
        """The positions of the thresholds, from the least severe and easiest to pass on."""
        weights = [(threshold.severity_rank, threshold.level.hardness or 0.0) for threshold in self.thresholds]
        return sorted(range(len(weights)), key=lambda index: weights[index])

    @cached_property
    def passed(self) -> tuple[np.ndarray, ...]:
        return tuple(judgement.passed for judgement in self.judgements)

    @property
    def bounds(self) -> tuple[np.ndarray, ...]:
        return tuple(judgement.bound for judgement in self.judgements)

    @property
    def reason(self) -> str:
        """Why an observation was not judged; "" where all were."""
        return next((judgement.reason for judgement in self.judgements if judgement.reason), "")

    @cached_property
    def known_at(self) -> np.ndarray:
        """The instants from which each vintage, and the bound that decided it, were both known."""
        return _known_at(self)

    @cached_property
    def known_since(self) -> np.ndarray:
        """The instants since which each observation has been known without a break as so severe, by so low an end."""
        if self.exact_known_since is not None:
            return self.exact_known_since
        known_at = self.known_at
        return _through_revisions(self, known_at) if self.series.is_revised else known_at

    def take(self, chosen: np.ndarray) -> Assessment:
        """The assessment of the observations at some positions, without the words for single positions."""
        judgements = tuple(judgement.take(chosen) for judgement in self.judgements)
        return Assessment(self.series.take(chosen), self.thresholds, judgements)

    def with_known_since(self, known_since: np.ndarray) -> Assessment:
        return replace(self, exact_known_since=known_since)


@dataclass(frozen=True, eq=False)
class AssessedObservation:
    """One observation of an assessed line: its `position` in the series of `assessment`."""

    assessment: Assessment
    position: int

    @property
    def threshold(self) -> Threshold | None:
        """The threshold that decided; None where none is passed."""
        index = self.threshold_index
        return None if index is None else self.assessment.thresholds[index]

    @property
    def threshold_index(self) -> int | None:
        """The position of the threshold that decided; None where none is passed."""
        index = self.assessment.decided_at(self.position)
        return index if index >= 0 else None

    @property
    def bound(self) -> float:
        """The level that the figure is held against: of the threshold that decided, else of the first that has one."""
        bounds = [float(bound[self.position]) for bound in self.assessment.bounds]
        if self.threshold_index is not None:
            return bounds[self.threshold_index]
        return next((bound for bound in bounds if not np.isnan(bound)), np.nan)


def assess(series: Series, thresholds: Sequence[Threshold], context: EvaluationContext) -> Assessment:
    """Every observation of `series`, superseded ones too, against all thresholds."""
    return Assessment(series, tuple(thresholds), tuple(threshold.judge(series, context) for threshold in thresholds))


_INFO, _WARNING = (np.int8(4 * severity) for severity in (Severity.INFO, Severity.WARNING))


def _known_at(assessment: Assessment) -> np.ndarray:
    """When each observation and the bound that decided it were both known."""
    known_at = assessment.series.known_at
    for index, judgement in enumerate(assessment.judgements):
        if judgement.bound_known_at is None:
            continue
        # as plain numbers, which are quicker to compare: NaT is the smallest of them, so never later
        later = judgement.bound_known_at.view(np.int64) > known_at.view(np.int64)
        if later.any():
            later &= (assessment.decided_by == index) | (assessment.decided_by == -1)
            known_at = np.where(later, judgement.bound_known_at, known_at)
    return known_at


def _through_revisions(assessment: Assessment, known_at: np.ndarray) -> np.ndarray:
    """For revised observations: since the first of the vintages that were all at least as severe as the current one."""
    series, known_since = assessment.series, known_at.copy()
    keys, counts = np.unique(series.key, return_counts=True)
    for key in keys[counts > 1]:
        vintages = np.flatnonzero((series.key == key) & series.has_figure)
        vintages = vintages[np.argsort(series.known_at[vintages], kind="stable")]
        for current in vintages[series.current[vintages]]:
            known_since[current] = _since(assessment, known_at, vintages, current)
    return known_since


def _since(assessment: Assessment, known_at: np.ndarray, vintages: np.ndarray, current: int) -> np.datetime64:
    least = rank(assessment.severity[current], assessment.passed_by[current])
    since: Any = known_at[current]
    for vintage in vintages[::-1]:
        if rank(assessment.severity[vintage], assessment.passed_by[vintage]) < least:
            break
        since = min(since, known_at[vintage])
    return np.datetime64(since, "s")
