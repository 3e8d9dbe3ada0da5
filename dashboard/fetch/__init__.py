"""Fetching: what a source has that is new, byte for byte, or one line that says why it cannot be had."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from dashboard.catalog import Source
from dashboard.fetch.contract import Fetched, FetchError, Limits, Look, Refused
from dashboard.fetch.kinds.folder import fetch_folder
from dashboard.fetch.http.deadline import Deadline
from dashboard.fetch.local_file import fetch_file
from dashboard.fetch.http.client import fetch_url

__all__ = ["FETCHERS", "Deadline", "FetchError", "Fetched", "Limits", "Refused", "fetch"]

# by the key of the YAML
FETCHERS = {
    "file": fetch_file,
    "folder": fetch_folder,
    "url": fetch_url,
}


def fetch(
    source: Source,
    folder: Path,
    before: Mapping[str, Mapping[str, str]],
    environment: Mapping[str, str],
    now: datetime,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    *,
    together: bool = False,
) -> tuple[Fetched, ...]:
    """The files of `source` that are not as they were; empty where nothing is new. Raises FetchError.

    `folder` is the catalogue's. `before`: by file, the headers of the newest run that received it or saw it again; of
    an older one nothing is missed, but more is read anew. The bytes may be those of before: the caller compares.
    `together`: nothing of a folder comes before all files in it are whole.
    """
    look = Look(source, folder, before, environment, now, limits, together)
    return next(fetcher for key, fetcher in FETCHERS.items() if getattr(source, key))(look)
