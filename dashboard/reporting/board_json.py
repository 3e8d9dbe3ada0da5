"""A board as other programs read it: JSON, CSV, and the plain text of an explanation."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from dashboard.analysis import Outlook, find_revisions, outlook
from dashboard.domain import (
    UNITS_IN_WORDS,
    ClaimedFigure,
    DatedEvents,
    Figure,
    Headline,
    LatestFigure,
    PassedBy,
    PastBreach,
    Problem,
    Severity,
    Support,
    Withdrawal,
)
from dashboard.domain.dates import Period, day_of, parse_period
from dashboard.domain.text import wording as words
from dashboard.evaluation import EvaluatedBoard, Evaluation
from dashboard.series import Conversion
from dashboard.thresholds import Assessment

HISTORY_COLUMNS = (
    "indicator", "source", "date", "value", "low", "high", "severity", "passed_by", "state", "known_on",
    "breach_known_since",
)  # fmt: skip


def board_as_json(board: EvaluatedBoard) -> str:
    """The board as JSON, keys in a fixed order: the same input gives the same bytes."""
    content = {
        "as_of": board.as_of.isoformat(),
        "data_version": board.data_version,
        "indicators": [_verdict(board.evaluations[verdict.id]) for verdict in board.verdicts],
        "sources": {name: asdict(counts) for name, counts in board.sources.items()},
        "not_loaded": _by_indicator(board.not_loaded),
        "kept": _by_indicator(board.fallbacks),
        "unreadable": [problem.as_json() for problem in board.unreadable],
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)


def history_as_csv(evaluations: Iterable[Evaluation]) -> str:
    """One line for each judged observation, gaps too; the columns are `HISTORY_COLUMNS`, blank is unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HISTORY_COLUMNS)
    for evaluation in evaluations:
        for assessment in evaluation.assessments:
            writer.writerows(_observations(evaluation, assessment))
    return text.getvalue()


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


def _by_indicator(problems: Mapping[str, Iterable[Problem]]) -> dict[str, list[dict[str, Any]]]:
    return {name: [problem.as_json() for problem in found] for name, found in sorted(problems.items())}


def _verdict(evaluation: Evaluation) -> dict[str, Any]:
    verdict = evaluation.verdict
    return {
        "id": verdict.id,
        "title": verdict.title,
        "severity": _word(verdict.severity),
        "state": verdict.state.value,
        "passed_by": _word(verdict.passed_by),
        "data_state": verdict.data_state.value,
        **_figure(verdict.figure),
        "limit": verdict.limit,
        "share_of_limit": verdict.share_of_limit,
        "date": _day(verdict.date),
        "since": _day(verdict.since),
        "breach_known_since": _day(verdict.known_since),
        "first_known": _first(verdict.first_known),
        "current": verdict.is_current if verdict.is_open else None,
        "figure": _claimed(verdict.claim) if verdict.claim else None,
        "headlines": [_headline(one) for one in verdict.headlines],
        "dated_events": _events(verdict.events),
        "support": _support(verdict.support),
        "sentence": verdict.sentence,
        "series": [_newest(one) for one in verdict.newest],
        "withdrawn": [_withdrawal(one) for one in verdict.withdrawals],
        "on_record": [_on_record(one) for one in verdict.on_record],
        "outlook": _outlook(outlook(evaluation)),
        "problems": [problem.as_json() for problem in verdict.problems],
    }


def _outlook(ahead: Outlook | None) -> dict[str, Any] | None:
    """Null where there is no cap, or nothing of its open period is known."""
    if ahead is None:
        return None
    return {
        "source": ahead.source or None,
        "period": str(ahead.period),
        "until": ahead.until.isoformat(),
        "elapsed": ahead.elapsed,
        "is_partial": ahead.is_partial,
        "used": _range(ahead.used),
        "remaining": _range(ahead.remaining),
        "pace": _range(ahead.pace),
        "projected": _range(ahead.projected),
        "limit_reached": dict(zip(("earliest", "latest"), map(_day, ahead.exhausted), strict=True))
        if ahead.exhausted
        else None,
        "milestones": [{"percent": level, "by": day.isoformat()} for level, day in ahead.milestones],
    }


def _range(figure: Figure | None) -> dict[str, float | None] | None:
    if figure is None:
        return None
    return {"low": _number(figure.low), "value": _number(figure.value), "high": _number(figure.high)}


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "value": _number(figure.value),
        "low": _number(figure.low),
        "high": _number(figure.high),
        "or_more": figure.or_more,
        "unit": figure.unit,
    }


def _newest(newest: LatestFigure) -> dict[str, Any]:
    return {
        "source": newest.source,
        "claimant": newest.title,
        "period": str(newest.period) if newest.period else None,
        **_figure(newest.figure),
        "date": _day(newest.date),
        "published_at": _day(newest.published_at),
        "data_state": newest.data_state.value,
        "converted": newest.converted or None,
    }


def _on_record(record: PastBreach) -> dict[str, Any]:
    return {
        "period": record.period,
        "source": record.source,
        "severity": _word(record.severity),
        "passed_by": _word(record.passed_by),
        **_figure(record.figure),
        "share_of_limit": record.share_of_limit,
        "breach_known_since": _day(record.known_since),
        "first_known": _first(record.first_known),
        "figure": _claimed(record.claim) if record.claim else None,
        "is_withdrawn": record.is_withdrawn,
        "sentence": record.sentence,
    }


def _withdrawal(one: Withdrawal) -> dict[str, Any]:
    return {
        "line": one.line,
        "severity": one.severity.word,
        "passed_by": one.passed_by.word,
        "loss": one.loss.value,
        "lost_at": one.lost_at.isoformat(),
        "is_open": one.is_open,
        "figure": _claimed(one.claim),
        "part": _claimed(one.part) if one.part else None,
        "instead": _claimed(one.instead) if one.instead else None,
    }


def _claimed(claim: ClaimedFigure) -> dict[str, Any]:
    """A figure with its own claimant, period and publication."""
    return {
        "claimant": claim.claimant,
        "source": claim.source or None,
        **_figure(claim.figure),
        "subject": claim.subject or None,
        "period": str(claim.period),
        "published_at": _day(claim.published_at),
        "known_on": _day(claim.known_on),
        "row": claim.place or None,
    }


def _first(claim: ClaimedFigure | None) -> dict[str, Any] | None:
    """The figure by which a breach became known first, and the day on which it did."""
    return None if claim is None else {"on": _day(claim.known_on), "figure": _claimed(claim)}


def _headline(one: Headline) -> dict[str, Any]:
    return {
        "subject": one.subject or None,
        "low": _number(one.figure.low),
        "high": _number(one.figure.high),
        "or_more": one.figure.or_more,
        "unit": one.figure.unit,
        "claimants": one.claimants,
        "official": one.official,
        "parts": one.parts,
        "largest": _claimed(one.largest),
        "newest": _claimed(one.newest),
    }


def _events(events: DatedEvents | None) -> dict[str, Any] | None:
    if events is None:
        return None
    return {"count": _number(events.count), "since": _day(events.since), "claimants": events.claimants}


def _support(support: Support | None) -> dict[str, Any] | None:
    if support is None:
        return None
    return {
        "claimants": support.claimants,
        "known_by": {how or "not stated": count for how, count in support.known_by},
        "corroborated": support.is_corroborated,
        "if_true": support.is_unproven,
    }


def _observations(evaluation: Evaluation, assessment: Assessment) -> Iterator[list[object]]:
    series = assessment.series
    for position in np.flatnonzero(series.current):
        severity, passed_by = int(assessment.severity[position]), int(assessment.passed_by[position])
        yield [
            evaluation.verdict.id,
            series.source,
            day_of(series.end[position]),
            *(_plain(float(side[position])) for side in (series.value, series.low, series.high)),
            Severity(severity).word if severity >= 0 else "",
            PassedBy(passed_by).word if passed_by else "",
            _state(evaluation, assessment, int(position)),
            day_of(series.known_at[position]),
            day_of(assessment.known_since[position]) if assessment.is_alarm[position] else "",
        ]


def _state(evaluation: Evaluation, assessment: Assessment, position: int) -> str:
    """The state of the episode that an observation belongs to; a gap belongs to none."""
    if assessment.severity[position] < 0:
        return ""
    day = day_of(assessment.series.end[position])
    if assessment.is_alarm[position]:
        for episode in evaluation.episodes:
            if episode.source == assessment.series.source and episode.first <= day <= episode.last:
                return episode.state.value
    return "inactive"


def _rows(evaluation: Evaluation, rows: pd.DataFrame) -> list[str]:
    return [_row(row, evaluation.conversions.of(row)) for row in rows.to_dict("records")]


def _row(row: dict[Any, Any], conversion: Conversion | None) -> str:
    period = words.span(Period(row["start"].date(), row["end"].date()))
    figure = _stated(row)
    if conversion:
        figure = f"{conversion.figure}, {conversion}{_behind(str(row['subject']))}"
    published = f", published {words.span(parse_period(row['published']))}" if row["published"] else ""
    cited = row["citation"] or (f"document {row['document']}" if row["document"] else "no citation")
    if conversion:
        cited += f"\n      factor: {conversion.cited}"
    return f"  {row['file']}:{row['line']}  {row['source']}  {period}: {figure}{published}\n      {cited}"


def _stated(row: dict[Any, Any]) -> str:
    """What a row says, and of whom: its figure, that no report was filed, or its event in words."""
    subject = str(row["subject"])
    if row["status"] == "missing":
        said = f"no report filed{_behind(subject)}"
        return f"{said} ({row['note']})" if row["note"] else said
    if row["unit"] in UNITS_IN_WORDS and subject:
        return subject
    return str(Figure.stated(row["low"], row["value"], row["high"], row["unit"])) + _behind(subject)


def _behind(subject: str) -> str:
    return f", {subject}" if subject else ""


def _word(level: Severity | PassedBy | None) -> str | None:
    return None if level is None else level.word


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _plain(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.15g}"


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
