"""The explanation of a verdict as plain text: its rules, and the rows that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dashboard.analysis import find_revisions, outlook
from dashboard.domain import UNITS_IN_WORDS, Figure, Problem
from dashboard.domain.dates import Period
from dashboard.domain.text import wording as words
from dashboard.evaluation import Evaluation
from dashboard.late_imports import pd
from dashboard.reporting.publications import publications_in_words
from dashboard.series import Conversion


def explanation(evaluation: Evaluation, as_of: date, kept: Sequence[Problem] = ()) -> str:
    """The verdict as a sentence, the rules, and the rows it rests on, each with its place and its source.

    `kept`: why it is not judged by the file as it stands.
    """
    verdict = evaluation.verdict
    lines = [f"{verdict.title}, as of {words.day(as_of)}", "", verdict.sentence, ""]
    if kept:
        lines += ["Judged by its last good definition, for the file as it stands cannot be used:"]
        lines += [*(f"  {problem}" for problem in kept), ""]
    lines += [f"Rule: {rule}" for rule in verdict.rules]
    if ahead := outlook(evaluation):
        lines += ["", "The cap:", *(f"  {line}" for line in ahead.lines())]
    rows = evaluation.rows.loc[list(evaluation.rests_on)]
    lines += ["", "It rests on:" if len(rows) else "It rests on no row.", *_rows(evaluation, rows)]
    unjudged = evaluation.rows[evaluation.rows["status"] == "provisional"]
    if len(unjudged):
        lines += ["", "Not judged until checked (provisional):", *_rows(evaluation, unjudged)]
    if revisions := find_revisions(evaluation.rows_ever, as_of):
        lines += ["", "Revised:", *(f"  {revision}" for revision in revisions)]
    if verdict.on_record:
        lines += ["", "On record:", *(f"  {one.sentence}" for one in verdict.on_record)]
    if verdict.problems:
        lines += ["", "Problems:", *(f"  {problem}" for problem in verdict.problems)]
    return "\n".join(lines)


def _rows(evaluation: Evaluation, rows: pd.DataFrame) -> list[str]:
    records = zip(rows.to_dict("records"), publications_in_words(rows), strict=True)
    return [_row(row, published, evaluation.conversions.of(row)) for row, published in records]


def _row(row: dict[Any, Any], published: str, conversion: Conversion | None) -> str:
    period = words.span(Period(row["start"].date(), row["end"].date()))
    figure = _stated(row)
    if conversion:
        figure = f"{conversion.figure}, {conversion}{_behind(str(row['subject']))}"
    published = f", published {published}" if published else ""
    cited = row["citation"] or (f"document {row['document']}" if row["document"] else "no citation")
    if conversion:
        cited += f"\n      factor: {conversion.cited}"
    return f"  {row['file']}:{row['line']}  {row['source']}  {period}: {figure}{published}\n      {cited}"


def _stated(row: dict[Any, Any]) -> str:
    """What a row says, and of whom: its figure, that no report was filed, or its event in words."""
    subject = str(row["subject"])
    if row["status"] == "missing":
        text = f"no report filed{_behind(subject)}"
        return f"{text} ({row['note']})" if row["note"] else text
    if row["unit"] in UNITS_IN_WORDS and subject:
        return subject
    return str(Figure.from_cells(row["low"], row["value"], row["high"], row["unit"])) + _behind(subject)


def _behind(subject: str) -> str:
    return f", {subject}" if subject else ""
