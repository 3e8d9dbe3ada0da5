"""Keys of earlier versions, and what to write in place of each."""

from __future__ import annotations

_PASSED_BY = {"possible": "highest", "likely": "value", "confirmed": "lowest"}


def replacement_advice(key: str, value: object) -> str:
    """What to write in place of a key of an earlier version; "" for any other key."""
    if key == "certainty":
        return f"write passed_by: {_PASSED_BY.get(str(value), 'highest, value or lowest')}"
    if key == "official":
        return "write known_by: official" if value is True else "write known_by: counted, estimate, press or author"
    if key == "reliability":
        return "write known_by: counted, official, estimate, press or author"
    return ""
