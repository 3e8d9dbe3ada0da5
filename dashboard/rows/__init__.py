"""The rows of all deliveries, derived from the archive: which row was in force from when until when."""

from dashboard.rows.guards.expectations import excessive_changes, excessive_shrinkage, unmet_expectations
from dashboard.rows.guards.joint_changes import Replacement, without_excessive_changes
from dashboard.rows.guards.revision_limits import excessive_revisions
from dashboard.rows.joint_replay import replay_all, replay_groups
from dashboard.rows.load import RowCache, load_rows, may_end_unnoticed
from dashboard.rows.loading.archive_faults import describe_archive_faults
from dashboard.rows.merging.apply_delivery import (
    apply_acceptance,
    count_run,
    rows_replaced_by,
)
from dashboard.rows.merging.arrivals import Arrival, apply_arrivals
from dashboard.rows.merging.versions import are_missing
from dashboard.rows.replay import expect_whole_journal, is_current, replay_deliveries
from dashboard.rows.row_numbers import number_rows
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.source_fingerprints import SourceFingerprints
from dashboard.rows.store.stored_rows import StoredRows
from dashboard.rows.table import KnownTimes, Table, are_assumed
