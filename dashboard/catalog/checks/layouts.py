"""Checks of the keys that say how a source's files are laid out: whether they fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from dashboard.catalog.checks.finding import Finding
from dashboard.catalog.file_layout import Choice
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.origin_keys import kinds_of
from dashboard.catalog.source import Source
from dashboard.domain import STATUSES
from dashboard.domain.dates import ambiguous_cell, date_form, parse_period

_MONTH = re.compile(r"i?m(onth)?(_?(no|nr|num|number|of_year))?|mon|refmonth|mo|\uc6d4|\u6708", re.IGNORECASE)
_OF_A_NUMBER = re.compile(
    r"[\d\s.,'+\u2212-].*|.*[\d\s.,'+\u2212-]|[()<>\u2264\u2265\u2013]+", re.DOTALL
)  # begins or ends like a number, or is a bound or the brackets of a negative number
_ABBREVIATED_ZONE = re.compile(r"\b[A-Z]{3,5}\b")
_FISCAL = 'write when its fiscal years begin: fiscal_year: {begins: "04-01", named_by: last}'
_MADE = {"value": ("value", "low", "high"), "wide": ("date", "period_start", "period_end", "value", "low", "high")}

_OF_FORMATS = {
    "rows": ("json", "json_lines"), "names": ("json",), "next": ("json",), "optional": ("json", "json_lines"),
    "table": ("html",), "footnotes": ("html",), "sheet": ("xlsx",), "range": ("xlsx",), "separator": ("csv",),
}  # fmt: skip


def check_layout(source: Source) -> Iterator[Finding]:
    yield from _header_stands_in_a_single_place(source)
    yield from _events_count_rows(source)
    yield from _columns_are_not_made_twice(source)
    yield from _numbers_take_the_place_of_names(source)
    yield from _ranges_have_ends(source)
    yield from _keys_belong_to_the_format(source)
    yield from _forms_of_dates_differ(source)
    yield from _zones_are_known(source)
    yield from _fiscal_years_begin(source)
    yield from _parts_of_dates_are_declared(source)
    for flag, status in source.flags.items():
        if status not in STATUSES:
            known = ", ".join(STATUSES)
            yield ("flags", flag), f'"{status}" is not one of {known}{did_you_mean(status, STATUSES)}'
        if not flag or _OF_A_NUMBER.fullmatch(flag):
            yield ("flags", flag), f'"{flag}" may be a part of a number; write the whole mark, as in "[1]"'
    for name, split in source.split.items():
        if len(set(split.into)) < len(split.into):
            yield ("split", name), "two values have the same name"


def _header_stands_in_a_single_place(source: Source) -> Iterator[Finding]:
    if source.header_line and source.skip_lines:
        yield ("skip_lines",), "header_line: says it already; take out one of the two"
    if source.header and source.header_line:
        yield ("header_line",), "header: says that there is none; write skip_lines: for the lines above the first row"
    if source.cells and source.header != "none":
        yield ("cells",), "only with header: none"


def _events_count_rows(source: Source) -> Iterator[Finding]:
    if source.value is None:
        return
    if source.kind not in ("event", "flow"):
        yield ("value",), f"each row of kind: {source.kind} would count one; write kind: event, or flow"
    is_partial = bool(kinds_of(source)) and not source.origin.is_whole_delivery
    if "subject" not in source.columns and (is_partial or source.holds):
        message = (
            "a subject has to tell its rows apart, or a new column would count them again in the next file; write "
        )
        yield ("value",), message + "columns: {subject: NAME}, or several names"
    if source.wide:
        yield ("wide",), "its columns are periods, and with value: 1 its rows are events; take out one of the two"


def _columns_are_not_made_twice(source: Source) -> Iterator[Finding]:
    for key, columns in _MADE.items():
        for column in columns:
            holds_years = key == "wide" and column == "date" and not re.search("%[YyG]|^[^%]*$", source.wide or "")
            if getattr(source, key) is not None and column in source.columns and not holds_years:
                yield ("columns", column), f"{key}: says what it is already; take out one of the two"


def _numbers_take_the_place_of_names(source: Source) -> Iterator[Finding]:
    if source.header != "none":
        return
    names = [(("columns", column), name) for column, name in source.columns.items()]
    names += [(("where", name), name) for name in source.where]
    for path, name in names:
        for number in name if isinstance(name, list) else [name]:
            if not number.isdecimal() or not 1 <= int(number) <= (source.cells or int(number)):
                last = f" to {source.cells}" if source.cells else " on"
                yield path, f'"{number}" is no column of a file without a header; they are numbered, from 1{last}'


def _forms_of_dates_differ(source: Source) -> Iterator[Finding]:
    forms = [date_form(form) for form in source.date_forms]
    for first, second in combinations(forms, 2):
        if cell := ambiguous_cell(first, second):
            message = f'"{cell}" is one date as "{first.text}" and another as "{second.text}"; take out one of them'
            yield ("dates", forms.index(second)), message


def _zones_are_known(source: Source) -> Iterator[Finding]:
    for position, text in enumerate(source.date_forms):
        form = date_form(text)
        zone = _ABBREVIATED_ZONE.search(re.sub("%.", " ", text))
        if zone and form.has_time and not form.states_zone and "timezone" not in source.model_fields_set:
            path = ("dates", position) if isinstance(source.dates, list) else ("dates",)
            yield path, f"{zone[0]} is a text here, and no time zone is known by it; write timezone: and its name"


def _fiscal_years_begin(source: Source) -> Iterator[Finding]:
    if source.fiscal_years:
        if source.fiscal_years[0] == "01-01":
            yield ("fiscal_year",), "a year from 1 January on is a calendar year; take it out"
        return
    for position, form in enumerate(source.date_forms):
        if "FY" in form:
            yield (("dates", position) if isinstance(source.dates, list) else ("dates",)), _FISCAL
    if source.wide and ("FY" in source.wide or source.wide == "fiscal_years"):
        yield ("wide",), _FISCAL


def _parts_of_dates_are_declared(source: Source) -> Iterator[Finding]:
    """A day in several columns is read as year, month and day, unless `dates:` says what they are."""
    for column in _MADE["wide"][:3]:
        names = source.columns.get(column, "")
        if source.dates or not isinstance(names, list):
            continue
        if len(names) > 1 and not _MONTH.fullmatch(names[1].strip()):
            forms = 'dates: "%Y %m" if that is right, "%Y %q" for quarters, "%Y %h" for halves, "%G %V" for weeks'
            yield ("columns", column), f"{names[1]} would be read as a month; write {forms}"


def _ranges_have_ends(source: Source) -> Iterator[Finding]:
    for name, choice in source.where.items():
        if not isinstance(choice, Choice):
            continue
        if not choice.model_fields_set:
            yield ("where", name), "names nothing; write the cells, or starts_with:, from:, to: or not:"
        for key, end in (("from", choice.least), ("to", choice.most)):
            if end and not _is_number_or_period(end):
                yield ("where", name, key), f'"{end[:60]}" is no plain number, day, month or year'


def _is_number_or_period(end: str) -> bool:
    if re.fullmatch(r"-?\d+(\.\d+)?", end, re.ASCII):
        return True
    try:
        parse_period(end)
    except ValueError:
        return False
    return True


def _keys_belong_to_the_format(source: Source) -> Iterator[Finding]:
    for key, formats in _OF_FORMATS.items():
        if key in source.model_fields_set and source.format not in formats:
            yield (key,), f"only with format: {' or '.join(formats)}"
    if source.format != "csv" and "folder" in source.model_fields_set and "glob" not in source.model_fields_set:
        ending = source.format.replace("json_lines", "jsonl")
        yield ("format",), f'only *.csv of its folder is read; write glob: "*.{ending}"'
    if isinstance(source.table, int) and source.table < 1:
        yield ("table",), "tables are numbered from 1"
