"""Periods, and amounts with their arithmetic: what the recipes are made of."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from figures import Figures, FiguresError, Rows

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
