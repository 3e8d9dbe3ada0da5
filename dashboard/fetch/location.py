"""Locations as the journal records them: "folder in (*.csv)", which names the kind first."""

from __future__ import annotations

from dashboard.fetch.kinds import SOURCE_KINDS, SourceKind

_KIND_BY_KEY = {kind.key: kind for kind in SOURCE_KINDS}


def kind_of_location(location: str) -> type[SourceKind] | None:
    """The kind of a recorded location; None for a kind that no longer exists."""
    return _KIND_BY_KEY.get(location.partition(" ")[0])


def covers_whole_source(location: str) -> bool:
    """Whether each delivery from a location holds all rows of its source, and not those of one file among several."""
    kind = kind_of_location(location)
    return kind is None or kind.is_whole(location)


def is_read_in_place(location: str) -> bool:
    """Whether the pages read the file at a location themselves."""
    kind = kind_of_location(location)
    return kind is not None and kind.is_read_in_place
