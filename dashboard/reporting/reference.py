"""The reference of everything that can be written in the catalogue and in a CSV file, and of the board, as Markdown.

It is made from the schema's own descriptions, so it cannot say anything else than what is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashboard.catalog import (
    CatalogFile,
    Expectations,
    Factor,
    FiscalYear,
    Indicator,
    Place,
    RuleTest,
    Source,
    SourceEnd,
    json_schema,
)
from dashboard.domain import COLUMNS
from dashboard.fetch import NextPages
from dashboard.reporting.board_models import BoardModel
from dashboard.thresholds import KINDS, Threshold

_INTRODUCTION = """# Reference

Made by `watchfloor schema --reference`; a test keeps it current. Days are written 2024-03-07, durations 90d, 2w,
1mo or 1y. Every day is a day in UTC; the day of a time in a file is that in the `timezone:` of its source."""

_CSV = """Required: `date` (or `period_start` and `period_end`), and a `value`, `low` or `high` unless the status is
`missing`. UTF-8, commas, a header line. A later `published_at` for the same source, period and subject replaces the
earlier figure; both are kept."""

BOARD = {
    "version": "A hash of all that follows, which changes when that does; in `board.json` only.",
    **{name: str(field.description) for name, field in BoardModel.model_fields.items()},
}


def reference() -> str:
    """The whole reference."""
    definitions = json_schema()["$defs"]
    parts = [
        _INTRODUCTION,
        "## indicators.yaml",
        _table(CatalogFile.model_json_schema()["properties"], required=("version", "indicators")),
        "### A source",
        _table(definitions[Source.__name__]["properties"], required=("title",)),
        "`ended:` may be a day, or " + _keys(definitions[SourceEnd.__name__]) + ".",
        "`fiscal_year:` may be a day of the year, or " + _keys(definitions[FiscalYear.__name__]) + ".",
        "### The pages of a feed",
        _table(definitions[NextPages.__name__]["properties"], required=()),
        "### What is expected of a delivery",
        _table(definitions[Expectations.__name__]["properties"], required=()),
        "### A factor",
        _table(definitions[Factor.__name__]["properties"], required=("from", "to", "value", "low", "high")),
        "Give a `citation` or a `document`. Of one pair of units only one factor may be good for a day. A row is "
        "converted by the factor that is good for all of its days.",
        "### An indicator",
        _table(definitions[Indicator.__name__]["properties"], required=("title",)),
        "`place:` has " + _keys(definitions[Place.__name__]) + ".",
        "### A test",
        _table(definitions[RuleTest.__name__]["properties"], required=("given", "as_of", "expect")),
        "### A threshold",
        "Every threshold has a `severity` and the key of exactly one kind.",
        _table(_common(definitions[KINDS[0].__name__]["properties"]), required=("severity",)),
        *_kinds(definitions),
        "## A CSV file",
        _CSV,
        "| column | meaning |\n|---|---|\n" + "\n".join(f"| `{name}` | {said} |" for name, said in COLUMNS.items()),
        "## The board as JSON",
        "What `watchfloor evaluate --json` prints, and `watchfloor refresh` keeps in `var/board.json`. "
        "`watchfloor schema --board` prints its JSON Schema.",
        "| key | meaning |\n|---|---|\n" + "\n".join(f"| `{name}` | {said} |" for name, said in BOARD.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _kinds(definitions: dict[str, Any]) -> Iterator[str]:
    for kind in KINDS:
        own = {
            name: entry
            for name, entry in definitions[kind.__name__]["properties"].items()
            if name not in Threshold.yaml_keys()
        }
        summary = " ".join((kind.__doc__ or "").split())
        yield f"#### {kind.key}\n\n{summary}\n\n{_table(own, required=(kind.key,))}"


def _common(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: entry for name, entry in properties.items() if name in Threshold.yaml_keys()}


def _table(properties: dict[str, Any], required: tuple[str, ...]) -> str:
    lines = ["| key | value | meaning |", "|---|---|---|"]
    for name, entry in properties.items():
        must = " **required**" if name in required else ""
        lines.append(f"| `{name}`{must} | {_type(entry)} | {_meaning(entry)} |")
    return "\n".join(lines)


def _type(entry: dict[str, Any]) -> str:
    if "enum" in entry:
        return " ".join(f"`{word}`" for word in entry["enum"])
    if "const" in entry:
        return f"`{entry['const']}`"
    if "anyOf" in entry:
        kinds = [_type(one) for one in entry["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if entry.get("type") == "array":
        return "list"
    if "$ref" in entry or entry.get("type") == "object":
        return "mapping"
    return {"string": "text", "number": "number", "boolean": "`true` or `false`", "integer": "number"}.get(
        entry.get("type", ""), "text"
    )


def _meaning(entry: dict[str, Any]) -> str:
    meaning = str(entry.get("description", ""))
    default = entry.get("default")
    if default in (None, "", [], {}, False):
        return meaning
    return f"{meaning} Default: `{default}`."


def _keys(definition: dict[str, Any]) -> str:
    return "{" + ", ".join(f"`{name}`" for name in definition["properties"]) + "}"
