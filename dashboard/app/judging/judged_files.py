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
from dashboard.evaluation import EvaluatedBoard, Evaluation
from dashboard.rows import SourceRows, load_rows
from dashboard.workspace import Workspace

MOST_BOARDS = 2  # that are kept with all that led to them: now, and the instant that it is compared with


@dataclass(frozen=True)
class Snapshot:
    """The files that a question is about, as the page saw them on a day."""

    path: Path
    state: Path
    definitions: tuple[Stamp, ...]
    fingerprint: str
    day: date


class JudgedFiles:
    """The rows of a snapshot, read when they are first needed, and the boards that were judged last."""

    def __init__(self, workspace: Workspace, snapshot: Snapshot) -> None:
        self._workspace, self._snapshot = workspace, snapshot
        self._boards: dict[date, EvaluatedBoard] = {}

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

    def board(self, as_of: date) -> EvaluatedBoard:
        """The evaluations of all indicators as of the end of a day."""
        board = self._boards.pop(as_of, None) or self._workspace.board(as_of, self.rows)
        self._boards[as_of] = board  # as the newest
        while len(self._boards) > MOST_BOARDS:
            del self._boards[next(iter(self._boards))]
        return board

    def evaluation(self, name: str, as_of: date) -> Evaluation:
        """The evaluation of one indicator; only those that it needs are judged with it."""
        board = self._boards.get(as_of)
        evaluation = board.evaluations[name] if board else self._evaluate(name, as_of)
        return with_own_rows(evaluation)

    def _evaluate(self, name: str, as_of: date) -> Evaluation:
        rows = self._rows_of(self.catalog.sources_of([name]))
        return self._workspace.evaluation(name, as_of, rows)

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
