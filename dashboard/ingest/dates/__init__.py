"""Cells of days, periods and times: what each states as the YAML declares, and else the line to write."""
