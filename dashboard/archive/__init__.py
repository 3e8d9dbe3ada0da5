"""The facts: every delivery byte for byte, and the journal of what each run of a source brought."""

from dashboard.archive.audit import problems_of_archive
from dashboard.archive.deliveries import JOURNAL, UNTOLD, Archive
from dashboard.archive.journal import ArchiveError, Rejection, Run, is_whole, nothing_yet, run_of, way_in
from dashboard.archive.orphans import unclaimed, unclaimed_names
from dashboard.archive.source_log import Past
from dashboard.archive.verification import SINGLE, STEP, Verification

__all__ = [
    "JOURNAL",
    "SINGLE",
    "STEP",
    "UNTOLD",
    "Archive",
    "ArchiveError",
    "Past",
    "Rejection",
    "Run",
    "Verification",
    "is_whole",
    "nothing_yet",
    "problems_of_archive",
    "run_of",
    "unclaimed",
    "unclaimed_names",
    "way_in",
]
