"""The lines of the YAML that declare the form of a refused date; all alternatives where it is ambiguous."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dashboard.domain.dates import date_form
from dashboard.ingest.parse.dialect import Dialect

_PLAIN_DAY = re.compile(r"\d{8}", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MARKED_DAY = re.compile(r"(\d{1,4})([./\- ])(\d{1,2})\2(\d{1,2}|\d{4})", re.ASCII)
_TIMED = re.compile(
    r"(?P<day>.*?\d)(?P<mark>[T ])(?P<hour>\d{1,2})(?P<minute>:\d{2})?(?P<second>:\d{2})?(?P<fraction>\.\d{1,9})?"
    r"(?P<half> ?[AaPp][Mm])?(?P<gap> ?)(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)
_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII)
_FISCAL = re.compile(r"((FY ?)?\d{4}|FY ?\d{2})([/-](\d{4}|\d{2}))?", re.ASCII)
_USUAL = "that is how the file writes its dates"
_FORMS = (
    "%b %Y", "%B %Y", "%b-%y", "%b-%Y", "%b %y", "%B-%Y", "%b. %Y", "%b/%Y", "%Y %b", "%Y-%b", "%Y %B", "%b%y", "%b%Y",
    "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%a, %d %b %Y",
    "%Y%m", "%m/%Y", "%m.%Y", "%m-%Y", "%Y/%m", "%Y.%m", "%YM%m", "Q%q %Y", "%qQ%y", "%qQ%Y", "Q%q-%Y", "Q%q/%Y",
    "Q%q %y", "%Y Q%q", "%Y/Q%q", "%qQ %Y", "H%h %Y", "%hH%y", "%hH%Y", "H%h-%Y", "%Y H%h", "W%V %G", "%G W%V",
    "Week %V %G", "W%V-%G", "%b-%b %Y", "%B-%B %Y", "%b - %b %Y", "%B - %B %Y", "%b-%b %y", "%b %Y - %b %Y",
    "%Y-%m-%d - %Y-%m-%d", "%Y-%m-%d to %Y-%m-%d", "%Y-%m-%d-%Y-%m-%d", "%d.%m.%Y - %d.%m.%Y", "%d.%m.%Y-%d.%m.%Y",
    "%d %b %Y - %d %b %Y", "%d %B %Y - %d %B %Y", "%d-%d %b %Y",
    "%d-%d %B %Y", "%d %b - %d %b %Y", "%d %B - %d %B %Y", "%Y-%m - %Y-%m", "%Y-%m/%Y-%m",
    "%Y%b", "%Y %b-%b", "%d/%b/%Y", "%Y\ub144 %m\uc6d4", "%Y\ub144 %m\uc6d4 %d\uc77c", "%Y\u5e74%m\u6708",
    "%Y\u5e74%m\u6708%d\u65e5",
    "%Y%m%dT%H%M%S%z", "%Y%m%dT%H%M%S", "%Y%m%dT%H%MZ", "%Y%m%d%H%M%S", "%Y%m%d%H%M",
)  # fmt: skip
_ALTERNATIVES = (
    ("%d/%m/%Y - %d/%m/%Y", "the days come first"), ("%m/%d/%Y - %m/%d/%Y", "the months come first"),
)  # fmt: skip
_EPOCHS = (
    (10, "epoch_s", "it counts the seconds since 1970"), (13, "epoch_ms", "it counts the milliseconds since 1970"),
)  # fmt: skip


def lines_to_write(cell: str, dialect: Dialect) -> str:
    """The advice that follows a refusal; "" where no known form reads the cell."""
    if not dialect.date_forms and "date" in dialect.layout.parts:
        cell = cell.replace("-", " ")  # as the cells of a day in several columns are joined where a form is declared
    alternatives = [(_line(form, dialect), condition) for form, condition in known_forms(cell)]
    if dialect.date_forms and _ISO_DAY.fullmatch(cell) and _reads("iso", cell):
        alternatives = [(_line("%Y-%m-%d", dialect), _USUAL)]
    if not alternatives and not dialect.fiscal_year and _FISCAL.fullmatch(cell):
        named = "" if re.search("[/-]", cell) else ", named_by: last"
        alternatives = [(f'fiscal_year: {{begins: "04-01"{named}}}', "it is a fiscal year from 1 April on")]
    if not alternatives:
        return ""
    return "; write " + ", ".join(f"{line} if {condition}" for line, condition in alternatives)


@lru_cache(maxsize=1_024)  # the refused rows of a file repeat the same days
def known_forms(cell: str) -> tuple[tuple[str, str], ...]:
    """Each form to declare that reads a cell, with the condition under which it is right."""
    return tuple(_forms_of(cell))


def _forms_of(cell: str) -> Iterator[tuple[str, str]]:
    if _ISO_TIME.fullmatch(cell) and _reads("iso", cell):
        yield "iso", _USUAL
        return
    days = list(_day_forms(cell))
    yield from days
    if not days and (match := _TIMED.fullmatch(cell)):
        time = _time_form(match)
        iso = [("%Y-%m-%d", _USUAL)] if _ISO_DAY.fullmatch(match["day"]) else []
        for form, condition in [*iso, *_day_forms(match["day"])]:
            if _reads(form + time, cell):
                yield form + time, condition


def _day_forms(text: str) -> Iterator[tuple[str, str]]:
    yield from _numbered_forms(text)
    for form, condition in _ALTERNATIVES:
        if _reads(form, text):
            yield form, condition
    for form in _FORMS:
        if _reads(form, text):
            yield form, _USUAL
            break
    for digits, form, condition in _EPOCHS:
        if re.fullmatch(rf"\d{{{digits}}}", text, re.ASCII) and _reads(form, text):
            yield form, condition


def _numbered_forms(text: str) -> Iterator[tuple[str, str]]:
    """The forms of a day in numbers."""
    if _PLAIN_DAY.fullmatch(text):
        yield "%Y%m%d", "year, month and day stand in this order"
    if not (match := _MARKED_DAY.fullmatch(text)):
        return
    first, mark, second, third = match.groups()
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


def _time_form(match: re.Match[str]) -> str:
    half = match["half"] or ""
    form = match["mark"] + ("%I" if half else "%H") + (":%M" if match["minute"] else "")
    form += (":%S" if match["second"] else "") + (".%f" if match["fraction"] else "")
    form += half.replace(half.strip(), "%p") if half else ""
    zone = match["zone"] or ""
    return form + match["gap"] + (zone if zone in ("", "UTC", "GMT") else "%z")


def _line(form: str, dialect: Dialect) -> str:
    """The line that declares a form, together with those that are declared already."""
    forms = [f'"{declared}"' if "%" in declared else declared for declared in (*dialect.date_forms, form)]
    return f"dates: [{', '.join(forms)}]" if len(forms) > 1 else f"dates: {forms[0]}"


def _reads(form: str, cell: str) -> bool:
    try:
        return date_form(form).read(cell) is not None
    except ValueError:
        return False
