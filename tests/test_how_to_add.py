"""The map's "How to add" is true: in a copy of the package each addition touches the files that it names, and works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.test_architecture import PACKAGE

KIND = '''"""`exactly: 7`: the figure is a number and no other."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from dashboard.domain import PassedBy, Series
from dashboard.thresholds.threshold import NOT_PASSED, EvaluationContext, Judgement, Threshold, constant


class Exactly(Threshold):
    """Fires while the figure is this number."""

    key: ClassVar[str] = "exactly"

    exactly: float = Field(description="The number.")

    def level(self) -> float:
        return self.exactly

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        passed = np.where(series.value == self.exactly, PassedBy.VALUE, NOT_PASSED).astype(np.int8)
        return Judgement(passed, constant(self.exactly, len(series)))

    def condition(self, context: EvaluationContext) -> str:
        return f"exactly {self.exactly:g} {context.unit}"
'''
CATALOG = """version: 1
indicators:
  cranes: {{title: Cranes, unit: cranes, {source}, thresholds: [{{severity: critical, {threshold}}}]}}
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

    def watchfloor(self, *words: str) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "dashboard", *words],
            cwd=self.work, env={**os.environ, "PYTHONPATH": str(self.package.parent), "COLUMNS": "200"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_threshold_kind_is_two_files(workshop: Workshop) -> None:
    workshop.add("thresholds/kinds/exactly.py", KIND)
    registry = "thresholds/kinds/__init__.py"
    workshop.edit(
        registry,
        {
            "from dashboard.thresholds.kinds.n_of": "from dashboard.thresholds.kinds.exactly import Exactly\n"
            "from dashboard.thresholds.kinds.n_of",
            "    Above,\n": "    Above,\n    Exactly,\n",
        },
    )
    (workshop.work / "indicators.yaml").write_text(CATALOG.format(source="file: cranes.csv", threshold="exactly: 7"))
    (workshop.work / "cranes.csv").write_text("date,value,published_at\n2024-05-01,7,2024-05-03\n")

    (indicator,) = json.loads(workshop.watchfloor("evaluate", "--as-of", "2024-05-04", "--json"))["indicators"]
    assert (indicator["severity"], indicator["passed_by"]) == ("critical", "value")
    assert "exactly 7 cranes" in workshop.watchfloor("explain", "cranes", "--as-of", "2024-05-04")
    assert '"exactly"' in workshop.watchfloor("schema")
    assert "`exactly`" in workshop.watchfloor("schema", "--reference")
    assert workshop.touched() == {"thresholds/kinds/exactly.py", registry}
