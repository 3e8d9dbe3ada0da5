"""CSV files -> rows, read strictly: what cannot be read as it was meant is a problem that names its place."""

from dashboard.ingest.batch_reader import read_many
from dashboard.ingest.frame import DTYPES, frame
from dashboard.ingest.parse.decode import MOST_BYTES, too_large, utf8
from dashboard.ingest.parse.dialect import Layout
from dashboard.ingest.parse.tokenize import first_row
from dashboard.ingest.reader import Reading, read, rows_of

__all__ = [
    "DTYPES",
    "MOST_BYTES",
    "Layout",
    "Reading",
    "first_row",
    "frame",
    "read",
    "read_many",
    "rows_of",
    "too_large",
    "utf8",
]
