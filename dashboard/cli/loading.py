"""What commands work on: the catalogue, its rows, and verdicts on them, or the error that says why not."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.application import day_asked, today

if TYPE_CHECKING:
    from dashboard.analysis import History
    from dashboard.catalog import ActiveCatalog, Catalog
    from dashboard.domain import Problem, UnknownIndicatorError
    from dashboard.evaluation import EvaluatedBoard, Evaluation
    from dashboard.rows import SourceRows


def load(path: Path, state: Path) -> tuple[Catalog, SourceRows]:
    """The catalogue as the file is, and its rows with all that was ever received."""
    from dashboard.rows import load_rows

    catalog = catalog_at(path)
    return catalog, load_rows(catalog, today(), state=state)


def definitions_at(path: Path, state: Path) -> ActiveCatalog:
    """The definitions in force at `path`: last good ones for what is wrong in it."""
    from dashboard.catalog import load_active_catalog

    return load_active_catalog(path, _claims(path.parent), state)


def catalog_at(path: Path, folder: Path | None = None) -> Catalog:
    """The catalogue at `path`, with the CSV files and the seeds/ of `folder`, or else of where it lies."""
    from dashboard.catalog import load_catalog

    folder = folder or path.parent
    return load_catalog(path, _claims(folder), folder)


def _claims(folder: Path) -> Collection[str] | None:
    from dashboard.evidence import claims_by_id, load_cards

    seeds = folder / "seeds"
    return claims_by_id(load_cards(seeds)) if seeds.is_dir() else None


def edited_catalog(path: Path, present: Path) -> Catalog:
    """An edited catalogue with the files of the present one.

    All of it must load, or what is left out would look as if it had been edited out.
    """
    from dashboard.domain import CatalogError

    catalog = catalog_at(path, present.parent)
    if catalog.problems:
        raise CatalogError(catalog.problems)
    return catalog


def named_indicators(catalogs: Sequence[Catalog], names: Sequence[str] | None) -> list[str]:
    """The ids asked for, all of those loaded where none was; each must be loaded in one of the catalogues."""
    loaded = list(dict.fromkeys(name for catalog in catalogs for name in catalog.indicators))
    for name in names or ():
        if name not in loaded:
            raise unknown(name, catalogs[0].not_loaded.get(name), loaded)
    return list(names or loaded)


def histories_of(catalog: Catalog, state: Path, names: Sequence[str]) -> tuple[History, ...]:
    from dashboard.analysis import backtest as replayed
    from dashboard.rows import load_rows

    if catalog.not_loaded:
        print(f"not loaded, so left out: {', '.join(catalog.not_loaded)}; see `watchfloor check`", file=sys.stderr)
    day = today()
    own = [name for name in names if name in catalog.indicators]
    rows = load_rows(catalog, day, catalog.sources_of(own), state)
    if wrong := [name for name, found in rows.problems.items() if any(one.stood(day) for one in found)]:
        print(f"not all could be read of: {', '.join(wrong)}; see `watchfloor check`", file=sys.stderr)
    return replayed(catalog, rows, own, day)


def judge(catalog: Catalog, intake: SourceRows, as_of: date) -> EvaluatedBoard:
    from dashboard.evaluation import evaluate as judge

    return judge(catalog, intake, as_of)


def board_of(path: Path, state: Path, as_of: str | None, by: str) -> EvaluatedBoard:
    from dashboard.rows import load_rows

    day, catalog = day_asked(as_of), definitions_at(path, state).catalog
    intake = load_rows(catalog, today(), state=state)
    return judge(catalog, intake.by_receipt(today()) if by == "received" else intake, day)


def evaluations_of(
    path: Path, state: Path, as_of: str | None, by: str, names: Sequence[str]
) -> tuple[list[Evaluation], Mapping[str, Sequence[Problem]]]:
    """The board's evaluations of the named indicators, from the files of their own sources alone.

    And why those stand that are judged by last good definitions.
    """
    from dashboard.evaluation import evaluation_of
    from dashboard.rows import load_rows

    day, catalog = day_asked(as_of), definitions_at(path, state).catalog
    chosen = named_indicators([catalog], names)
    rows = load_rows(catalog, today(), catalog.sources_of(chosen), state)
    intake = rows.by_receipt(today()) if by == "received" else rows
    return [evaluation_of(name, catalog, intake, day) for name in chosen], catalog.fallbacks


def unknown(name: str, reasons: Sequence[Problem] | None, known: Sequence[str]) -> UnknownIndicatorError:
    """Why there is nothing to say of an indicator: it is not loaded, or the name is a slip."""
    from dashboard.catalog import did_you_mean
    from dashboard.domain import UnknownIndicatorError

    if reasons:
        return UnknownIndicatorError("\n".join([f"{name} is not loaded:", *map(str, reasons)]))
    return UnknownIndicatorError(f"no indicator {name}{did_you_mean(name, known)}")
