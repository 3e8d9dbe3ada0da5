"""The claims behind the lines of one indicator: whose figure stands where, and by which claim a breach became known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from dashboard.catalog import Indicator, Source
from dashboard.claims.claimed_figure import claim_at, known_words, with_known_day
from dashboard.domain import ClaimedFigure, PassedBy, Series, Severity
from dashboard.domain.dates import Period, day_of
from dashboard.series import IndicatorInputs, cap_groups, lies_inside, replay_totals
from dashboard.thresholds import NOT_ASSESSED, AssessedObservation, Assessment, EvaluationContext, assess

_EVER = Period(date.min, date.max)


@dataclass(frozen=True, eq=False)
class Claims:
    """The claims of one indicator's claimants. A rank (`least`, `rank`) is that of `thresholds.rank`."""

    indicator: Indicator
    inputs: IndicatorInputs
    sources: Mapping[str, Source]
    context: EvaluationContext

    def claim_at(self, assessment: Assessment, position: int) -> ClaimedFigure:
        """The claim behind a figure; for a maximum or median of several, the claim that states the same number."""
        series = assessment.series
        if int(series.row[position]) < 0 and self.indicator.combine in ("max", "median"):
            for line in self.inputs.members:
                for at in np.flatnonzero(line.current & _is_equal(line, series, position)):
                    return claim_at(line, int(at), self.inputs, self.sources)
        return claim_at(series, position, self.inputs, self.sources)

    def first_breach_in(self, days: Period, assessment: Assessment, least: int) -> ClaimedFigure | None:
        """The claim by which a breach of this rank became known first, over all vintages of a line.

        Its figure ends in `days`, and `known_on` is the day on which the breach became known. Of several claims of one
        day it is the largest.
        """
        series = assessment.series
        inside = (series.end >= np.datetime64(days.start)) & (series.end <= np.datetime64(days.end))
        return self._first_breach(assessment, least, inside)

    def first_breach_beside(self, position: int, assessment: Assessment, least: int) -> ClaimedFigure | None:
        """The same among the figures of one cap period: that of a position of a line of such periods."""
        return self._first_breach(assessment, least, assessment.series.key == assessment.series.key[position])

    def first_breach_ever(self, assessments: Sequence[Assessment], least: int) -> ClaimedFigure | None:
        """The same over all lines, and the whole history."""
        first = (self.first_breach_in(_EVER, assessment, least) for assessment in assessments)
        claims = [claim for claim in first if claim is not None]
        return min(claims, key=lambda claim: (claim.known_on, -_comparable_top(claim)), default=None)

    def first_breach_of_cap(self, period: Period, assessment: Assessment, least: int) -> ClaimedFigure | None:
        """The total of a cap's period by which a breach of this rank became known first, whatever was revised since."""
        members, how = self._cap_group(assessment)
        for _, totals in replay_totals(members, how, period, self.context.as_of):
            then = assess(totals, self.indicator.thresholds, self.context)
            if then.ranks[-1] >= least:
                claim = self.claim_at(then, len(totals) - 1)
                if not claim.place:  # several rows made the total, and no claimant published it alone
                    claim = claim._replace(claimant=assessment.series.title, source=assessment.series.origin)
                return with_known_day(claim, day_of(totals.known_at[-1]), self.inputs)
        return None

    def severity_in_words(self, assessment: Assessment, position: int, period: Period, claim: ClaimedFigure) -> str:
        """How severe a closed period is, and by which end of the range; by whose claim, where another one passes."""
        severity = Severity(int(assessment.severity[position]))
        phrase = _phrase_at(assessment, position)
        return f"{severity.word}, {phrase}{self.passing_claim_in_words(assessment, position, period, claim)}"

    def passing_claim_in_words(
        self, assessment: Assessment, position: int, period: Period, claim: ClaimedFigure
    ) -> str:
        """` by 1,600 or more (A, published 25 Jul 2020)`: the claim by which the largest of several claims passes.

        "" where that is the claim that gives the number.
        """
        if self.indicator.combine != "max":
            return ""
        rank = int(assessment.ranks[position])
        passing = self._passing_claim(assessment, period, rank)
        if passing is None or passing.is_figure_of(claim) or self._rank_of(claim, period) >= rank:
            return ""
        return f" by {passing.figure} ({passing.claimant}, {known_words(passing)})"

    def _first_breach(self, assessment: Assessment, least: int, inside: np.ndarray) -> ClaimedFigure | None:
        passed = np.flatnonzero(inside & (assessment.ranks >= least))
        if not passed.size:
            return None
        days = assessment.known_at[passed].astype("datetime64[D]")
        claims = [(self.claim_at(assessment, int(at)), int(at)) for at in passed[days == days.min()]]
        claim, at = max(claims, key=lambda candidate: _comparable_top(candidate[0]))
        claim = with_known_day(claim, day_of(days.min()), self.inputs)
        return claim._replace(passed=_phrase_at(assessment, at))

    def _passing_claim(self, assessment: Assessment, period: Period, rank: int) -> ClaimedFigure | None:
        """The claim published first, of those that reach the rank of the largest claims together."""
        claims = [
            claim_at(line, int(at), self.inputs, self.sources)
            for line in self._cap_group(assessment)[0]
            for at in np.flatnonzero(line.current & lies_inside(line, period) & (self._ranks(line) >= rank))
        ]
        return min(claims, key=lambda claim: claim.known_on, default=None)

    def _rank_of(self, claim: ClaimedFigure, period: Period) -> int:
        """The rank that a claim reaches by itself."""
        ranks = [
            int(self._ranks(line)[at])
            for line in self.inputs.lines.get(claim.source, ())
            for at in np.flatnonzero(line.current & lies_inside(line, period))
            if claim_at(line, int(at), self.inputs, self.sources).is_figure_of(claim)
        ]
        return max(ranks, default=NOT_ASSESSED)

    def _ranks(self, line: Series) -> np.ndarray:
        return assess(line, self.indicator.thresholds, self.context).ranks

    def _cap_group(self, assessment: Assessment) -> tuple[Sequence[Series], str]:
        """The lines that make the total of an assessed line, and how."""
        groups = cap_groups(self.indicator, self.inputs)
        if len(groups) == 1:
            return groups[0]
        return next(group for group in groups if group[0][0].source == assessment.series.source)


def _phrase_at(assessment: Assessment, position: int) -> str:
    """By which end an observation passes, in the words of the threshold that decides."""
    threshold = AssessedObservation(assessment, position).threshold
    assert threshold is not None
    return threshold.wording.phrase(PassedBy(int(assessment.passed_by[position])))


def _is_equal(line: Series, series: Series, position: int) -> np.ndarray:
    """Which figures of a line are about the same days as a combined figure, and give its number."""
    same_days = (line.start == series.start[position]) & (line.end == series.end[position])
    side = "low" if math.isnan(series.value[position]) else "value"
    return np.asarray(same_days & (getattr(line, side) == getattr(series, side)[position]))


def _comparable_top(claim: ClaimedFigure) -> float:
    """The highest end of a claim; minus infinity where it has none."""
    return -math.inf if math.isnan(top := claim.figure.highest) else top
