"""The laws of the structure: rooms import downwards and through faces, edges alone touch clock, files and Streamlit."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "dashboard"

# bottom first: a module may import from its own room and from rooms of the lines before
LAYERS = (
    ("domain", "atomic_files", "large_bytes", "late_imports"),
    ("thresholds", "fetch"),
    ("catalog",),
    ("evidence", "ingest", "archive", "feeds"),
    ("rows",),
    ("series",),
    ("claims",),
    ("evaluation",),
    ("analysis",),
    ("workspace",),
    ("reporting",),
    ("refresh",),
    ("app",),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
CORE = ("domain", "thresholds", "series", "claims", "evaluation")
FURTHER_FACES = ("domain/dates", "domain/text")  # beside the face that every room has
SINGLE_FILES = (
    "atomic_files",
    "large_bytes",
    "late_imports",
    "workspace",
)  # rooms of one module, which are their own face
# as many files as there are kinds, pages and commands
REGISTRIES = ("thresholds/kinds", "fetch/kinds", "app/app_pages", "cli")
MOST_MODULES = 9  # of a folder
STOPWATCH = PACKAGE / "fetch" / "http" / "deadline.py"  # measures how long a fetch takes, and never reads the date
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@cache
def tree(path: Path) -> ast.Module:
    """A module's syntax tree, parsed once for all laws."""
    return ast.parse(path.read_text())


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def short(path: Path) -> str:
    """A module's path as offenders are listed."""
    return str(path.relative_to(PACKAGE))


@cache
def statements(path: Path) -> tuple[tuple[str, str], ...]:
    """What a module imports, also for the type checker alone: (module, name), the name "" for a whole module."""
    imports: list[tuple[str, str]] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            imports += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports += [(node.module, alias.name) for alias in node.names]
    return tuple(imports)


def imported(path: Path) -> list[str]:
    """Modules and names that a module imports."""
    return [name for module, leaf in statements(path) for name in (module, f"{module}.{leaf}")]


@cache
def names(path: Path) -> tuple[set[str], set[str]]:
    """The names and the attributes that a module's code mentions."""
    nodes = [*ast.walk(tree(path))]
    variables = {node.id for node in nodes if isinstance(node, ast.Name)}
    return variables, {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def file_of(module: str, name: str) -> Path:
    """The file that `from module import name` reads last."""
    folder = PACKAGE.parent.joinpath(*module.split("."))
    candidates = (folder / f"{name}.py", folder / name / "__init__.py", folder.with_suffix(".py"))
    return next((path for path in candidates if path.exists()), folder / "__init__.py")


def test_every_module_has_its_room() -> None:
    assert {room(path) for path in MODULES} == set(RANK)


def test_rooms_import_downwards_only() -> None:
    upwards = [
        f"{short(path)} imports {name}, which stands above it or beside it"
        for path in MODULES
        for name in imported(path)
        if name.startswith("dashboard.")
        and (other := name.split(".")[1]) in RANK
        and other != room(path)
        and RANK[other] >= RANK[room(path)]
    ]
    assert not upwards, "\n".join(upwards)


def test_other_rooms_are_entered_by_their_face() -> None:
    """A face offers the names that it imports; it offers a module only by importing it by name."""
    rooms = {room(path) for path in MODULES if path.parent != PACKAGE}
    offers = {
        f"dashboard.{face.replace('/', '.')}": {
            alias.asname or alias.name
            for node in ast.walk(tree(PACKAGE / face / "__init__.py"))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for face in (*rooms, *FURTHER_FACES)
    }
    side_doors = [
        f"{short(path)}: {module} is no face that offers {name}"
        for path in MODULES
        for module, name in statements(path)
        if module.startswith("dashboard.")
        and module.split(".")[1] not in (room(path), *SINGLE_FILES)
        and name not in offers.get(module, ())
    ]
    assert not side_doors, "\n".join(side_doors)


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


def test_only_the_app_imports_streamlit() -> None:
    users = {
        room(path) for path in MODULES if {name.split(".")[0] for name in imported(path)} & {"streamlit", "altair"}
    }
    assert users == {"app"}


def test_pandas_and_the_functions_of_pyarrow_are_imported_late() -> None:
    modules = [path for path in MODULES if {"pandas", "pyarrow.compute"} & {module for module, _ in statements(path)}]
    assert [short(path) for path in modules] == ["late_imports.py"]


def test_only_the_command_line_and_the_app_read_the_clock() -> None:
    readers = []
    for path in MODULES:
        clock_calls = names(path)[1] & {"today", "now", "utcnow", "time", "monotonic"}
        if path != STOPWATCH:
            clock_calls |= {name for name in imported(path) if name.startswith("time.")} - {"time.", "time.sleep"}
        if clock_calls and room(path) not in ("cli", "app"):
            readers.append(f"{short(path)}: {sorted(clock_calls)}")
    assert not readers, "\n".join(readers)


def test_the_core_reads_no_files() -> None:
    access = {"read_text", "read_bytes", "write_text", "write_bytes", "read_csv"}
    modules = {"os", "pathlib", "io", "subprocess"}
    readers = []
    for path in MODULES:
        variables, attributes = names(path)
        file_access = (variables & {"open"}) | (attributes & access) | (set(imported(path)) & modules)
        if file_access and room(path) in CORE:
            readers.append(f"{short(path)}: {sorted(file_access)}")
    assert not readers, "\n".join(readers)


def test_every_module_begins_by_saying_what_it_owns() -> None:
    assert [short(path) for path in MODULES if not ast.get_docstring(tree(path))] == []


LONGEST_MODULE, LONGEST_FUNCTION = 300, 40  # lines
# pronouns, participles and verbs of speech: a name that outlives a comprehension is a noun, or a verb with its object
NO_NAMES = {
    "alike", "amiss", "asked", "came", "found", "given", "gone", "heart", "made", "made_of", "one", "said", "spoken",
    "standing", "told", "torn", "twice", "wrong",
}  # fmt: skip


def test_no_module_and_no_function_is_longer_than_one_can_overlook() -> None:
    modules = [short(path) for path in MODULES if len(path.read_text().splitlines()) > LONGEST_MODULE]
    functions = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert (modules, functions) == ([], [])


def long_lived_names(module: ast.Module) -> list[tuple[int, str]]:
    """The names of functions, classes, modules' and functions' variables and parameters, each with its line."""
    comprehensions = [node for node in ast.walk(module) if isinstance(node, ast.comprehension)]
    short_lived = {id(name) for node in comprehensions for name in ast.walk(node.target)}
    lambdas = [node for node in ast.walk(module) if isinstance(node, ast.Lambda)]
    short_lived |= {id(parameter) for node in lambdas for parameter in node.args.args}
    names: list[tuple[int, str]] = []
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append((node.lineno, node.name))
        elif isinstance(node, ast.arg) and id(node) not in short_lived:
            names.append((node.lineno, node.arg))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in short_lived:
            names.append((node.lineno, node.id))
    return names


def test_names_are_nouns_or_verbs_with_their_object() -> None:
    pronouns = [
        f"{short(path)}:{line} {name}"
        for path in MODULES
        for line, name in long_lived_names(tree(path))
        if name.strip("_") in NO_NAMES
    ]
    pronouns += [short(path) for path in MODULES if path.stem in NO_NAMES]
    assert not pronouns, "\n".join(pronouns)
