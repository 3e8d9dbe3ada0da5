"""The values that charts draw, as records with fixed field names, times in UTC, texts ready to read."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import numpy as np

from dashboard.analysis import outlook
from dashboard.domain import Episode, Figure, PassedBy, Severity
from dashboard.domain.dates import Anchor, Period, day_of
from dashboard.domain.text import wording as words
from dashboard.evaluation import Evaluation
from dashboard.late_imports import pd
from dashboard.reporting import joined_runs
from dashboard.rows import are_assumed
from dashboard.series import Conversion, Conversions
from dashboard.thresholds import Assessment

Record = dict[str, Any]
_OFF_THE_AXIS: Record = {"low": None, "value": None, "high": None, "y": None, "at_most": False}


def instant(day: date) -> str:
    """A day as midnight UTC, with its zone, so that no browser reads it in its own time zone."""
    return f"{day.isoformat()}T00:00:00Z"


def observations(
    assessment: Assessment, anchor: Anchor | None, unit: str, assumed_days: Collection[date] = ()
) -> list[Record]:
    """The current figures of a line; `run` numbers the stretches that a line may join. `assumed_days`: those on which
    rows became known by an assumed publication.

    What is counted in another unit than the axis, `unit`, or is without measure has no height on it: `y` is None.
    """
    series = assessment.series
    positions = np.flatnonzero(series.current & series.has_figure)
    heights = {at: _sides(series.figure(at)) if series.unit == unit else _OFF_THE_AXIS for at in positions.tolist()}
    drawn_positions = np.array([at for at, sides in heights.items() if sides["y"] is not None], dtype=int)
    ordered = joined_runs(series.take(drawn_positions), anchor)
    run_of = {int(drawn_positions[position]): number for number, run in enumerate(ordered) for position in run}
    return [
        {
            **sides,
            "source": series.title,
            "start": instant(day_of(series.start[at])),
            "end": instant(day_of(series.end[at])),
            "run": run_of.get(at, -1),
            "figure": _figure_in_words(series.figure(at)),
            "period": words.span(Period(day_of(series.start[at]), day_of(series.end[at]))),
            "verdict": _verdict(assessment, at),
            "known": _known(day_of(series.known_at[at]), assumed_days),
            "or_more": bool(series.or_more[at]) or math.isinf(series.high[at]),
        }
        for at, sides in heights.items()
    ]


def row_records(rows: pd.DataFrame, titles: Mapping[str, str], unit: str, conversions: Conversions) -> list[Record]:
    """Published rows that have a figure, as records; converted ones are in the unit of the axis."""
    return [
        {
            **_row_figure(row, unit, conversions.of(row)),
            **_about(row, titles),
            "verdict": row["status"],
            "known": words.day_known(row["known_at"].date(), is_assumed=bool(is_assumed)),
        }
        for row, is_assumed in zip(rows.to_dict("records"), are_assumed(rows), strict=True)
        if not (math.isnan(row["low"]) and math.isnan(row["value"]) and math.isnan(row["high"]))
    ]


def _row_figure(row: Mapping[Any, Any], unit: str, conversion: Conversion | None) -> Record:
    """A row's figure as series read it: a blank end equals the value; a low end without a high one means "or more".

    What has no figure in the axis' unit has no height on it: `y` is None, for it is unknown there and not zero.
    """
    if conversion:
        text = f"{conversion.figure}, {conversion}"
        return {**_sides(conversion.figure), "figure": text, "or_more": conversion.figure.or_more}
    figure = Figure.from_cells(row["low"], row["value"], row["high"], row["unit"] or unit)
    sides = _sides(figure) if row["unit"] in ("", unit) or not unit else _OFF_THE_AXIS
    return {**sides, "figure": str(figure), "or_more": figure.or_more}


def _known(day: date, assumed_days: Collection[date]) -> str:
    return words.day_known(day, is_assumed=day in assumed_days)


def missing_records(rows: pd.DataFrame, titles: Mapping[str, str]) -> list[Record]:
    """Periods that are known to be missing, and why."""
    missing = rows[rows["status"] == "missing"]
    return [{**_about(row, titles), "reason": row["note"]} for row in missing.to_dict("records")]


def _about(row: Mapping[Any, Any], titles: Mapping[str, str]) -> Record:
    period = Period(row["start"].date(), row["end"].date())
    return {
        "source": titles.get(row["source"], row["source"]),
        "start": instant(period.start),
        "end": instant(period.end),
        "period": words.span(period),
    }


def breach_records(evaluation: Evaluation, as_of: date) -> list[Record]:
    """The time in breach, overlapping episodes of one severity as one; nothing reaches beyond the instant.

    Of a cap it is the whole period: when in it the cap was passed is seldom known.
    """
    spans: list[Record] = []
    for episode in sorted(evaluation.episodes, key=lambda one: (one.severity, one.first)):
        first = _breached_period(evaluation, episode).start if evaluation.verdict.period else episode.first
        end = instant(min(episode.ended or episode.until or as_of, as_of))
        last = spans[-1] if spans else None
        if last and last["severity"] == episode.severity.word and instant(first) <= last["end"]:
            last["end"] = max(last["end"], end)
        else:
            text = f"{episode.severity.word}, first known {_known(episode.known_since, evaluation.assumed_days)}"
            spans.append({"start": instant(first), "end": end, "severity": episode.severity.word, "verdict": text})
    return spans


def _breached_period(evaluation: Evaluation, episode: Episode) -> Period:
    assert evaluation.verdict.period is not None
    return Anchor.of(evaluation.verdict.period).period(episode.last)


def projection(evaluation: Evaluation) -> list[Record]:
    """Where the pace of a cap's open period leads, from its newest figure to the period's end; [] where nowhere."""
    ahead = outlook(evaluation)
    if ahead is None or ahead.projected is None or ahead.until >= ahead.period.end:
        return []
    text = f"projected: {ahead.projection}"
    ends = ((ahead.until, ahead.used), (ahead.period.end, ahead.projected))
    return [{**_sides(figure), "end": instant(day), "figure": text} for day, figure in ends]


def _sides(figure: Figure) -> Record:
    """The figure and its range, ends without measure left out; `y` is where its mark stands, None for nowhere.

    That is the value, else the low end, else the high.
    """
    ends = {
        name: float(side) if math.isfinite(side) else None
        for name, side in (("low", figure.low), ("value", figure.value), ("high", figure.high))
    }
    middle = next((ends[side] for side in ("value", "low", "high") if ends[side] is not None), None)
    at_most = ends["high"] is not None and ends["value"] is None and ends["low"] is None
    return {**ends, "y": middle, "at_most": at_most}


def _figure_in_words(figure: Figure) -> str:
    sides = (figure.low, figure.value, figure.high)
    if not any(map(math.isinf, sides)):
        return str(figure)
    low, value, high = (math.nan if math.isinf(side) else side for side in sides)
    measured = Figure(low, value, high, figure.unit)
    if math.isnan(measured.central):
        return "without measure"
    return f"{measured}, perhaps without measure"


def _verdict(assessment: Assessment, at: int) -> str:
    severity, passed_by = int(assessment.severity[at]), int(assessment.passed_by[at])
    if severity < 0:
        return "not assessed"
    severity_word = Severity(severity).word
    return f"{severity_word}, {PassedBy(passed_by).phrase}" if passed_by else severity_word


def highest_of(record: Record) -> float:
    return float(max(record[side] for side in ("low", "value", "high") if record[side] is not None))
