"""The rows and boards of one snapshot of the files, as questions ask for them in the process that judges."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np

from dashboard.atomic_files import Stamp
from dashboard.catalog import Catalog
from dashboard.evaluation import Evaluation
from dashboard.refresh import current_parts
from dashboard.reporting import USUAL_SPAN, BoardSummary, summarize_instant, summary_from_json
from dashboard.rows import SourceRows, load_rows
from dashboard.workspace import Workspace


@dataclass(frozen=True)
class Snapshot:
    """The files that a question is about, as the page saw them on a day."""

    path: Path
    state: Path
    definitions: tuple[Stamp, ...]
    fingerprint: str
    day: date


class JudgedFiles:
    """The rows of a snapshot, read when they are first needed, and what follows from them."""

    def __init__(self, workspace: Workspace, snapshot: Snapshot) -> None:
        self._workspace, self._snapshot = workspace, snapshot

    @property
    def catalog(self) -> Catalog:
        return self._workspace.catalog

    @property
    def day(self) -> date:
        return self._snapshot.day

    @cached_property
    def rows(self) -> SourceRows:
        """The rows of all sources."""
        return self._workspace.rows(self.day)

    def rows_of_source(self, name: str) -> SourceRows:
        return self._rows_of([name])

    def summary(self, as_of: date, since: date) -> BoardSummary:
        """The summary of the board of an instant. Of today's published board it takes what still stands."""
        if (as_of, since) == (self.day, self.day - USUAL_SPAN):
            parts = current_parts(self._workspace, self.day, with_summary=True)
            return summary_from_json(parts.summary_json(parts.whole(self.catalog)))
        return summarize_instant(self.catalog, self.rows, as_of, since)

    def evaluation(self, name: str, as_of: date) -> Evaluation:
        """The evaluation of one indicator, with its own rows; only those that it needs are judged with it."""
        rows = self._rows_of(self.catalog.sources_of([name]))
        return with_own_rows(self._workspace.evaluation(name, as_of, rows))

    def _rows_of(self, sources: Collection[str]) -> SourceRows:
        """The rows of all sources where they were read before, else those of some alone."""
        if "rows" in self.__dict__:
            return self.rows
        return load_rows(self.catalog, self.day, sources, self._workspace.state)


def with_own_rows(evaluation: Evaluation) -> Evaluation:
    """The same evaluation without the rows that it has nothing to do with. Rows keep their labels, which name the
    positions that `rests_on` holds."""
    own = np.union1d(evaluation.known_rows, evaluation.dropped_rows).astype(int)
    return replace(
        evaluation,
        all_rows=evaluation.all_rows.iloc[own],
        known_rows=np.searchsorted(own, evaluation.known_rows),
        dropped_rows=np.searchsorted(own, evaluation.dropped_rows),
    )
