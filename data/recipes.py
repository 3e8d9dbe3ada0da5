"""How rows of the published figures become observations: the words that `shipped.py` is written in."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from figures import Figure, Figures, FiguresError, Rows

# --- periods and publication dates ---

POINT = r"\d{4}(?:-\d\d){0,2}"


def first_day(point: str) -> str:
    return f"{point}-01-01"[:10]


def last_day(point: str) -> str:
    """The end of a year, month or day: also how a publication date that names only a month is read."""
    year, month, day = ([int(part) for part in point.split("-")] + [0, 0])[:3]
    month = month or 12
    return f"{year:04}-{month:02}-{day or calendar.monthrange(year, month)[1]:02}"


@dataclass(frozen=True)
class Span:
    """What a row is about: `date` (a day, or a whole month or year), or `period_start` to `period_end`."""

    date: str = ""
    period_start: str = ""
    period_end: str = ""

    @classmethod
    def parse(cls, text: str, until: str = "") -> Span | None:
        """Read "2024-03", "2024-01/2024-08" or "since 2023-09"; None where the text is none of these."""
        if re.fullmatch(POINT, text):
            return cls(text)
        if pair := re.fullmatch(f"({POINT})/({POINT})", text):
            return cls("", first_day(pair[1]), last_day(pair[2]))
        if start := re.fullmatch(r"since (\d{4}-\d\d(?:-\d\d)?)", text):
            return cls("", first_day(start[1]), until)
        return None


def months(span: Span) -> list[Span]:
    """The months of a span of whole months, each as a span of its own."""
    first, last = (12 * int(day[:4]) + int(day[5:7]) - 1 for day in (span.period_start, span.period_end))
    return [Span(f"{month // 12}-{month % 12 + 1:02}") for month in range(first, last + 1)]


def latest(published: Iterable[str]) -> str:
    return max((text for text in published if text), key=last_day, default="")


# --- amounts: a number together with its arithmetic, its publication dates and its page ---


@dataclass(frozen=True)
class Amount:
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    words: str
    published: str
    url: str
    is_recalled: bool


Term = Callable[[Figures], Amount]


def number(text: str) -> Decimal | None:
    return Decimal(text.replace(",", "")) if text else None


def stated(selector: Rows) -> Term:
    """The numbers of one figure row."""

    def read(figures: Figures) -> Amount:
        row = figures.one(selector)
        words = f"{number(row.value):,}" if row.value else f"{number(row.low):,} to {number(row.high):,}"
        numbers = (number(row.value), number(row.low), number(row.high))
        return Amount(*numbers, words, row.published, row.url, row.is_recalled)

    return read


def quoted(text: str, inside: Rows, published_with: Rows) -> Term:
    """A number that stands only in another row's words, known since `published_with` was published."""

    def read(figures: Figures) -> Amount:
        row, witness = figures.one(inside), figures.one(published_with)
        if not re.search(rf"(?<![\d,]){text}(?![\d,])", f"{row.period} {row.source} {row.publisher}"):
            raise FiguresError(f"{inside}: {row} does not say {text}")
        is_recalled = row.is_recalled or witness.is_recalled
        return Amount(number(text), None, None, text, witness.published, row.url or witness.url, is_recalled)

    return read


def barrels(tonnes: Rows, factor: Rows) -> Term:
    """Tonnes by a published factor (bbl/t), rounded to whole barrels."""

    def read(figures: Figures) -> Amount:
        mass, rate = stated(tonnes)(figures), stated(factor)(figures)
        return Amount(
            *(n and (n * rate.value).quantize(Decimal(1)) for n in (mass.value, mass.low, mass.high)),
            f"{mass.words} t x {rate.words} bbl/t [factor: {rate.url}]",
            latest([mass.published, rate.published]),
            mass.url,
            mass.is_recalled or rate.is_recalled,
        )

    return read


def less(total: Term, *parts: Term) -> Term:
    """A total without the parts of it that are known; its page is the total's."""

    def read(figures: Figures) -> Amount:
        whole, known = total(figures), [part(figures) for part in parts]
        return replace(
            whole,
            value=whole.value - sum(part.value for part in known),
            low=None,
            high=None,
            words=" minus ".join([whole.words, *(f"({p.words})" if " minus " in p.words else p.words for p in known)]),
            published=latest([whole.published, *(part.published for part in known)]),
            is_recalled=any(part.is_recalled for part in [whole, *known]),
        )

    return read


# --- observations, and the three recipes that make them ---


@dataclass(frozen=True)
class Observation:
    """One row of a shipped CSV, column for column."""

    date: str
    period_start: str
    period_end: str
    value: str
    low: str
    high: str
    unit: str
    subject: str
    status: str
    published_at: str
    citation: str
    document: str
    note: str

    def __post_init__(self) -> None:
        if not self.published_at or not (self.citation or self.document):
            raise FiguresError(f"no publication date or no address: name it in not_shipped.py: {self}")
        if (self.status == "missing") == bool(self.value or self.low or self.high):
            raise FiguresError(f"a row holds a number or is missing, one of the two: {self}")

    @property
    def order(self) -> tuple[str, ...]:
        end = self.period_end or last_day(self.date)
        start = self.period_start or first_day(self.date)
        return end, start, last_day(self.published_at), self.subject


COLUMNS = tuple(field.name for field in fields(Observation))


@dataclass(frozen=True)
class Take:
    """Each selected figure row becomes an observation; what is given here replaces what the row says.

    `each_month` makes one of each month of the row's span, where what it says holds for every one of them.
    """

    selector: Rows
    note: str = ""
    period: str | None = None
    value: str | None = None
    low: str | Term | None = None
    high: str | None = None
    subject: str = ""
    said: str | None = None
    published: str | None = None
    citation: str | None = None
    document: str = ""
    each_month: bool = False

    def observe(self, figures: Figures, unit: str, status: str) -> list[Observation]:
        found = figures.find(self.selector, "shipped")
        return [self._observation(row, span, figures, unit, status) for row in found for span in self._spans(row)]

    def _spans(self, figure: Figure) -> list[Span]:
        span = Span.parse(given(self.period, figure.period), until=figure.date) or Span(figure.date)
        return months(span) if self.each_month else [span]

    def _observation(self, figure: Figure, span: Span, figures: Figures, unit: str, status: str) -> Observation:
        value, low, high = given(self.value, figure.value), self.low, given(self.high, figure.high)
        notes, is_recalled = [given(self.said, figure.said), self.note], figure.is_recalled
        if callable(low):
            reading = low(figures)
            low, high = f"{reading.value:f}", value
            notes.append(f"low: {reading.words}")
            is_recalled |= reading.is_recalled
        if figure.is_missing_report:
            status = "missing"
        elif is_recalled:
            status = "provisional"
        return Observation(
            span.date,
            span.period_start,
            span.period_end,
            value,
            given(low, figure.low),
            high,
            unit,
            self.subject.format(what=figure.what, unit=figure.unit),
            status,
            given(self.published, figure.published),
            given(self.citation, figure.url),
            self.document,
            "; ".join(filter(None, notes)),
        )


@dataclass(frozen=True)
class Derive:
    """One observation by arithmetic; `low` is a second reading of the same amount, `recomputes` must agree."""

    period: str
    amount: Term
    note: str = ""
    low: Term | None = None
    recomputes: Rows | None = None

    def observe(self, figures: Figures, unit: str, status: str) -> list[Observation]:
        amount = self.amount(figures)
        notes, is_recalled = [amount.words, self.note], amount.is_recalled
        if self.low:
            reading = self.low(figures)
            amount = replace(amount, low=reading.value, high=amount.value)
            notes.append(f"low: {reading.words}")
            is_recalled |= reading.is_recalled
        if self.recomputes and amount.value != number((printed := figures.one(self.recomputes)).value):
            raise FiguresError(f"{printed} says {printed.value}, but {amount.words} is {amount.value}")
        span = Span.parse(self.period)
        return [
            Observation(
                span.date,
                span.period_start,
                span.period_end,
                *("" if n is None else f"{n:f}" for n in (amount.value, amount.low, amount.high)),
                unit,
                "",
                "provisional" if is_recalled else status,
                amount.published,
                amount.url,
                "",
                "; ".join(filter(None, notes)),
            )
        ]


@dataclass(frozen=True)
class Claim:
    """One observation from a source document alone: no row of the figures file stands behind it."""

    document: str
    period: str
    published: str
    note: str
    subject: str = ""
    value: str = "1"
    low: str = ""
    high: str = ""

    def observe(self, _figures: Figures, unit: str, status: str) -> list[Observation]:
        numbers = (self.value, self.low, self.high)
        origin = (self.published, "", self.document, self.note)
        return [Observation(self.period, "", "", *numbers, unit, self.subject, status, *origin)]


def given(replacement: str | None, original: str) -> str:
    return original if replacement is None else replacement


class File:
    """One CSV: what its rows count, how they are known unless a row says otherwise, and their recipes."""

    def __init__(self, unit: str, status: str, *recipes: Take | Derive | Claim) -> None:
        self.unit, self.status, self.recipes = unit, status, recipes


take, derive, claim = Take, Derive, Claim
