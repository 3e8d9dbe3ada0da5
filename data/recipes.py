"""How rows of the published figures become observations: the words that the tables are written in."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from amounts import Span, Term, first_day, last_day, months, number
from figures import Figure, Figures, FiguresError, Rows


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
