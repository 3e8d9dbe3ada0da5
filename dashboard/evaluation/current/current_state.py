"""The current state of an indicator: the observation that decides its verdict now, its breaches, and its alert."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from dashboard.domain import Episode, PassedBy, Severity, State, rank
from dashboard.domain.dates import day_of
from dashboard.thresholds import AssessedObservation

_FIRST_STATES = {State.FIRING: 4, State.RECOVERING: 3, State.PENDING: 2, State.ON_RECORD: 1}


@dataclass(frozen=True, eq=False)
class DecidingObservation(AssessedObservation):
    """The observation that a line's verdict rests on now; `episode` is its breach, None where it belongs to none."""

    state: State
    episode: Episode | None = None

    @cached_property
    def severity(self) -> Severity | None:
        """The breach's severity; else what the figure says."""
        if self.episode is not None:
            return self.episode.severity
        severity = int(self.assessment.severity[self.position])
        return Severity(severity) if severity >= 0 else None

    @cached_property
    def passed_by(self) -> PassedBy | None:
        """The end that the breach passes by; else the figure's."""
        if self.episode is not None:
            return self.episode.passed_by
        passed_by = int(self.assessment.passed_by[self.position])
        return PassedBy(passed_by) if passed_by else None

    @cached_property
    def day(self) -> date:
        """The last day that its figure is about."""
        return day_of(self.assessment.series.end[self.position])


@dataclass(frozen=True, eq=False)
class CurrentState:
    """An indicator's state at an instant.

    deciding: the worst of `by_line`, None where nothing is known now; by_line: the deciding observation of each line,
    None where a line has no figure now; closed_periods: the last total of each closed period of a cap.
    """

    deciding: DecidingObservation | None
    by_line: tuple[DecidingObservation | None, ...]
    episodes: tuple[Episode, ...]
    state: State
    closed_periods: tuple[AssessedObservation, ...] = ()

    def episodes_from(self, least: int) -> list[Episode]:
        """The episodes of at least a rank: lesser ones neither prolong nor support an alert."""
        return [episode for episode in self.episodes if episode.rank >= least]


def worst(observations: Sequence[DecidingObservation | None], official: Collection[str]) -> DecidingObservation | None:
    """The worst observation: by state, firing first; then by severity, end that passes, official source and date.

    `official` names the sources that count first. None where there is no observation.
    """

    def weight(deciding: DecidingObservation) -> tuple[int, int, bool, date]:
        severity = -1 if deciding.severity is None else int(deciding.severity)
        is_official = deciding.assessment.series.origin in official
        certainty = rank(severity, int(deciding.passed_by or 0))
        return _FIRST_STATES.get(deciding.state, 0), certainty, is_official, deciding.day

    known = [each for each in observations if each is not None]
    return max(known, key=weight) if len(known) > 1 else known[0] if known else None
