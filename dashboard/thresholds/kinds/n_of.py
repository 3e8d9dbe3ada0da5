"""`n_of: {n: 2, of: [a, b, c]}`: so many of some indicators fire within one window."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dashboard.thresholds.composite import FiringIndicators
from dashboard.thresholds.traits import Needs


class IndicatorCount(BaseModel):
    """How many of which indicators."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    n: int = Field(ge=1, description="How many must fire.")
    of: list[str] = Field(min_length=2, description="Ids of other indicators.")

    @model_validator(mode="after")
    def _are_enough(self) -> IndicatorCount:
        if self.n > len(self.of):
            raise ValueError(f"{self.n} of {len(self.of)} can never fire")
        return self


class NOf(FiringIndicators):
    """Fires while so many of these indicators fire, or have fired within the window.

    Not judged while the ones that cannot be might make up the number.
    """

    key: ClassVar[str] = "n_of"

    n_of: IndicatorCount = Field(description="How many of which: {n: 2, of: [a, b, c]}.")

    @property
    def needs(self) -> Needs:
        return Needs(indicators=tuple((("n_of", "of", index), name) for index, name in enumerate(self.n_of.of)))

    @property
    def enough(self) -> int:
        return self.n_of.n
