"""What keeps the figures current: what is due is fetched, kept, checked, merged and published, by one at a time."""

from dashboard.refresh.heartbeat import Life, Pulse, read_pulse
from dashboard.refresh.lock import WATCHING, BusyError, Hold, Holder, sole_refresher
from dashboard.refresh.looks.look_result import describe_look
from dashboard.refresh.refresher import LookResult
from dashboard.refresh.repair import sweep_state
from dashboard.refresh.requests import rename_requests
from dashboard.refresh.requests.accept import Acceptance
from dashboard.refresh.requests.accept_command import run_acceptance
from dashboard.refresh.requests.refresh_requests import request_refresh, requested_at
from dashboard.refresh.requests.rename import expect_renamed, rename
from dashboard.refresh.single_run import SourceResult, refresh
from dashboard.refresh.watch_loop import Watch

__all__ = [
    "WATCHING",
    "Acceptance",
    "BusyError",
    "Hold",
    "Holder",
    "Life",
    "LookResult",
    "Pulse",
    "SourceResult",
    "Watch",
    "describe_look",
    "expect_renamed",
    "read_pulse",
    "refresh",
    "rename",
    "rename_requests",
    "request_refresh",
    "requested_at",
    "run_acceptance",
    "sole_refresher",
    "sweep_state",
]
