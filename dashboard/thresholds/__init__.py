"""Thresholds: what a rule compares a series with, and what it says about the result."""
