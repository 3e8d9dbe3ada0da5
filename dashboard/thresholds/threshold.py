"""What every threshold kind has in common: its YAML fields, and comparing a range with a bound.

A kind owns all that is special to it: its key and fields, the bound it compares to (which the chart draws
too), and its sentences. Nothing outside a kind's own file asks which kind it is.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Protocol

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dashboard.domain import Episode, PassedBy, Series, Severity, Verdict
from dashboard.domain.dates import Anchor, Duration
from dashboard.domain.text import number
from dashboard.thresholds.own_lines.cap_sides import CapSide

NOT_JUDGED, NOT_PASSED = -1, 0  # below all of PassedBy

Place = tuple[str | int, ...]  # keys below a threshold in the catalogue

NEVER = np.datetime64("NaT", "s")


class AssessedLine(Protocol):
    """A line of another indicator, with what its thresholds say of each observation: an `Assessment`."""

    @property
    def series(self) -> Series: ...
    @property
    def thresholds(self) -> tuple[Threshold, ...]: ...
    @property
    def severity(self) -> np.ndarray: ...
    @property
    def is_alarm(self) -> np.ndarray: ...
    @property
    def passed_by(self) -> np.ndarray: ...
    @property
    def passed(self) -> tuple[np.ndarray, ...]: ...
    @property
    def known_since(self) -> np.ndarray: ...


class OtherIndicator(Protocol):
    """Another indicator as it was evaluated at the same instant, for kinds that judge other indicators."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def assessments(self) -> Sequence[AssessedLine]: ...
    @property
    def episodes(self) -> Sequence[Episode]: ...
    @property
    def lines(self) -> Sequence[Series]: ...
    @property
    def all_rows(self) -> pd.DataFrame: ...
    @property
    def known(self) -> np.ndarray: ...


@dataclass(frozen=True)
class EvaluationContext:
    """What a threshold may look at besides the series: the instant, and the indicator's own words and limits.

    `unit` is the one that it is judged in, `limit` the cap in that unit, `limits` in each that it is stated in.
    """

    as_of: date
    unit: str
    limit: float | None = None
    period_name: str = ""
    anchor: Anchor | None = None
    baselines: Mapping[str, Series] = field(default_factory=dict)
    other_indicators: Mapping[str, OtherIndicator] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    sides: Mapping[str, CapSide] = field(default_factory=dict)

    @property
    def cap(self) -> str:
        """The limit in words, in all units that it is stated in."""
        stated = self.limits or ({} if self.limit is None else {self.unit: self.limit})
        return " or ".join(f"{number(limit)} {unit}" for unit, limit in stated.items()) or "the limit"


@dataclass(frozen=True, eq=False)
class Judgement:
    """What one threshold says of each observation of a series.

    passed: int8, a `PassedBy`, NOT_PASSED, or NOT_JUDGED; bound: float, the level compared to, NaN where
    there is none; bound_known_at: instants from which the bound itself was known, NaT (or None for all) for always;
    reason: why something was not judged, or ""; finding: what to say of the figure at a position, where a bound
    alone does not say it; expected: float, what was expected of each, for a kind that knows.
    """

    passed: np.ndarray
    bound: np.ndarray
    bound_known_at: np.ndarray | None = None
    reason: str = ""
    finding: Callable[[int], str] | None = None
    expected: np.ndarray | None = None


@dataclass(frozen=True)
class Lifecycle:
    """When a threshold that is passed fires, and what ends it.

    lasting, count: how long, or over how many figures, it must be passed before it fires; keep: how long it stays
    on after the figure that ends it; recover_below, recover_above: the figure that ends it, beyond the level.
    """

    lasting: Duration | None = None
    count: int = 1
    keep: Duration | None = None
    recover_below: float | None = None
    recover_above: float | None = None

    def recovered(self, series: Series, passed: np.ndarray) -> np.ndarray:
        """Which observations end it: surely beyond each recovery level given, or else simply not passing."""
        if self.recover_below is None and self.recover_above is None:
            return np.asarray(passed == NOT_PASSED)
        sure = []
        if self.recover_below is not None:
            sure.append(series.high <= self.recover_below)
            if not series.is_plain:
                sure.append(~series.partial)
        if self.recover_above is not None:
            sure.append(series.low >= self.recover_above)
        return np.asarray(sure[0] if len(sure) == 1 else np.logical_and.reduce(sure))


_COUNT = re.compile(r"([1-9][0-9]{0,3}) figures?")


def _lasting(text: str) -> str:
    if not _COUNT.fullmatch(text):
        try:
            Duration.parse(text)
        except ValueError as error:
            raise ValueError(f'{error}, nor a count like "3 figures"') from error
    return text


def _duration(text: str) -> str:
    Duration.parse(text)
    return text


class Threshold(BaseModel, ABC):
    """One line under `thresholds:` in the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key: ClassVar[str]
    reaches: ClassVar[bool] = False  # whether a figure that equals the level passes it

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
    lasting: Annotated[str, AfterValidator(_lasting)] | None = Field(
        default=None,
        alias="for",
        description="How long it must be passed before it fires: 30d, from the first passing figure to a later one; "
        'or "3 figures" in a row. Until then it is pending.',
    )
    keep_firing_for: Annotated[str, AfterValidator(_duration)] | None = Field(
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
        counted = _COUNT.fullmatch(self.lasting or "")
        return Lifecycle(
            lasting=Duration.parse(self.lasting) if self.lasting and not counted else None,
            count=int(counted[1]) if counted else 1,
            keep=Duration.parse(self.keep_firing_for) if self.keep_firing_for else None,
            recover_below=self.recover_below,
            recover_above=self.recover_above,
        )

    @cached_property
    def severity_rank(self) -> Severity:
        return Severity[self.severity.upper()]

    @cached_property
    def is_alarm(self) -> bool:
        """Whether it raises an alert; context does not."""
        return self.severity != "info"

    @cached_property
    def demanded(self) -> int:
        """The `PassedBy` that raises it, as the plain number that arrays are compared with."""
        return PassedBy[self.passed_by.upper()].value

    def phrase(self, passed_by: PassedBy) -> str:
        """How it reads that one end of a range passes: `even at its lowest`."""
        return passed_by.phrase

    @property
    def demanded_phrase(self) -> str:
        return self.phrase(PassedBy(self.demanded))

    @property
    def fires_for(self) -> Duration | None:
        """How long after the newest breaching observation it fires by itself; None leaves that to the series."""
        return None

    @property
    def cites(self) -> str | None:
        """The source whose rows are the bound, for a kind that compares with a cited figure."""
        return None

    @property
    def needs_limit(self) -> bool:
        """Whether the kind speaks of a share of the indicator's limit."""
        return False

    @property
    def needs_one_line(self) -> bool:
        """Whether it compares figures with each other, and so needs lines that are no mixture of sources."""
        return False

    @property
    def needs_events(self) -> bool:
        """Whether it counts events, and so needs sources of them."""
        return False

    @property
    def needed_at(self) -> tuple[tuple[Place, str], ...]:
        """Ids of other indicators whose verdicts it judges, each with its place below the threshold."""
        return ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The other indicators, which are evaluated first; `EvaluationContext.other_indicators` holds them."""
        return tuple(name for _, name in self.needed_at)

    @property
    def needs_caps(self) -> bool:
        """Whether the other indicators must be caps that run by the same period, with one total each."""
        return False

    @property
    def only_sources(self) -> tuple[str, ...]:
        """Of the other indicators' sources those that count, where not all do."""
        return ()

    @property
    def waits_for_all(self) -> bool:
        """Whether nothing is normal as long as one of the other indicators cannot be trusted."""
        return True

    @property
    def own_line(self) -> tuple[object, ...] | None:
        """For a kind that judges a `line` of its own making: what makes it; the thresholds beside it must agree."""
        return None

    @property
    def own_unit(self) -> str | None:
        """The unit of its own line, where the indicator must name that."""
        return None

    def line(self, members: Sequence[Series], context: EvaluationContext) -> Series:
        """The line of its own that it judges, made of the sources' lines or of other verdicts."""
        raise NotImplementedError(f"{self.key} judges the lines of its sources")

    @property
    def scale(self) -> tuple[str, ...]:
        """What its level is measured on: on one scale a worse severity must be harder to reach."""
        return (self.key,)

    @property
    def silence(self) -> Duration | None:
        """For a kind that judges how long a source has been silent: how long is too long."""
        return None

    def level(self) -> float | None:
        """The level as one number, growing with how hard it is to pass; None where kinds have none."""
        return None

    @property
    def calm(self) -> tuple[float, float] | None:
        """The levels between which, both included, no figure passes; None where they move with the figures, and
        figures pass upwards."""
        return None

    @abstractmethod
    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        """What this threshold says of each observation."""

    @abstractmethod
    def condition(self, context: EvaluationContext) -> str:
        """The rule in words, without its severity: "above 5,000 containers"."""

    def told(self, figure: str, when: str, said_by: str) -> str:
        """A figure, when, and by whom: `73 railcars (70 to 73) on 5 Oct 2023 (Beyond Parallel)`."""
        return f"{figure} {when} ({said_by})"

    def finding(self, bound: float, context: EvaluationContext) -> str:
        """What was found of one breaching observation, to stand behind its figure."""
        del bound
        return self.condition(context)

    def found(self, bound: float, context: EvaluationContext, passing: float) -> str:
        """The same where it also matters by how much the end that passes does."""
        del passing
        return self.finding(bound, context)

    def in_doubt(self) -> str:
        """What to say in the place of a finding where only the highest end passes; "" for the finding itself."""
        return ""

    def rule(self, context: EvaluationContext) -> str:
        """The whole rule as a sentence."""
        demand = f", {self.demanded_phrase}" if self.demanded > PassedBy.HIGHEST else ""
        basis = {
            None: "",
            "law": " (by law)",
            "analyst": " (an analyst's level)",
            "unverified": " (level from memory of the text, not checked)",
        }[self.basis]
        return f"{self.severity.capitalize()} when {self.condition(context)}{demand}{self._course(context)}{basis}."

    def _course(self, context: EvaluationContext) -> str:
        """`for` and its kin in words."""
        course = self.lifecycle
        said = f"; it fires for {self.fires_for} after the newest" if self.fires_for and self.is_alarm else ""
        if course.lasting:
            said += f", for {course.lasting}"
        if course.count > 1:
            said += f", for {course.count} figures in a row"
        sides = (("below", course.recover_below), ("above", course.recover_above))
        if ends := [f"{number(level)} {context.unit} or {side}" for side, level in sides if level is not None]:
            said += f"; it ends at {' and '.join(ends)}"
        return said + (f", and no sooner than {course.keep} later" if course.keep else "")


def compare_above(
    series: Series,
    bound: np.ndarray | float,
    *,
    bound_low: np.ndarray | float | None = None,
    bound_high: np.ndarray | float | None = None,
    reached: bool = False,
) -> np.ndarray:
    """By which end of its range each observation lies above `bound`, or reaches it (`reached`): a `PassedBy`.

    The low end passes only if somebody vouches for it. Where the bound is a range too, the end that makes it hardest
    counts.
    An unknown high end, or a partial total, cannot show that a bound was not passed: such an observation is not
    judged unless it passes.
    """
    bound_low = bound if bound_low is None else bound_low
    bound_high = bound if bound_high is None else bound_high
    by_value = exceeds(series.value, bound, reached=reached)
    if series.low is not series.value:
        by_value |= exceeds(series.low, bound, reached=reached)
    if series.value_floor is not None:
        by_value |= exceeds(series.value_floor, bound, reached=reached)
    passed = by_value.view(np.int8) * np.int8(PassedBy.VALUE)
    if series.high is not series.value or bound_low is not bound:
        passed = np.maximum(passed, exceeds(series.high, bound_low, reached=reached).view(np.int8))
    if series.high_floor is not None:
        passed = np.maximum(passed, exceeds(series.high_floor, bound_low, reached=reached).view(np.int8))
    if series.is_vouched_for:
        by_lowest = exceeds(series.at_least, bound_high, reached=reached).view(np.int8)
        passed = np.maximum(passed, by_lowest * np.int8(PassedBy.LOWEST))
    if not series.is_plain or isinstance(bound, np.ndarray):
        unknown = np.isnan(bound) if series.is_plain else np.isnan(bound) | np.isnan(series.high) | series.partial
        np.copyto(passed, NOT_JUDGED, where=unknown & (passed == NOT_PASSED))
    return passed


def exceeds(figure: np.ndarray, bound: np.ndarray | float, *, reached: bool) -> np.ndarray:
    """Greater, or greater or equal; a sum of decimals that misses the bound by rounding alone counts as equal."""
    slack = np.abs(bound) * 1e-12
    return np.asarray(figure >= bound - slack if reached else figure > bound + slack)


def mirrored(series: Series) -> Series:
    """The series with its sign turned, so that "below" can be asked as "above".

    Of a partial total only what is known of it may lie below: the whole may lie higher, but never lower than that,
    unless there are amounts below zero. So "6 or more" is surely not below 5.
    """
    some_below_zero = bool((series.low < 0).any())
    return replace(
        series,
        partial=series.partial & some_below_zero,
        value_floor=None,
        high_floor=None,
        low=np.where(series.partial, np.nan, -series.high),
        value=np.where(series.partial, np.nan, -series.value),
        high=-series.low,
        at_least=np.where(series.partial, np.nan, -series.at_most),
        at_most=-series.at_least,
    )


def as_stated(series: Series) -> Series:
    """The series with every number taken at its word, for a question that does not hang on the exact number."""
    return replace(series, at_least=series.low, at_most=series.high)


def constant(bound: float, count: int) -> np.ndarray:
    """The same bound for every observation."""
    return np.full(count, bound, float)
