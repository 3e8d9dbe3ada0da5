"""The last good definitions on disk: `definitions/good.json` of the state folder.

They are plain data, without the secrets of addresses. The refresher writes them; nothing ever writes to the officer's
file.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from dashboard.atomic_files import private_folder, write_atomic
from dashboard.catalog.builder import PlainEntries
from dashboard.catalog.origin_keys import lacks_secrets, masked_source, restored_source
from dashboard.domain import Problem

DEFINITIONS_FOLDER, FILE = "definitions", "good.json"
VERSION = 1

_HEAD = f'{{"version": {VERSION}, "seal": "'.encode()
_BETWEEN, _END = b'", "good": ', b"}\n"
_CHECKSUM_LENGTH = 64  # letters of a SHA-256


@dataclass(frozen=True)
class LastGood:
    """The last good definition of each entry of a catalogue that was in force.

    `entries` is None where none are known. `fingerprint` is that of the catalogue from which they were taken, and
    `checksum` that of the file that holds them. `problem` says why a file that exists cannot be used.
    """

    entries: PlainEntries | None = None
    fingerprint: str = ""
    checksum: str = ""
    problem: Problem | None = None


def last_good_file(state: Path) -> Path:
    return state / DEFINITIONS_FOLDER / FILE


def read_last_good(path: Path, state: Path) -> LastGood:
    """The last good definitions of the catalogue at `path`; none where the file holds those of another catalogue."""
    file = last_good_file(state)
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return LastGood()
    except OSError as error:
        return _unusable(file, f"cannot be read: {error}")
    checksum, body = (
        data[len(_HEAD) :][:_CHECKSUM_LENGTH],
        data[len(_HEAD) + _CHECKSUM_LENGTH + len(_BETWEEN) : -len(_END)],
    )
    if data != _file_content(body):
        return _unusable(file, _why_unusable(data))
    good = json.loads(body)
    if not _leads_to(good["catalog"], path, state):
        return LastGood()
    entries = {group: good[group] for group in ("sources", "indicators")}
    has_secrets = any(masked_source(source) != source for source in entries["sources"].values())  # an earlier version
    fingerprint = "" if has_secrets else good["made_of"]  # so that the file is written anew without them
    return LastGood(entries, fingerprint, checksum.decode())


def write_last_good(path: Path, state: Path, fingerprint: str, entries: PlainEntries) -> None:
    """Write the last good definitions of the catalogue at `path`; OSError leaves the file as it was."""
    sources = {name: masked_source(source) for name, source in entries["sources"].items()}
    good = {"catalog": _relative_path(path, state), "made_of": fingerprint, **entries, "sources": sources}
    folder = private_folder(private_folder(state) / DEFINITIONS_FOLDER)
    write_atomic(folder / FILE, _file_content(json.dumps(good, ensure_ascii=False).encode()))


def with_secrets(last_good: LastGood, path: Path) -> LastGood:
    """Adds the secrets of addresses as they stand in the text of the catalogue, whether it can be parsed or not."""
    entries = last_good.entries or {"sources": {}}
    if not any(map(lacks_secrets, entries["sources"].values())):
        return last_good
    try:
        text = path.read_text("utf-8-sig", errors="replace")
    except OSError:
        text = ""
    sources = {name: restored_source(source, text) for name, source in entries["sources"].items()}
    return replace(last_good, entries={**entries, "sources": sources})


def _file_content(body: bytes) -> bytes:
    return _HEAD + hashlib.sha256(body).hexdigest().encode() + _BETWEEN + body + _END


def _why_unusable(data: bytes) -> str:
    try:
        values = json.loads(data)
    except ValueError:
        values = None
    version = values.get("version") if isinstance(values, dict) else None
    if isinstance(version, int) and version != VERSION:
        return f"written by another version of Watchfloor (form {version}, not {VERSION})"
    return "damaged"


def _unusable(file: Path, why: str) -> LastGood:
    message = f"{why}; so no last good definition is known. The refresher writes it anew from the catalogue"
    return LastGood(problem=Problem(str(file), 0, 0, "", message))


def _relative_path(path: Path, state: Path) -> str:
    """The path from the state folder to the catalogue, which stays the same when both are moved together."""
    return os.path.relpath(path.absolute(), state.absolute())


def _leads_to(relative: str, path: Path, state: Path) -> bool:
    if relative == _relative_path(path, state):
        return True
    try:
        return (state / relative).samefile(path)
    except OSError:
        return False
