"""Catalogues and rows in shorthand, for tests that fit on one screen.

A series is written as words, one an observation, a fixed number of days apart: `0x3` is three zeros, `5~8` a
range from 5 to 8, `>5` "more than 5", `<9` "at most 9", `_` a row that says the figure is missing, `.` no row.
Every row is published at the end of its own day, unless `lag` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import parse_catalog
from dashboard.domain.axes import State
from dashboard.domain.dates.periods import end_of_day
from dashboard.domain.row_schema import TEXTS
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluate import evaluate
from dashboard.evaluation.evaluation import Evaluation
from dashboard.ingest.frame import frame
from dashboard.rows.source_rows import SourceRows

FIRST_DAY = date(2024, 1, 1)
NAN = float("nan")
CITED = "citation: https://example.org/factor"


def catalog(text: str, claims: Iterable[str] | None = None) -> Catalog:
    """A catalogue from YAML without its `version:`; it must be sound."""
    result = parse_catalog("version: 1\n" + text, "test.yaml", Path(), None if claims is None else set(claims))
    assert not result.problems, [str(problem) for problem in result.problems]
    return result


def rulebook(thresholds: str, *, kind: str = "level", unit: str = "units", more: str = "", source: str = "") -> Catalog:
    """A catalogue with one indicator `x` on one source `s`; thresholds are YAML lines without the dash."""
    lines = "\n".join(f"      - {{{threshold}}}" for threshold in thresholds.split(" | "))
    return catalog(
        f"""
sources:
  s: {{title: S, file: s.csv, kind: {kind}{", " + source if source else ""}}}
indicators:
  x:
    title: X
    unit: {unit}
    sources: [s]
    {more}
    thresholds:
{lines}
"""
    )


def row(source: str, period: str, figure: str, published: str | None = None, **more: Any) -> dict[str, Any]:
    """One row; `period` as in a CSV's `date`, or `2024-03-07/2024-11-05`; `figure` in the shorthand above."""
    from dashboard.domain.dates.periods import Period, parse_day, parse_period

    parts = period.split("/")
    span = parse_period(period) if len(parts) == 1 else Period(parse_day(parts[0]), parse_day(parts[1]))
    low, value, high = _figure(figure)
    known = parse_period(published).end if published else span.end
    status = {"_": "missing", "!": "withdrawn"}.get(figure, "reported")
    plain = dict.fromkeys(TEXTS, "") | {"status": status}
    return {
        "source": source, "file": f"{source}.csv", "line": 2, "start": span.start, "end": span.end,
        "low": low, "value": value, "high": high,
        "published": known.isoformat(), "published_at": end_of_day(known), "received_at": None,
        "known_at": end_of_day(known), **plain, **more,
    }  # fmt: skip


def rows(source: str, words: str, *, step: int = 1, lag: int = 0) -> list[dict[str, Any]]:
    """Rows from the shorthand, `step` days apart from the first of January 2024, published `lag` days later."""
    made = []
    for number, word in enumerate(expanded(words)):
        day = FIRST_DAY + timedelta(days=number * step)
        if word != ".":
            published = (day + timedelta(days=lag)).isoformat()
            made.append(row(source, day.isoformat(), word, published, line=number + 2))
    return made


def expanded(words: str) -> list[str]:
    """`0x3 70` as `0 0 0 70`."""
    result = []
    for word in words.split():
        figure, _, count = word.partition("x")
        result += [figure] * int(count or 1)
    return result


def intake(*groups: Iterable[dict[str, Any]]) -> SourceRows:
    return SourceRows(frame([one_row for group in groups for one_row in group]))


def verdict(catalog: Catalog, rows: SourceRows, as_of: str, indicator: str = "x") -> Verdict:
    return evaluation(catalog, rows, as_of, indicator).verdict


def evaluation(catalog: Catalog, rows: SourceRows, as_of: str, indicator: str = "x") -> Evaluation:
    return evaluate(catalog, rows, date.fromisoformat(as_of)).evaluations[indicator]


def states(words: str, thresholds: str, *, step: int = 1, kind: str = "level", more: str = "", source: str = "") -> str:
    """What the board would have said on the day of each word: `-` normal, `?` not assessed, else the state.

    A state whose severity is not assessed any more is followed by `?`.
    """
    return " ".join(
        _said(
            verdict(rulebook(thresholds, kind=kind, more=more, source=source), intake(rows("s", words, step=step)), day)
        )
        for day in days(len(expanded(words)), step)
    )


def days(count: int, step: int = 1) -> list[str]:
    return [(FIRST_DAY + timedelta(days=number * step)).isoformat() for number in range(count)]


def _said(result: Verdict) -> str:
    doubt = "?" if result.severity is None else ""
    return (doubt or "-") if result.state is State.INACTIVE else result.state.value + doubt


def _figure(word: str) -> tuple[float, float, float]:
    if word in ("_", "!"):
        return NAN, NAN, NAN
    if word.startswith(">"):
        return float(word[1:]), float(word[1:]), NAN
    if word.startswith("<"):
        return NAN, NAN, float(word[1:])
    if "~" in word:
        low, high = word.split("~")
        return float(low), NAN, float(high)
    return NAN, float(word), NAN


def severity_and_end(result: Verdict) -> tuple[str | None, str | None]:
    """Severity and passed_by."""
    return result.severity.word if result.severity else None, result.passed_by.word if result.passed_by else None


def outcome(result: Verdict) -> tuple[str | None, str | None, str]:
    """Severity, passed_by and state."""
    return *severity_and_end(result), result.state.value
