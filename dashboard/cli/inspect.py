"""`inspect`: what would become of a file, before it is delivered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.application import (
    WRONG,
    CatalogOption,
    JsonOption,
    StateOption,
    app,
    catalog_path,
    plain_errors,
    print_json,
    state_folder,
    today,
)

if TYPE_CHECKING:
    from dashboard.catalog import Source


@app.command()
def inspect(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Any CSV file; it is only read.")],
    source: Annotated[
        str | None, typer.Option(help="Judge it as a delivery of this source. Without: as nothing is declared.")
    ] = None,
    json: JsonOption = False,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Show what of a file would be accepted, quarantined or rejected, why, and what to write; exit 1 unless all is."""
    with plain_errors():
        from dashboard.analysis import file_inspection as inspecting

        path = catalog_path(context, catalog, state)
        if file.exists() and not file.is_file():
            raise OSError(f"{file} is not a file")  # a pipe or a device would never end
        declared, before, rows = None, None, None
        if source is not None:
            declared = _source(path, source)
            folder = state_folder(context, path)
            before = inspecting.in_force(source, declared, file, folder)
            rows = inspecting.rows_in_force(source, declared, file, folder, today())
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


def _source(path: Path, name: str) -> Source:
    from dashboard.catalog import did_you_mean
    from dashboard.cli.loading import catalog_at
    from dashboard.domain import UnknownSourceError

    catalog = catalog_at(path)
    if name not in catalog.sources:
        raise UnknownSourceError(f"no source {name}{did_you_mean(name, list(catalog.sources))}")
    return catalog.sources[name]
