"""How numbers and days are written in a layout: read as declared, or refused with what to write in the YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cached_property

from dashboard.domain.dates import Period, parse_period
from dashboard.ingest.parse.dialect import Dialect

MOST = 1e15  # above it a float no longer holds every whole number with its decimals

_PARTS = {"d": r"(?P<d>\d{1,2})", "m": r"(?P<m>\d{1,2})", "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})"}
_WHOLE_PARTS = {"d": r"(?P<d>\d{2})", "m": r"(?P<m>\d{2})", "Y": r"(?P<Y>\d{4})"}
_MARKED_DAY = re.compile(r"(\d{1,4})([./\- ])(\d{1,2})\2(\d{1,2}|\d{4})", re.ASCII)
_MONTH_OR_YEAR = re.compile(r"\d{4}(-\d{2})?", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PLAIN_DAY = re.compile(r"\d{8}", re.ASCII)
_PARTED = re.compile(
    r"-?\d{1,3}(?P<thousands>[.,' \u00a0\u202f\u2009\u2007\u2019])\d{3}((?P=thousands)\d{3})*((?P<decimal>[.,])\d+)?",
    re.ASCII,
)
_LONGEST_DAY = 40
SAME_MARKS = {" ": " \u00a0\u202f\u2009\u2007", "'": "'\u2019"}  # what spreadsheets write for the mark declared
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)
_DECIMAL_POINT = re.compile(r"-?\d+\.\d+", re.ASCII)


class Cells:
    """The cells of one layout."""

    def __init__(self, layout: Dialect) -> None:
        self.layout = layout

    @classmethod
    def plain(cls) -> Cells:
        """Those of the layout that nothing is declared of."""
        return cls(Dialect())

    @property
    def is_plain(self) -> bool:
        """Whether its numbers have a decimal point and no thousands mark."""
        return not self.layout.thousands and self.layout.decimal == "."

    @property
    def marks(self) -> str:
        """The thousands mark that is declared, and others that are the same to a reader; "" where none is."""
        return SAME_MARKS.get(self.layout.thousands, self.layout.thousands)

    @cached_property
    def number_pattern(self) -> str:
        """The one form of a number, for Python's expressions and RE2 alike."""
        whole = "0|[1-9][0-9]*"
        if self.layout.thousands:
            marks = "|".join(map(re.escape, self.marks))
            whole += f"|[1-9][0-9]{{0,2}}(({marks})[0-9]{{3}})+"
        return f"-?({whole})({re.escape(self.layout.decimal)}[0-9]+)?"

    def number(self, text: str) -> float:
        """Raises ValueError, which says what was expected."""
        if not self._number.fullmatch(text):
            raise ValueError(
                f'"{text[:60]}" {_unseen(text)}is not a plain number like {self._example}{self._number_advice(text)}'
            )
        plain = text
        for mark in self.marks:
            plain = plain.replace(mark, "")
        number = float(plain.replace(self.layout.decimal, ".")) + 0.0  # no negative zero
        if abs(number) > MOST:
            raise ValueError(f'"{text[:60]}" is too large to be exact, above {MOST:,.0f}; see its unit')
        return number

    def period(self, text: str) -> Period:
        """A day as the layout writes it, or `2024-03` or `2024`; raises ValueError."""
        if len(text) > _LONGEST_DAY:
            raise ValueError(f'"{text[:_LONGEST_DAY]}..." is not a day, a month or a year')
        if self._day is None:
            try:
                return parse_period(text)
            except ValueError as error:
                raise ValueError(f"{error}{_day_advice(text)}") from error
        if found := self._day.fullmatch(text):
            return self._declared_day(text, found.groupdict())
        if _MONTH_OR_YEAR.fullmatch(text):
            return parse_period(text)
        raise ValueError(
            f'"{text[:60]}" is not a day like {self._day_example}, as dates: declares, nor a month or a year'
        )

    def period_or_none(self, text: str) -> Period | None:
        try:
            return self.period(text)
        except ValueError:
            return None

    def day(self, text: str) -> date:
        """One day; raises ValueError."""
        if _MONTH_OR_YEAR.fullmatch(text):
            raise ValueError(f'"{text}" is not a day like {self._day_example}')
        return self.period(text).start

    def has_the_other_mark(self, text: str) -> bool:
        """Whether a cell that was refused shows that its column is written with another decimal mark."""
        parted = _PARTED.fullmatch(text)
        if parted and parted["thousands"] == self.layout.decimal and text.count(self.layout.decimal) > 1:
            return True  # 1.200.000: the point parts thousands
        if self.layout.decimal == ".":
            return bool(_DECIMAL_COMMA.fullmatch(text) or (parted and parted["decimal"] == ","))
        return bool(_DECIMAL_POINT.fullmatch(text))

    @cached_property
    def _number(self) -> re.Pattern[str]:
        return re.compile(self.number_pattern)

    @property
    def _example(self) -> str:
        if self.is_plain:
            return "1234.5 (no thousands mark, decimal point)"
        return f"1{self.layout.thousands}234{self.layout.decimal}5"

    def _number_advice(self, text: str) -> str:
        if not self.is_plain:
            return ", as decimal: and thousands: declare"
        lines = _lines_for(text)
        return f"; write {lines} if that is how the file writes its numbers" if lines else ""

    @cached_property
    def _day(self) -> re.Pattern[str] | None:
        if self.layout.dates is None:
            return None
        parts = _PARTS if len(self.layout.dates) > len("%Y%m%d") else _WHOLE_PARTS
        pattern = "".join(
            parts[piece[1]] if piece.startswith("%") else re.escape(piece)
            for piece in re.findall(r"%[dmYy]|[^%]", self.layout.dates)
        )
        return re.compile(pattern, re.ASCII)

    @property
    def _day_example(self) -> str:
        return date(2024, 3, 7).strftime(self.layout.dates or "%Y-%m-%d")

    def _declared_day(self, text: str, parts: dict[str, str]) -> Period:
        year = int(parts["Y"]) if "Y" in parts else int(parts["y"]) + (1900 if int(parts["y"]) > 68 else 2000)
        try:
            return parse_period(f"{year:04}-{int(parts['m']):02}-{int(parts['d']):02}")
        except ValueError as error:
            raise ValueError(str(error).replace(str(error).split('"')[1], text, 1)) from error


def _unseen(text: str) -> str:
    """What in a cell looks like something else, by its code."""
    codes = [f"U+{ord(mark):04X}" for mark in dict.fromkeys(text) if not mark.isascii()]
    return f"(with {', '.join(codes[:3])}) " if codes else ""


def _lines_for(text: str) -> str:
    """What declares a number that is written in another way; both lines where both could be meant."""
    if _AMBIGUOUS.fullmatch(text):
        return 'decimal: "," (its comma is the decimal mark) or thousands: "," (it parts the thousands)'
    if found := _PARTED.fullmatch(text):
        decimal = 'decimal: "," and ' if found["decimal"] == "," or found["thousands"] == "." else ""
        mark = next((mark for mark, same in SAME_MARKS.items() if found["thousands"] in same), found["thousands"])
        return f'{decimal}thousands: "{mark}"'
    return 'decimal: ","' if _DECIMAL_COMMA.fullmatch(text) else ""


def _day_advice(text: str) -> str:
    """The lines to write for a day that is written in another way; both where both could be meant."""
    found = list(_formats(text))
    if not found:
        return ""
    return "; write " + ", ".join(f'dates: "{form}" if {why}' for form, why in found)


def _formats(text: str) -> Iterator[tuple[str, str]]:
    if _PLAIN_DAY.fullmatch(text):
        yield "%Y%m%d", "year, month and day stand in this order"
    if not (found := _MARKED_DAY.fullmatch(text)):
        return
    first, mark, second, third = found[1], found[2], found[3], found[4]
    if len(first) == 4 and len(third) <= 2:
        if not _ISO_DAY.fullmatch(text):
            yield f"%Y{mark}%m{mark}%d", "the year comes first"
        return
    year = "%Y" if len(third) == 4 else "%y"
    if len(first) > 2 or len(third) < 2:
        return
    if 1 <= int(first) <= 31 and 1 <= int(second) <= 12:
        yield f"%d{mark}%m{mark}{year}", "the day comes first"
    if 1 <= int(first) <= 12 and 1 <= int(second) <= 31:
        yield f"%m{mark}%d{mark}{year}", "the month comes first"
