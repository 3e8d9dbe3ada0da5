"""The refresher: it fetches what is due, archives, checks and merges it, and publishes the board; one at a time."""

from dashboard.refresh.heartbeat import Life, Pulse, read_pulse
from dashboard.refresh.lock import WATCHING, BusyError, Hold, Holder, sole_refresher
from dashboard.refresh.looks.look_result import LookResult, describe_look
from dashboard.refresh.publish import (
    PublishedFigures,
    PublishedSummary,
    code_fingerprint,
    current_parts,
    published_stamp,
    read_published,
    read_published_figures,
)
from dashboard.refresh.repair import sweep_state
from dashboard.refresh.requests.accept import Acceptance
from dashboard.refresh.requests.accept_command import run_acceptance
from dashboard.refresh.requests.archive_changes import ArchiveChange
from dashboard.refresh.requests.archive_command import run_archive_change
from dashboard.refresh.requests.refresh_requests import request_refresh, requested_at
from dashboard.refresh.single_run import SourceResult, refresh
from dashboard.refresh.watch_loop import Watch
