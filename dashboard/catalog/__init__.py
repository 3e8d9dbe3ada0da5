"""`indicators.yaml` -> Catalog, or every problem in it at once with file:line:column."""

from dashboard.catalog.catalog import Catalog
from dashboard.catalog.indicator import Indicator, RuleTest, json_schema
from dashboard.catalog.loader import load_catalog, parse_catalog
from dashboard.catalog.rule_test import Given, parse_given
from dashboard.catalog.source import Factor, Source

__all__ = [
    "Catalog",
    "Factor",
    "Given",
    "Indicator",
    "RuleTest",
    "Source",
    "json_schema",
    "load_catalog",
    "parse_catalog",
    "parse_given",
]
