"""`{year}`, `{month}` and `{day}` in a web address: the addresses of all its periods, each a file of its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

from dashboard.domain.dates import parse_day
from dashboard.domain.text import MASK, masked

Step = Literal["year", "month", "day"]

_STEPS: tuple[Step, ...] = ("year", "month", "day")
_PLACEHOLDER = re.compile(r"\{(year|month|day)\}")
_WORD = re.compile(r"\{([A-Za-z][A-Za-z_]*)\}")
_MEANT = {"y": "year", "yy": "year", "yyyy": "year", "m": "month", "mm": "month", "d": "day", "dd": "day"}
_BY_STEP = re.compile(rf" \(by ({'|'.join(_STEPS)})\)\Z")
_ANY_DAY = date(2024, 10, 11)


@dataclass(frozen=True)
class DatedAddress:
    """The address of one period, which begins on a day. `name`: without secrets, for messages and the journal."""

    begin: date
    url: str
    name: str


def has_placeholder(url: str) -> bool:
    return bool(_PLACEHOLDER.search(url))


def is_dated(location: str) -> bool:
    """Whether a recorded location is that of dated addresses."""
    return bool(_BY_STEP.search(location))


@dataclass(frozen=True)
class DatedAddresses:
    """The addresses that a template stands for, from the period that holds `since`, without those of the `gaps`."""

    template: str
    since: date
    gaps: frozenset[date]

    @classmethod
    def of(cls, template: str, since: str, gaps: Collection[str]) -> DatedAddresses:
        dated = cls(template, parse_day(since), frozenset())
        return cls(template, dated.begin_of(dated.since), frozenset(dated.begin_of(parse_day(gap)) for gap in gaps))

    @cached_property
    def step(self) -> Step:
        """The finest part of a day that tells the addresses apart."""
        parts = _PLACEHOLDER.findall(self.template)
        return max(_STEPS, key=lambda step: (step in parts) * _STEPS.index(step))

    @property
    def name(self) -> str:
        return masked(self.template)

    @property
    def description(self) -> str:
        """The template, and by which step it is filled in: so that it is told from an address with braces in it."""
        return f"{self.name} (by {self.step})"

    def until(self, day: date) -> list[DatedAddress]:
        """The addresses up to the period that holds a day, oldest first."""
        begins, begin = [], self.since
        while begin <= day:
            begins.append(begin)
            begin = self._next(begin)
        return [self.address(begin) for begin in begins if begin not in self.gaps]

    def address(self, begin: date) -> DatedAddress:
        url = _filled(self.template, begin)
        period = "" if self._is_shown else f" ({begin:%Y-%m-%d})"
        return DatedAddress(begin, url, masked(url) + period)

    def begin_of(self, day: date) -> date:
        """The first day of the period that holds a day."""
        if self.step == "year":
            return day.replace(month=1, day=1)
        return day.replace(day=1) if self.step == "month" else day

    def begin_of_delivery(self, delivery: str) -> date | None:
        """The first day of the period whose address bears a name; None where none does."""
        match = self._pattern.fullmatch(delivery)
        if not match:
            return None
        parts = {name: int(text) for name, text in match.groupdict().items()}
        try:
            begin = date(parts["year"], parts.get("month", 1), parts.get("day", 1))
        except ValueError:
            return None
        is_own = begin >= self.since and begin not in self.gaps
        return begin if is_own and self.address(begin).name == delivery else None

    def begin_of_file(self, file: str) -> date | None:
        """The same by the last part of the path, under which a browser saves the file."""
        last = urlsplit(self.template).path.rpartition("/")[2]
        match = _pattern_of(last).fullmatch(file)
        parts = {name: int(text) for name, text in match.groupdict().items()} if match else {}
        if "year" not in parts or (self.step != "year" and self.step not in parts):
            return None
        try:
            return date(parts["year"], parts.get("month", 1), parts.get("day", 1))
        except ValueError:
            return None

    def _next(self, begin: date) -> date:
        if self.step == "day":
            return begin + timedelta(days=1)
        return self.begin_of(begin + timedelta(days=32 if self.step == "month" else 366))

    @cached_property
    def _is_shown(self) -> bool:
        """Whether the names show the period; where they are masked in part, it is written behind them."""
        return MASK not in masked(_filled(self.template, _ANY_DAY))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        if self._is_shown:
            return _pattern_of(self.template)
        return re.compile(r".* \((?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\)", re.DOTALL)


def template_problems(url: str, since: str | None, *, has_gaps: bool) -> Iterator[tuple[str, str]]:
    """What does not fit in an address with placeholders, or in one without: (YAML key, message)."""
    if since is None:
        for word in _WORD.findall(url):
            meant = _meant(word)
            if meant:
                needs = f"{{{word}}} needs the day from which there are files; write url_since: 2022-01-01"
                yield "url", f"{needs}, or %7B{word}%7D if braces are meant"
                return
        if has_gaps:
            yield "url_gaps", "only with url_since: and {year} in url:"
        return
    unknown = [word for word in _WORD.findall(url) if word not in _STEPS]
    for word in unknown:
        instead = f"write {{{_meant(word) or 'year'}}}" if _meant(word) else "write {year}, {month} or {day}"
        yield "url", f"{{{word}}} is no placeholder; {instead}, or %7B{word}%7D if braces are meant"
    parts = set(_PLACEHOLDER.findall(url))
    if not parts and not unknown and MASK not in url:
        yield "url_since", "only with {year} in url:, {year} and {month}, or all three with {day}"
    for step, coarser in (("month", "year"), ("day", "month")):
        if step in parts and coarser not in parts:
            yield "url", f"{{{step}}} comes again and again; write {{{coarser}}} too"
    scheme, _, rest = url.partition("//")
    if _PLACEHOLDER.search(scheme + re.split("[/?#]", rest, maxsplit=1)[0]):
        yield "url", "a placeholder cannot stand in the name of the host; only path and query may differ"
    elif _PLACEHOLDER.search(url.partition("#")[2]):
        yield "url", "what follows # is not sent; write the placeholder before it"


def _meant(word: str) -> str:
    """The placeholder that a word in braces means; "" for none."""
    word = word.lower()
    return word if word in _STEPS else _MEANT.get(word, "")


def _filled(template: str, day: date) -> str:
    texts = {"year": f"{day.year:04}", "month": f"{day.month:02}", "day": f"{day.day:02}"}
    return _PLACEHOLDER.sub(lambda match: texts[match[1]], template)


def _pattern_of(template: str) -> re.Pattern[str]:
    """Matches what a template stands for; a part that stands in it twice has to be the same."""
    pattern, known = "", set[str]()
    for number, part in enumerate(_PLACEHOLDER.split(template)):
        if number % 2 == 0:
            pattern += re.escape(part)
        elif part in known:
            pattern += f"(?P={part})"
        else:
            known.add(part)
            pattern += f"(?P<{part}>[0-9]{{{4 if part == 'year' else 2}}})"
    return re.compile(pattern, re.DOTALL)
