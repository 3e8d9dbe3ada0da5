"""An evaluation: a verdict with the assessed lines, episodes and rows behind it; and a board of evaluations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from dashboard.domain import Board, Episode, Series, Verdict
from dashboard.evaluation.current.current_state import DecidingObservation
from dashboard.late_imports import pd
from dashboard.series import Conversions
from dashboard.thresholds import Assessment


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One indicator evaluated at one instant: the verdict, and everything that it rests on.

    deciding: the observation that the verdict rests its severity on, None where nothing is known now. lines: the
    series of its sources, as they were known. Positions in `all_rows`: rests_on, those of the rows behind the verdict;
    known_rows, those of its sources' rows known at the instant; dropped_rows, those known before and held no longer.
    assumed_days: the days on which such rows became known by an assumed publication.
    """

    verdict: Verdict
    assessments: tuple[Assessment, ...]
    episodes: tuple[Episode, ...]
    deciding: DecidingObservation | None
    rests_on: tuple[int, ...]
    known_rows: np.ndarray
    dropped_rows: np.ndarray
    all_rows: pd.DataFrame
    conversions: Conversions
    lines: tuple[Series, ...] = ()
    assumed_days: frozenset[date] = frozenset()

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The rows of its sources known at the instant, superseded and provisional ones too."""
        return self.all_rows.iloc[self.known_rows]

    @cached_property
    def rows_ever(self) -> pd.DataFrame:
        """The rows of its sources known at the instant or before, those no longer held too."""
        return self.all_rows.iloc[np.union1d(self.known_rows, self.dropped_rows)]


@dataclass(frozen=True, eq=False)
class EvaluatedBoard(Board):
    """A board, and how each of its verdicts was found."""

    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)

    def evaluation(self, indicator_id: str) -> Evaluation | None:
        """The evaluation of an indicator; None for one that the board does not hold."""
        return self.evaluations.get(indicator_id)
