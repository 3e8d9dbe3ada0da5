"""Caches parsed catalogues in the user's cache folder, so that an unchanged file is not parsed again.

A catalogue is stored under its fingerprint: a hash of all that it follows from, which is the file's bytes and name, the
claims, this code and the libraries. The file is plain JSON with each entry on a line of its own, which becomes a model
on first access. A file that is damaged, or that another user may have written, is ignored. The cache only ever saves
time: a folder that cannot be read or written is no error.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

import pydantic
import yaml

from dashboard.atomic_files import PART, write_atomic
from dashboard.catalog.builder import PlainEntries
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.origin_keys import lacks_secrets, masked_source, restored_source
from dashboard.catalog.source import Source
from dashboard.domain import Problem

Entry = TypeVar("Entry", Source, Indicator)

MOST_CATALOGS = 8
_PACKAGE = Path(__file__).parents[2]
_SUFFIX = ".catalog"
# O_NOFOLLOW refuses a link, and O_NONBLOCK does not wait for a writer where a pipe stands in place of the file
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def catalog_fingerprint(content: bytes, file: str, claims: Collection[str] | None, last_good: str = "") -> str | None:
    """A hash of all that the catalogue of these bytes follows from; None where the code has no fingerprint.

    `last_good` is the checksum of the last good definitions that stand in for its broken entries; "" for none.
    """
    code = _code_fingerprint()
    if code is None:
        return None
    others = json.dumps([code, file, None if claims is None else sorted(claims), last_good])
    return hashlib.sha256(hashlib.sha256(content).digest() + others.encode()).hexdigest()


def read(fingerprint: str, file: str, folder: Path, content: bytes) -> Catalog | None:
    """The cached catalogue of the `file` in `folder`; None where there is none that can be trusted.

    The cache does not hold the secrets of addresses; they are taken from the `content` of the file.
    """
    cache_folder = _cache_folder()
    body = _read_trusted(cache_folder / f"{fingerprint}{_SUFFIX}", fingerprint) if cache_folder else None
    if body is None:
        return None
    first, places, *lines = body.split(b"\n")
    head = json.loads(first)
    count = len(head["sources"])
    sources = dict(zip(head["sources"], lines[:count], strict=True))
    if not _restore_secrets(sources, head["masked"], content):
        return None
    return Catalog(
        folder=folder,
        file=file,
        sources=_Entries(sources, Source),
        indicators=_Entries(dict(zip(head["indicators"], lines[count:], strict=True)), Indicator),
        problems=tuple(Problem(file, *fields) for fields in head["problems"]),
        not_loaded=_by_indicator(file, head["not_loaded"]),
        fallbacks=_by_indicator(file, head["fallbacks"]),
        places=_Places(places),
    )


def write(fingerprint: str, catalog: Catalog, plain_entries: PlainEntries) -> None:
    """Cache a catalogue; `plain_entries` holds the values that its entries were validated from, by group and id."""
    sources = {name: masked_source(values) for name, values in plain_entries["sources"].items()}
    indicators = plain_entries["indicators"]
    head = {
        "sources": list(sources),
        "masked": [name for name, values in sources.items() if lacks_secrets(values)],
        "indicators": list(indicators),
        "problems": _fields_of(catalog.problems),
        "not_loaded": {name: _fields_of(reasons) for name, reasons in catalog.not_loaded.items()},
        "fallbacks": {name: _fields_of(reasons) for name, reasons in catalog.fallbacks.items()},
    }
    parts = [head, dict(catalog.places), *sources.values(), *indicators.values()]
    body = "\n".join(map(json.dumps, parts)).encode()
    cache_folder = _cache_folder()
    if cache_folder is None:
        return
    with contextlib.suppress(OSError):  # without a cache the file is parsed each time, and nothing else is lost
        cache_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_ours(cache_folder.lstat()):
            path = cache_folder / f"{fingerprint}{_SUFFIX}"
            write_atomic(path, _checksum(fingerprint, body) + b"\n" + body)
            _delete_oldest(cache_folder)


def _restore_secrets(sources: dict[str, bytes], names: Collection[str], content: bytes) -> bool:
    """Puts the secrets of addresses back into the named sources; False where one is not found in the content."""
    text = content.decode("utf-8-sig") if names else ""
    for name in names:
        source = restored_source(json.loads(sources[name]), text)
        if lacks_secrets(source):
            return False
        sources[name] = json.dumps(source).encode()
    return True


class _Entries(Mapping[str, Entry], Generic[Entry]):
    """Entries in the order of their file, each validated into its model on first access."""

    def __init__(self, lines: dict[str, bytes], model: type[Entry]) -> None:
        self._lines = lines
        self._model: type[Entry] = model
        self._validated: dict[str, Entry] = {}

    def __getitem__(self, name: str) -> Entry:
        entry = self._validated.get(name)
        if entry is None:
            # the same plain values through the same validation as when the file was parsed
            entry = self._validated.setdefault(name, self._model.model_validate(json.loads(self._lines[name])))
        return entry

    def __contains__(self, name: object) -> bool:
        return name in self._lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


class _Places(Mapping[str, tuple[int, int]]):
    """Lines and columns, parsed on first access: mostly there is no problem, and nobody needs them."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        return {path: (line, column) for path, (line, column) in json.loads(self._text).items()}

    def __getitem__(self, path: str) -> tuple[int, int]:
        return self._places[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _by_indicator(file: str, reasons: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Problem, ...]]:
    return {name: tuple(Problem(file, *fields) for fields in problems) for name, problems in reasons.items()}


def _fields_of(problems: Sequence[Problem]) -> list[list[str | int]]:
    return [[problem.line, problem.column, problem.path, problem.message] for problem in problems]


def _checksum(fingerprint: str, body: bytes) -> bytes:
    """The first line of a cached file; it proves that the file is whole and was written under this fingerprint."""
    return hashlib.sha256(fingerprint.encode() + body).hexdigest().encode()


@cache
def _code_fingerprint() -> str | None:
    """A hash of the code and the libraries that parse a catalogue; None where no code can be read, as in a zip file."""
    digest = hashlib.sha256(f"{sys.version} {pydantic.VERSION} {yaml.__version__} {yaml.__with_libyaml__}".encode())
    try:
        code = {path.relative_to(_PACKAGE): path.read_bytes() for path in sorted(_PACKAGE.rglob("*.py"))}
    except OSError:
        return None
    for path, text in code.items():
        digest.update(str(path).encode())
        digest.update(hashlib.sha256(text).digest())
    return digest.hexdigest() if code else None


def _cache_folder() -> Path | None:
    """The folder `watchfloor` below `XDG_CACHE_HOME`, or else below `~/.cache`; None for a user without a home."""
    stated = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (stated if stated.is_absolute() else Path.home() / ".cache") / "watchfloor"
    except RuntimeError:
        return None


def _read_trusted(path: Path, fingerprint: str) -> bytes | None:
    """A cached file without its checksum; None unless it is whole and only this user can have written it."""
    try:
        with os.fdopen(os.open(path, _READ), "rb") as file:
            if not _is_ours(os.fstat(file.fileno())):
                return None
            checksum, _, body = file.read().partition(b"\n")
    except OSError:
        return None
    return body if checksum == _checksum(fingerprint, body) else None


def _is_ours(status: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user, and nobody else may write to it."""
    user_id: Callable[[], int] | None = getattr(os, "geteuid", None)
    if user_id is None:  # Windows: the folder lies in the user's profile, and the mode says nothing
        return True
    is_plain = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return is_plain and status.st_uid == user_id() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _delete_oldest(cache_folder: Path) -> None:
    """Deletes all but the newest catalogues, and what a killed writer left; other files of the folder stay."""
    cached = (path for path in cache_folder.iterdir() if path.suffix in (_SUFFIX, PART))
    files = sorted(cached, key=lambda path: path.stat().st_mtime)
    for path in files[:-MOST_CATALOGS]:
        path.unlink(missing_ok=True)
