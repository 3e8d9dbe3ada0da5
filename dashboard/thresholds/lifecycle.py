"""When a passed threshold fires, and what ends its breach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator

from dashboard.domain import Series
from dashboard.domain.dates import Duration
from dashboard.thresholds.judgement import NOT_PASSED

_COUNT = re.compile(r"([1-9][0-9]{0,3}) figures?")


def _is_waiting_time(text: str) -> str:
    if not _COUNT.fullmatch(text):
        try:
            Duration.parse(text)
        except ValueError as error:
            raise ValueError(f'{error}, nor a count like "3 figures"') from error
    return text


WaitingText = Annotated[str, AfterValidator(_is_waiting_time)]  # a duration, or a count of figures


@dataclass(frozen=True)
class Lifecycle:
    """How long figures must pass before the threshold fires, and which figure ends the breach.

    wait, figures: how long, or over how many figures, it must be passed before it fires; keep: how long it still fires
    after the figure that ends the breach; recover_below, recover_above: that figure must lie beyond these levels.
    """

    wait: Duration | None = None
    figures: int = 1
    keep: Duration | None = None
    recover_below: float | None = None
    recover_above: float | None = None

    @classmethod
    def parse(
        cls, waiting: str | None, keep: str | None, recover_below: float | None, recover_above: float | None
    ) -> Self:
        """From the YAML values; None for keys that are absent."""
        counted = _COUNT.fullmatch(waiting or "")
        return cls(
            wait=Duration.parse(waiting) if waiting and not counted else None,
            figures=int(counted[1]) if counted else 1,
            keep=Duration.parse(keep) if keep else None,
            recover_below=recover_below,
            recover_above=recover_above,
        )

    def recoveries(self, series: Series, passed: np.ndarray) -> np.ndarray:
        """Which observations end a breach: surely beyond each recovery level, or without any level not passing."""
        if self.recover_below is None and self.recover_above is None:
            return np.asarray(passed == NOT_PASSED)
        sure = []
        if self.recover_below is not None:
            sure.append(series.high <= self.recover_below)
            if not series.is_plain:
                sure.append(~series.partial)
        if self.recover_above is not None:
            sure.append(series.low >= self.recover_above)
        return np.asarray(sure[0] if len(sure) == 1 else np.logical_and.reduce(sure))
