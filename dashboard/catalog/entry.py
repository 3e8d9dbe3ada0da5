"""The base of every mapping of the catalogue with fixed keys."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """A mapping of the catalogue with fixed keys; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @classmethod
    def yaml_keys(cls) -> list[str]:
        """The YAML keys, in order."""
        return [field.alias or name for name, field in cls.model_fields.items()]


def is_unwritten(value: Any) -> bool:
    """Whether a key has its default.

    A key that came after the first version is a part of a definition only where it is written, so that a new version of
    this program changes no definition.
    """
    return value in (None, 0, "", "refuse", "csv", [], {})
