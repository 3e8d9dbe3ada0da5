"""Days, periods, durations, schedules, and the nights on which clocks change."""

from dashboard.domain.dates.periods import Anchor, Duration, Period, day_of, end_of_day, parse_day, parse_period
from dashboard.domain.dates.schedule import RETRY_AFTER, is_due, is_overdue, next_due
