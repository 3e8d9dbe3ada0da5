"""`all_of: [a, b]`: all of some indicators fire within one window."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dashboard.thresholds.composite import FiringIndicators
from dashboard.thresholds.traits import Needs


class AllOf(FiringIndicators):
    """Fires while all of these indicators fire, or have fired within the window.

    Not judged while one of them cannot be, unless another one is calm. When they stop firing without anybody having
    said so, it stands on record.
    """

    key: ClassVar[str] = "all_of"

    all_of: list[str] = Field(min_length=2, description="Ids of other indicators.")

    @property
    def needs(self) -> Needs:
        return Needs(indicators=tuple((("all_of", index), name) for index, name in enumerate(self.all_of)))

    @property
    def enough(self) -> int:
        return len(self.all_of)

    def _how_many(self) -> str:
        return "both of" if len(self.all_of) == 2 else "all of"
