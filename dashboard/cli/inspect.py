"""`inspect`: what would become of a file, before it is delivered."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from dashboard.cli.application import WRONG, JsonOption, Paths, command, now, print_json, today

if TYPE_CHECKING:
    from dashboard.catalog import Source


@command()
def inspect(
    paths: Paths,
    file: Annotated[str, typer.Argument(help="Any file, or a web address; it is only read.")],
    source: Annotated[
        str | None, typer.Option(help="Judge it as a delivery of this source. Without: as nothing is declared.")
    ] = None,
    proposal: Annotated[
        bool, typer.Option("--propose", help="Write the YAML of a source for it, with a comment for what is not known.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show what of a file would be accepted, quarantined or rejected, why, and what to write; exit 1 unless all is."""
    if file.startswith(("https://", "http://")):
        with tempfile.TemporaryDirectory() as folder:
            _inspect(paths, _downloaded(file, Path(folder)), source, file, proposal=proposal, json=json)
    else:
        _inspect(paths, Path(file), source, "", proposal=proposal, json=json)


def _downloaded(address: str, folder: Path) -> Path:
    """The file behind an address; FetchError where it cannot be fetched."""
    from dashboard.fetch import SOURCE_KINDS, FetchedFile, FetchError, Look
    from dashboard.large_bytes import pieces_of, stream_of

    kind = next(kind for kind in SOURCE_KINDS if kind.is_remote)
    origin = kind.model_validate({kind.key: address})
    for key, message in origin.problems():
        raise FetchError(f"{address}: {key}: {message}; inspect reads one file, so write the address of one")
    fetched = next(file for file in origin.fetch(Look(folder, {}, os.environ, now())) if isinstance(file, FetchedFile))
    path = folder / (PurePosixPath(urlsplit(address).path).name or "download")
    with path.open("wb") as copy:
        copy.writelines(pieces_of(stream_of(fetched.data)))
    return path


def _inspect(paths: Paths, file: Path, source: str | None, address: str, *, proposal: bool, json: bool) -> None:
    from dashboard.analysis import file_inspection as inspecting

    if file.exists() and not file.is_file():
        raise OSError(f"{file} is not a file")  # a pipe or a device would never end
    if proposal:
        from dashboard.analysis import propose

        if inspecting.is_too_large(file):
            raise OSError(inspecting.refused_unread(str(file))[1][0]["message"])
        print(propose(file.read_bytes(), address or str(file), today(), is_address=bool(address)), end="")
        return
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
