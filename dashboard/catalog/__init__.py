"""`indicators.yaml` -> Catalog, or every problem in it at once with file:line:column."""

from dashboard.catalog.active.active_catalog import FOLDER, Definitions, load_definitions, memory_file, remember
from dashboard.catalog.active.parse_cache import name_of
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.checks.dependencies import with_needs
from dashboard.catalog.checks.entries import did_you_mean
from dashboard.catalog.indicator import CatalogFile, Indicator, Place, RuleTest, json_schema
from dashboard.catalog.loader import load_catalog
from dashboard.catalog.messages.written_numbers import yaml_number
from dashboard.catalog.rule_test import Given, parse_given
from dashboard.catalog.source import Ended, Expect, Factor, Source
from dashboard.catalog.yaml_text.reader import Document, read

__all__ = [
    "FOLDER",
    "Catalog",
    "CatalogFile",
    "Definitions",
    "Document",
    "Ended",
    "Expect",
    "Factor",
    "Given",
    "Indicator",
    "Place",
    "RuleTest",
    "Source",
    "did_you_mean",
    "json_schema",
    "load_catalog",
    "load_definitions",
    "memory_file",
    "name_of",
    "parse_given",
    "read",
    "remember",
    "with_needs",
    "yaml_number",
]
