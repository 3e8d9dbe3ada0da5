"""The laws of the structure: layers import downwards, edges alone touch the clock, files and Streamlit."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dashboard"

# bottom first: a module may import from those before its own line, and from its own line
LAYERS = (
    ("domain", "atomic_files"),
    ("thresholds",),
    ("catalog",),
    ("evidence", "fetch", "ingest", "archive"),
    ("rows",),
    ("series",),
    ("claims",),
    ("evaluation",),
    ("analysis",),
    ("reporting",),
    ("refresh",),
    ("app",),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
CORE = ("domain", "thresholds", "series", "claims", "evaluation")
STOPWATCH = PACKAGE / "fetch" / "http" / "deadline.py"  # measures how long a fetch takes, and tells nobody the time
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> list[str]:
    """Modules imported, those only for the type checker left out."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = []
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def test_every_module_has_its_layer() -> None:
    assert {layer(path) for path in MODULES} == set(RANK)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_layers_import_downwards_only(path: Path) -> None:
    own = layer(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "dashboard" and len(parts) > 1 and parts[1] in RANK and parts[1] != own:
            allowed = RANK[parts[1]] < RANK[own]
            assert allowed, f"{own} imports {parts[1]}, which stands above it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_app_imports_streamlit(path: Path) -> None:
    if layer(path) != "app":
        assert not [name for name in imported(path) if name.split(".")[0] in ("streamlit", "altair")]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_command_line_and_the_app_read_the_clock(path: Path) -> None:
    if layer(path) in ("cli", "app"):
        return
    calls = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert not calls & {"today", "now", "utcnow", "time", "monotonic"}
    if path != STOPWATCH:
        assert {name for name in imported(path) if name.startswith("time.")} <= {"time.sleep"}


@pytest.mark.parametrize("path", [path for path in MODULES if layer(path) in CORE], ids=lambda path: path.stem)
def test_the_core_reads_no_files(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    reads = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "open" not in names
    assert not reads & {"read_text", "read_bytes", "write_text", "write_bytes", "read_csv"}
    assert not [name for name in imported(path) if name in ("os", "pathlib", "io", "subprocess")]


def test_every_module_begins_by_saying_what_it_owns() -> None:
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text())), path
