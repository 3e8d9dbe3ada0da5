"""Thresholds over a series: the severity and certainty of each observation, and since when each was known.

What a threshold says of every figure is computed once; severities are worked out only where somebody asks, since
most episodes need them for a few figures out of thousands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from dashboard.model import Series, Severity
from dashboard.thresholds import NOT_JUDGED, Judgement, Setting, Threshold

NOT_ASSESSED = -1


@dataclass(frozen=True, eq=False)
class Levels:
    """For some observations: severity (int8, a `Severity` or -1 for "not assessed"), certainty (int8, a `Certainty` or
    0 for none), and which threshold decided (-1 none)."""

    severity: np.ndarray
    certainty: np.ndarray
    threshold: np.ndarray


@dataclass(frozen=True, eq=False)
class Assessment:
    """A series with what its thresholds say of each observation.

    The properties have one entry an observation. `bounds` holds for each threshold the level compared to (NaN where
    there is none), and `passed` its answers: int8, a `Certainty`, 0 for not passed, -1 for not judged.
    """

    series: Series
    thresholds: tuple[Threshold, ...]
    judgements: tuple[Judgement, ...]
    exact_known_since: np.ndarray | None = None

    @cached_property
    def levels(self) -> Levels:
        return levels_of(self, slice(None))

    @property
    def severity(self) -> np.ndarray:
        return self.levels.severity

    @property
    def certainty(self) -> np.ndarray:
        return self.levels.certainty

    @property
    def threshold(self) -> np.ndarray:
        return self.levels.threshold

    @property
    def passed(self) -> tuple[np.ndarray, ...]:
        return tuple(judgement.passed for judgement in self.judgements)

    @property
    def bounds(self) -> tuple[np.ndarray, ...]:
        return tuple(judgement.bound for judgement in self.judgements)

    @property
    def reason(self) -> str:
        """Why something was not judged."""
        return next((judgement.reason for judgement in self.judgements if judgement.reason), "")

    @cached_property
    def known_since(self) -> np.ndarray:
        """The instants from which this severity and certainty have been known without a break."""
        if self.exact_known_since is not None:
            return self.exact_known_since
        known_at = known_at_of(self, slice(None), self.levels)
        return _through_revisions(self, known_at) if self.series.is_revised else known_at

    def known_since_at(self, chosen: slice, levels: Levels) -> np.ndarray:
        """`known_since` of some observations with their levels, without working out the rest where it can be spared."""
        if self.series.is_revised or self.exact_known_since is not None:
            return self.known_since[chosen]
        return known_at_of(self, chosen, levels)

    def with_known_since(self, known_since: np.ndarray) -> Assessment:
        return replace(self, exact_known_since=known_since)


def assess(series: Series, thresholds: Sequence[Threshold], setting: Setting) -> Assessment:
    """Every observation of `series`, superseded ones too, against all thresholds."""
    return Assessment(series, tuple(thresholds), tuple(threshold.judge(series, setting) for threshold in thresholds))


def rank(severity: int, certainty: int) -> int:
    """One number that grows with severity, then certainty."""
    return 4 * int(severity) + int(certainty)


def levels_of(assessment: Assessment, chosen: slice) -> Levels:
    """The severity is the worst among the thresholds passed with the certainty that they demand; its certainty is
    the greatest with which any threshold of that severity is passed. An observation is normal only if every
    threshold could be judged and none was passed, not even possibly; context does not hide an open alarm."""
    has_figure = assessment.series.has_figure[chosen]
    count = len(has_figure)
    severity = np.full(count, int(Severity.NORMAL), np.int8)
    certainty = np.zeros(count, np.int8)
    decided_by = np.full(count, -1)
    level = np.full(count, -np.inf)
    open_question, open_alarm = ~has_figure, ~has_figure
    for index, (threshold, judgement) in enumerate(zip(assessment.thresholds, assessment.judgements, strict=True)):
        passed = judgement.passed[chosen]
        raised = passed >= threshold.demanded
        is_open = (passed == NOT_JUDGED) | ((passed > 0) & ~raised)
        worst = int(threshold.severity_rank)
        open_question |= is_open
        open_alarm |= is_open & (worst >= Severity.WARNING)
        worse = raised & (worst > severity)
        same = raised & (worst == severity)
        certainty = np.where(worse, passed, np.where(same, np.maximum(certainty, passed), certainty))
        harder = worse | (same & ((threshold.level() or 0.0) >= level))
        decided_by[harder] = index
        level = np.where(harder, threshold.level() or 0.0, level)
        severity = np.where(worse, worst, severity).astype(np.int8)
    unknown = (open_question & (severity == Severity.NORMAL)) | (open_alarm & (severity == Severity.INFO))
    severity[unknown if assessment.thresholds else np.ones(count, bool)] = NOT_ASSESSED
    return Levels(severity, certainty.astype(np.int8), decided_by)


def known_at_of(assessment: Assessment, chosen: slice, levels: Levels) -> np.ndarray:
    """When each observation and the bound that decided it were both known."""
    known_at = assessment.series.known_at[chosen].copy()
    for index, judgement in enumerate(assessment.judgements):
        bound_known_at = judgement.bound_known_at[chosen]
        if not bound_known_at.strides[0]:
            continue  # known always
        decided = (levels.threshold == index) | (levels.threshold == -1)
        later = decided & ~np.isnat(bound_known_at) & (bound_known_at > known_at)
        known_at[later] = bound_known_at[later]
    return np.asarray(known_at)


def _through_revisions(assessment: Assessment, known_at: np.ndarray) -> np.ndarray:
    """For revised observations: since the first of the vintages that all said at least as much as the current."""
    series, known_since = assessment.series, known_at.copy()
    keys, counts = np.unique(series.key, return_counts=True)
    for key in keys[counts > 1]:
        vintages = np.flatnonzero((series.key == key) & series.has_figure)
        vintages = vintages[np.argsort(series.known_at[vintages], kind="stable")]
        for current in vintages[series.current[vintages]]:
            known_since[current] = _since(assessment, known_at, vintages, current)
    return known_since


def _since(assessment: Assessment, known_at: np.ndarray, vintages: np.ndarray, current: int) -> np.datetime64:
    least = rank(assessment.severity[current], assessment.certainty[current])
    since: Any = known_at[current]
    for vintage in vintages[::-1]:
        if rank(assessment.severity[vintage], assessment.certainty[vintage]) < least:
            break
        since = min(since, known_at[vintage])
    return np.datetime64(since, "s")
