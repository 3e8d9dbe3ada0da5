"""Keys of earlier versions, and the line to write in the place of each."""

from __future__ import annotations

_ENDS = {"possible": "highest", "likely": "value", "confirmed": "lowest"}


def in_its_place(key: str, value: object) -> str:
    """What to write in the place of a key that an earlier version knew; "" for any other key."""
    if key == "certainty":
        return f"write passed_by: {_ENDS.get(str(value), 'highest, value or lowest')}"
    if key == "official":
        return "write known_by: official" if value is True else "write known_by: counted, estimate, press or author"
    if key == "reliability":
        return "write known_by: counted, official, estimate, press or author"
    return ""
