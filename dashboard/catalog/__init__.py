"""`indicators.yaml` -> Catalog, or every problem in it at once with file:line:column."""

from dashboard.catalog.load import Catalog, load_catalog, parse_catalog
from dashboard.catalog.schema import Indicator, Source, json_schema

__all__ = ["Catalog", "Indicator", "Source", "json_schema", "load_catalog", "parse_catalog"]
