"""The schema of an indicator and of the whole catalogue, as pydantic models.

The JSON Schema for editors and the reference of the keys are made from the descriptions of the fields.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, Union

from pydantic import Discriminator, Field, Tag

from dashboard.catalog.entry import Entry
from dashboard.catalog.rule_test import RuleTest
from dashboard.catalog.source import FigureKind, Source
from dashboard.domain import AnchorText, Positive
from dashboard.domain.dates import Anchor
from dashboard.thresholds import KINDS, Lifecycle, OwnLine, Threshold


class Place(Entry):
    """The place that an indicator is about."""

    name: str = Field(description="The place's name.")
    lat: float = Field(ge=-90, le=90, description="Degrees north.")
    lon: float = Field(ge=-180, le=180, description="Degrees east.")


class CapPeriod(Entry):
    """The periods of a cap that does not run by calendar year."""

    anchor: AnchorText = Field(description='The day of the year on which each period begins: "12-22".')


def kind_key(threshold: object) -> str | None:
    """The key of a threshold's kind; None for a mapping that has no kind's key, or several."""
    if isinstance(threshold, Threshold):
        return threshold.key
    if not isinstance(threshold, dict):
        return None
    keys = [kind.key for kind in KINDS if kind.key in threshold]
    return keys[0] if len(keys) == 1 else None


_AnyThreshold: Any = Union[tuple(Annotated[kind, Tag(kind.key)] for kind in KINDS)]  # noqa: UP007


class Indicator(Entry):
    """A watched quantity: a time series, and the thresholds that raise an alert."""

    title: str = Field(description="The indicator's name on the board.")
    unit: str = Field(default="", description="The unit of its figures; every row must agree, or have a factor.")
    direction: str = Field(default="", description="Who supplies whom: RU+CN -> KP.")
    place: Place | None = Field(default=None, description="The place that it is about.")
    sources: list[str] = Field(default_factory=list, description="The sources it reads, the preferred one first.")
    file: str | None = Field(default=None, description="In place of `sources`: a CSV file that only it reads.")
    kind: FigureKind = Field(default="level", description="With `file`: what the numbers are.")
    combine: Literal["sum", "prefer", "max", "median", "each"] = Field(
        default="each",
        description="How the figures of several sources become one. each: not at all, every source is judged alone.",
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
        "judged in the unit of its figures; where they have several, in the indicator's own. Every row states "
        "its unit.",
    )
    legal_basis: str = Field(default="", description="The legal act that a breach violates.")
    evidence: list[str] = Field(default_factory=list, description="Ids of the claims in seeds/ that support it.")
    rationale: str = Field(default="", description="Why it is watched.")
    action: str = Field(default="", description="What to do when it fires.")
    owner: str = Field(default="", description="Who is responsible for the rule and maintains it.")
    thresholds: list[Annotated[_AnyThreshold, Discriminator(kind_key)]] = Field(
        default_factory=list,
        max_length=1_000,
        description="What raises an alert, each with a severity and one kind's key.",
    )
    tests: list[RuleTest] = Field(
        default_factory=list,
        description="Examples that `watchfloor test` runs: figures, and the verdict expected of them.",
    )

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The other indicators whose verdicts its thresholds judge."""
        return tuple(dict.fromkeys(name for threshold in self.thresholds for name in threshold.needs.ids))

    @cached_property
    def own_line(self) -> OwnLine | None:
        """The line that its thresholds judge, where they do not judge the lines of its sources."""
        return next((own for threshold in self.thresholds if (own := threshold.own_line)), None)

    @cached_property
    def baselines(self) -> tuple[str, ...]:
        """The sources that its thresholds cite as baselines."""
        return tuple(baseline for threshold in self.thresholds if (baseline := threshold.needs.baseline))

    @cached_property
    def waits_for_reports(self) -> bool:
        """Whether its thresholds count the days until reports of its sources come."""
        return self.own_line is not None and self.own_line.waits_for_reports

    @cached_property
    def has_fixed_levels(self) -> bool:
        """Whether each figure is held against fixed levels, and a calm figure ends any earlier breach at once."""
        return all(each.level.calm is not None and each.lifecycle == Lifecycle() for each in self.thresholds)

    @cached_property
    def limits(self) -> dict[str, float]:
        """The cap of one period by unit, in every unit in which it is stated; the indicator's own comes first."""
        return {} if self.limit is None else {self.unit: self.limit, **self.limit_in}

    @cached_property
    def anchor(self) -> Anchor | None:
        """The anchor of the cap's periods; None where nothing is accumulated."""
        if self.accumulate is None:
            return None
        return Anchor.parse(self.accumulate.anchor) if isinstance(self.accumulate, CapPeriod) else Anchor()

    @property
    def period_name(self) -> str:
        """What a period of the cap is called; "" where nothing is accumulated."""
        anchor = self.anchor
        if anchor is None:
            return ""
        return "calendar year" if anchor == Anchor() else f"year from {anchor}"


class CatalogFile(Entry):
    """The whole of `indicators.yaml`."""

    version: Literal[1] = Field(description="The version of this file's format; 1.")
    sources: dict[str, Source] = Field(default_factory=dict, description="The sources, by id.")
    indicators: dict[str, Indicator] = Field(description="The indicators, by id.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the catalogue, for editors."""
    schema = CatalogFile.model_json_schema()
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Watchfloor catalogue"}
