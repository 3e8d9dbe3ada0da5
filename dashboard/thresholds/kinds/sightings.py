"""Counts events seen one by one: how many occurred within a time, and which was the first for a time.

Sources of events report the events that they happen to see, so fewer events than before prove nothing: once a level was
reached, only a row of zero ("looked and saw none") can end the breach.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dashboard.domain import PassedBy, Series
from dashboard.domain.dates import Duration, day_of
from dashboard.thresholds.compare import compare_above
from dashboard.thresholds.judgement import NEVER, NOT_JUDGED, NOT_PASSED


def first_for_a_time(series: Series, occurred: np.ndarray, without: Duration) -> np.ndarray:
    """Which occurrences came after a time without any; an earlier one that is not excluded leaves this in doubt."""
    passed = occurred.copy()
    until = _until(series, without)
    for position in np.flatnonzero(occurred > NOT_PASSED):
        earlier = series.current & (series.end < series.end[position]) & (until > series.end[position])
        surest = occurred[earlier].max(initial=NOT_PASSED)
        if surest > NOT_PASSED:
            passed[position] = NOT_PASSED if surest >= PassedBy.VALUE else PassedBy.HIGHEST
    return _never_calmed_by_events(series, occurred, passed)


def count_within(wanted: int, series: Series, occurred: np.ndarray, within: Duration) -> tuple[np.ndarray, np.ndarray]:
    """Which occurrences complete the wanted number within a time, and from which instants that was known."""
    low = np.where(np.isnan(series.low), 0.0, series.low)
    counts: dict[str, Any] = {"low": low, "value": np.where(np.isnan(series.value), low, series.value)}
    counts["high"] = np.where(np.isnan(series.high), counts["value"], series.high)
    together: dict[str, Any] = {side: count.copy() for side, count in counts.items()}
    partial, windows = series.partial.copy(), _windows(series, occurred, within)
    for position, window in windows.items():
        partial[position] = series.partial[window].any()
        for side, count in counts.items():
            together[side][position] = count[window].sum()
    totals = replace(series, **together, at_least=together["low"], at_most=together["high"], partial=partial)
    passed = compare_above(totals, float(wanted), reached=True)
    passed = np.where(occurred > NOT_PASSED, passed, occurred).astype(np.int8)
    known_at = np.full(len(series), NEVER)
    for position, window in windows.items():
        if passed[position] > NOT_PASSED:
            side = {PassedBy.LOWEST: "low", PassedBy.VALUE: "value"}.get(PassedBy(passed[position]), "high")
            known_at[position] = _known_at(series.known_at[window], counts[side][window], wanted)
    return _never_calmed_by_events(series, occurred, passed), known_at


def _windows(series: Series, occurred: np.ndarray, within: Duration) -> dict[int, np.ndarray]:
    """For each occurrence the positions of the figures in the time up to it: its own vintage, else the newest ones."""
    until = _until(series, within)
    windows = {}
    for position in map(int, np.flatnonzero(occurred > NOT_PASSED)):
        end = series.end[position]
        others = series.current & series.has_figure & (series.end <= end) & (until > end)
        windows[position] = np.append(np.flatnonzero(others & (series.key != series.key[position])), position)
    return windows


def _until(series: Series, span: Duration) -> np.ndarray:
    """For each observation the first day on which it lies a whole span back."""
    return np.array([span.after(day_of(end)) for end in series.end], dtype="datetime64[D]")


def _known_at(known_at: np.ndarray, counts: np.ndarray, wanted: int) -> np.datetime64:
    order = np.argsort(known_at, kind="stable")
    enough = np.flatnonzero(np.cumsum(counts[order]) >= wanted)
    return np.datetime64(known_at[order[enough[0]]], "s")


def _never_calmed_by_events(series: Series, occurred: np.ndarray, passed: np.ndarray) -> np.ndarray:
    """Leaves the events after a breach not judged, until somebody looked and saw none."""
    judged = passed.copy()
    stands, newest = False, NEVER
    for position in range(len(series)):
        if occurred[position] > NOT_PASSED and judged[position] == NOT_PASSED and stands:
            judged[position] = NOT_JUDGED
        elif not series.current[position] or judged[position] == NOT_JUDGED:
            continue
        elif judged[position] > NOT_PASSED:
            stands, newest = True, series.end[position]
        elif stands:
            stands = not series.start[position] > newest  # "none seen" in a year does not deny an event on a day of it
    return judged
