"""The paths of a catalogue and of its state folder."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "indicators.yaml"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "var"
