"""The catalogue's schema: what an officer may write in `indicators.yaml`, as pydantic models.

The JSON Schema that editors use, and the reference of the keys, are made from the descriptions here.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Union

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag

from dashboard.periods import Anchor, Duration, Period, parse_day
from dashboard.thresholds import KINDS, Threshold

Kind = Literal["flow", "level", "cumulative_claim", "event"]

WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+")


def _duration(text: str) -> str:
    Duration.parse(text)
    return text


def _day(text: str) -> str:
    parse_day(text)
    return text


def _anchor(text: str) -> str:
    Anchor.parse(text)
    return text


def _web_address(text: str) -> str:
    if text and not WEB_ADDRESS.fullmatch(text):
        raise ValueError(f'"{text[:60]}" is not a web address')
    return text


DurationText = Annotated[str, AfterValidator(_duration)]
DayText = Annotated[str, AfterValidator(_day)]
AnchorText = Annotated[str, AfterValidator(_anchor)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Ended(_Entry):
    """A source that publishes no more."""

    on: DayText = Field(description="Its last day.")
    reason: str = Field(default="", description="Why it ended.")


class Place(_Entry):
    """Where it happens."""

    name: str = Field(description="The place's name.")
    lat: float = Field(ge=-90, le=90, description="Degrees north.")
    lon: float = Field(ge=-180, le=180, description="Degrees east.")


class Factor(_Entry):
    """How many of one unit make one of another, as somebody published it."""

    given: str = Field(alias="from", min_length=1, description="The unit that a row is in: t.")
    to: str = Field(min_length=1, description="The unit that it is brought to: bbl.")
    value: Positive = Field(description="How many of `to` make one of `from`: 7.98.")
    low: Positive = Field(description="The least that it may be; equal to `value` only where a definition says so.")
    high: Positive = Field(description="The most that it may be.")
    since: DayText | None = Field(default=None, description="The first day that it is good for; else from ever.")
    until: DayText | None = Field(default=None, description="The last day that it is good for; else for ever.")
    citation: WebAddress = Field(default="", description="The web address where it can be read.")
    document: str = Field(default="", description="Or the claim in seeds/ that says it, like 002.11.a.")
    note: str = Field(default="", description="Whose it is, and how it was found.")

    @classmethod
    def yaml_keys(cls) -> list[str]:
        """The YAML keys, in order."""
        return [entry.alias or name for name, entry in cls.model_fields.items()]

    @property
    def days(self) -> Period:
        """The days that it is good for, both included."""
        return Period(
            parse_day(self.since) if self.since else date.min, parse_day(self.until) if self.until else date.max
        )


class Source(_Entry):
    """One publisher's figures, read from one CSV file."""

    title: str = Field(description="The source's name on the board.")
    file: str = Field(description="The CSV file, relative to the catalogue's folder.")
    publisher: str = Field(default="", description="Who publishes it.")
    kind: Kind = Field(
        default="level",
        description="What its numbers are. flow: amounts of periods, may be summed. level: a count at an "
        "instant. cumulative_claim: a running total as somebody claims it, never summed. event: rows of 1.",
    )
    expect_every: DurationText | None = Field(default=None, description="How often it publishes: 1mo.")
    late_after: DurationText | None = Field(
        default=None,
        description="Its newest figure is late when older than this. Default: 1.5 x expect_every, or 45d.",
    )
    stale_after: DurationText | None = Field(
        default=None,
        description="Its newest figure is stale when older than this. Default: 3 x expect_every, or 90d.",
    )
    ended: DayText | Ended | None = Field(
        default=None, description="The day on which it stopped publishing for good, or `{on:, reason:}`."
    )
    official: bool = Field(default=False, description="A government or the United Nations says it.")
    exact: bool = Field(
        default=False,
        description="Its single numbers are exact: things that were seen and counted. Otherwise a number without a "
        "range makes a breach likely at most, never confirmed.",
    )
    reliability: Literal["A", "B", "C", "D", "E", "F"] | None = Field(
        default=None, description="The Admiralty grade of the source, A (reliable) to F (cannot be judged)."
    )
    series_break: list[DayText] = Field(
        default_factory=list,
        description="Days from which it counts in another way; no change is taken across one.",
    )
    limitations: str = Field(default="", description="What an officer must know before believing it.")
    columns: dict[str, str] = Field(
        default_factory=dict, description="Other names of columns in its file: {value: bbl}."
    )
    factors: list[Factor] = Field(
        default_factory=list,
        description="How rows in another unit than the indicator's are converted; then every row states its unit.",
    )

    @property
    def late(self) -> Duration:
        return self._span(self.late_after, 1.5, 45)

    @property
    def stale(self) -> Duration:
        return self._span(self.stale_after, 3, 90)

    @property
    def breaks(self) -> tuple[date, ...]:
        return tuple(sorted(map(parse_day, self.series_break)))

    @property
    def ended_on(self) -> str | None:
        return self.ended.on if isinstance(self.ended, Ended) else self.ended

    @property
    def ended_reason(self) -> str:
        return self.ended.reason if isinstance(self.ended, Ended) else ""

    def _span(self, given: str | None, factor: float, days: int) -> Duration:
        if given:
            return Duration.parse(given)
        return Duration.parse(self.expect_every).times(factor) if self.expect_every else Duration(days=days)


class Accumulate(_Entry):
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


class RuleTest(_Entry):
    """An example of what an indicator must say of some figures."""

    given: str | dict[str, str] = Field(
        description="The figures: `2024-01 200000, 2024-02 40~80 @2024-03-21` (also `>5`, `<9`, `12 t` with its unit, "
        "and `_` for missing; `@` is the day of publication, else the end of the period). Text is of the first source; "
        "a mapping names sources, cited baselines too.",
    )
    as_of: DayText = Field(description="The day at whose end it is asked.")
    expect: Literal["normal", "info", "warning", "critical", "not assessed"] = Field(
        description="The severity that must be found."
    )
    state: Literal["inactive", "pending", "firing", "recovering", "resolved", "on_record"] | None = Field(
        default=None, description="The state that must be found; without it any will do."
    )
    certainty: Literal["possible", "likely", "confirmed"] | None = Field(
        default=None, description="The certainty that must be found; without it any will do."
    )


class Indicator(_Entry):
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
    accumulate: Literal["calendar_year"] | Accumulate | None = Field(
        default=None,
        description="Judge the total of each period of a cap: calendar_year, or {anchor: 12-22}.",
    )
    limit: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="The cap of one period, in the indicator's unit."
    )
    limit_in: dict[str, Positive] = Field(
        default_factory=dict,
        description="The same cap where the law states it in another unit too: {t: 525000}. It is judged in the unit "
        "that all known figures are in; else all are converted to the indicator's own. Every row states its unit.",
    )
    legal_basis: str = Field(default="", description="The act that a breach breaks.")
    evidence: list[str] = Field(default_factory=list, description="Claims of seeds/ that it rests on.")
    rationale: str = Field(default="", description="Why it is watched.")
    action: str = Field(default="", description="What to do when it fires.")
    owner: str = Field(default="", description="Who answers for the rule, and mends it.")
    thresholds: list[Annotated[_AnyThreshold, Discriminator(kind_key)]] = Field(
        default_factory=list, description="What raises an alert, each with a severity and one kind's key."
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
        return Anchor.parse(self.accumulate.anchor) if isinstance(self.accumulate, Accumulate) else Anchor()

    @property
    def period_name(self) -> str:
        anchor = self.anchor
        if anchor is None:
            return ""
        return "calendar year" if anchor == Anchor() else f"year from {anchor}"


class CatalogFile(_Entry):
    """The whole of `indicators.yaml`."""

    version: Literal[1] = Field(description="The form of this file; 1.")
    sources: dict[str, Source] = Field(default_factory=dict, description="What is read, by id.")
    indicators: dict[str, Indicator] = Field(description="What is watched, by id.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the catalogue, for editors."""
    schema = CatalogFile.model_json_schema()
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Watchfloor catalogue"}
