"""Reads CSV files into rows, strictly: whatever cannot be read as it was meant becomes a problem."""

from dashboard.ingest.batch_reader import Delivery, read_all
from dashboard.ingest.dates.form_advice import known_forms
from dashboard.ingest.formats.containers import unpacked
from dashboard.ingest.frame import frame
from dashboard.ingest.layout.declaration import Layout
from dashboard.ingest.layout.wide_columns import lacks_year, wide_period
from dashboard.ingest.parse.decode import MAX_BYTES, UntrustedError, too_large_message
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.open_table import column_names, open_table, rows_of_words
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading, concatenate_rows
