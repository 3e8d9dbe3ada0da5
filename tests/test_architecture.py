"""The laws of the structure: rooms import downwards and through faces, edges alone touch clock, files and Streamlit."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "dashboard"

# bottom first: a module may import from its own room and from rooms of the lines before
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
# as many files as there are kinds, pages and commands
REGISTRIES = ("thresholds/kinds", "app/app_pages", "cli", "refresh")
MOST_MODULES = 9  # of a folder
STOPWATCH = PACKAGE / "fetch" / "http" / "deadline.py"  # measures how long a fetch takes, and never reads the date
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")

every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def statements(path: Path) -> list[tuple[str, str]]:
    """What a module imports, also for the type checker alone: (module, name), the name "" for a whole module."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.module, alias.name) for alias in node.names]
    return found


def imported(path: Path) -> list[str]:
    """Modules and names that a module imports."""
    return [name for module, leaf in statements(path) for name in (module, f"{module}.{leaf}")]


def file_of(module: str, name: str) -> Path:
    """The file that `from module import name` reads last."""
    folder = PACKAGE.parent.joinpath(*module.split("."))
    candidates = (folder / f"{name}.py", folder / name / "__init__.py", folder.with_suffix(".py"))
    return next((path for path in candidates if path.exists()), folder / "__init__.py")


def test_every_module_has_its_room() -> None:
    assert {room(path) for path in MODULES} == set(RANK)


@every_module
def test_rooms_import_downwards_only(path: Path) -> None:
    own = room(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "dashboard" and len(parts) > 1 and parts[1] in RANK and parts[1] != own:
            assert RANK[parts[1]] < RANK[own], f"{own} imports {parts[1]}, which stands above it or beside it"


@every_module
def test_other_rooms_are_entered_by_their_face(path: Path) -> None:
    for module, name in statements(path):
        parts = module.split(".")
        if parts[0] == "dashboard" and len(parts) > 1 and parts[1] != room(path) and parts[1] != "atomic_files":
            assert (PACKAGE.parent.joinpath(*parts) / "__init__.py").exists(), (
                f"{module} is no face; import {name} of one"
            )


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {path: {file_of(*statement) for statement in statements(path)} & set(MODULES) - {path} for path in MODULES}
    faces = {path for path in MODULES if path.name == "__init__.py"}
    for path, targets in graph.items():  # a module is entered through the faces above it, which is no import of its own
        graph[path] = targets if path in faces else {target for target in targets if target not in path.parents}
    assert len(tuple(TopologicalSorter(graph).static_order())) >= len(MODULES)  # CycleError names the circle


def test_no_folder_has_more_modules_than_one_can_overlook() -> None:
    folders = {path.parent for path in MODULES}
    sizes = {str(folder.relative_to(PACKAGE)): len([*folder.glob("[!_]*.py")]) for folder in folders}
    crowded = {name: size for name, size in sizes.items() if size > MOST_MODULES and name not in REGISTRIES}
    assert crowded == {}


def test_the_tests_stand_in_the_rooms_of_what_they_test() -> None:
    folders = {path.parent.relative_to(TESTS).parts[:1] for path in TESTS.rglob("test_*.py")} - {()}
    assert {name for (name,) in folders} <= set(RANK)


@every_module
def test_only_the_app_imports_streamlit(path: Path) -> None:
    if room(path) != "app":
        assert not [name for name in imported(path) if name.split(".")[0] in ("streamlit", "altair")]


@every_module
def test_only_the_command_line_and_the_app_read_the_clock(path: Path) -> None:
    if room(path) in ("cli", "app"):
        return
    calls = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert not calls & {"today", "now", "utcnow", "time", "monotonic"}
    if path != STOPWATCH:
        assert {name for name in imported(path) if name.startswith("time.")} <= {"time.", "time.sleep"}


@pytest.mark.parametrize("path", [path for path in MODULES if room(path) in CORE], ids=lambda path: path.stem)
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
