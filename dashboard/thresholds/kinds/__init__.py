"""The threshold kinds, one file each. A new kind is a new file and one name in `KINDS`."""

from __future__ import annotations

from dashboard.thresholds.kinds.above import Above
from dashboard.thresholds.kinds.all_of import AllOf
from dashboard.thresholds.kinds.any_of import AnyOf
from dashboard.thresholds.kinds.at_percent import AtPercent
from dashboard.thresholds.kinds.below import Below
from dashboard.thresholds.kinds.change_above import ChangeAbove
from dashboard.thresholds.kinds.disagree_above import DisagreeAbove
from dashboard.thresholds.kinds.n_of import NOf
from dashboard.thresholds.kinds.occurs import Occurs
from dashboard.thresholds.kinds.outside import Outside
from dashboard.thresholds.kinds.overdue_after import OverdueAfter
from dashboard.thresholds.kinds.pace_above import PaceAbove
from dashboard.thresholds.kinds.times_baseline import TimesBaseline
from dashboard.thresholds.kinds.unusual import Unusual
from dashboard.thresholds.threshold import Threshold

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
