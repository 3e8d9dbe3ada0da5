"""`any_of: [a, b]`: at least one of some indicators fires within the window."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dashboard.thresholds.composite import FiringIndicators
from dashboard.thresholds.traits import Needs


class AnyOf(FiringIndicators):
    """Fires while any of these indicators fires, or has fired within the window.

    Normal only when every one of them is.
    """

    key: ClassVar[str] = "any_of"

    any_of: list[str] = Field(min_length=2, description="Ids of other indicators.")

    @property
    def needs(self) -> Needs:
        return Needs(indicators=tuple((("any_of", index), name) for index, name in enumerate(self.any_of)))

    @property
    def enough(self) -> int:
        return 1

    def _how_many(self) -> str:
        return "any of"

    def _conjunction(self) -> str:
        return "or"
