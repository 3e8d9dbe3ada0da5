"""Backtests: what an indicator would have announced if it had been watched live, and what an edit changes of that."""

from dashboard.analysis.backtest.diff import Difference, compare
from dashboard.analysis.backtest.history import AnnouncedEpisode, History
from dashboard.analysis.backtest.replay import backtest, replay
