"""Comparing ranges with a bound: which end of its range lies above, or reaches it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dashboard.domain import PassedBy, Series
from dashboard.thresholds.judgement import NOT_JUDGED, NOT_PASSED


def compare_above(
    series: Series,
    bound: np.ndarray | float,
    *,
    bound_low: np.ndarray | float | None = None,
    bound_high: np.ndarray | float | None = None,
    reached: bool = False,
) -> np.ndarray:
    """By which end of its range each observation lies above `bound`, or reaches it (`reached`): a `PassedBy`.

    The low end passes only if somebody vouches for it. Where the bound is a range too, the end that makes it hardest
    counts.
    An unknown high end, or a partial total, cannot show that a bound was not passed: such an observation is not
    judged unless it passes.
    """
    bound_low = bound if bound_low is None else bound_low
    bound_high = bound if bound_high is None else bound_high
    by_value = exceeds(series.value, bound, reached=reached)
    if series.low is not series.value:
        by_value |= exceeds(series.low, bound, reached=reached)
    if series.value_floor is not None:
        by_value |= exceeds(series.value_floor, bound, reached=reached)
    passed = by_value.view(np.int8) * np.int8(PassedBy.VALUE)
    if series.high is not series.value or bound_low is not bound:
        passed = np.maximum(passed, exceeds(series.high, bound_low, reached=reached).view(np.int8))
    if series.high_floor is not None:
        passed = np.maximum(passed, exceeds(series.high_floor, bound_low, reached=reached).view(np.int8))
    if series.is_vouched_for:
        by_lowest = exceeds(series.at_least, bound_high, reached=reached).view(np.int8)
        passed = np.maximum(passed, by_lowest * np.int8(PassedBy.LOWEST))
    if not series.is_plain or isinstance(bound, np.ndarray):
        unknown = np.isnan(bound) if series.is_plain else np.isnan(bound) | np.isnan(series.high) | series.partial
        np.copyto(passed, NOT_JUDGED, where=unknown & (passed == NOT_PASSED))
    return passed


def exceeds(figure: np.ndarray, bound: np.ndarray | float, *, reached: bool) -> np.ndarray:
    """Greater, or greater or equal; a sum of decimals that misses the bound by rounding alone counts as equal."""
    slack = np.abs(bound) * 1e-12
    return np.asarray(figure >= bound - slack if reached else figure > bound + slack)


def mirrored(series: Series) -> Series:
    """The series with its sign turned, so that "below" can be asked as "above".

    Of a partial total only what is known of it may lie below: the whole may lie higher, but never lower than that,
    unless there are amounts below zero. So "6 or more" is surely not below 5.
    """
    some_below_zero = bool((series.low < 0).any())
    return replace(
        series,
        partial=series.partial & some_below_zero,
        value_floor=None,
        high_floor=None,
        low=np.where(series.partial, np.nan, -series.high),
        value=np.where(series.partial, np.nan, -series.value),
        high=-series.low,
        at_least=np.where(series.partial, np.nan, -series.at_most),
        at_most=-series.at_least,
    )


def as_stated(series: Series) -> Series:
    """The series with every number taken at its word, for a question that does not hang on the exact number."""
    return replace(series, at_least=series.low, at_most=series.high)


def constant(bound: float, count: int) -> np.ndarray:
    """The same bound for every observation."""
    return np.full(count, bound, float)
