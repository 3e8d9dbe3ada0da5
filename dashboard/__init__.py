"""Watchfloor: indicators, thresholds and alerts on sanctions violations, with their evidence."""
