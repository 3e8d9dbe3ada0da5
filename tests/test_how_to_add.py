"""The map's "How to add" is true: in a copy of the package each addition touches the files that it names, and works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.test_architecture import PACKAGE

# a kind as a developer would write it: `above` is the nearest one, so its file is the pattern
KIND = re.sub(r"\babove\b", "over", (PACKAGE / "thresholds/kinds/above.py").read_text()).replace("Above", "Over")
SOURCE_KIND = (
    '"""`computed: 5`: one row, made up for a test."""\n'
    + '''
from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dashboard.fetch.contract import FetchedFile, Look
from dashboard.fetch.source_kind import SourceKind


class Computed(SourceKind):
    """One row, made up for a test."""

    key: ClassVar[str] = "computed"
    label: ClassVar[str] = "Computed"

    computed: str = Field(description="The value of the row.")

    def fetch(self, look: Look) -> tuple[FetchedFile, ...]:
        data = f"date,value,published_at\\n2024-05-01,{self.computed},2024-05-03\\n".encode()
        return (FetchedFile(data, self.name, self.name, {}),)
'''
)
CATALOG = """version: 1
sources:
  port: {{title: Port, {source}}}
indicators:
  cranes: {{title: Cranes, unit: cranes, sources: [port], thresholds: [{{severity: critical, {threshold}}}]}}
"""
RUN_COMMANDS = """
import json, sys
from typer.testing import CliRunner
from dashboard.cli import app
results = [CliRunner().invoke(app, command.split(), catch_exceptions=False) for command in sys.argv[1:]]
print(json.dumps([result.stdout for result in results]))
sys.exit(max(result.exit_code for result in results))
"""
SHOW_ROWS = """
from datetime import date
from pathlib import Path
from dashboard.app.indicator.row_tables import rows_table
from dashboard.workspace import Workspace
workspace, day = Workspace(Path("indicators.yaml"), Path("var")), date(2024, 5, 4)
print(rows_table(workspace.evaluation("cranes", day, workspace.rows(day)), {}).to_json(orient="records"))
"""
GENERATED = {"catalog/indicators.schema.json", "REFERENCE.md"}


class Workshop:
    """A copy of the package in which files are added and edited, and which runs in processes of its own."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "dashboard"
        self.work = folder / "work"
        self.work.mkdir()
        shutil.copytree(PACKAGE, self.package)

    def add(self, path: str, text: str) -> None:
        assert not (self.package / path).exists()
        (self.package / path).write_text(text)

    def edit(self, path: str, replacements: Mapping[str, str]) -> None:
        text = (self.package / path).read_text()
        for before, after in replacements.items():
            assert text.count(before) == 1, f"{path}: {before}"
            text = text.replace(before, after)
        (self.package / path).write_text(text)

    def touched(self) -> set[str]:
        """The files that are new or differ from those of the package, without generated ones."""
        files = {path.relative_to(self.package) for path in self.package.rglob("*") if path.suffix not in ("", ".pyc")}
        changed = {
            str(file)
            for file in files
            if not (PACKAGE / file).exists() or (PACKAGE / file).read_bytes() != (self.package / file).read_bytes()
        }
        return changed - GENERATED

    def outputs(self, *commands: str) -> list[str]:
        """What commands print, one after another in one process of the copied package."""
        outputs: list[str] = json.loads(self.python(RUN_COMMANDS, *commands))
        return outputs

    def python(self, script: str, *arguments: str) -> str:
        """What a script prints in a process of the copied package."""
        run = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=self.work, env={**os.environ, "PYTHONPATH": str(self.package.parent), "COLUMNS": "200"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_threshold_kind_is_two_files(workshop: Workshop) -> None:
    workshop.add("thresholds/kinds/over.py", KIND)
    registry = "thresholds/kinds/__init__.py"
    workshop.edit(
        registry,
        {
            "from dashboard.thresholds.kinds.n_of": "from dashboard.thresholds.kinds.over import Over\n"
            "from dashboard.thresholds.kinds.n_of",
            "    Above,\n": "    Above,\n    Over,\n",
        },
    )
    (workshop.work / "indicators.yaml").write_text(CATALOG.format(source="file: cranes.csv", threshold="over: 5"))
    (workshop.work / "cranes.csv").write_text("date,value,published_at\n2024-05-01,7,2024-05-03\n")

    board, explanation, schema, reference = workshop.outputs(
        "evaluate --as-of 2024-05-04 --json", "explain cranes --as-of 2024-05-04", "schema", "schema --reference"
    )
    (indicator,) = json.loads(board)["indicators"]
    assert (indicator["severity"], indicator["passed_by"]) == ("critical", "value")
    assert "over 5 cranes" in explanation
    assert '"over"' in schema
    assert "`over`" in reference
    assert workshop.touched() == {"thresholds/kinds/over.py", registry}


def test_a_source_kind_is_two_files(workshop: Workshop) -> None:
    workshop.add("fetch/kinds/computed.py", SOURCE_KIND)
    registry = "fetch/kinds/__init__.py"
    workshop.edit(
        registry,
        {
            "from dashboard.fetch.kinds.file": "from dashboard.fetch.kinds.computed import Computed\n"
            "from dashboard.fetch.kinds.file",
            "    File,\n": "    Computed,\n    File,\n",
        },
    )
    (workshop.work / "indicators.yaml").write_text(CATALOG.format(source='computed: "7"', threshold="above: 5"))

    _, board, schema, reference = workshop.outputs("refresh", "evaluate --json", "schema", "schema --reference")
    (indicator,) = json.loads(board)["indicators"]
    assert (indicator["value"], indicator["severity"]) == (7, "critical")
    assert list((workshop.work / "var" / "archive").glob("journal.jsonl"))
    assert '"computed"' in schema
    assert "`computed`" in reference
    assert workshop.touched() == {"fetch/kinds/computed.py", registry}


def test_a_text_column_is_one_file(workshop: Workshop) -> None:
    workshop.edit(
        "domain/row_schema.py",
        {
            '    Column(\n        "note"': '    Column("quay", TEXT, "text", "Where it stands.", heading="Quay"),\n'
            '    Column(\n        "note"'
        },
    )
    (workshop.work / "indicators.yaml").write_text(CATALOG.format(source="file: cranes.csv", threshold="above: 5"))
    (workshop.work / "cranes.csv").write_text("date,value,published_at,quay\n2024-05-01,7,2024-05-03,North\n")

    _, inspection, reference = workshop.outputs("refresh", "inspect cranes.csv --json", "schema --reference")
    assert '"quay": "North"' in inspection
    assert "| `quay` | Where it stands. |" in reference
    (row,) = json.loads(workshop.python(SHOW_ROWS))
    assert row["Quay"] == "North"
    assert workshop.touched() == {"domain/row_schema.py"}
