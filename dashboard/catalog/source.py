"""The schema of a source: where its figures come from, how they are written and when they are expected."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pydantic import Field, create_model

from dashboard.catalog.entry import Entry
from dashboard.catalog.file_layout import FileLayout
from dashboard.catalog.origin_keys import origin_fields, origin_of
from dashboard.domain import (
    AgeText,
    CronText,
    DayText,
    DurationText,
    HolidayText,
    Positive,
    WebAddress,
    ZoneText,
    is_unwritten,
)
from dashboard.domain.dates import Age, Duration, Period, parse_age, parse_day
from dashboard.fetch import SourceKind

FigureKind = Literal["flow", "level", "cumulative_claim", "event"]
KnownBy = Literal["counted", "official", "estimate", "press", "author"]
_KNOWN_BY_IN_WORDS: dict[KnownBy | None, str] = {
    "counted": "Counted",
    "official": "An official claim",
    "estimate": "An estimate",
    "press": "A press report",
    "author": "The author of a document",
    None: "Not stated how it is known",
}


class SourceEnd(Entry):
    """When and why a source stopped publishing for good."""

    on: DayText = Field(description="Its last day.")
    reason: str = Field(default="", description="Why it ended.")


class Factor(Entry):
    """A published conversion factor between two units."""

    from_unit: str = Field(alias="from", min_length=1, description="The unit of the rows to convert: t.")
    to_unit: str = Field(alias="to", min_length=1, description="The unit to convert to: bbl.")
    value: Positive = Field(description="How many of `to` make one of `from`: 7.98.")
    low: Positive = Field(description="The lowest possible factor; equal to `value` only where a definition fixes it.")
    high: Positive = Field(description="The highest possible factor.")
    since: DayText | None = Field(
        default=None, description="The first day on which it is valid. Default: no first day."
    )
    until: DayText | None = Field(default=None, description="The last day on which it is valid. Default: no last day.")
    citation: WebAddress = Field(default="", description="The web address at which it is published.")
    document: str = Field(default="", description="Or the claim in seeds/ that states it, like 002.11.a.")
    note: str = Field(default="", description="Who published it, and how it was determined.")

    @property
    def days(self) -> Period:
        """The days on which it is valid, both included."""
        return Period(
            parse_day(self.since) if self.since else date.min, parse_day(self.until) if self.until else date.max
        )


class Expectations(Entry):
    """What a delivery must contain to be accepted; otherwise all of it is rejected, and the last good one stays."""

    min_rows: int = Field(default=0, ge=0, description="The fewest rows.")
    shrink_at_most: float = Field(
        default=50, ge=0, le=100, description="The percentage of its rows by which it may shrink between deliveries."
    )
    revise_at_most: float = Field(
        default=50,
        ge=0,
        le=100,
        description="The percentage of its figures that may change by more than a tenth between deliveries, of five or "
        "more about the same periods and subjects. 100 for a source that recomputes all. One factor common to all is "
        "held back at any percentage.",
    )
    columns: list[str] = Field(default_factory=list, description="Columns that its file must have.")


class _Titled(Entry):
    title: str = Field(description="The source's name on the board.")


if TYPE_CHECKING:  # the keys of the kinds have no types here, so that nobody outside `fetch` reads one
    _SourceOfAnyKind = _Titled
else:
    _SourceOfAnyKind = create_model("_SourceOfAnyKind", __base__=_Titled, **origin_fields())


class Source(FileLayout, _SourceOfAnyKind):
    """One publisher's figures, read from CSV: one file, a folder of files, or a web address."""

    refresh: CronText | None = Field(
        default=None,
        description='When it is fetched, as a cron expression: "15 6 * * *". Without: a web address hourly, a file or '
        "folder whenever it changes.",
    )
    timezone: ZoneText = Field(
        default="UTC",
        description="The time zone of `refresh`, and of times in its file: a time without an offset is one of this "
        "zone, and the day of each time is the day in this zone: Europe/Berlin. Times that stand for whole days, "
        "midnights in UTC, need UTC.",
    )
    expect: Expectations = Field(
        default_factory=Expectations, description="What a delivery must contain to be accepted."
    )
    publisher: str = Field(default="", description="Who publishes it.")
    kind: FigureKind = Field(
        default="level",
        description="What its numbers are. flow: amounts of periods, may be summed. level: a count at an "
        "instant. cumulative_claim: a running total as somebody claims it, never summed. event: rows of 1.",
    )
    expect_every: AgeText | None = Field(
        default=None, description="How often it publishes: 1mo. Of a publisher who rests on weekends: 1 business day."
    )
    late_after: AgeText | None = Field(
        default=None,
        description="Its newest figure is late when older than this. Default: 1.5 x expect_every, or 45d. With 1 "
        "business day, the figure of a Friday is late on Tuesday.",
    )
    stale_after: AgeText | None = Field(
        default=None,
        description="Its newest figure is stale when older than this. Default: 3 x expect_every, or 90d.",
    )
    holidays: HolidayText | list[HolidayText] = Field(
        exclude_if=is_unwritten,
        default_factory=list,
        description="With business days: the days that are none besides weekends, as days, or as the codes of "
        "countries: [US, 2026-12-24].",
    )
    published_after: DurationText | None = Field(
        exclude_if=is_unwritten,
        default=None,
        description="For a backtest of its history: a row of its first delivery that states neither publication nor "
        "receipt counts as published this long after the end of its period: 9d. Later deliveries show when rows came. "
        "Wherever such a day is shown, it is called assumed. Default: a row is known since it was received.",
    )
    holds: DurationText | None = Field(
        default=None,
        description="Its file is a rolling one and holds only its newest periods, of this length: 90d. A row whose "
        "period ended that long before the newest one, or earlier, stays in force when the file no longer has it.",
    )
    keep: DurationText | None = Field(
        default=None,
        description="For how long all of its deliveries are kept: 90d. Of older days a refresher lets go of each "
        "one that was followed on its day (UTC) by a delivery with all of its rows; its receipt and its "
        "SHA-256 stay recorded. No row and no withdrawal is lost, and none moves to another day. Only "
        "the hour at which a row came is that of the later delivery: of figures that came on one day "
        "another may be named as the first. Default: all are kept for good.",
    )
    ended: DayText | SourceEnd | None = Field(
        default=None, description="The day on which it stopped publishing for good, or `{on:, reason:}`."
    )
    known_by: KnownBy | None = Field(
        default=None,
        description="How its claims are known. counted: on imagery, by sensors, at a gate. official: a government or a "
        "body of the United Nations says so. estimate: reckoned by a stated method. press: a newspaper or an agency. "
        'author: whoever wrote a document. Left out, it reads "not stated how it is known".',
    )
    counts: Literal["whole", "part"] = Field(
        default="whole",
        description="part: its claims are about a part only (one route, one year, fired and not delivered). "
        "Such a claim is shown and judged, and is never the headline while there is a claim of the whole.",
    )
    scope: str = Field(
        default="", description="With `counts: part`, where it is required: which part its claims are about."
    )
    repeats: str | None = Field(
        default=None,
        description="The source whose figures it repeats. A repeated figure makes no series fresher and prolongs no "
        "alert, and the source that repeats it is no claimant of its own.",
    )
    independent_of: list[str] = Field(
        default_factory=list,
        description="Sources that it is stated to be independent of. Default: independence is unknown.",
    )
    exact: bool = Field(
        default=False,
        description="Its single numbers are exact: things that were seen and counted. Otherwise a number without a "
        "range passes a level at its stated value at most, never even at its lowest.",
    )
    series_break: list[DayText] = Field(
        default_factory=list,
        description="Days from which it counts in another way; no change is computed across such a day.",
    )
    limitations: str = Field(default="", description="What an officer must know before trusting it.")
    factors: list[Factor] = Field(
        default_factory=list,
        description="How rows in another unit than the indicator's are converted; then every row states its unit.",
    )

    @property
    def how_known(self) -> str:
        """How its claims are known, in words."""
        return _KNOWN_BY_IN_WORDS[self.known_by]

    @property
    def is_official(self) -> bool:
        """Whether its claims are those of a government or of a body of the United Nations."""
        return self.known_by == "official"

    @cached_property
    def origin(self) -> SourceKind:
        """Where its deliveries come from, and how they are fetched. ValueError where no place is named."""
        return origin_of(self)

    @property
    def location(self) -> str:
        """The place of its origin, as the journal records it."""
        return self.origin.location

    @property
    def schedule(self) -> str | None:
        """The cron expression by which it is fetched; None where every look of the refresher includes it."""
        return self.refresh or self.origin.default_schedule

    def has_moved(self, delivery: str) -> bool:
        """Whether a delivery of this name came from another address; files and folders are looked at in any case."""
        return self.origin.is_remote and not self.origin.delivers(delivery)

    @cached_property
    def late_age(self) -> Age:
        """The age above which its newest figure is late."""
        return self._age(self.late_after, 1.5, 45)

    @cached_property
    def stale_age(self) -> Age:
        """The age above which its newest figure is stale."""
        return self._age(self.stale_after, 3, 90)

    @property
    def rolling_span(self) -> Duration | None:
        """How long a rolling file holds its rows; None for a file that holds all of them."""
        return Duration.parse(self.holds) if self.holds else None

    @property
    def assumed_delay(self) -> Duration | None:
        """How long after its period a row of the first delivery is assumed to be published; None for no assumption."""
        return Duration.parse(self.published_after) if self.published_after else None

    @property
    def kept_span(self) -> Duration | None:
        """How long all deliveries of a day are kept; None for good."""
        return Duration.parse(self.keep) if self.keep else None

    @cached_property
    def series_breaks(self) -> tuple[date, ...]:
        return tuple(sorted(map(parse_day, self.series_break)))

    @property
    def end_day(self) -> str | None:
        return self.ended.on if isinstance(self.ended, SourceEnd) else self.ended

    @property
    def end_reason(self) -> str:
        return self.ended.reason if isinstance(self.ended, SourceEnd) else ""

    @property
    def rhythm(self) -> Age | None:
        """How often it publishes; None where nobody expects it to."""
        return parse_age(self.expect_every, self._closed_days) if self.expect_every else None

    def _age(self, stated: str | None, factor: float, days: int) -> Age:
        if stated:
            return parse_age(stated, self._closed_days)
        return self.rhythm.times(factor) if self.rhythm else Duration(days=days)

    @property
    def _closed_days(self) -> tuple[str, ...]:
        return (self.holidays,) if isinstance(self.holidays, str) else tuple(self.holidays)
