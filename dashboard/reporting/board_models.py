"""The form of the board for other programs: the models' fields are the keys of its JSON, in their order."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, Any

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field

from dashboard.analysis import Outlook, outlook
from dashboard.domain import ClaimedFigure, PassedBy, Severity
from dashboard.evaluation import Evaluation


def _known_number(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _word(level: Severity | PassedBy | None) -> str | None:
    return None if level is None else level.word


def _known_since(claim: ClaimedFigure | None) -> dict[str, Any] | None:
    return None if claim is None else {"on": claim.known_on, "figure": claim}


Day = date  # inside models that have a field named date
Number = Annotated[float | None, BeforeValidator(_known_number)]
Word = Annotated[str | None, BeforeValidator(_word)]
Text = Annotated[str | None, BeforeValidator(lambda text: text or None)]
Days = Annotated[str, BeforeValidator(str)]
Instant = Annotated[str, BeforeValidator(lambda instant: instant.isoformat())]


def _part(*path: str) -> Any:
    """A field that is read from an attribute of another name, or from one below it."""
    return Field(validation_alias=AliasPath(*path))


def _assumed(what: str) -> Any:
    """A field that stands in the board only where a publication was assumed."""
    return Field(
        default=False,
        validation_alias="is_assumed",
        exclude_if=lambda is_assumed: not is_assumed,
        description=f"Whether {what} follows from an assumed publication; left out where it does not.",
    )


class _Model(BaseModel):
    """Part of the board, read from the attributes of a value of ours."""

    # validators are made on first use: a command that joins kept parts needs none
    model_config = ConfigDict(from_attributes=True, defer_build=True)


class ProblemModel(_Model):
    file: str
    line: int
    column: int
    path: str
    message: str


class RangeModel(_Model):
    """Null is unknown."""

    low: Number
    value: Number
    high: Number


class ClaimModel(_Model):
    """A figure with its own claimant, period and publication."""

    claimant: str
    source: Text
    value: Number = _part("figure", "value")
    low: Number = _part("figure", "low")
    high: Number = _part("figure", "high")
    or_more: bool = _part("figure", "or_more")
    unit: str = _part("figure", "unit")
    subject: Text
    period: Days
    published_at: Day | None
    known_on: Day
    published_assumed: bool = _assumed("`known_on`")
    row: Text = _part("place")


class FirstKnownModel(_Model):
    """The figure by which a breach became known first, and the day on which it did."""

    on: Day
    figure: ClaimModel


FirstKnown = Annotated[FirstKnownModel | None, BeforeValidator(_known_since)]


class HeadlineModel(_Model):
    subject: Text
    low: Number = _part("figure", "low")
    high: Number = _part("figure", "high")
    or_more: bool = _part("figure", "or_more")
    unit: str = _part("figure", "unit")
    claimants: int
    official: int
    parts: int
    largest: ClaimModel
    newest: ClaimModel


class EventsModel(_Model):
    count: Number
    since: Day
    claimants: int


class SupportModel(_Model):
    claimants: int
    known_by: Annotated[
        dict[str, int], BeforeValidator(lambda counts: {how or "not stated": count for how, count in counts})
    ]
    corroborated: bool = _part("is_corroborated")
    if_true: bool = _part("is_unproven")


class LatestFigureModel(_Model):
    source: str
    claimant: str = _part("title")
    period: Annotated[str | None, BeforeValidator(lambda period: str(period) if period else None)]
    value: Number = _part("figure", "value")
    low: Number = _part("figure", "low")
    high: Number = _part("figure", "high")
    or_more: bool = _part("figure", "or_more")
    unit: str = _part("figure", "unit")
    date: Day
    published_at: Day | None
    data_state: str
    converted: Text


class WithdrawalModel(_Model):
    line: str
    severity: Word
    passed_by: Word
    loss: str
    lost_at: Instant
    is_open: bool
    figure: ClaimModel = _part("claim")
    part: ClaimModel | None
    instead: ClaimModel | None


class PastBreachModel(_Model):
    period: str
    source: str | None
    severity: Word
    passed_by: Word
    value: Number = _part("figure", "value")
    low: Number = _part("figure", "low")
    high: Number = _part("figure", "high")
    or_more: bool = _part("figure", "or_more")
    unit: str = _part("figure", "unit")
    share_of_limit: float | None
    breach_known_since: Day | None = _part("known_since")
    known_since_assumed: bool = _assumed("`breach_known_since`")
    first_known: FirstKnown
    figure: ClaimModel | None = _part("claim")
    is_withdrawn: bool
    sentence: str


class LimitReachedModel(_Model):
    earliest: Day | None
    latest: Day | None


class MilestoneModel(_Model):
    percent: float
    by: Day


class OutlookModel(_Model):
    """A cap's open period; null where there is no cap, or nothing of its open period is known."""

    source: Text
    period: Days
    until: Day
    elapsed: float
    is_partial: bool
    used: RangeModel
    remaining: RangeModel
    pace: RangeModel | None
    projected: RangeModel | None
    limit_reached: Annotated[
        LimitReachedModel | None,
        BeforeValidator(lambda days: dict(zip(("earliest", "latest"), days, strict=True)) if days else None),
    ] = _part("exhausted")
    milestones: Annotated[
        list[MilestoneModel],
        BeforeValidator(lambda reached: [{"percent": level, "by": day} for level, day in reached]),
    ]


class IndicatorModel(_Model):
    id: str
    title: str
    severity: Word
    state: str
    passed_by: Word
    data_state: str
    value: Number = _part("figure", "value")
    low: Number = _part("figure", "low")
    high: Number = _part("figure", "high")
    or_more: bool = _part("figure", "or_more")
    unit: str = _part("figure", "unit")
    limit: float | None
    share_of_limit: float | None
    date: Day | None
    since: Day | None
    breach_known_since: Day | None = _part("known_since")
    known_since_assumed: bool = _assumed("`breach_known_since`")
    first_known: FirstKnown
    current: bool | None = _part("is_open")
    figure: ClaimModel | None = _part("claim")
    headlines: list[HeadlineModel]
    dated_events: EventsModel | None = _part("events")
    support: SupportModel | None
    sentence: str
    series: list[LatestFigureModel] = _part("newest")
    withdrawn: list[WithdrawalModel] = _part("withdrawals")
    on_record: list[PastBreachModel]
    outlook: OutlookModel | None = None
    problems: list[ProblemModel]

    @classmethod
    def of(cls, evaluation: Evaluation) -> IndicatorModel:
        """The verdict, and a cap's outlook; `current` is null where no alert is open."""
        model = cls.model_validate(evaluation.verdict)
        ahead: Outlook | None = outlook(evaluation)
        model.outlook = None if ahead is None else OutlookModel.model_validate(ahead)
        model.current = evaluation.verdict.is_current if evaluation.verdict.is_open else None
        return model


class RowCountsModel(_Model):
    rows: int
    quarantined: int


class BoardModel(_Model):
    """The board at one instant, as `join_board` writes it."""

    as_of: Day = Field(description="The day at whose end, in UTC, all of this was known.")
    data_version: str = Field(description="A hash of the definitions, the rows and the problems known then.")
    indicators: list[IndicatorModel] = Field(description="The verdicts, in the order of the catalogue.")
    sources: dict[str, RowCountsModel] = Field(
        description="By id: `rows`, how many rows are known, and `quarantined`, how many more cannot be used."
    )
    not_loaded: dict[str, list[ProblemModel]] = Field(
        description="By id the indicators that are left out, with the problems."
    )
    kept: dict[str, list[ProblemModel]] = Field(
        description="By id the indicators that last good definitions stand for, with the problems."
    )
    unreadable: list[ProblemModel] = Field(
        description="Why the catalogue as a whole cannot be read, so that all last good definitions stand."
    )
