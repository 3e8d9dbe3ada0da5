"""The rows of all deliveries, derived from the archive: which row was in force from when until when."""

from dashboard.rows.apply_delivery import replaced_by, through_run, with_acceptance, with_deliveries
from dashboard.rows.guards.expectations import changed_too_much, disbelief, shrunk
from dashboard.rows.guards.revision_limits import revised
from dashboard.rows.load import Loads, amiss, load_rows
from dashboard.rows.replay import expect_whole_journal, held, is_current
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.parquet_store import Store, Stored
from dashboard.rows.table import Seen, Table
from dashboard.rows.versions import are_missing

__all__ = [
    "Loads",
    "Seen",
    "SourceRows",
    "Store",
    "Stored",
    "Table",
    "amiss",
    "are_missing",
    "changed_too_much",
    "disbelief",
    "expect_whole_journal",
    "held",
    "is_current",
    "load_rows",
    "replaced_by",
    "revised",
    "shrunk",
    "through_run",
    "with_acceptance",
    "with_deliveries",
]
