"""The base of every mapping of the catalogue with fixed keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """A mapping of the catalogue with fixed keys; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @classmethod
    def yaml_keys(cls) -> list[str]:
        """The YAML keys, in order."""
        return [field.alias or name for name, field in cls.model_fields.items()]
