"""Which column of a table is which of ours, by names and by what its cells hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from dashboard.analysis.proposal.cells import Dates, dates_of, figures_of, is_figure
from dashboard.analysis.proposal.sample import Sample
from dashboard.domain import COLUMNS, STATUSES, WEB_ADDRESS
from dashboard.domain.dates import date_form
from dashboard.ingest import lacks_year, wide_period

_DATES = ("date", "time_period", "period", "day", "month", "year", "quarter", "week", "event_date", "observation_date",
          "timestamp", "time", "datetime", "first_seen", "start", "date_start")  # fmt: skip
_VALUES = (
    "value", "obs_value", "figure", "amount", "quantity", "qty", "netwgt", "primaryvalue", "total", "count", "price",
    "rate", "close", "volume",
)  # fmt: skip
_NO_VALUES = re.compile(
    r"(?i)(^|_)(id|no|nr|imo|mmsi|ssvid|lat|lon|lng|latitude|longitude|year|month|day|precision|score|iso\d?|line|row|rank)"
    r"($|_)|code|id$|^ref|interaction|inter\d|fatalit|killed|wounded|injured|dead|deaths|victims|casualt"
)
_PEOPLE = re.compile(r"(?i)fatalit|killed|wounded|injured|dead|deaths|victims|casualt")
_WIDE = (
    "years",
    "quarters",
    "months",
    "halves",
    "weeks",
    "days",
    "%b %Y",
    "%b-%y",
    "%b-%Y",
    "%B %Y",
    "%Y [YR%Y]",
    "%m/%Y",
    "%b",
)
_SIGHTING = re.compile(r"(?i)lat|lon|latitude|longitude|mmsi|ssvid|event_id\w*|scene_id|trip_id")
_RUNNING_NUMBER = re.compile(r"(?i)(^|_)(id|objectid|no|nr|row|line)$")  # tells all rows apart, and nothing of them
_MOST_TELLING = 3  # columns of a subject
_FEW = 8  # columns that are listed one by one


def find_roles(sample: Sample) -> None:
    """Adds the keys that say which column is which, and what is not known."""
    columns: dict[str, Any] = {}
    wide = _wide_form(sample.names)
    if split := next((name for name in sample.names if _is_compound(name, sample.column(name))), ""):
        parts = [part.strip() for part in split.partition("\\")[0].split(",")]
        sample.keys["split"] = {split: {"by": ",", "into": parts}}
    if wide:
        _name_wide(sample, wide, columns)
    else:
        _name_dates(sample, columns)
        _name_value(sample, columns)
    if split:
        _name_parts(sample, split, columns)
    else:
        _name_what_differs(sample, columns)
    renamed = {ours: name for ours, name in columns.items() if ours != name}
    if renamed:
        sample.keys["columns"] = renamed
    _ignore_others(sample, columns, [split] if split else [])


def _name_parts(sample: Sample, split: str, columns: dict[str, Any]) -> None:
    """The values of compound cells that tell rows apart, as a subject."""
    cells = zip(*(cell.split(",") for cell in sample.column(split)), strict=True)
    values = dict(
        zip(sample.keys["split"][split]["into"], ([word.strip() for word in part] for part in cells), strict=True)
    )
    telling = [part for part, words in values.items() if len(set(words)) > 1]
    if telling:
        columns["subject"] = telling if len(telling) > 1 else telling[0]
        choices = "; ".join(f"{part}: {_first_few(values[part])}" for part in telling)
        sample.comments["where"] = f"which rows are meant? {choices}"


def _is_compound(name: str, cells: Sequence[str]) -> bool:
    """Whether the cells of a column hold as many values as its name."""
    count = name.count(",")
    return count > 0 and bool(cells) and all(cell.count(",") == count for cell in cells)


def _wide_form(names: Sequence[str]) -> str:
    """How the columns are written that are periods; "" where fewer than two are."""
    counts = {form: sum(bool(wide_period(name, form)) for name in names) for form in _WIDE}
    best = max(counts, key=lambda form: counts[form])
    return best if counts[best] >= 2 else ""


def _name_wide(sample: Sample, wide: str, columns: dict[str, Any]) -> None:
    sample.keys["wide"] = wide
    periods = [name for name in sample.names if wide_period(name, wide)]
    cells = [cell for name in periods for cell in sample.column(name)]
    if figures := figures_of(cells):
        marks = [mark for mark in figures.keys.pop("missing", []) if mark]  # a blank cell is no row
        sample.keys |= figures.keys | ({"missing": marks} if marks else {})
        sample.comments |= figures.comments
    if lacks_year(wide):
        _name_dates(sample, columns)


def _name_dates(sample: Sample, columns: dict[str, Any]) -> None:
    lower = {name.strip().lower(): name for name in sample.names}
    seen = {name: dates for name in sample.names if (dates := dates_of(sample.column(name)))}
    parts = [lower[part] for part in ("year", "month", "day") if part in lower]
    named = [lower[name] for name in _DATES if name in lower and lower[name] in seen]
    forms = {name: dates for name, dates in seen.items() if not _is_number(name, sample.column(name))}
    candidates = [name for name in named if name in forms] or list(forms) or named
    if (not candidates and len(parts) > 1) or (candidates and candidates[0] in parts and len(parts) > 1):
        columns["date"] = parts
        return
    if not candidates:
        sample.comments["columns"] = "no column of dates is seen; write columns: {date: NAME} and dates: its form"
        return
    columns["date"] = name = candidates[0]
    _note_form(sample, seen[name])
    if others := [other for other in candidates[1:] if other not in parts][:3]:
        sample.comments["columns"] = f"{', '.join(others)} holds dates too; which of them is the period?"


def _note_form(sample: Sample, dates: Dates) -> None:
    if dates.form and not dates.doubt:  # a form that is pasted is believed, so a doubtful one stands in the comment
        sample.keys["dates"] = dates.form
        if date_form(dates.form).has_time and not date_form(dates.form).states_zone:
            sample.comments["dates"] = "in which zone are its times? write timezone:, as of now they are those of UTC"
    if dates.doubt:
        sample.comments["dates"] = dates.doubt


def _is_number(name: str, cells: Sequence[str]) -> bool:
    """Whether a column holds numbers of any length, and is not called a date."""
    is_called_so = re.search("(?i)date|time|period|day|month|year", name)
    return _is_bare_number(cells) or (
        not is_called_so and all(cell.strip().isdigit() for cell in cells if cell.strip())
    )


def _is_bare_number(cells: Sequence[str]) -> bool:
    """Whether a column of numbers could be years or counts."""
    return all(re.fullmatch(r"\d{1,4}", cell.strip()) for cell in cells if cell.strip())


def _name_value(sample: Sample, columns: dict[str, Any]) -> None:
    taken = _as_list(columns.get("date", []))
    numeric = {
        name: figures
        for name in sample.names
        if name not in taken and (figures := figures_of(sample.column(name))) is not None
    }
    fitting = [name for name in numeric if not _NO_VALUES.search(name.strip()) and not _is_instant(sample.column(name))]
    lower = {name.strip().lower(): name for name in fitting}
    named = [lower[name] for name in _VALUES if name in lower]
    sightings = [name for name in sample.names if _SIGHTING.fullmatch(name.strip())]
    if len(fitting) > 1 and not named and not sightings:
        more = f" and {len(fitting) - _FEW} more" if len(fitting) > _FEW else ""
        seen = f"{', '.join(fitting[:_FEW])}{more}"
        sample.comments["value"] = f"which column is the figure? {seen}; add value: NAME to columns:"
        return
    if fitting and (named or not sightings):
        columns["value"] = name = (named or fitting)[0]
        sample.keys |= numeric[name].keys
        sample.comments |= numeric[name].comments
        if others := [other for other in fitting if other != name]:
            more = f" and {len(others) - 4} more" if len(others) > 4 else ""
            sample.comments["value"] = f"which column is the figure? {', '.join(others[:4])}{more} may be it too"
        elif all(cell.strip() in ("1", "") for cell in sample.column(name)):
            sample.comments["value"] = "its figures are all 1; where its rows are events write kind: event and value: 1"
        return
    sample.keys["kind"], sample.keys["value"] = "event", 1
    if people := [name for name in numeric if _PEOPLE.search(name)]:
        sample.comments["value"] = f"each row counts one; {people[0]} counts something else, and its 0 is no event less"
    elif fitting:
        more = f"or columns: {{value: {fitting[0]}}} where that is the figure"
        sample.comments["value"] = f"rows with {sightings[0]} seem to be events, so each counts one; {more}"
    else:
        sample.comments["value"] = "no column holds figures, so each row counts one"


def _is_instant(cells: Sequence[str]) -> bool:
    """Whether a column of numbers counts seconds, or writes days without marks."""
    dates = dates_of(cells)
    return dates is not None and bool(dates.form)


def _name_what_differs(sample: Sample, columns: dict[str, Any]) -> None:
    """The fewest columns that tell rows of one date apart, as a subject; `where:` may choose one of them instead."""
    if sample.keys.get("value") == 1:
        unique = [name for name in sample.names if re.search(r"(?i)(^|_)id(_|$)", name.strip())]
        unique = [name for name in unique if len(set(sample.column(name))) == len(sample.rows)]
        if unique:
            columns["subject"] = unique[0]
        return
    taken = {name for value in columns.values() for name in _as_list(value)}
    wide = "wide" in sample.keys
    candidates = [
        name
        for name in sample.names
        if name not in taken and name.strip() and (not wide or _is_words(sample.column(name)))
    ]
    candidates = [name for name in candidates if _tells_apart(sample.column(name))]
    key: list[tuple[str, ...]] = list(
        zip(*(sample.column(name) for name in _as_list(columns.get("date", []))), strict=True)
    )
    key = key or [()] * len(sample.rows)
    telling: list[str] = []
    while candidates and len(set(key)) < len(key) and len(telling) < _MOST_TELLING:
        with_each = {name: len(set(zip(key, sample.column(name), strict=True))) for name in candidates}
        gaining = [name for name in candidates if with_each[name] > len(set(key))]
        if not gaining:
            break
        best = max(gaining, key=lambda name: (not _RUNNING_NUMBER.search(name.strip()), with_each[name]))
        telling.append(best)
        candidates.remove(best)
        key = [(*before, cell) for before, cell in zip(key, sample.column(best), strict=True)]
    if telling:
        columns["subject"] = telling if len(telling) > 1 else telling[0]
        choices = "; ".join(f"{name}: {_first_few(sample.column(name))}" for name in telling)
        sample.comments["where"] = f"which rows are meant? {choices}"


def _tells_apart(cells: Sequence[str]) -> bool:
    """Whether the words or codes of a column may be what rows are about; dates and fractions are not."""
    if len(set(cells)) < 2 or any(re.fullmatch(r"-?\d+[.,]\d+", cell.strip()) for cell in cells):
        return False
    dates = dates_of(cells)
    return dates is None or _is_bare_number(cells)


def _is_words(cells: Sequence[str]) -> bool:
    return any(cell.strip() and not is_figure(cell) for cell in cells)


def _first_few(cells: Sequence[str]) -> str:
    words = list(dict.fromkeys(cells))
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")


def _ignore_others(sample: Sample, columns: dict[str, Any], split: Collection[str]) -> None:
    used = {name for value in columns.values() for name in _as_list(value)} | set(split)
    wide = sample.keys.get("wide")
    ours = {name for name in sample.names if name in COLUMNS and name not in used and not wide and _fits(sample, name)}
    others = [name for name in sample.names if name not in used | ours and not (wide and wide_period(name, wide))]
    if others:
        is_short = len(others) <= _FEW and len(set(others)) == len(others)
        sample.keys["other_columns"] = others if is_short else "ignore"


def _fits(sample: Sample, name: str) -> bool:
    """Whether a column with one of our names may hold what we mean by it."""
    cells = {cell.strip() for cell in sample.column(name)}
    if name == "status":
        return cells <= {"", *STATUSES}
    if name in ("low", "high", "value"):
        return "value" not in sample.keys and figures_of(sample.column(name)) is not None
    if name in ("published_at", "received_at"):
        return dates_of(sample.column(name)) is not None
    return name not in ("citation", "document") or all(not cell or WEB_ADDRESS.fullmatch(cell) for cell in cells)


def _as_list(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
