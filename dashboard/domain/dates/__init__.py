"""Days, periods, durations, and the nights on which clocks change."""

from dashboard.domain.dates.business_days import Age, BusinessDays, parse_age, parse_holiday
from dashboard.domain.dates.date_forms import DateForm, DayOrTime, ambiguous_cell, date_form
from dashboard.domain.dates.periods import (
    FIRST_YEAR,
    LAST_YEAR,
    Anchor,
    Duration,
    Period,
    day_of,
    end_of_day,
    instant_of,
    parse_day,
    parse_period,
    stated_days,
)
