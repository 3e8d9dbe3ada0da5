"""CSV files -> rows, read strictly: what cannot be read as it was meant is a problem that names its place."""

from dashboard.intake.deliveries import (
    made_of,
    nothing_held,
    through_run,
    with_deliveries,
    with_delivery,
)
from dashboard.intake.from_archive import expect_whole_journal, held
from dashboard.intake.guards import disbelief
from dashboard.intake.layout import Layout
from dashboard.intake.load import Loads, amiss, load_rows
from dashboard.intake.many import read_many
from dashboard.intake.reading import Reading, read, rows_of
from dashboard.intake.rows import DTYPES, Intake, frame

__all__ = [
    "DTYPES",
    "Intake",
    "Layout",
    "Loads",
    "Reading",
    "amiss",
    "disbelief",
    "expect_whole_journal",
    "frame",
    "held",
    "load_rows",
    "made_of",
    "nothing_held",
    "read",
    "read_many",
    "rows_of",
    "through_run",
    "with_deliveries",
    "with_delivery",
]
