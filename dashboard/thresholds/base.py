"""What every threshold kind has in common: its YAML fields, and comparing a range with a bound.

A kind owns all that is special to it: its key and fields, the bound it compares to (which the chart draws
too), and its sentences. Nothing outside a kind's own file asks which kind it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from dashboard.model import Certainty, Series, Severity, Verdict
from dashboard.periods import Anchor, Duration

NOT_JUDGED, NOT_PASSED = -1, 0  # below Certainty.POSSIBLE, LIKELY and CONFIRMED

Place = tuple[str | int, ...]  # keys below a threshold in the catalogue

NEVER = np.datetime64("NaT", "s")


@dataclass(frozen=True)
class Setting:
    """What a threshold may look at besides the series: the instant, and the indicator's own words and limits."""

    as_of: date
    unit: str
    limit: float | None = None
    period_name: str = ""
    anchor: Anchor | None = None
    baselines: Mapping[str, Series] = field(default_factory=dict)
    others: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Judgement:
    """What one threshold says of each observation of a series.

    passed: int8, a `Certainty`, NOT_PASSED, or NOT_JUDGED; bound: float, the level compared to, NaN where
    there is none; bound_known_at: instants from which the bound itself was known, NaT for always;
    reason: why something was not judged, or "".
    """

    passed: np.ndarray
    bound: np.ndarray
    bound_known_at: np.ndarray
    reason: str = ""


class Threshold(BaseModel, ABC):
    """One line under `thresholds:` in the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key: ClassVar[str]

    severity: Literal["info", "warning", "critical"] = Field(
        description="What a breach means: info is context and never an alarm."
    )
    certainty: Literal["possible", "likely", "confirmed"] = Field(
        default="possible",
        description="The least certainty that raises it: possible (only the high end of the range passes), "
        "likely (the value does) or confirmed (even the low end does).",
    )
    basis: Literal["law", "analyst", "unverified"] | None = Field(
        default=None,
        description="Where the level comes from: the legal act, an analyst's judgement, or memory of a text "
        "that nobody has checked yet.",
    )
    note: str = Field(default="", description="A remark shown beside the rule.")

    @property
    def severity_rank(self) -> Severity:
        return Severity[self.severity.upper()]

    @property
    def demanded(self) -> Certainty:
        return Certainty[self.certainty.upper()]

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
        """The other indicators; they are evaluated first, and `Setting.others` holds their verdicts."""
        return tuple(name for _, name in self.needed_at)

    @property
    def needs_caps(self) -> bool:
        """Whether the other indicators must be caps that run by the same period, with one total each."""
        return False

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

    def line(self, members: Sequence[Series], setting: Setting) -> Series:
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

    @abstractmethod
    def judge(self, series: Series, setting: Setting) -> Judgement:
        """What this threshold says of each observation."""

    @abstractmethod
    def condition(self, setting: Setting) -> str:
        """The rule in words, without its severity: "above 5,000 containers"."""

    def finding(self, bound: float, setting: Setting) -> str:
        """What was found of one breaching observation, to stand behind its figure."""
        del bound
        return self.condition(setting)

    def rule(self, setting: Setting) -> str:
        """The whole rule as a sentence."""
        demand = "" if self.certainty == "possible" else f", if {self.certainty}"
        basis = {
            None: "",
            "law": " (by law)",
            "analyst": " (an analyst's level)",
            "unverified": " (level from memory of the text, not checked)",
        }[self.basis]
        return f"{self.severity.capitalize()} when {self.condition(setting)}{demand}{basis}."


def compare_above(
    series: Series,
    bound: np.ndarray,
    *,
    bound_low: np.ndarray | None = None,
    bound_high: np.ndarray | None = None,
    reached: bool = False,
) -> np.ndarray:
    """Certainty with which each observation lies above `bound`, or reaches it (`reached`).

    A range passes possibly, likely or for certain as its high end, its value or its low end passes; for certain
    only if somebody vouches for that low end. Where the bound is a range too, the end that makes it hardest counts.
    An unknown high end, or a partial total, cannot show that a bound was not passed: such an observation is not
    judged unless it passes.
    """
    bound_low = bound if bound_low is None else bound_low
    bound_high = bound if bound_high is None else bound_high
    confirmed, as_stated_low, central, possible = (
        _exceeds(side, other, reached=reached)
        for side, other in (
            (series.at_least, bound_high),
            (series.low, bound),
            (series.value, bound),
            (series.high, bound_low),
        )
    )
    passed = np.select(
        [confirmed, as_stated_low | central, possible],
        [int(Certainty.CONFIRMED), int(Certainty.LIKELY), int(Certainty.POSSIBLE)],
        NOT_PASSED,
    ).astype(np.int8)
    unknown = np.isnan(bound) | np.isnan(series.high) | series.partial
    passed[(passed == NOT_PASSED) & unknown] = NOT_JUDGED
    return passed


def _exceeds(figure: np.ndarray, bound: np.ndarray, *, reached: bool) -> np.ndarray:
    """Greater, or greater or equal; a sum of decimals that misses the bound by rounding alone counts as equal."""
    slack = np.abs(bound) * 1e-12
    with np.errstate(invalid="ignore"):
        return np.asarray(figure >= bound - slack if reached else figure > bound + slack)


def mirrored(series: Series) -> Series:
    """The series with its sign turned, so that "below" can be asked as "above".

    Of a partial total only what is known of it may lie below: the whole may lie higher.
    """
    return replace(
        series,
        low=np.where(series.partial, np.nan, -series.high),
        value=np.where(series.partial, np.nan, -series.value),
        high=-series.low,
        at_least=np.where(series.partial, np.nan, -series.at_most),
        at_most=-series.at_least,
    )


def as_stated(series: Series) -> Series:
    """The series with every number taken at its word, for a question that does not hang on the exact number."""
    return replace(series, at_least=series.low, at_most=series.high)


def always(count: int) -> np.ndarray:
    """Bounds that were known at every instant."""
    return np.full(count, NEVER)
