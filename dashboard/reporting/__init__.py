"""Boards, rule tests and backtests as JSON, CSV and text for other programs and the terminal."""

from dashboard.reporting.board_json import board_as_json, board_schema
from dashboard.reporting.explanation import explanation
from dashboard.reporting.history_csv import history_as_csv
from dashboard.reporting.parts.board_parts import BoardParts
from dashboard.reporting.parts.findings_json import figures_from_json
from dashboard.reporting.parts.parts_file import parts_as_bytes, parts_from_bytes
from dashboard.reporting.parts.renewal import renew_parts
from dashboard.reporting.publications import publications_in_words
from dashboard.reporting.reference import reference
from dashboard.reporting.spreadsheet_csv import as_csv
from dashboard.reporting.summary.board_summary import (
    USUAL_SPAN,
    BoardSummary,
    DecidingLevel,
    summarize,
    summarize_instant,
    summary_from_json,
)
from dashboard.reporting.summary.joined_runs import joined_runs
from dashboard.reporting.summary.sparkline import Sparkline
from dashboard.reporting.terminal import backtest_as_table, backtest_as_text, differences_as_text, outcomes_as_text
