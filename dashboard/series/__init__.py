"""Rows known at an instant -> the series of one indicator, with their units, totals, age and delays."""

from dashboard.series.inputs import (
    IndicatorInputs,
    cap_groups,
    depends_on_rows_only,
    evaluation_context,
    gather_inputs,
    judged_lines,
    known_problems,
    newest_figures,
    row_counts,
    silences,
    straddling_row_problems,
)
from dashboard.series.units import Conversion, Conversions

__all__ = [
    "Conversion",
    "Conversions",
    "IndicatorInputs",
    "cap_groups",
    "depends_on_rows_only",
    "evaluation_context",
    "gather_inputs",
    "judged_lines",
    "known_problems",
    "newest_figures",
    "row_counts",
    "silences",
    "straddling_row_problems",
]
