"""Rows known at an instant -> the series of one indicator, with their units, totals, age and delays."""

from dashboard.series.inputs import (
    Gathered,
    cap_groups,
    follows_from_rows,
    gather,
    judged_lines,
    known_problems,
    newest_figures,
    row_counts,
    setting_of,
    silences,
    straddlers,
)
from dashboard.series.units import Conversion, Conversions

__all__ = [
    "Conversion",
    "Conversions",
    "Gathered",
    "cap_groups",
    "follows_from_rows",
    "gather",
    "judged_lines",
    "known_problems",
    "newest_figures",
    "row_counts",
    "setting_of",
    "silences",
    "straddlers",
]
