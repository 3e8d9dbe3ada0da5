"""Rows known at an instant -> the series of one indicator, with their units, totals, age and delays."""
