"""The facts: every delivery byte for byte, the journal of the runs of all sources, and the log of each source."""

from dashboard.archive.audit import problems_of_archive
from dashboard.archive.deliveries import UNRECORDED, Archive
from dashboard.archive.fetch_memory import FetchMemory
from dashboard.archive.files.source_lines import CHANGES, REJECTIONS
from dashboard.archive.journal import (
    ArchiveError,
    Outcome,
    Rejection,
    Run,
    accept_hint,
    describe_missing_delivery,
)
from dashboard.archive.orphans import describe_orphans, orphans
from dashboard.archive.source_log import SourceLog
from dashboard.archive.upkeep.thinning import superseded_deliveries
from dashboard.archive.verification import SINGLE_RUN_BYTES, STEP_BYTES, Verification
