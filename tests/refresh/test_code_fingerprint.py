"""The code fingerprint covers every library that a verdict may follow from."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import dashboard
from dashboard.refresh import publish

PACKAGE = Path(dashboard.__file__).parent
ABOVE = {"app", "cli"}  # rooms that draw and command, and judge nothing
ELSEWHERE = {"pydantic", "yaml"}  # in the fingerprint of the catalogue, which is part of it
NO_FIGURES = {"apscheduler", "filelock", "rich", "urllib3"}  # tell the time, lock files, draw tables, bring bytes


def imported_libraries(path: Path) -> Iterator[str]:
    """The libraries that a module imports anywhere, in a function too."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        yield from (name.partition(".")[0] for name in names)


def test_all_libraries_that_verdicts_may_follow_from_are_hashed() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in ABOVE]
    imported = {name for path in modules for name in imported_libraries(path)}
    libraries = imported - {*sys.stdlib_module_names, "dashboard"}
    assert libraries <= {*publish.LIBRARIES, *publish.EXTRAS} | ELSEWHERE | NO_FIGURES
    stated = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]["dependencies"]
    assert all(any(line.startswith(name) for line in stated) for name in publish.LIBRARIES)


@pytest.mark.parametrize("name", [*publish.LIBRARIES, *publish.EXTRAS])
def test_another_version_of_a_library_is_other_code(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = publish.code_fingerprint()
    real = importlib.metadata.version
    monkeypatch.setattr(publish, "distribution_version", lambda each: "0" if each == name else real(each))
    publish._library_versions.cache_clear()
    assert before != publish.code_fingerprint()
    publish._library_versions.cache_clear()


def test_an_installation_that_does_not_tell_its_versions_trusts_no_board(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "LIBRARIES", ("numpy", "no_library_of_this_name"))
    publish._library_versions.cache_clear()
    assert publish.code_fingerprint() == ""
    publish._library_versions.cache_clear()
