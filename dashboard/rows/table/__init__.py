"""All rows as arrays: in order, with the times at which each is known, and with their contents as text."""

from dashboard.rows.table.assumed_publications import are_assumed
from dashboard.rows.table.known_times import KnownTimes
from dashboard.rows.table.table import Table
