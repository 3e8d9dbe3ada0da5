"""`indicators.yaml` -> Catalog, or every problem in it at once with file:line:column."""

from dashboard.catalog.active.active_catalog import ActiveCatalog, load_active_catalog, save_last_good
from dashboard.catalog.active.last_good import DEFINITIONS_FOLDER, last_good_file
from dashboard.catalog.active.parse_cache import catalog_fingerprint
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.checks.dependencies import with_needs
from dashboard.catalog.file_layout import Choice, FiscalYear, PageTable
from dashboard.catalog.indicator import CatalogFile, Indicator, Place, json_schema
from dashboard.catalog.loader import load_catalog
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.messages.written_numbers import yaml_number
from dashboard.catalog.rule_test import ExampleFigure, RuleTest, parse_figures
from dashboard.catalog.source import Expectations, Factor, Source, SourceEnd
from dashboard.catalog.yaml_text.reader import Document, read_yaml
