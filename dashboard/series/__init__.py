"""Rows known at an instant -> the series of one indicator, with their units, totals, age and delays."""

from dashboard.series.freshness import state_of_several, state_of_source, state_on_day
from dashboard.series.inputs import IndicatorInputs, evaluation_context, gather_inputs
from dashboard.series.joined_lines.cap_periods import lies_inside, split_by_period
from dashboard.series.joined_lines.cap_vintages import replay_totals
from dashboard.series.judged_lines import cap_groups, judged_lines
from dashboard.series.newest_figures import newest_figures, straddling_row_problems
from dashboard.series.row_problems import known_problems, row_counts
from dashboard.series.source_lines.source_series import source_lines as read_source_lines
from dashboard.series.source_lines.units import Conversion, Conversions
