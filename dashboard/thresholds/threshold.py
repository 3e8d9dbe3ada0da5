"""The interface of every threshold kind: its YAML fields, what it compares, and its words.

A kind owns everything that is special to it: its key and fields, the bound that it compares with (which the chart draws
too), and its sentences. No code outside a kind's own file asks which kind a threshold is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from dashboard.domain import DurationText, PassedBy, Series, Severity
from dashboard.domain.dates import Duration
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import Judgement
from dashboard.thresholds.lifecycle import Lifecycle, WaitingText
from dashboard.thresholds.own_lines.own_line import OwnLine
from dashboard.thresholds.traits import NO_NEEDS, PLAIN_WORDING, Level, Needs, Wording


class Threshold(BaseModel, ABC):
    """One line under `thresholds:` in the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    key: ClassVar[str]

    severity: Literal["info", "warning", "critical"] = Field(
        description="What a breach means: info is context and never an alarm."
    )
    passed_by: Literal["highest", "value", "lowest"] = Field(
        default="highest",
        description="Which end of a figure's range must pass to raise it: highest (any end will do), value (the stated "
        "value must pass) or lowest (even the low end must).",
    )
    basis: Literal["law", "analyst", "unverified"] | None = Field(
        default=None,
        description="Where the level comes from: the legal act, an analyst's judgement, or memory of a text "
        "that nobody has checked yet.",
    )
    note: str = Field(default="", description="A remark shown beside the rule.")
    lasting: WaitingText | None = Field(
        default=None,
        alias="for",
        description="How long it must be passed before it fires: 30d, from the first passing figure to a later one; "
        'or "3 figures" in a row. Until then it is pending.',
    )
    keep_firing_for: DurationText | None = Field(
        default=None, description="How long it stays on after the figure that ends it, against flapping."
    )
    recover_below: float | None = Field(
        default=None, allow_inf_nan=False, description="It ends only when a figure is surely at or below this."
    )
    recover_above: float | None = Field(
        default=None, allow_inf_nan=False, description="It ends only when a figure is surely at or above this."
    )

    @classmethod
    def yaml_keys(cls) -> list[str]:
        """The YAML keys, in order."""
        return [entry.alias or name for name, entry in cls.model_fields.items()]

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """When it fires once it is passed, and what ends its breach."""
        return Lifecycle.parse(self.lasting, self.keep_firing_for, self.recover_below, self.recover_above)

    @cached_property
    def severity_rank(self) -> Severity:
        """The severity as a number that can be compared."""
        return Severity[self.severity.upper()]

    @cached_property
    def is_alarm(self) -> bool:
        """Whether it raises an alert; context does not."""
        return self.severity != "info"

    @cached_property
    def demanded_end(self) -> int:
        """The `PassedBy` that raises it, as the plain number that arrays are compared with."""
        return PassedBy[self.passed_by.upper()].value

    @property
    def alarm_window(self) -> Duration | None:
        """How long it fires by itself after the newest breaching observation; None leaves that to the series."""
        return None

    @property
    def needs(self) -> Needs:
        """What the catalogue must give an indicator that uses it."""
        return NO_NEEDS

    @property
    def own_line(self) -> OwnLine | None:
        """The line that it judges, for a kind that does not judge the lines of the sources."""
        return None

    @property
    def wording(self) -> Wording:
        """The words for its breaches, where they differ from kind to kind."""
        return PLAIN_WORDING

    @property
    @abstractmethod
    def level(self) -> Level:
        """What figures are compared with."""

    @abstractmethod
    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        """Compare each observation with the level."""

    @abstractmethod
    def condition(self, context: EvaluationContext) -> str:
        """The rule in words, without its severity: "above 5,000 containers"."""

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        """The words behind a breaching figure; `passing` is the end of its range that passes `bound`."""
        del bound, passing
        return self.condition(context)
