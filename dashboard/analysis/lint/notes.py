"""All notes of all rules, each at its place in the catalogue.

A new rule is a function in one of the modules beside this one, and its name in a tuple here. Other programs read the
function's name as the name of the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.analysis.backtest import backtest
from dashboard.analysis.lint.catalog_rules import authorization_in_clear, secret_in_the_address, shares_of_severities
from dashboard.analysis.lint.indicator_rules import (
    always_fires,
    never_fires,
    no_evidence,
    no_legal_basis,
    no_owner,
    no_rationale,
)
from dashboard.analysis.lint.subject import Finding, Subject
from dashboard.analysis.lint.threshold_rules import (
    outside_all_seen,
    recovers_on_the_wrong_side,
    waits_less_than_the_cadence,
)
from dashboard.catalog import Catalog, Source, with_needs
from dashboard.domain import Problem
from dashboard.evaluation import evaluations_of
from dashboard.rows import SourceRows

Rule = Callable[[Subject], Iterator[Finding]]
SourceRule = Callable[[Source], Iterator[Finding]]
CatalogRule = Callable[[Catalog], Iterator[str]]

RULES: tuple[Rule, ...] = (
    no_owner,
    no_rationale,
    no_legal_basis,
    no_evidence,
    outside_all_seen,
    waits_less_than_the_cadence,
    recovers_on_the_wrong_side,
    never_fires,
    always_fires,
)
SOURCE_RULES: tuple[SourceRule, ...] = (secret_in_the_address, authorization_in_clear)
CATALOG_RULES: tuple[CatalogRule, ...] = (shares_of_severities,)


@dataclass(frozen=True, order=True)
class Note:
    """A remark at its place in the catalogue; it is no problem."""

    place: Problem
    rule: str

    def __str__(self) -> str:
        return str(self.place)

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, **self.place.as_json()}


def lint(catalog: Catalog, intake: SourceRows, names: Iterable[str], as_of: date) -> tuple[Note, ...]:
    """All notes on the named indicators and on all sources, in the order of the file.

    The rules about the catalogue as a whole run only where all its indicators are named.
    """
    chosen = list(names)
    notes = [*_indicator_notes(catalog, intake, chosen, as_of), *_source_notes(catalog)]
    if set(chosen) == set(catalog.indicators):
        notes += _catalog_notes(catalog)
    return tuple(sorted(notes))


def _indicator_notes(catalog: Catalog, intake: SourceRows, names: list[str], as_of: date) -> Iterator[Note]:
    histories = backtest(catalog, intake, names, as_of)
    evaluations = evaluations_of(with_needs(names, catalog.indicators), catalog, intake, as_of)
    for name, history in zip(names, histories, strict=True):
        subject = Subject(catalog.indicators[name], catalog.sources, history, evaluations[name])
        for rule in RULES:
            for key, message in rule(subject):
                path = f"indicators.{name}.{key}" if key else f"indicators.{name}"
                yield _note(catalog, catalog.places[path], path, message, rule.__name__)


def _source_notes(catalog: Catalog) -> Iterator[Note]:
    for name, source in catalog.sources.items():
        for rule in SOURCE_RULES:
            for key, message in rule(source):
                place = catalog.places.get(name, (0, 0))
                yield _note(catalog, place, f"sources.{name}.{key}", message, rule.__name__)


def _catalog_notes(catalog: Catalog) -> Iterator[Note]:
    """The notes on all indicators together stand at the place of the first."""
    for rule in CATALOG_RULES:
        for message in rule(catalog):
            place = min(catalog.places[f"indicators.{name}"] for name in catalog.indicators)
            yield _note(catalog, place, "indicators", message, rule.__name__)


def _note(catalog: Catalog, place: tuple[int, int], path: str, message: str, rule: str) -> Note:
    return Note(Problem(catalog.file, *place, path, message), rule)
