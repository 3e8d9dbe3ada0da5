"""The engine against bare NumPy: generated daily series of ten years, with every kind of memory a rule has."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from datetime import date

import numpy as np

from dashboard.catalog.indicator import Indicator
from dashboard.domain.series import Series
from dashboard.domain.verdict import Episode
from dashboard.thresholds.threshold import EvaluationContext
from tests.benchmarks import bare_numpy
from tests.benchmarks.line_engine import cap_episodes, line_episodes

POINTS = 3650
FIRST = np.datetime64("2014-01-01")
LEVEL, RECOVER, LEAST, TIMES, FEWEST, LIMIT = 130.0, 110.0, 3, 2.0, 5, 38_000.0

WATCHED = Indicator.model_validate(
    {
        "title": "Generated", "unit": "bbl", "sources": ["generated"],
        "thresholds": [
            {"severity": "warning", "above": LEVEL, "for": f"{LEAST}d", "recover_below": RECOVER},
            {"severity": "critical", "times_baseline": TIMES},
        ],
    }
)  # fmt: skip
CAPPED = Indicator.model_validate(
    {
        "title": "Generated", "unit": "bbl", "sources": ["generated"], "combine": "sum",
        "accumulate": "calendar_year", "limit": LIMIT, "thresholds": [{"severity": "critical", "at_percent": 100}],
    }
)  # fmt: skip
AS_OF = date(2023, 12, 31)
SETTING, OF_CAP = EvaluationContext(AS_OF, "bbl"), EvaluationContext(AS_OF, "bbl", LIMIT, "calendar year")


def generated(count: int, seed: int = 1) -> np.ndarray:
    """Overdispersed positive series with slow swings and rare jumps; shape (count, POINTS)."""
    rng = np.random.default_rng(seed)
    values = rng.gamma(20.0, 5.0, (count, POINTS)).round(1)
    for row in range(count):
        for start in rng.integers(400, POINTS - 60, 4):
            values[row, start : start + rng.integers(1, 40)] *= rng.uniform(1.2, 3.5)
    return values


def in_memory(values: np.ndarray, days: np.ndarray, *, ranged: bool = False) -> list[Series]:
    """Each row of `values` as a series whose figures were known at the end of their days; with 10 % to both sides."""
    count = len(days)
    nothing, unknown, everything = np.zeros(count, bool), np.broadcast_to(np.nan, count), np.ones(count, bool)
    known_at, places = days.astype("datetime64[s]") + np.timedelta64(86_399, "s"), np.arange(count)

    def series(row: np.ndarray) -> Series:
        low, high = (row * 0.9, row * 1.1) if ranged else (row, row)
        at_least, at_most = (low, high) if ranged else (unknown, unknown)
        return Series(
            "generated", "Generated", days, days, low, row, high, at_least, at_most, nothing, nothing, known_at,
            everything, places, places, days, unit="bbl", kind="flow", origin="generated",
        )  # fmt: skip

    return [series(row) for row in values]


def run(count: int = 10_000) -> list[tuple[str, str, str]]:
    """(what, measured, ratio to the reference and its goal) for each way, in turn on a few hundred series at a time."""
    values = generated(count)
    days = FIRST + np.arange(POINTS)
    years = _years(days)
    took = np.zeros(3)
    kept: list[object] = []  # every episode stays in memory, as on a board
    for part in np.array_split(values, max(1, count // 250)):
        bare, expected = _timed(lambda part=part: [_bare(row, days, years) for row in part])
        lines = in_memory(part, days)
        plain, result = _timed(lambda lines=lines: [_product(line) for line in lines])
        _same(expected, result, days)
        lines = in_memory(part, days, ranged=True)
        ranged, more = _timed(lambda lines=lines: [_product(line) for line in lines])
        took += (bare, plain, ranged)
        kept += [result, more]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        (f"bare NumPy, one call a series, {count:,} x {POINTS:,}", f"{took[0]:.2f} s", "the reference"),
        (
            "for, recovery, trailing baseline, cap: the same episodes",
            f"{took[1]:.2f} s",
            f"{took[1] / took[0]:.1f} x; goal 2 x",
        ),
        ("the same with low and high", f"{took[2]:.2f} s", f"{took[2] / took[0]:.1f} x; goal 4 x"),
        ("peak memory of this process", f"{memory:.0f} MB", "goal 1,000 MB"),
    ]


def _bare(values: np.ndarray, days: np.ndarray, years: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], ...]:
    return (
        bare_numpy.lasting(values, days, LEVEL, RECOVER, LEAST),
        bare_numpy.above_baseline(values, TIMES, FEWEST),
        bare_numpy.cap(values, years, LIMIT),
    )


def _product(line: Series) -> tuple[tuple[Episode, ...], tuple[Episode, ...]]:
    return line_episodes(WATCHED, line, SETTING), cap_episodes(CAPPED, line, OF_CAP)


def _same(expected: list, found: list, days: np.ndarray) -> None:  # type: ignore[type-arg]
    """Every breach of the reference is an episode of the engine and the other way round."""
    for (held, above, caps), (episodes, capped) in zip(expected, found, strict=True):
        merged = _union([*held, *above])
        lines = [(str(days[start]), str(days[stop - 1]) if stop < POINTS else None) for start, stop in merged]
        episodes = [one for one in episodes if one.state.value != "pending"]
        assert len(lines) == len(episodes), (lines, episodes)
        assert [str(days[start]) for start, _ in caps] == [str(one.since) for one in capped]


def _union(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(intervals):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def _years(days: np.ndarray) -> list[tuple[int, int]]:
    firsts = np.unique(days.astype("datetime64[Y]"), return_index=True)[1].tolist()
    return list(zip(firsts, [*firsts[1:], len(days)], strict=True))


def _timed(work: Callable[[], list]) -> tuple[float, list]:  # type: ignore[type-arg]
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result
