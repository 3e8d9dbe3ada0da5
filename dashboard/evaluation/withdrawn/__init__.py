"""Alerts whose figure was withdrawn, replaced, overwritten or dropped."""
