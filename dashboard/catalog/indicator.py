"""The catalogue's schema: what an officer may write in `indicators.yaml`, as pydantic models.

The JSON Schema that editors use, and the reference of the keys, are made from the descriptions here.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, Union

from pydantic import Discriminator, Field, Tag

from dashboard.catalog.source import Entry, Kind, Source
from dashboard.domain import AnchorText, DayText, Positive
from dashboard.domain.dates import Anchor
from dashboard.thresholds import KINDS, Threshold


class Place(Entry):
    """Where it happens."""

    name: str = Field(description="The place's name.")
    lat: float = Field(ge=-90, le=90, description="Degrees north.")
    lon: float = Field(ge=-180, le=180, description="Degrees east.")


class CapPeriod(Entry):
    """The period that a cap runs by, where it is not the calendar year."""

    anchor: AnchorText = Field(description='The day of the year on which each period begins: "12-22".')


def kind_key(given: object) -> str | None:
    """Which threshold kind a mapping is: the one kind's key that it has."""
    if isinstance(given, Threshold):
        return given.key
    if not isinstance(given, dict):
        return None
    found = [kind.key for kind in KINDS if kind.key in given]
    return found[0] if len(found) == 1 else None


_AnyThreshold: Any = Union[tuple(Annotated[kind, Tag(kind.key)] for kind in KINDS)]  # noqa: UP007


class RuleTest(Entry):
    """An example of what an indicator must say of some figures."""

    figures: str | dict[str, str] = Field(
        alias="given",
        description="The figures: `2024-01 200000, 2024-02 40~80 @2024-03-21` (also `>5`, `<9`, `12 t` with its unit, "
        "and `_` for missing; `@` is the day of publication, else the end of the period). Text is of the first source; "
        "a mapping names sources, cited baselines too.",
    )
    as_of: DayText = Field(description="The day at whose end it is asked.")
    expect: Literal["normal", "info", "warning", "critical", "not assessed"] = Field(
        description="The severity that must be found."
    )
    state: Literal["inactive", "pending", "firing", "recovering", "resolved", "on_record", "withdrawn"] | None = Field(
        default=None, description="The state that must be found; without it any will do."
    )
    passed_by: Literal["highest", "value", "lowest"] | None = Field(
        default=None, description="The end of the range that must pass; without it any will do."
    )


class Indicator(Entry):
    """One thing that is watched: a time series, and the thresholds that raise an alert."""

    title: str = Field(description="The indicator's name on the board.")
    unit: str = Field(default="", description="The unit of its figures; every row must agree, or have a factor.")
    direction: str = Field(default="", description="Who supplies whom: RU+CN -> KP.")
    place: Place | None = Field(default=None, description="Where it happens.")
    sources: list[str] = Field(default_factory=list, description="The sources it reads, the preferred one first.")
    file: str | None = Field(default=None, description="In place of `sources`: a CSV file that only it reads.")
    kind: Kind = Field(default="level", description="With `file`: what the numbers are.")
    combine: Literal["sum", "prefer", "max", "median", "each"] = Field(
        default="each",
        description="How several sources make one figure. each: not at all, every source is judged alone.",
    )
    accumulate: Literal["calendar_year"] | CapPeriod | None = Field(
        default=None,
        description="Judge the total of each period of a cap: calendar_year, or {anchor: 12-22}.",
    )
    limit: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="The cap of one period, in the indicator's unit."
    )
    limit_in: dict[str, Positive] = Field(
        default_factory=dict,
        description="The same cap where the law states it in another unit too: {t: 525000}. Each period is "
        "judged in the unit that all its figures are in; where they mix, in the indicator's own. Every row states its "
        "unit.",
    )
    legal_basis: str = Field(default="", description="The act that a breach breaks.")
    evidence: list[str] = Field(default_factory=list, description="Claims of seeds/ that it rests on.")
    rationale: str = Field(default="", description="Why it is watched.")
    action: str = Field(default="", description="What to do when it fires.")
    owner: str = Field(default="", description="Who answers for the rule, and mends it.")
    thresholds: list[Annotated[_AnyThreshold, Discriminator(kind_key)]] = Field(
        default_factory=list,
        max_length=1_000,
        description="What raises an alert, each with a severity and one kind's key.",
    )
    tests: list[RuleTest] = Field(
        default_factory=list, description="Examples that `watchfloor test` runs: given these figures, expect that."
    )

    @property
    def needs(self) -> tuple[str, ...]:
        """The other indicators whose verdicts its thresholds judge."""
        return tuple(dict.fromkeys(name for one in self.thresholds for name in one.needs))

    @property
    def own_line(self) -> Threshold | None:
        """The threshold that makes the line to be judged, where not the sources do."""
        return next((one for one in self.thresholds if one.own_line), None)

    @property
    def limits(self) -> dict[str, float]:
        """The cap of one period in each unit that it is stated in, the indicator's own first."""
        return {} if self.limit is None else {self.unit: self.limit, **self.limit_in}

    def limit_for(self, unit: str) -> float | None:
        """The cap of one period as it stands in one of the units that it is stated in."""
        return self.limits.get(unit)

    @cached_property
    def anchor(self) -> Anchor | None:
        """The anchor of the cap's periods, or None where nothing is accumulated."""
        if self.accumulate is None:
            return None
        return Anchor.parse(self.accumulate.anchor) if isinstance(self.accumulate, CapPeriod) else Anchor()

    @property
    def period_name(self) -> str:
        anchor = self.anchor
        if anchor is None:
            return ""
        return "calendar year" if anchor == Anchor() else f"year from {anchor}"


class CatalogFile(Entry):
    """The whole of `indicators.yaml`."""

    version: Literal[1] = Field(description="The form of this file; 1.")
    sources: dict[str, Source] = Field(default_factory=dict, description="What is read, by id.")
    indicators: dict[str, Indicator] = Field(description="What is watched, by id.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the catalogue, for editors."""
    schema = CatalogFile.model_json_schema()
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Watchfloor catalogue"}
