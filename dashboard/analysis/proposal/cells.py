"""What single cells and columns of cells seem to be: periods, figures with their marks, marks for no figure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from dashboard.domain.dates import date_form, parse_period
from dashboard.ingest import known_forms

NO_FIGURE = (
    "", "-", "--", "\u2013", "\u2014", ".", "..", "...", ":", "x", "X", "*", "#", "na", "NA", "N/A", "n/a", "n.a.",
    "NaN", "nan", "null", "NULL", "None", "none", "ND", "nd", "(D)", "(NA)", "#N/A", "?",
)  # fmt: skip
_KNOWN_FLAGS = {"p": "provisional", "e": "estimated", "E": "estimated", "P": "provisional", "s": "estimated"}
_NUMBER = re.compile(r"[-+]?\d[\d.,'\s\u00a0\u202f]*", re.ASCII)
_FLAGGED = re.compile(r"([-+]?\d[\d.,'  ]*?) ?([A-Za-z%*†]{1,4})")
_FLAGGED_MARK = re.compile(r"(:|-|\.\.?) ([A-Za-z]{1,3})")
_PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@lru_cache(maxsize=8_192)
def as_period(cell: str) -> bool:
    """Whether a cell states a day, a month or a year in a form that needs no declaration."""
    try:
        parse_period(cell.strip())
    except ValueError:
        return False
    return True


def is_figure(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell.strip()))


class Dates(NamedTuple):
    """How the dates of a column are written: `form` is "" where nothing is declared. doubt: what else it may be."""

    form: str
    doubt: str = ""


def dates_of(cells: Sequence[str]) -> Dates | None:
    """How a column of dates is written; None where it is none."""
    words = list(dict.fromkeys(cell for cell in cells if cell.strip()))[:400]
    if not words:
        return None
    if all(map(as_period, words)):
        return Dates("")
    conditions = {form: reason for word in words for form, reason in known_forms(word)}
    readings: dict[tuple[str, ...], str] = {}
    for form in conditions:
        days = tuple(_day_in_form(form, word) for word in words)
        if all(days):
            readings.setdefault(days, form)
    if not readings:
        return None
    common = list(readings.values())
    doubt = ", ".join(f'dates: "{form}" if {conditions[form]}' for form in common) if len(common) > 1 else ""
    return Dates(common[0], doubt)


def _day_in_form(form: str, word: str) -> str:
    """What a cell states in a form; "" where it is not in it."""
    try:
        return str(date_form(form).read(word) or "")
    except ValueError:
        return ""


class Figures(NamedTuple):
    """How the figures of a column are written, as keys of the YAML, and what is not known, by key."""

    keys: dict[str, Any]
    comments: dict[str, str]


def figures_of(cells: Sequence[str]) -> Figures | None:
    """How a column of figures is written; None where less than half of its cells are figures."""
    without = {cell: match[1] for cell in cells if (match := _FLAGGED_MARK.fullmatch(cell.strip()))}
    words = [cell for cell in cells if cell.strip() not in NO_FIGURE and cell not in without]
    plain = [word for word in words if is_figure(word)]
    flagged = [match for word in words if not is_figure(word) and (match := _FLAGGED.fullmatch(word.strip()))]
    if (not plain and not flagged) or (len(plain) + len(flagged)) * 2 < len(words):
        return None
    keys: dict[str, Any] = {}
    comments: dict[str, str] = {}
    if missing := [
        mark for mark in dict.fromkeys(without.get(cell, cell.strip()) for cell in cells) if mark in NO_FIGURE
    ]:
        keys["missing"] = missing
    if flagged or without:
        flags = Counter(match[2] for match in flagged)
        flags.update(cell.strip().removeprefix(mark).strip() for cell, mark in without.items())
        keys["flags"] = {flag: _KNOWN_FLAGS.get(flag, "reported") for flag in flags}
        comments["flags"] = "see what its publisher means by each"
    figures = [*(word.strip() for word in plain), *(match[1].strip() for match in flagged)]
    _note_marks(figures, keys, comments)
    if strange := [word for word in words if not is_figure(word) and not _FLAGGED.fullmatch(word.strip())]:
        named = ", ".join(f'"{word}"' for word in dict.fromkeys(strange[:3]))
        comments["missing"] = f"{named} is no figure; list it here if it means that there is none"
    return Figures(keys, comments)


def _note_marks(figures: Sequence[str], keys: dict[str, Any], comments: dict[str, str]) -> None:
    """The decimal and the thousands mark, where every figure fits one way of writing."""
    odd = [figure for figure in figures if not _PLAIN.fullmatch(figure)]
    if not odd:
        return
    blanks = "\u00a0\u202f\u2009 "
    if any(mark in figure for figure in odd for mark in blanks):
        keys["thousands"] = " "
    if any("'" in figure for figure in odd):
        keys["thousands"] = "'"
    has_comma = [figure for figure in figures if "," in figure]
    if not has_comma:
        return
    has_both = [figure for figure in has_comma if "." in figure]
    if any(figure.rfind(".") < figure.rfind(",") for figure in has_both) or any(
        re.fullmatch(r".*,(\d{1,2}|\d{4,})", figure) for figure in has_comma
    ):
        keys["decimal"] = ","
        if has_both:
            keys["thousands"] = "."
    else:
        if has_both or any(figure.count(",") > 1 for figure in has_comma):
            keys["thousands"] = ","
        else:
            either = f'thousands: "," if {has_comma[0]} is a thousand times as much'
            comments["thousands"] = f'{either}, or decimal: "," if its comma is the decimal mark'
