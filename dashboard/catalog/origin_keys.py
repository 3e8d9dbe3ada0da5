"""The YAML keys of the source kinds as fields of a source, and the secrets that these keys may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

from pydantic import Field

from dashboard.domain.text import MASK, masked, unmasked
from dashboard.fetch import SOURCE_KINDS, SourceKind

_SECRET_KEYS = tuple(kind.key for kind in SOURCE_KINDS if kind.is_remote)


def origin_fields() -> dict[str, Any]:
    """The keys of all kinds, for a pydantic model. The key that names a place is optional: a source has one of them."""
    fields: dict[str, Any] = {}
    for kind in SOURCE_KINDS:
        place = get_type_hints(kind, include_extras=True)[kind.key]
        for name, field in kind.model_fields.items():
            is_place = name == kind.key
            fields[name] = (
                (place | None, Field(default=None, description=field.description))
                if is_place
                else (field.annotation, field)
            )
    return fields


def kinds_of(source: object) -> list[type[SourceKind]]:
    """The kinds whose place a source names; exactly one where the source is sound."""
    return [kind for kind in SOURCE_KINDS if getattr(source, kind.key) is not None]


def origin_of(source: object) -> SourceKind:
    """The origin that the fields of a source describe. ValueError where the source names no place."""
    for kind in kinds_of(source):
        return kind.model_construct(**{name: getattr(source, name) for name in kind.model_fields})
    raise ValueError("a source names the place that it comes from")


def masked_source(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The YAML values of a source without the secrets in its address, so that they can be stored."""
    addresses = {key: masked(values[key]) for key in _SECRET_KEYS if isinstance(values.get(key), str)}
    return {**values, **addresses} if addresses else values


def restored_source(values: Mapping[str, Any], text: str) -> Mapping[str, Any]:
    """Stored values with the secrets put back that stand in the `text` of the catalogue, if the address is the same."""
    stored = {key: values[key] for key in _SECRET_KEYS if isinstance(values.get(key), str)}
    addresses = {key: unmasked(address, text) or address for key, address in stored.items()}
    return {**values, **addresses} if addresses else values


def lacks_secrets(values: Mapping[str, Any]) -> bool:
    """Whether the values are stored ones whose address had a secret."""
    return any(MASK in str(values.get(key)) for key in _SECRET_KEYS)
