"""`inspect`: what would become of a file, before it is delivered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.application import WRONG, JsonOption, Paths, command, print_json, today

if TYPE_CHECKING:
    from dashboard.catalog import Source


@command()
def inspect(
    paths: Paths,
    file: Annotated[Path, typer.Argument(help="Any CSV file; it is only read.")],
    source: Annotated[
        str | None, typer.Option(help="Judge it as a delivery of this source. Without: as nothing is declared.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show what of a file would be accepted, quarantined or rejected, why, and what to write; exit 1 unless all is."""
    from dashboard.analysis import file_inspection as inspecting

    if file.exists() and not file.is_file():
        raise OSError(f"{file} is not a file")  # a pipe or a device would never end
    declared, before, rows = None, None, None
    if source is not None:
        declared = _source(paths, source)
        before = inspecting.in_force(source, declared, file, paths.state)
        rows = inspecting.rows_in_force(source, declared, file, paths.state, today())
    if inspecting.is_too_large(file):
        reading, problems = inspecting.refused_unread(str(file))
    else:
        data = file.read_bytes()
        reading, problems = inspecting.inspected(data, str(file), declared, today(), before, rows, source or "")
    if json:
        print_json(inspecting.as_json(reading, problems))
    else:
        print("\n".join(inspecting.as_text(reading, problems)))
    if reading.outcome != "accept":
        raise typer.Exit(WRONG)


def _source(paths: Paths, name: str) -> Source:
    from dashboard.workspace import expect_sources

    catalog = paths.workspace(is_as_written=True).catalog
    expect_sources(catalog, [name])
    return catalog.sources[name]
