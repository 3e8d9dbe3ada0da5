"""Catalogues that were parsed once, kept in the user's cache folder, so that an unchanged file is not parsed again.

A kept catalogue is named by a hash of all that it follows from: the file's bytes and name, the claims, this code and
the libraries. It is plain JSON, each entry on a line of its own, which becomes a model where somebody asks for it. What
is damaged, of another version, or not surely written by this user does not exist. The cache may only ever save time: a
folder that cannot be read or written is no error.
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

from dashboard.atomic_files import PART, write_whole
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.origin_keys import lacks_secrets, masked_source, restored_source
from dashboard.catalog.source import Source
from dashboard.domain import Problem

Entry = TypeVar("Entry", Source, Indicator)

MOST_KEPT = 8
_PACKAGE = Path(__file__).parents[2]
_SUFFIX = ".catalog"
# a link is not followed, and what is no file does not block
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def catalog_fingerprint(content: bytes, file: str, claims: Collection[str] | None, last_good: str = "") -> str | None:
    """The name under which the catalogue of these bytes is kept; None where this code cannot tell its own version.

    `last_good`: the seal of the last good definitions that stand in for what is wrong in it; without it, none do.
    """
    made_by = _made_by()
    if made_by is None:
        return None
    told = json.dumps([made_by, file, None if claims is None else sorted(claims), last_good])
    return hashlib.sha256(hashlib.sha256(content).digest() + told.encode()).hexdigest()


def read(name: str, file: str, folder: Path, content: bytes) -> Catalog | None:
    """The catalogue that is kept under a name, of the `file` in `folder`; None where there is none to be trusted.

    The secrets of addresses are not kept; they are taken from the `content` of the file.
    """
    kept = _folder()
    body = _trusted(kept / f"{name}{_SUFFIX}", name) if kept else None
    if body is None:
        return None
    head, places, *lines = body.split(b"\n")
    found = json.loads(head)
    count = len(found["sources"])
    sources = dict(zip(found["sources"], lines[:count], strict=True))
    if not _with_secrets(sources, found["masked"], content):
        return None
    return Catalog(
        folder=folder,
        file=file,
        sources=_Entries(sources, Source),
        indicators=_Entries(dict(zip(found["indicators"], lines[count:], strict=True)), Indicator),
        problems=tuple(Problem(file, *told) for told in found["problems"]),
        not_loaded=_by_indicator(file, found["not_loaded"]),
        fallbacks=_by_indicator(file, found["kept"]),
        places=_Places(places),
    )


def write(name: str, catalog: Catalog, given: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep a catalogue; `given` holds the plain values behind its entries, by group and id."""
    sources = {name: masked_source(one) for name, one in given["sources"].items()}
    head = {
        "sources": list(sources),
        "masked": [name for name, values in sources.items() if lacks_secrets(values)],
        "indicators": list(given["indicators"]),
        "problems": [_told(problem) for problem in catalog.problems],
        "not_loaded": {one: [_told(problem) for problem in why] for one, why in catalog.not_loaded.items()},
        "kept": {one: [_told(problem) for problem in why] for one, why in catalog.fallbacks.items()},
    }
    parts = [head, dict(catalog.places), *sources.values(), *given["indicators"].values()]
    body = "\n".join(map(json.dumps, parts)).encode()
    kept = _folder()
    if kept is None:
        return
    with contextlib.suppress(OSError):  # without a cache the file is parsed each time, and nothing else is lost
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_ours(kept.lstat()):
            write_whole(kept / f"{name}{_SUFFIX}", _seal(name, body) + b"\n" + body)
            _forget_the_oldest(kept)


def _with_secrets(sources: dict[str, bytes], names: Collection[str], content: bytes) -> bool:
    """Put the secrets of addresses back into sources that were kept without them; False where one is not found."""
    text = content.decode("utf-8-sig") if names else ""
    for name in names:
        source = restored_source(json.loads(sources[name]), text)
        if lacks_secrets(source):
            return False
        sources[name] = json.dumps(source).encode()
    return True


class _Entries(Mapping[str, Entry], Generic[Entry]):
    """Entries in the order of their file, each a model from the first time that somebody asks for it."""

    def __init__(self, lines: dict[str, bytes], model: type[Entry]) -> None:
        self._lines = lines
        self._model: type[Entry] = model
        self._made: dict[str, Entry] = {}

    def __getitem__(self, name: str) -> Entry:
        made = self._made.get(name)
        if made is None:
            # the same plain values through the same validation as when the file was parsed
            made = self._made.setdefault(name, self._model.model_validate(json.loads(self._lines[name])))
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


class _Places(Mapping[str, tuple[int, int]]):
    """Lines and columns, read where the first one is asked for: mostly nothing is wrong, and none is."""

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


def _by_indicator(file: str, told: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Problem, ...]]:
    return {name: tuple(Problem(file, *one) for one in why) for name, why in told.items()}


def _told(problem: Problem) -> list[str | int]:
    return [problem.line, problem.column, problem.path, problem.message]


def _seal(name: str, body: bytes) -> bytes:
    """What the first line of a kept file must be: it was written whole, and under this name."""
    return hashlib.sha256(name.encode() + body).hexdigest().encode()


@cache
def _made_by() -> str | None:
    """A fingerprint of the code and the libraries that make a catalogue of a file; None where no code can be read."""
    digest = hashlib.sha256(f"{sys.version} {pydantic.VERSION} {yaml.__version__} {yaml.__with_libyaml__}".encode())
    try:
        code = {path.relative_to(_PACKAGE): path.read_bytes() for path in sorted(_PACKAGE.rglob("*.py"))}
    except OSError:
        return None
    for path, text in code.items():
        digest.update(str(path).encode())
        digest.update(hashlib.sha256(text).digest())
    return digest.hexdigest() if code else None


def _folder() -> Path | None:
    """Where catalogues are kept: below `XDG_CACHE_HOME`, or else `~/.cache`; None for a user without a home."""
    stated = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (stated if stated.is_absolute() else Path.home() / ".cache") / "watchfloor"
    except RuntimeError:
        return None


def _trusted(path: Path, name: str) -> bytes | None:
    """What stands below the seal of a kept file, if only this user can have written it and it is whole."""
    try:
        with os.fdopen(os.open(path, _READ), "rb") as file:
            if not _is_ours(os.fstat(file.fileno())):
                return None
            seal, _, body = file.read().partition(b"\n")
    except OSError:
        return None
    return body if seal == _seal(name, body) else None


def _is_ours(found: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user, and nobody else may write to it."""
    own: Callable[[], int] | None = getattr(os, "geteuid", None)
    if own is None:  # Windows: the folder lies in the user's profile, and the mode says nothing
        return True
    is_plain = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    return is_plain and found.st_uid == own() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _forget_the_oldest(kept: Path) -> None:
    """Also what a process that was ended while it wrote has left; nothing that is not a catalogue's."""
    own = (path for path in kept.iterdir() if path.suffix in (_SUFFIX, PART))
    files = sorted(own, key=lambda path: path.stat().st_mtime)
    for path in files[:-MOST_KEPT]:
        path.unlink(missing_ok=True)
