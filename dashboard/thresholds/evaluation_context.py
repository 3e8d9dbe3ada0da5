"""What a threshold may read besides the series that it judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np

from dashboard.domain import Episode, Series, Verdict
from dashboard.domain.dates import Anchor
from dashboard.domain.text import number
from dashboard.late_imports import pd
from dashboard.thresholds.lifecycle import Lifecycle


class AssessingThreshold(Protocol):
    """What a kind may read of the thresholds of another indicator."""

    @property
    def lifecycle(self) -> Lifecycle: ...
    @property
    def is_alarm(self) -> bool: ...
    @property
    def demanded_end(self) -> int: ...


class AssessedLine(Protocol):
    """A line of another indicator, with the findings of its thresholds on each observation: an `Assessment`."""

    @property
    def series(self) -> Series: ...
    @property
    def thresholds(self) -> Sequence[AssessingThreshold]: ...
    @property
    def severity(self) -> np.ndarray: ...
    @property
    def is_alarm(self) -> np.ndarray: ...
    @property
    def passed_by(self) -> np.ndarray: ...
    @property
    def passed(self) -> tuple[np.ndarray, ...]: ...
    @property
    def known_since(self) -> np.ndarray: ...


class OtherIndicator(Protocol):
    """Another indicator as evaluated at the same instant, for kinds that judge other indicators."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def assessments(self) -> Sequence[AssessedLine]: ...
    @property
    def episodes(self) -> Sequence[Episode]: ...
    @property
    def lines(self) -> Sequence[Series]: ...
    @property
    def all_rows(self) -> pd.DataFrame: ...
    @property
    def known_rows(self) -> np.ndarray: ...


@dataclass(frozen=True)
class EvaluationContext:
    """The instant, and the indicator's own words, limits, baselines and other indicators.

    `unit` is the unit that the indicator is judged in, `limit` the cap in that unit, `limits` the cap in each unit that
    it is stated in.
    """

    as_of: date
    unit: str
    limit: float | None = None
    period_name: str = ""
    anchor: Anchor | None = None
    baselines: Mapping[str, Series] = field(default_factory=dict)
    other_indicators: Mapping[str, OtherIndicator] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def cap(self) -> str:
        """The limit in words, in all units that it is stated in."""
        stated = self.limits or ({} if self.limit is None else {self.unit: self.limit})
        return " or ".join(f"{number(limit)} {unit}" for unit, limit in stated.items()) or "the limit"

    def title_of(self, indicator: str) -> str:
        """The title of another indicator; its id where it was not evaluated."""
        other = self.other_indicators.get(indicator)
        return indicator if other is None else other.verdict.title
