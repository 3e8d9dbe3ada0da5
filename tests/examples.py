"""How many examples a property tries: few in `make test`, many in `.ci/run` (`--hypothesis-profile many`)."""

from __future__ import annotations

from hypothesis import settings

FEW, MANY = 15, 400


def register_profiles() -> None:
    settings.register_profile("few", max_examples=FEW, deadline=None)
    settings.register_profile("many", max_examples=MANY, deadline=None)
    settings.load_profile("few")


def examples(few: int, many: int) -> int:
    """The number for the profile in force; for properties that are dearer or cheaper than most."""
    return few if settings.default.max_examples == FEW else many
