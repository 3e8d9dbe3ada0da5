"""Reads the catalogue from its file, through the parse cache, or from a text."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from dashboard.catalog.active import parse_cache
from dashboard.catalog.builder import build_catalog
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.yaml_text.reader import read_yaml
from dashboard.domain import CatalogError, Problem


def load_catalog(path: Path, claims: Collection[str] | None = None, folder: Path | None = None) -> Catalog:
    """The catalogue at `path`, from the cache where it was parsed before.

    `claims` are the ids that `evidence:` may name (None: not checked). `folder` is what the paths in the catalogue are
    relative to; by default the folder of the file. Raises CatalogError where the file as a whole cannot be used.
    """
    return cached_catalog(read_content(path), path.name, folder or path.parent, claims)


def read_content(path: Path) -> bytes:
    """The bytes of a catalogue; raises CatalogError where the file is missing, unreadable or not UTF-8."""
    try:
        content = path.read_bytes()
        content.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise CatalogError((Problem(str(path), 0, 0, "", "no such file; name it with --catalog"),)) from error
    except UnicodeDecodeError as error:
        raise CatalogError((_not_utf8(path, error),)) from error
    except OSError as error:
        raise CatalogError((Problem(str(path), 0, 0, "", f"cannot be read: {error}"),)) from error
    return content


def _not_utf8(path: Path, error: UnicodeDecodeError) -> Problem:
    """The problem of a file in another encoding, at the first character that is not UTF-8."""
    data, start = error.object, error.start
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem(str(path), 1, 0, "", "cannot be read: it begins as UTF-16 does; save it as UTF-8")
    line, column = data.count(b"\n", 0, start) + 1, start - data.rfind(b"\n", 0, start)
    message = f"cannot be read: byte {data[start]:#04x} is no UTF-8; save the file as UTF-8, or write the letter anew"
    return Problem(str(path), line, column, "", message)


def cached_catalog(content: bytes, file: str, folder: Path, claims: Collection[str] | None = None) -> Catalog:
    """The catalogue in the bytes of a file, from the cache where it was parsed before."""
    fingerprint = parse_cache.catalog_fingerprint(content, file, claims)
    if fingerprint and (cached := parse_cache.read(fingerprint, file, folder, content)):
        return cached
    catalog, plain_entries = build_catalog(read_yaml(content.decode("utf-8-sig"), file), folder, claims)
    if fingerprint:
        parse_cache.write(fingerprint, catalog, plain_entries)
    return catalog


def parse_catalog(text: str, file: str, folder: Path, claims: Collection[str] | None = None) -> Catalog:
    """The catalogue in `text`; `file` is its name in messages, `folder` what its paths are relative to."""
    return build_catalog(read_yaml(text, file), folder, claims)[0]
