"""What keeps the figures current: what is due is fetched, kept, checked, merged and published, by one at a time."""

from dashboard.refresh.heartbeat import Life, Pulse, pulse
from dashboard.refresh.lock import WATCHING, BusyError, Hold, Holder, sole_refresher
from dashboard.refresh.log_lines import lines_of
from dashboard.refresh.refresher import Looked
from dashboard.refresh.repair import sweep_all
from dashboard.refresh.requests import rename_requests
from dashboard.refresh.requests.accept import Acceptance
from dashboard.refresh.requests.accept_command import let_in
from dashboard.refresh.requests.refresh_requests import ask, asked_at
from dashboard.refresh.requests.rename import expect_renamed, rename
from dashboard.refresh.single_run import Found, refresh
from dashboard.refresh.watch_loop import Watch

__all__ = [
    "WATCHING",
    "Acceptance",
    "BusyError",
    "Found",
    "Hold",
    "Holder",
    "Life",
    "Looked",
    "Pulse",
    "Watch",
    "ask",
    "asked_at",
    "expect_renamed",
    "let_in",
    "lines_of",
    "pulse",
    "refresh",
    "rename",
    "rename_requests",
    "sole_refresher",
    "sweep_all",
]
