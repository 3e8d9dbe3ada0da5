"""The threshold kinds, one file each. A new kind is a new file and one name in `KINDS`."""

from __future__ import annotations

from dashboard.thresholds.above import Above
from dashboard.thresholds.at_percent import AtPercent
from dashboard.thresholds.base import NOT_JUDGED, NOT_PASSED, Judgement, Lifecycle, Setting, Threshold
from dashboard.thresholds.below import Below
from dashboard.thresholds.occurs import Occurs
from dashboard.thresholds.overdue_after import OverdueAfter
from dashboard.thresholds.times_baseline import TimesBaseline
from dashboard.thresholds.unusual import Unusual

KINDS: tuple[type[Threshold], ...] = (Above, Below, AtPercent, TimesBaseline, Occurs, OverdueAfter, Unusual)

__all__ = ["KINDS", "NOT_JUDGED", "NOT_PASSED", "Judgement", "Lifecycle", "Setting", "Threshold"]
