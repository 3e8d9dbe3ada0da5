"""A catalogue with its files and its state in a folder, refreshed at instants that the test chooses."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import Run
from dashboard.refresh.single_run import RefreshResult, refresh
from dashboard.rows.store.row_store import RowStore
from dashboard.workspace import Workspace

NOON = datetime(2024, 3, 7, 12, tzinfo=UTC)


@dataclass
class Place:
    """A folder of a test; `now` is what its clock says."""

    folder: Path
    now: datetime = NOON

    @property
    def state(self) -> Path:
        return self.folder / "var"

    @property
    def catalog(self) -> Path:
        return self.folder / "indicators.yaml"

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.catalog, self.state)

    def define(self, **sources: str) -> None:
        """One indicator for each source, above 5; the definition of a source is in YAML's flow style."""
        definitions = [f"  {name}: {{title: {name}, {definition}}}" for name, definition in sources.items()]
        rules = "thresholds: [{severity: warning, above: 5}]"
        indicators = [f"  of_{name}: {{title: {name}, sources: [{name}], {rules}}}" for name in sources]
        self.catalog.write_text("\n".join(["version: 1", "sources:", *definitions, "indicators:", *indicators]))

    def write(self, file: str, *rows: str) -> Path:
        """A CSV file with a date and a value a row, which was left alone for a while."""
        return self.put(file, "\n".join(["date,value", *rows, ""]))

    def put(self, file: str, text: str) -> Path:
        """Any file that was left alone for a while."""
        path = self.folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        settled = (self.now - timedelta(minutes=1)).timestamp()
        os.utime(path, (settled, settled))
        return path

    def refresh(self, *names: str, **options: Any) -> RefreshResult:
        return refresh(self.workspace, names, os.environ, lambda: self.now, **options)

    def later(self, **passed: float) -> Place:
        self.now += timedelta(**passed)
        return self

    def runs(self, source: str) -> tuple[Run, ...]:
        return Archive(self.state).runs(source)

    def outcomes(self, source: str) -> list[str]:
        return [run.outcome for run in self.runs(source)]

    def values(self, source: str) -> list[float]:
        """The figures that are held now, in order of their days."""
        rows = RowStore(self.state).rows(source)
        assert rows is not None
        return list(rows[rows["held_until"].isna()].sort_values("start")["value"])

    def board(self) -> dict[str, Any]:
        board: dict[str, Any] = json.loads((self.state / "board.json").read_bytes())
        return board

    def verdict(self, source: str) -> dict[str, Any]:
        return next(one for one in self.board()["indicators"] if one["id"] == f"of_{source}")


def standing_rejections(archive: Archive, source: str, place: str) -> tuple[Run, ...]:
    """The rejections after which nothing else came."""
    return archive.log(source, place).open_rejections
