"""Checks of one source: its location, filters, columns and marks, and what it says of other sources."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from dashboard.catalog.checks.finding import Finding
from dashboard.catalog.checks.layouts import check_layout
from dashboard.catalog.checks.units import check_factors
from dashboard.catalog.file_layout import Choice
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.origin_keys import kinds_of
from dashboard.catalog.source import Source
from dashboard.domain import COLUMNS
from dashboard.fetch import SOURCE_KINDS, path_problem


def check_source(
    name: str, sources: Mapping[str, Source], known_sources: Collection[str] | None, claims: Collection[str] | None
) -> Iterator[Finding]:
    """`known_sources` are all that the file names, `claims` the ids of seeds/; None skips what names one of them."""
    source = sources[name]
    yield from _relations_fit(name, sources, known_sources)
    yield from check_factors(source, claims)
    yield from _needs_a_single_location(source)
    yield from _excludes_only_cells_it_does_not_ask_for(source)
    yield from _names_known_columns_once(source)
    yield from _marks_differ(source)
    yield from check_layout(source)
    if source.kind == "event" and source.expect_every:
        yield ("expect_every",), "events are not expected at intervals"
    if (source.counts == "part") != bool(source.scope):
        yield ("counts",), "counts: part and scope: go together, as in {counts: part, scope: the sea route only}"


def _relations_fit(
    name: str, sources: Mapping[str, Source], known_sources: Collection[str] | None
) -> Iterator[Finding]:
    """Checks `repeats:` and `independent_of:`."""
    source = sources[name]
    references: list[Finding] = [(("repeats",), source.repeats)] if source.repeats else []
    references += [(("independent_of", index), other) for index, other in enumerate(source.independent_of)]
    for path, other in references:
        if other == name:
            yield path, "a source cannot name itself here"
        elif known_sources is not None and other not in known_sources:
            yield path, f"no source {other}{did_you_mean(other, known_sources)}"
    if source.repeats in source.independent_of:
        yield ("repeats",), f"it cannot repeat {source.repeats} and be independent of it"
    if name in (chain := _chain_of_repeats(source.repeats, sources)) and name == min(chain):
        yield ("repeats",), "sources repeat each other in a circle"


def check_path(key: str, file: str) -> Iterator[Finding]:
    """Checks that a path of the catalogue stays below the catalogue's folder."""
    if problem := path_problem(file):
        yield (key,), problem


def _chain_of_repeats(name: str | None, sources: Mapping[str, Source]) -> list[str]:
    """A source, the source that it repeats, and so on, up to one that repeats none or stands in the chain already."""
    chain: list[str] = []
    while name and name not in chain:
        chain.append(name)
        name = sources[name].repeats if name in sources else None
    return chain


def _needs_a_single_location(source: Source) -> Iterator[Finding]:
    kinds = kinds_of(source)
    keys = [kind.key for kind in kinds]
    if not kinds:
        *others, last = (kind.key for kind in SOURCE_KINDS)
        yield (), f"where does it come from? give {', '.join(others)} or {last}"
    if len(keys) > 1:
        yield (keys[1],), f"a source comes from one place; give one of {' and '.join(keys)}"
    for kind in SOURCE_KINDS:
        for key in kind.model_fields:
            if kind not in kinds and key != kind.key and key in source.model_fields_set:
                yield (key,), f"only with {kind.key}:"
    if len(kinds) == 1:
        yield from (((key,), message) for key, message in source.origin.problems())
    if (
        source.timezone != "UTC"
        and source.refresh is None
        and not source.has_times
        and "url_since" not in source.model_fields_set
    ):
        yield ("timezone",), "only with refresh:, or where dates: has times of day"


def _excludes_only_cells_it_does_not_ask_for(source: Source) -> Iterator[Finding]:
    for column, cells in source.where_not.items():
        if column not in source.where:
            yield ("where_not", column), f"only for a column of where:{did_you_mean(column, list(source.where))}"
            continue
        if isinstance(choice := source.where[column], Choice):
            continue
        included, excluded = ({cell} if isinstance(cell, str) else set(cell) for cell in (choice, cells))
        if both := included & excluded:
            yield ("where_not", column), f'"{min(both)[:60]}" is asked for by where: as well; take out one of the two'


def _names_known_columns_once(source: Source) -> Iterator[Finding]:
    named: set[str] = set()
    for column, name_in_file in source.columns.items():
        if column not in COLUMNS:
            yield ("columns", column), f"unknown column{did_you_mean(column, COLUMNS)}"
        if isinstance(name_in_file, list):
            continue
        if name_in_file in named:
            yield ("columns", column), f'"{name_in_file}" is named for two columns'
        named.add(name_in_file)


def _marks_differ(source: Source) -> Iterator[Finding]:
    if source.thousands == source.decimal:
        yield ("thousands",), f'"{source.thousands}" is the decimal mark already'
