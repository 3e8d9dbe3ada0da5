"""Questions about many boards, or before one: backtests, changes, outlooks, lint, health."""

from dashboard.analysis import file_inspection
from dashboard.analysis.backtest import AnnouncedEpisode, Difference, History, backtest, compare
from dashboard.analysis.board_changes import Change, change_of, worst_change_first
from dashboard.analysis.cap_outlook import Outlook, outlook
from dashboard.analysis.changes_since import ChangesSince
from dashboard.analysis.lint import Note, lint
from dashboard.analysis.proposal import propose
from dashboard.analysis.revisions import Revision, changed_by_last_delivery, find_revisions
from dashboard.analysis.rule_tests import Outcome, Unexercised, run_tests, unexercised
from dashboard.analysis.source_health import (
    Figures,
    Finding,
    Health,
    Receipts,
    combine_findings,
    figures_of_sources,
    findings_of_indicator,
    in_order,
    unread_finding,
    unread_sources,
)
