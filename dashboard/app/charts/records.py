"""The values that charts draw, as records with fixed field names, times in UTC, texts ready to read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from dashboard import words
from dashboard.app.gaps import runs
from dashboard.assess import Assessment
from dashboard.model import Certainty, Episode, Series, Severity, Verdict
from dashboard.outlook import outlook
from dashboard.periods import Anchor, Period, day_of
from dashboard.thresholds import Threshold
from dashboard.units import Conversion, Conversions

Record = dict[str, Any]
_AT_THE_FOOT: Record = {"low": None, "value": 0.0, "high": None, "y": 0.0, "at_most": False}
SHORTEST = timedelta(days=120)  # of the time axis, so that one event has some time around it


def instant(day: date) -> str:
    """Midnight UTC, said so that no browser reads it in its own time zone."""
    return f"{day.isoformat()}T00:00:00Z"


def observations(assessment: Assessment, anchor: Anchor | None, unit: str) -> list[Record]:
    """The current figures of a line; `run` numbers the stretches that a line may join.

    What is counted in another unit than the axis, `unit`, has no height on it and stands at its foot.
    """
    series = assessment.series
    chosen = np.flatnonzero(series.current & series.has_figure)
    shown = series.take(chosen)
    run_of = {position: number for number, run in enumerate(runs(shown, anchor)) for position in run}
    return [
        {
            **(_sides(*_ends(series, at)) if series.unit == unit else _AT_THE_FOOT),
            "source": series.title,
            "start": instant(day_of(series.start[at])),
            "end": instant(day_of(series.end[at])),
            "run": run_of[number],
            "figure": _figure(series, at),
            "period": words.span(Period(day_of(series.start[at]), day_of(series.end[at]))),
            "verdict": _verdict(assessment, at),
            "known": words.day(day_of(series.known_at[at])),
            "or_more": bool(series.or_more[at]),
        }
        for number, at in enumerate(int(position) for position in chosen)
    ]


def row_records(rows: pd.DataFrame, titles: Mapping[str, str], unit: str, conversions: Conversions) -> list[Record]:
    """Rows of the CSV files as they were published, those with a figure; converted ones in the axis' unit."""
    return [
        {
            **_row_figure(row, unit, conversions.of(row)),
            **_about(row, titles),
            "verdict": row["status"],
            "known": _day(row["known_at"]),
        }
        for row in rows.to_dict("records")
        if not (math.isnan(row["low"]) and math.isnan(row["value"]) and math.isnan(row["high"]))
    ]


def _row_figure(row: Mapping[Any, Any], unit: str, conversion: Conversion | None) -> Record:
    """As series read a row: a blank end equals the value; a low end without a high one means "or more".

    What has no figure in the axis' unit has no height on it.
    """
    if conversion:
        sides = _sides(conversion.low, conversion.value, conversion.high)
        return {**sides, "figure": f"{conversion.figure}, {conversion}", "or_more": conversion.or_more}
    low, value, high = row["low"], row["value"], row["high"]
    or_more = math.isnan(high) and not math.isnan(low)
    low, high = (value if math.isnan(end) else end for end in (low, high))
    said = words.amount(low, value, high, row["unit"] or unit, or_more=or_more)
    sides = _sides(low, value, high) if row["unit"] in ("", unit) or not unit else _AT_THE_FOOT
    return {**sides, "figure": said, "or_more": or_more}


def _day(instant: pd.Timestamp) -> str:
    return words.day(instant.date())


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


def spans(verdict: Verdict, as_of: date) -> list[Record]:
    """The time in breach, overlapping episodes of one severity as one; nothing reaches beyond the instant.

    Of a cap it is the whole period: when in it the cap was passed is seldom known.
    """
    found: list[Record] = []
    for episode in sorted(verdict.episodes, key=lambda one: (one.severity, one.first)):
        first = _breached_period(verdict, episode).start if verdict.period else episode.first
        end = instant(min(episode.ended or episode.until or as_of, as_of))
        last = found[-1] if found else None
        if last and last["severity"] == episode.severity.word and instant(first) <= last["end"]:
            last["end"] = max(last["end"], end)
        else:
            said = f"{episode.severity.word}, known since {words.day(episode.known_since)}"
            found.append({"start": instant(first), "end": end, "severity": episode.severity.word, "verdict": said})
    return found


def _breached_period(verdict: Verdict, episode: Episode) -> Period:
    assert verdict.period is not None
    return Anchor(verdict.period.start.month, verdict.period.start.day).period(episode.last)


@dataclass(frozen=True)
class Level:
    """A threshold that is the same for every observation."""

    value: float
    label: str
    severity: str


def levels(verdict: Verdict) -> list[Level]:
    """The thresholds as they were evaluated, those that do not move, the lowest first."""
    found: dict[float, Level] = {}
    for assessment in verdict.assessments:
        for threshold, bound in zip(assessment.thresholds, assessment.bounds, strict=True):
            for value in _fixed(threshold, bound):
                found[value] = Level(value, _level_label(verdict, value, threshold), threshold.severity)
    return [found[value] for value in sorted(found)]


def _fixed(threshold: Threshold, bound: np.ndarray) -> list[float]:
    """The levels of a threshold that are the same for every observation; none where they move, or none was known."""
    known = np.unique(bound[~np.isnan(bound)])
    if threshold.calm and known.size:
        return [level for level in threshold.calm if math.isfinite(level)]
    return [float(known[0])] if len(known) == 1 else []


def _level_label(verdict: Verdict, value: float, threshold: Threshold) -> str:
    if verdict.limit is not None:
        is_cap = value == verdict.limit
        return (
            f"cap {_amount(verdict, value)}" if is_cap else f"{words.number(100 * value / verdict.limit)} % of the cap"
        )
    return f"{threshold.severity} {_side(threshold, value)} {_amount(verdict, value)}"


def _side(threshold: Threshold, value: float) -> str:
    """On which side of a level figures pass."""
    if threshold.calm and value == threshold.calm[0]:
        return "below"
    return "from" if threshold.reaches else "above"


def _amount(verdict: Verdict, value: float) -> str:
    return f"{words.number(value)} {unit_of(verdict)}".rstrip()


def unit_of(verdict: Verdict) -> str:
    """What its figures are counted in: as its lines say where they agree, else as the catalogue does."""
    units = {one.series.unit for one in verdict.assessments}
    return units.pop() if len(units) == 1 else verdict.unit


def moving_bounds(verdict: Verdict) -> list[Record]:
    """Thresholds that differ from one observation to the next, such as a trailing baseline or what is expected."""
    return [
        {
            "end": instant(day_of(assessment.series.end[at])),
            "y": float(bound[at]),
            "threshold": f"{line}.{number}",
            "severity": threshold.severity,
            "level": f"{threshold.severity} {_side(threshold, float(bound[at]))} {_amount(verdict, float(bound[at]))}",
            "source": assessment.series.title,
        }
        for line, assessment in enumerate(verdict.assessments)
        for number, (threshold, bound) in enumerate(zip(assessment.thresholds, assessment.bounds, strict=True))
        if not _fixed(threshold, bound)
        for at in np.flatnonzero(~np.isnan(bound) & assessment.series.current)
    ]


def projection(verdict: Verdict) -> list[Record]:
    """Where the pace of a cap's open period leads, from its newest figure to the period's end; [] where nowhere."""
    ahead = outlook(verdict)
    if ahead is None or ahead.projected is None or ahead.until >= ahead.period.end:
        return []
    said = f"projected: {ahead.projection(verdict.unit)}"
    ends = ((ahead.until, ahead.used), (ahead.period.end, ahead.projected))
    return [{**_sides(*sides), "end": instant(day), "figure": said} for day, sides in ends]


def middle(record: Record) -> float:
    return float(next(record[side] for side in ("value", "low", "high") if record[side] is not None))


def _sides(low: float, value: float, high: float) -> Record:
    """The figure and its range; `y` is where its mark stands: the value, else the low end, else the high."""
    known = {
        name: None if math.isnan(side) else float(side)
        for name, side in (("low", low), ("value", value), ("high", high))
    }
    at_most = known["high"] is not None and known["value"] is None and known["low"] is None
    return {**known, "y": middle(known), "at_most": at_most}


def _ends(series: Series, at: int) -> tuple[float, float, float]:
    return float(series.low[at]), float(series.value[at]), float(series.high[at])


def _figure(series: Series, at: int) -> str:
    return words.amount(*_ends(series, at), series.unit, or_more=bool(series.or_more[at]))


def _verdict(assessment: Assessment, at: int) -> str:
    severity, certainty = int(assessment.severity[at]), int(assessment.certainty[at])
    if severity < 0:
        return "not assessed"
    said = Severity(severity).word
    return f"{said}, {Certainty(certainty).word}" if certainty else said


@dataclass(frozen=True)
class Material:
    """All that a chart of figures draws."""

    figures: list[Record]
    provisional: list[Record]
    missing: list[Record]
    breaches: list[Record]
    levels: list[Level]
    moving: list[Record]
    ahead: list[Record]
    unit: str
    as_of: date

    @property
    def told(self) -> list[Record]:
        return [*self.figures, *self.provisional]

    @property
    def top(self) -> float:
        """A little more than the highest thing drawn."""
        highest = [
            *(highest_of(record) for record in [*self.told, *self.ahead]),
            *(level.value for level in self.levels),
            *(record["y"] for record in self.moving),
        ]
        return 1.05 * max(highest, default=0.0) or 1.0

    @property
    def last(self) -> str:
        """The instant; what is projected lies after it, and nothing else does."""
        return str(max([instant(self.as_of), *(record["end"] for record in self.ahead)]))

    @property
    def first(self) -> str:
        drawn = [record["start"] for record in [*self.told, *self.missing, *self.breaches]]
        return str(min([*drawn, instant(self.as_of - SHORTEST)]))


def highest_of(record: Record) -> float:
    return float(max(record[side] for side in ("low", "value", "high") if record[side] is not None))


def titles_of(records: Sequence[Record]) -> list[str]:
    """Sources in the order of their first record, so that each keeps its shape and colour."""
    return list(dict.fromkeys(str(record["source"]) for record in records))
