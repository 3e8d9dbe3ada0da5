"""The one door to a catalogue and all that follows from it: evidence cards, definitions, rows, board.

The command line, the pages and the refresher all compose them here, so they always agree. A broken evidence card is
treated the same everywhere: it is a problem of the catalogue, and `evidence:` is not checked until it is mended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from dashboard.atomic_files import Stamp, file_stamp
from dashboard.catalog import ActiveCatalog, Catalog, did_you_mean, load_active_catalog, load_catalog, save_last_good
from dashboard.domain import Problem, UnknownIndicatorError, UnknownSourceError, system_message
from dashboard.evaluation import EvaluatedBoard, Evaluation, evaluate, evaluation_of
from dashboard.evidence import Card, EvidenceError, claims_by_id, load_cards
from dashboard.rows import RowCache, SourceFingerprints, SourceRows, load_rows

Clock = Literal["published", "received"]


@dataclass(frozen=True, eq=False)
class EvidenceCards:
    """The cards of `seeds/`, or none and every problem of them.

    `claim_ids` are the ids that `evidence:` may name; None where they are not known, because there is no such folder
    or because a card is broken.
    """

    cards: tuple[Card, ...] = ()
    problems: tuple[Problem, ...] = ()
    claim_ids: Collection[str] | None = None


class Workspace:
    """The catalogue at `path` with what was received into `state`, each read once, when it is first asked for.

    Another workspace reads the files anew. is_as_written: whether the catalogue is taken as its file stands, without
    last good definitions for what is broken in it. folder: where the CSV files and `seeds/` lie, unless beside the
    catalogue. row_cache: the rows that an earlier workspace of the same files has read.
    """

    def __init__(
        self,
        path: Path,
        state: Path,
        *,
        is_as_written: bool = False,
        folder: Path | None = None,
        row_cache: RowCache | None = None,
    ) -> None:
        self.path, self.state, self.folder = path, state, folder or path.parent
        self._is_as_written = is_as_written
        self._row_cache = RowCache() if row_cache is None else row_cache
        self._fingerprints = SourceFingerprints(state, *self._row_cache.opened(state))

    def reread(self) -> Workspace:
        """The same place, whose definitions and cards are read anew; sources that did not change keep their rows."""
        fresh = Workspace(
            self.path, self.state, is_as_written=self._is_as_written, folder=self.folder, row_cache=self._row_cache
        )
        fresh._fingerprints = self._fingerprints
        return fresh

    @cached_property
    def claims(self) -> EvidenceCards:
        """The claims of the source documents; a folder with a broken card has none, and says why."""
        seeds = self.folder / "seeds"
        if not seeds.is_dir():
            return EvidenceCards()
        try:
            cards = load_cards(seeds)
        except EvidenceError as error:
            return EvidenceCards(problems=tuple(Problem(seeds.name, 0, 0, "", text) for text in error.problems))
        except OSError as error:
            return EvidenceCards(problems=(Problem(seeds.name, 0, 0, "", f"cannot be read: {system_message(error)}"),))
        return EvidenceCards(cards, claim_ids=frozenset(claims_by_id(cards)))

    @cached_property
    def catalog(self) -> Catalog:
        """The catalogue, whose problems include those of the cards; CatalogError where nothing of it can be used."""
        if self._is_as_written:
            catalog = load_catalog(self.path, self.claims.claim_ids, self.folder)
        else:
            catalog = self._active_catalog.catalog
        return replace(catalog, problems=tuple(sorted({*catalog.problems, *self.claims.problems})))

    @cached_property
    def _active_catalog(self) -> ActiveCatalog:
        return load_active_catalog(self.path, self.claims.claim_ids, self.state)

    def remember_definitions(self) -> None:
        """Write the definitions in force down as the last good ones; the caller holds the refresher's lock."""
        save_last_good(self._active_catalog, self.state)

    def rows(self, today: date, names: Iterable[str] | None = None, by: Clock = "published") -> SourceRows:
        """The rows of all sources, or of those that the verdicts on the named indicators follow from.

        `by="received"`: a row counts from the day on which it was received, not from its publication.
        """
        sources = None if names is None else self.catalog.sources_of(names)
        rows = load_rows(self.catalog, today, sources, self.state, self._row_cache)
        return rows.by_receipt(today) if by == "received" else rows

    def rows_of(self, sources: Sequence[str], today: date) -> SourceRows:
        """The rows of the named sources."""
        return load_rows(self.catalog, today, sources, self.state, self._row_cache)

    def source_fingerprints(self) -> Mapping[str, object]:
        """By source what identifies all that its rows follow from, besides its definition and the day."""
        return self._fingerprints.of_all(self.catalog.sources, self.folder)

    def fingerprint(self, today: date, sources: Mapping[str, object] | None = None) -> str:
        """Identifies all that the boards of this catalogue follow from on a day. A source's fingerprint changes, then
        its rows, then the verdicts that read it, then the board. `sources`: the fingerprints of the sources."""
        sources = self.source_fingerprints() if sources is None else sources
        content = repr([self._definitions, today, [*sources.items()]])
        return hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()

    @cached_property
    def _definitions(self) -> str:
        """A hash of the definitions in force, of what is wrong in them, and of the file, whose order and lines show."""
        catalog = self.catalog
        by_indicator = [sorted(problems.items()) for problems in (catalog.not_loaded, catalog.fallbacks)]
        problems = repr([catalog.problems, catalog.unreadable, by_indicator])
        content = self._definitions_in_force + problems.encode("utf-8", "backslashreplace")
        return hashlib.sha256(content + _content(self.path)).hexdigest()

    @property
    def _definitions_in_force(self) -> bytes:
        """All definitions; of a file in order the fingerprint of what was read, from which they follow."""
        if not self._is_as_written and self._active_catalog.fingerprint and not self._active_catalog.catalog.problems:
            return self._active_catalog.fingerprint.encode()
        return self.catalog.canonical_json

    def board(self, as_of: date, rows: SourceRows, finished: Mapping[str, Evaluation] | None = None) -> EvaluatedBoard:
        """All verdicts on what was known at the end of a day (UTC); `rows` are those of all sources, and `finished` are
        evaluations of that day, which are not repeated."""
        return evaluate(self.catalog, rows, as_of, finished)

    def evaluation(self, name: str, as_of: date, rows: SourceRows) -> Evaluation:
        """The board's evaluation of one indicator; `rows` need hold no more than it follows from."""
        return evaluation_of(name, self.catalog, rows, as_of)


def definition_stamps(path: Path) -> tuple[Stamp, ...]:
    """Names, times and sizes of the files with definitions: these may have changed when the stamps have."""
    seeds = path.parent / "seeds"
    return tuple(file_stamp(file) for file in (path, seeds, *sorted(seeds.glob("*.yaml"))))


def _content(path: Path) -> bytes:
    """The bytes of a file; none of one that cannot be read, which is a problem of the catalogue."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def expect_sources(catalog: Catalog, names: Iterable[str]) -> None:
    """UnknownSourceError where the catalogue lacks a named source."""
    for name in names:
        if name not in catalog.sources:
            raise UnknownSourceError(f"no source {name}{did_you_mean(name, list(catalog.sources))}")


def chosen_indicators(catalogs: Sequence[Catalog], names: Sequence[str] | None) -> list[str]:
    """The named indicators, or all that are loaded; UnknownIndicatorError where none of the catalogues has one."""
    loaded = list(dict.fromkeys(name for catalog in catalogs for name in catalog.indicators))
    for name in names or ():
        if name not in loaded:
            raise _unknown_indicator(name, catalogs[0].not_loaded.get(name), loaded)
    return list(names or loaded)


def _unknown_indicator(name: str, reasons: Sequence[Problem] | None, known: Sequence[str]) -> UnknownIndicatorError:
    """The indicator is not loaded, for these reasons, or the name is a slip."""
    if reasons:
        return UnknownIndicatorError("\n".join([f"{name} is not loaded:", *map(str, reasons)]))
    return UnknownIndicatorError(f"no indicator {name}{did_you_mean(name, known)}")
