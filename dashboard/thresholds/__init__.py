"""The threshold kinds, one file each. A new kind is a new file and one name in `KINDS`."""

from __future__ import annotations

from dashboard.thresholds.above import Above
from dashboard.thresholds.all_of import AllOf
from dashboard.thresholds.any_of import AnyOf
from dashboard.thresholds.at_percent import AtPercent
from dashboard.thresholds.base import NOT_JUDGED, NOT_PASSED, Judgement, Lifecycle, Setting, Threshold
from dashboard.thresholds.below import Below
from dashboard.thresholds.change_above import ChangeAbove
from dashboard.thresholds.disagree_above import DisagreeAbove
from dashboard.thresholds.n_of import NOf
from dashboard.thresholds.occurs import Occurs
from dashboard.thresholds.outside import Outside
from dashboard.thresholds.overdue_after import OverdueAfter
from dashboard.thresholds.pace_above import PaceAbove
from dashboard.thresholds.times_baseline import TimesBaseline
from dashboard.thresholds.unusual import Unusual

KINDS: tuple[type[Threshold], ...] = (
    Above,
    Below,
    Outside,
    AtPercent,
    PaceAbove,
    ChangeAbove,
    TimesBaseline,
    Occurs,
    OverdueAfter,
    Unusual,
    DisagreeAbove,
    AllOf,
    AnyOf,
    NOf,
)

__all__ = ["KINDS", "NOT_JUDGED", "NOT_PASSED", "Judgement", "Lifecycle", "Setting", "Threshold"]
