"""Judges each value of a series by the values before it: the newest alone, and the newest few together."""

from __future__ import annotations

import numpy as np

from dashboard.thresholds.anomaly.arrays import Bools, Days, Floats, Ints
from dashboard.thresholds.anomaly.bounds import Bound, Bounds
from dashboard.thresholds.anomaly.history import FEWEST, YEAR, History, Yardstick
from dashboard.thresholds.anomaly.recent_window import BACK, MOST_TOGETHER, seen_together, which_together
from dashboard.thresholds.anomaly.regression import fit_robustly

ALONE, TOGETHER = 0.2, 0.8  # shares of the chance of a false alarm: the newest alone, the newest few together
OVERLAP = 0.75  # alarms that last or coincide are one: simulated for one and two together with a known mean, of what
# the shares add up to there are 0.67 to 0.78 at a mean of 100, 0.60 to 0.70 at 10 and 0.28 to 0.41 at 1
BATCH = 64  # values judged at once: more would leave the processor's cache
AS_SHIPPED = Yardstick()


def judge_newest(ends: Days, values: Floats, yardstick: Yardstick = AS_SHIPPED) -> Bound:
    """Judge the last value by those before it; `ends` are days in increasing order, a missing value is NaN."""
    return judge_history(ends, values, yardstick, since=len(values) - 1).at(0)


def judge_history(ends: Days, values: Floats, yardstick: Yardstick = AS_SHIPPED, *, since: int = 0) -> Bounds:
    """Judge each value from position `since` only by those before it, as `judge_newest` would have as the last."""
    if yardstick.guard < MOST_TOGETHER - 1:
        raise ValueError(f"a guard of {yardstick.guard} is too few: the newest {MOST_TOGETHER} may be judged together")
    days = ends.astype("datetime64[D]").astype(np.float64)
    if np.any(np.diff(days) <= 0):
        raise ValueError("the ends of the observations must increase")
    with_value = np.flatnonzero(~np.isnan(values))
    history = History(days[with_value], values[with_value], yardstick)
    judged = np.arange(since, len(values))
    result = Bounds.empty(len(judged))
    present = ~np.isnan(values[judged])
    result.reason[~present] = "the value is missing"
    place = np.where(present, np.searchsorted(with_value, judged), 0)  # among those that are not missing
    rows = np.flatnonzero(_enough(history, place, present, result))
    for batch in np.array_split(rows, -(-len(rows) // BATCH)) if len(rows) else []:
        _judge_batch(history, place[batch], result, batch)
    return result


def _enough(history: History, place: Ints, present: Bools, result: Bounds) -> Bools:
    """Which values can be judged; the result gets a reason for each other value."""
    first, end = history.baseline(place)
    enough, guard = end - first >= FEWEST, history.yardstick.guard
    for row in np.flatnonzero(present & ~enough):
        earlier = end[row] + guard - first[row]
        result.reason[row] = f"too little history: {earlier} earlier values, {FEWEST + guard} are needed"
    negative = present & history.any_negative(place)
    result.reason[negative] = "negative values are neither counts nor amounts"
    return np.asarray(present & enough & ~negative)


def _judge_batch(history: History, place: Ints, result: Bounds, rows: Ints) -> None:
    """Judge the values at `place`, which increase, and write them to `rows` of the result."""
    first, end = history.baseline(place)
    base = first[0]
    position = np.arange(base, place[-1] + 1)  # those of all the baselines, and of the values judged
    inside = (position >= first[:, None]) & (position < end[:, None])
    days, values = history.days[position], history.values[position]
    seen = np.where(inside, values, 0.0)
    counts = np.all(seen == np.floor(seen), axis=1)
    scale = np.where(counts, 1.0, seen.sum(1) / inside.sum(1))
    years = (days - days[len(days) // 2]) / YEAR
    model = fit_robustly(years, seen / scale[:, None], inside, counts)

    newest = place[:, None] - base - BACK
    together = which_together(days, newest, inside)
    looked = values[newest] / scale[:, None]
    ahead = model.means(years[newest])
    level = history.level(first, end) / OVERLAP
    bounds, chances = [], []
    for chosen, share in ((np.broadcast_to(BACK == 0, newest.shape), ALONE), (together, TOGETHER)):
        prediction = model.predict(years[newest], ahead * chosen)
        earlier = np.where(chosen, looked, 0.0)[:, :-1].sum(1)
        bounds.append(prediction.quantile(level * share) - earlier)
        chances.append(prediction.chance(earlier + looked[:, -1]) / share * OVERLAP)
    few = np.where(chances[1] < chances[0], together.sum(1), 1)

    result.bound[rows] = np.maximum(np.minimum(*bounds), 0.0) * scale
    result.expected[rows] = ahead[:, -1] * scale
    result.p_value[rows] = np.minimum(np.minimum(*chances), 1.0)
    result.periods[rows] = inside.sum(1)
    result.together[rows] = few
    result.seen_mean[rows], result.seen_max[rows] = seen_together(seen, inside, few)
