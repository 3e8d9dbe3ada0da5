"""The source kinds, one file each. A new kind is a new file and one name in `SOURCE_KINDS`."""

from __future__ import annotations

from dashboard.fetch.kinds.file import File
from dashboard.fetch.kinds.folder import Folder
from dashboard.fetch.kinds.url import Url
from dashboard.fetch.source_kind import SourceKind

SOURCE_KINDS: tuple[type[SourceKind], ...] = (
    File,
    Folder,
    Url,
)
