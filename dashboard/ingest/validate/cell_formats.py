"""Parses numbers and days as the dialect declares them. A refusal says what to write in the YAML."""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property

from dashboard.domain.dates import Period, parse_period
from dashboard.domain.text import appearance_keys
from dashboard.ingest.dates.date_cells import DateCells, Stated
from dashboard.ingest.parse.dialect import Dialect

MAX_NUMBER = 1e15  # above it a float no longer holds every whole number with its decimals

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_GROUPED = re.compile(
    r"-?\d{1,3}(?P<thousands>[.,' \u00a0\u202f\u2009\u2007\u2019])\d{3}((?P=thousands)\d{3})*((?P<decimal>[.,])\d+)?",
    re.ASCII,
)
SAME_MARKS = {" ": " \u00a0\u202f\u2009\u2007", "'": "'\u2019"}  # what spreadsheets write in place of the declared mark
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_MARK = r"[^\d\s.,'+-][^\d]{0,11}"
_BRACKETED = re.compile(r"\(\s*\d[\d.,' ]*\s*\)", re.ASCII)
_BOUNDS = ("<", ">", "\u2264", "\u2265")
_FLAGGED = re.compile(rf"(?:({_MARK}?) ?)?-?\d[\d.,' ]*(?: ?({_MARK}))?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)
_DECIMAL_POINT = re.compile(r"-?\d+\.\d+", re.ASCII)


class CellFormats:
    """The formats of numbers and days in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._dates = DateCells(dialect)

    @classmethod
    def plain(cls) -> CellFormats:
        """The formats where the YAML declares nothing."""
        return cls(Dialect())

    @property
    def is_plain(self) -> bool:
        """Whether numbers have a decimal point and no thousands mark."""
        return not self.dialect.thousands and self.dialect.decimal == "."

    @property
    def marks(self) -> str:
        """The declared thousands mark and its look-alikes; "" where none is declared."""
        return SAME_MARKS.get(self.dialect.thousands, self.dialect.thousands)

    @cached_property
    def number_pattern(self) -> str:
        """A regular expression for a number, valid in Python and in RE2."""
        whole = "0|[1-9][0-9]*"
        if self.dialect.thousands:
            marks = "|".join(map(re.escape, self.marks))
            whole += f"|[1-9][0-9]{{0,2}}(({marks})[0-9]{{3}})+"
        return f"-?({whole})({re.escape(self.dialect.decimal)}[0-9]+)?"

    def number(self, text: str) -> float:
        """The number in a cell. Raises ValueError that says what was expected."""
        if not self._number.fullmatch(text):
            expected = f"a plain number like {self._example}{self._number_advice(text)}"
            raise ValueError(f'"{text[:60]}" {_code_points(text)}is not {expected}')
        plain = text
        for mark in self.marks:
            plain = plain.replace(mark, "")
        number = float(plain.replace(self.dialect.decimal, ".")) + 0.0  # no negative zero
        if abs(number) > MAX_NUMBER:
            raise ValueError(f'"{text[:60]}" is too large to be exact, above {MAX_NUMBER:,.0f}; see its unit')
        return number

    def period(self, text: str) -> Period:
        """The days that a figure is about. Raises ValueError."""
        return self._dates.period(text)

    def stated(self, text: str) -> Stated:
        """When a row was published or received. Raises ValueError."""
        return self._dates.stated(text)

    def period_or_none(self, text: str) -> Period | None:
        return self._dates.period_or_none(text)

    def stated_or_none(self, text: str) -> Stated | None:
        return self._dates.stated_or_none(text)

    @property
    def reads_iso_days(self) -> bool:
        """Whether 2024-03-07 is read as it stands."""
        return self._dates.reads_iso_days

    @property
    def single_form(self) -> str:
        return self._dates.single_form

    @property
    def form_of_periods(self) -> str:
        return self._dates.form_of_periods

    def is_chosen(self, column: str, word: str) -> bool:
        """Whether `where:` chooses a cell of this column of the file."""
        condition = self.dialect.where[column]
        return (
            condition.names(word) and self.lies_within(column, word) is True and not self.looks_excluded(column, word)
        )

    def looks_excluded(self, column: str, word: str) -> str:
        """The word of `not:` that a cell looks like without being it; "" where there is none."""
        excluded = self.dialect.where[column].excluded
        if not excluded or word in excluded:
            return ""
        forms = appearance_keys(word)
        return next((other for other in excluded if any(map(str.__eq__, forms, appearance_keys(other)))), "")

    def lies_within(self, column: str, word: str) -> bool | None:
        """Whether a cell lies in the range that `where:` asks for; None where it cannot be compared with its ends."""
        condition = self.dialect.where[column]
        least, most = condition.least, condition.most
        if not condition.is_range:
            return True
        has_days = column in self.dialect.period_names or not all(
            map(_PLAIN_NUMBER.fullmatch, (least or "0", most or "0"))
        )
        if has_days:
            period = self.period_or_none(word)
            first, last = parse_period(least).start if least else date.min, parse_period(most).end if most else date.max
            return None if period is None else first <= period.start and period.end <= last
        number = self._number_or_none(word)
        return None if number is None else (not least or float(least) <= number) and (not most or number <= float(most))

    def _number_or_none(self, word: str) -> float | None:
        try:
            return self.number(word)
        except ValueError:
            return None

    def shows_other_decimal_mark(self, text: str) -> bool:
        """Whether a refused cell shows that its file is written with another decimal mark."""
        grouped = _GROUPED.fullmatch(text)
        if grouped and grouped["thousands"] == self.dialect.decimal and text.count(self.dialect.decimal) > 1:
            return True  # 1.200.000: the point is the thousands mark
        if self.dialect.decimal == ".":
            return bool(_DECIMAL_COMMA.fullmatch(text) or (grouped and grouped["decimal"] == ","))
        return bool(_DECIMAL_POINT.fullmatch(text))

    @cached_property
    def _number(self) -> re.Pattern[str]:
        return re.compile(self.number_pattern)

    @property
    def _example(self) -> str:
        if self.is_plain:
            return "1234.5 (no thousands mark, decimal point)"
        return f"1{self.dialect.thousands}234{self.dialect.decimal}5"

    def _number_advice(self, text: str) -> str:
        if _BRACKETED.fullmatch(text):
            return "; brackets make a figure negative in accounts, and no key reads them"
        if text[:1] in _BOUNDS:
            return "; it is a bound and no figure; no key reads it"
        if (match := _FLAGGED.fullmatch(text)) and (mark := match[1] or match[2]):
            return (
                f'; write flags: {{"{mark}": reported}} if that is what its mark means, else provisional or estimated'
            )
        if not self.is_plain:
            return ", as decimal: and thousands: declare"
        lines = _number_declarations(text)
        return f"; write {lines} if that is how the file writes its numbers" if lines else ""


def _code_points(text: str) -> str:
    """The code points of characters that are not ASCII, since they may look like others."""
    codes = [f"U+{ord(mark):04X}" for mark in dict.fromkeys(text) if not mark.isascii()]
    return f"(with {', '.join(codes[:3])}) " if codes else ""


def _number_declarations(text: str) -> str:
    """The YAML that declares a number's format; both alternatives where the number is ambiguous."""
    if _AMBIGUOUS.fullmatch(text):
        return 'decimal: "," (its comma is the decimal mark) or thousands: "," (it parts the thousands)'
    if grouped := _GROUPED.fullmatch(text):
        decimal = 'decimal: "," and ' if grouped["decimal"] == "," or grouped["thousands"] == "." else ""
        mark = next((mark for mark, same in SAME_MARKS.items() if grouped["thousands"] in same), grouped["thousands"])
        return f'{decimal}thousands: "{mark}"'
    return 'decimal: ","' if _DECIMAL_COMMA.fullmatch(text) else ""
