"""The rows behind a verdict as a table of texts, in the words of the page."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from datetime import date
from typing import Any

from dashboard.analysis import find_revisions
from dashboard.claims import day_of_publication
from dashboard.domain import ROW_SCHEMA, Figure, PastBreach, Verdict
from dashboard.domain.dates import Period
from dashboard.domain.text import wording as words
from dashboard.domain.text import written_span
from dashboard.evaluation import Evaluation
from dashboard.late_imports import pd
from dashboard.reporting import publications_in_words
from dashboard.series import Conversion

TEXT_COLUMNS = {column.heading: column.name for column in ROW_SCHEMA if column.role == "text" and column.heading}


def is_superseded(rows: pd.DataFrame) -> pd.Series:
    """Whether a later row of the same source, period and subject has taken a row's place; aligned with `rows`."""
    judged = rows["status"] != "provisional"
    has_figure = judged & (rows[["value", "low", "high"]].notna().any(axis=1) | (rows["status"] == "withdrawn"))
    vintage = rows.groupby(["known_at", "published_at"], dropna=False).ngroup()
    newest = vintage.where(has_figure).groupby([rows[name] for name in ("source", "start", "end", "subject")])
    return (judged & (vintage < newest.transform("max"))).astype(bool)


def rows_table(evaluation: Evaluation, titles: Mapping[str, str]) -> pd.DataFrame:
    """All rows known at the instant: first those that the verdict rests on, then the newest."""
    rows = evaluation.rows.assign(
        rests=evaluation.rows.index.isin(evaluation.rests_on), replaced=is_superseded(evaluation.rows)
    )
    rows = rows.sort_values(["rests", "end", "known_at"], ascending=False, kind="stable")
    table = pd.DataFrame(
        {
            "In the verdict": ["yes" if rests else "" for rests in rows["rests"]],
            "Source": [titles.get(source, source) for source in rows["source"]],
            "Period": [_period(start, end) for start, end in zip(rows["start"], rows["end"], strict=True)],
            "Figure": [_figure(row, evaluation.conversions.of(row)) for row in rows.to_dict("records")],
            "Published": publications_in_words(rows),
            "Citation": rows["citation"],
            "Status": [_status(*pair) for pair in zip(rows["status"], rows["replaced"], strict=True)],
            **{heading: rows[name] for heading, name in TEXT_COLUMNS.items() if name != "citation"},
            "File and line": [f"{file}:{line}" for file, line in zip(rows["file"], rows["line"], strict=True)],
        },
    ).astype("str")
    return table.drop(columns=[heading for heading in TEXT_COLUMNS if heading != "Note" and not table[heading].any()])


def record_table(verdict: Verdict, titles: Mapping[str, str]) -> list[list[str]]:
    """The breaches on record, newest first: one figure a line, with its own days, claimant and publication."""
    records = sorted(verdict.on_record, key=_end_of_record, reverse=True)
    return [
        [
            words.span(one.claim.period) if one.claim and not verdict.period else written_span(one.period),
            one.claim.claimant if one.claim else titles.get(one.source or "", "all together"),
            str(one.figure),
            "" if verdict.limit is None else one.figure.share_of(verdict.limit).as_percent(),
            day_of_publication(one.claim) if one.claim else "",
            _severity_of_record(one),
            one.passed_phrase,
            _first_known(one),
        ]
        for one in records
    ]


def _end_of_record(record: PastBreach) -> tuple[date, str]:
    return (record.claim.period.end if record.claim else date.min), record.period


def _first_known(record: PastBreach) -> str:
    """The day on which such a breach became known, and the figure of that day where it differs."""
    first = record.first_known
    if first is None:
        return ""
    day = words.day_known(first.known_on, is_assumed=first.is_assumed)
    if record.claim and first.is_figure_of(record.claim):
        return day
    return f"{day}: {first.figure.without_unit}"


def _severity_of_record(record: PastBreach) -> str:
    severity = "not assessed" if record.severity is None else record.severity.word
    return f"{severity}, withdrawn" if record.is_withdrawn else severity


def revision_table(evaluation: Evaluation, titles: Mapping[str, str], as_of: date) -> list[list[str]]:
    """The revised and withdrawn figures, newest first: day, source, period, subject, before, now."""
    return [
        [
            words.day_known(one.known_at, is_assumed=one.is_assumed),
            titles.get(one.source, one.source),
            words.span(one.period),
            one.subject,
            one.old,
            one.new or "withdrawn",
        ]
        for one in reversed(find_revisions(evaluation.rows_ever, as_of))
    ]


def claims_behind(evaluation: Evaluation, evidence: Collection[str]) -> list[str]:
    """The claims of an indicator: those that the catalogue names, then those that its rows are made from."""
    row_claims = [str(claim) for claim in evaluation.rows["document"] if claim]
    return list(dict.fromkeys([*evidence, *row_claims]))


def _period(start: pd.Timestamp, end: pd.Timestamp) -> str:
    return words.span(Period(start.date(), end.date()))


def _figure(row: Mapping[Hashable, Any], conversion: Conversion | None) -> str:
    if row["status"] in ("missing", "withdrawn"):
        return ""
    return (
        f"{conversion.figure}, {conversion}"
        if conversion
        else str(Figure.from_cells(row["low"], row["value"], row["high"], row["unit"]))
    )


def _status(status: str, replaced: bool) -> str:
    if replaced:
        return f"superseded ({status})"
    return "provisional, not judged" if status == "provisional" else status
