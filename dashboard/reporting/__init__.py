"""Boards, rule tests and backtests as JSON, CSV and text for other programs and the terminal."""

from dashboard.reporting.board_json import board_as_json, explanation, history_as_csv
from dashboard.reporting.reference import reference
from dashboard.reporting.spreadsheet_csv import as_csv
from dashboard.reporting.terminal import backtest_as_table, backtest_as_text, differences_as_text, outcomes_as_text

__all__ = [
    "as_csv",
    "backtest_as_table",
    "backtest_as_text",
    "board_as_json",
    "differences_as_text",
    "explanation",
    "history_as_csv",
    "outcomes_as_text",
    "reference",
]
