"""The evaluations of one instant: each is made once, when a page first needs it, for all visitors."""

from __future__ import annotations

from datetime import date
from threading import Lock

from dashboard.evaluation import EvaluatedBoard, Evaluation, evaluations_of
from dashboard.rows import SourceRows
from dashboard.workspace import Workspace


class Evaluations:
    """Verdicts on the rows known at the end of a day, with all that led to them. Several threads may ask."""

    def __init__(self, workspace: Workspace, rows: SourceRows, as_of: date) -> None:
        self._workspace, self._rows, self._as_of = workspace, rows, as_of
        self._finished: dict[str, Evaluation] = {}
        self._board: EvaluatedBoard | None = None
        self._lock = Lock()

    def missing(self, name: str) -> int:
        """How many indicators `of` would judge: the named one and those that it needs, but for the finished ones."""
        return sum(need not in self._finished for need in self._workspace.catalog.with_needs(name))

    def of(self, name: str) -> Evaluation:
        """The evaluation of one indicator; only those that it needs are judged with it."""
        with self._lock:
            if name not in self._finished:
                catalog = self._workspace.catalog
                names = catalog.with_needs(name)
                self._finished |= evaluations_of(names, catalog, self._rows, self._as_of, self._finished)
            return self._finished[name]

    def board(self) -> EvaluatedBoard:
        """The evaluations of all indicators."""
        with self._lock:
            if self._board is None:
                self._board = self._workspace.board(self._as_of, self._rows, self._finished)
                self._finished = dict(self._board.evaluations)
            return self._board
