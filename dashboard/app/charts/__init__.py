"""The charts that explain a verdict: pure functions from what was evaluated to Altair, testable as JSON.

All data go in as values under fixed field names; no text from data becomes an expression, a field or a signal.
"""

from dashboard.app.charts.drawing import IndicatorChart, indicator_charts
