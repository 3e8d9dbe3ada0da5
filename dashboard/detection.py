"""The adaptive bound behind `unusual`: which newest value is more than a series' own history can explain.

The history is a quasi-likelihood regression with season and slow trend, in the line of Farrington et al. (1996)
and Noufaily et al. (2013). Season and trend are held near none by priors until the history supports them, past
outbreaks are down-weighted, and the bound is a quantile of the predictive distribution: negative binomial for
counts, gamma for amounts, with the uncertainty of its mean and of its variance. A missing value is NaN and is
never a zero. Pure: no clock, no file, no chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaincc

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

YEAR = 365.25  # days

FALSE_ALARM_EVERY_DAYS = 5 * YEAR
WINDOW_DAYS = 5 * YEAR
GUARD = 3

FEWEST = 12  # values a baseline needs, beside those of the guard
ALONE, TOGETHER = 0.3, 0.7  # shares of the chance of a false alarm: the newest alone, the newest few together
MOST_TOGETHER = 4
LONG_GAP = 0.8  # the newest few are those within one and a half long gaps, which four gaps in five do not exceed:
GAPS_TOGETHER = 1.5  # at least two, as where the series is regular, up to four pictures where they come in bursts
OVERLAP = 0.7  # alarms that last or coincide are one: simulated for one and two together with a known mean, of what
# the shares add up to there are 0.68 to 0.76 at a mean of 100, 0.58 to 0.66 at 10 and 0.45 at 1
SEASON_SD = 0.25  # prior sd of the yearly wave, of the logarithm; half of it for the half-yearly wave
TREND_SD = 0.06  # prior sd of the trend, of the logarithm, a year: a rise within months stays a rise
OUTLYING = 0.1  # values of which fewer than this are due in a whole baseline lose weight
LEAST_WEIGHT = 0.01
ROUNDS = 4  # of fitting and down-weighting
MOST_STEPS = 50  # of Newton's, in one round
PRIOR_FREEDOM = 2.0  # how many values' worth of belief a count's variance starts with, at Poisson's
STEADIEST = 1e-4  # least variance of an amount: a standard deviation of 1 % of the mean
LARGEST_LEVEL = 0.05  # nobody wants more than one false alarm in twenty values
BATCH = 64  # values judged at once: more would leave the processor's cache

_BACK = np.arange(MOST_TOGETHER)[::-1]  # how far the newest few are behind the newest, oldest first
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_NODE_WEIGHTS = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()


@dataclass(frozen=True)
class Bound:
    """What the history says of one value.

    bound: the smallest value that would be unusual; expected: the mean of the newest value; p_value: the chance of
    one at least this large, both looks (alone, and the newest few together) allowed for; together: how many of the
    newest together are the least likely; seen_mean, seen_max: of as many together in the baseline; periods: how many
    values the baseline has. All are NaN or 0 where `reason` says why nothing was judged.
    """

    bound: float
    expected: float
    p_value: float
    seen_mean: float
    seen_max: float
    periods: int
    together: int
    reason: str


@dataclass(frozen=True, eq=False)
class Bounds:
    """A `Bound` for each value judged, as arrays in their order."""

    bound: Floats
    expected: Floats
    p_value: Floats
    seen_mean: Floats
    seen_max: Floats
    periods: Ints
    together: Ints
    reason: NDArray[np.str_]

    def at(self, index: int) -> Bound:
        """What was said of the value at one position."""
        return Bound(
            float(self.bound[index]),
            float(self.expected[index]),
            float(self.p_value[index]),
            float(self.seen_mean[index]),
            float(self.seen_max[index]),
            int(self.periods[index]),
            int(self.together[index]),
            str(self.reason[index]),
        )


def judge_newest(
    ends: NDArray[np.datetime64],
    values: Floats,
    *,
    false_alarm_every_days: float = FALSE_ALARM_EVERY_DAYS,
    window_days: float = WINDOW_DAYS,
    guard: int = GUARD,
) -> Bound:
    """Judge the last value by those before it; `ends` are days in increasing order, a missing value is NaN."""
    newest = np.array([len(values) - 1])
    return _judge(ends, values, newest, false_alarm_every_days, window_days, guard).at(0)


def judge_history(
    ends: NDArray[np.datetime64],
    values: Floats,
    *,
    false_alarm_every_days: float = FALSE_ALARM_EVERY_DAYS,
    window_days: float = WINDOW_DAYS,
    guard: int = GUARD,
    since: int = 0,
) -> Bounds:
    """Judge each value from position `since` only by those before it, as `judge_newest` would have as the last."""
    return _judge(ends, values, np.arange(since, len(values)), false_alarm_every_days, window_days, guard)


def _judge(
    ends: NDArray[np.datetime64], values: Floats, judged: Ints, every_days: float, window_days: float, guard: int
) -> Bounds:
    """Judge the values at some positions, batch by batch."""
    days = ends.astype("datetime64[D]").astype(np.float64)
    if np.any(np.diff(days) <= 0):
        raise ValueError("the ends of the observations must increase")
    if guard < MOST_TOGETHER - 1:
        raise ValueError(f"a guard of {guard} is too few: the newest {MOST_TOGETHER} may be judged together")
    found = np.flatnonzero(~np.isnan(values))
    history = _History(days[found], values[found], every_days, window_days, guard)
    result = _nothing(len(judged))
    place = np.searchsorted(found, judged)  # of each judged value among those that are not missing
    present = ~np.isnan(values[judged])
    result.reason[~present] = "the value is missing"
    first, end = history.baseline(np.where(present, place, 0))
    enough = end - first >= FEWEST
    for row in np.flatnonzero(present & ~enough):
        earlier = end[row] + guard - first[row]
        result.reason[row] = f"too little history: {earlier} earlier values, {FEWEST + guard} are needed"
    negative = present & (np.minimum.accumulate(np.append(history.values, 0.0))[np.where(present, place, 0)] < 0)
    result.reason[negative] = "negative values are neither counts nor amounts"
    ready = np.flatnonzero(present & ~negative & enough)
    for rows in np.array_split(ready, -(-len(ready) // BATCH)) if len(ready) else []:
        _judge_batch(history, place[rows], result, rows)
    return result


def _nothing(count: int) -> Bounds:
    bound, expected, p_value, seen_mean, seen_max = np.full((5, count), np.nan)
    periods, together = np.zeros((2, count), np.int64)
    return Bounds(bound, expected, p_value, seen_mean, seen_max, periods, together, np.full(count, "", "<U80"))


@dataclass(frozen=True, eq=False)
class _History:
    """The values that are not missing, and how they are to be judged."""

    days: Floats
    values: Floats
    every_days: float
    window_days: float
    guard: int

    def baseline(self, place: Ints) -> tuple[Ints, Ints]:
        """Half-open ranges of the values to which those at `place` are compared."""
        if not len(self.days):
            return np.zeros(len(place), np.int64), np.zeros(len(place), np.int64)
        first = np.searchsorted(self.days, self.days[place] - self.window_days)
        return first, place - self.guard

    def level(self, first: Ints, end: Ints) -> Floats:
        """The chance of a false alarm that one value may have: typical spacing over `every_days`."""
        spacing = (self.days[end - 1] - self.days[first]) / (end - first - 1)
        return np.minimum(spacing / self.every_days, LARGEST_LEVEL)


def _judge_batch(history: _History, place: Ints, result: Bounds, rows: Ints) -> None:
    """Judge the values at `place` and write them to `rows` of the result."""
    first, end = history.baseline(place)
    behind, inside = _positions(first, end)
    newest = place[:, None] - _BACK
    behind_days, newest_days = (history.days[at] - history.days[place][:, None] for at in (behind, newest))
    seen = np.where(inside, history.values[behind], 0.0)
    counts = np.all(seen == np.floor(seen), axis=1)
    scale = np.where(counts, 1.0, seen.sum(1) / inside.sum(1))
    model = _fit_robustly(behind_days / YEAR, seen / scale[:, None], inside, counts)
    columns = _columns(newest_days / YEAR)
    means = np.exp(_linear(columns, model.coefficients))
    looked = history.values[newest] / scale[:, None]

    alone = np.broadcast_to(_BACK == 0, newest.shape)
    together = (_BACK < 2) | (-newest_days < GAPS_TOGETHER * _long_gap(behind_days, inside))
    level = history.level(first, end) / OVERLAP
    bounds, chances = [], []
    for chosen, share in ((alone, ALONE), (together, TOGETHER)):
        ahead = model.predict(columns * chosen[..., None], means * chosen)
        earlier = np.where(chosen, looked, 0.0)[:, :-1].sum(1)
        bounds.append(ahead.quantile(level * share) - earlier)
        chances.append(ahead.chance(earlier + looked[:, -1]) / share * OVERLAP)
    few = np.where(chances[1] < chances[0], together.sum(1), 1)

    result.bound[rows] = np.maximum(np.minimum(*bounds), 0.0) * scale
    result.expected[rows] = means[:, -1] * scale
    result.p_value[rows] = np.minimum(np.minimum(*chances), 1.0)
    result.periods[rows] = inside.sum(1)
    result.together[rows] = few
    result.seen_mean[rows], result.seen_max[rows] = _seen_together(seen, inside, few)


def _positions(first: Ints, end: Ints) -> tuple[Ints, Bools]:
    """Half-open ranges as rows of positions that end together, and which of them are inside their range."""
    positions = end[:, None] - np.arange((end - first).max(), 0, -1)
    inside = positions >= first[:, None]
    return np.where(inside, positions, end[:, None] - 1), inside


def _long_gap(days: Floats, inside: Bools) -> Floats:
    """The days between neighbours that `LONG_GAP` of the gaps do not exceed, one a row, as a column."""
    gaps = np.sort(np.where(inside[:, :-1], np.diff(days, axis=1), np.inf), axis=1)
    place = np.ceil(LONG_GAP * (inside.sum(1) - 1)).astype(np.int64) - 1
    return np.take_along_axis(gaps, place[:, None], axis=1)


def _seen_together(seen: Floats, inside: Bools, few: Ints) -> tuple[Floats, Floats]:
    """Mean and maximum, in each row's baseline, of as many neighbours together as its `few` says."""
    mean, most = np.full((2, len(seen)), np.nan)
    for width in np.unique(few):
        rows = few == width
        complete = _sums(inside[rows].astype(float), width) == width
        sums = _sums(seen[rows], width)
        mean[rows] = np.where(complete, sums, 0.0).sum(1) / complete.sum(1)
        most[rows] = np.where(complete, sums, -np.inf).max(1)
    return mean, most


def _sums(rows: Floats, few: int) -> Floats:
    """Sums of so many neighbours together, along each row."""
    count = rows.shape[1] - few + 1
    sums: Floats = np.sum([rows[:, skip : skip + count] for skip in range(few)], axis=0)
    return sums


def _columns(years: Floats) -> Floats:
    """The regression's columns: level, trend, yearly and half-yearly wave."""
    angle = 2 * np.pi * years
    waves = [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
    return np.stack([np.ones_like(years), years, *waves], axis=-1)


_PRIOR_PRECISION = np.array([0.0, TREND_SD**-2, *2 * [SEASON_SD**-2], *2 * [(SEASON_SD / 2) ** -2]])


def _linear(columns: Floats, coefficients: Floats) -> Floats:
    return np.clip((columns @ coefficients[:, :, None])[..., 0], -30.0, 30.0)


@dataclass(frozen=True, eq=False)
class _Model:
    """Histories as fitted, one a row; variances are `dispersion` times the mean."""

    coefficients: Floats
    covariance: Floats  # of the coefficients, over the dispersion
    dispersion: Floats
    freedom: Floats  # how many normal values the dispersion is worth
    counts: Bools

    def predict(self, columns: Floats, means: Floats) -> _Prediction:
        """The predictive distribution of the sum of some values, whose means are given.

        The dispersion is uncertain too: a logarithmic normal distribution at five Gauss-Hermite nodes.
        """
        gradient = (columns * means[:, :, None]).sum(1)
        doubt = np.einsum("si,sij,sj->s", gradient, self.covariance, gradient)
        spread = np.exp(np.sqrt(2.0 / self.freedom)[:, None] * _NODES)
        dispersion = np.maximum(self.dispersion[:, None] * spread, _least(self.counts)[:, None])
        mean = means.sum(1)
        return _Prediction(mean, dispersion * (mean + doubt)[:, None], self.counts)


@dataclass(frozen=True, eq=False)
class _Prediction:
    """A mixture of negative binomial (counts) or gamma (amounts) distributions of one mean, one mixture a row."""

    mean: Floats
    variance: Floats  # a column for each node
    counts: Bools

    def chance(self, total: Floats) -> Floats:
        """The chance of at least `total`."""
        return _tail(total[:, None], self.mean[:, None], self.variance, self.counts[:, None]) @ _NODE_WEIGHTS

    def quantile(self, level: Floats) -> Floats:
        """The least total whose chance is at most `level`: bisection within Cantelli's inequality."""
        low, high = np.zeros_like(level), self.mean + np.sqrt(self.variance @ _NODE_WEIGHTS / level)
        high = np.where(self.counts, np.ceil(high), high)
        enough = np.where(self.counts, 1.0, 1e-9 * high)
        while np.any(high - low > enough):
            middle = (low + high) / 2
            middle = np.where(self.counts, np.floor(middle), middle)
            rare = self.chance(middle) <= level
            low, high = np.where(rare, low, middle), np.where(rare, middle, high)
        return high


def _tail(total: Floats, mean: Floats, variance: Floats, counts: Bools) -> Floats:
    """The chance that a count or an amount is at least `total`."""
    return np.where(counts, _count_tail(total, mean, variance), _amount_tail(total, mean, variance))


def _count_tail(total: Floats, mean: Floats, variance: Floats) -> Floats:
    """The chance that a negative binomial count is at least `total`; nearly Poisson's where they agree."""
    over = np.maximum(variance / mean - 1.0, 1e-6)
    return np.where(total > 0, betainc(np.maximum(total, 1e-9), mean / over, over / (1.0 + over)), 1.0)


def _amount_tail(total: Floats, mean: Floats, variance: Floats) -> Floats:
    """The chance that a gamma amount is at least `total`."""
    return np.asarray(gammaincc(mean**2 / variance, np.maximum(total, 0.0) * mean / variance))


def _least(counts: Bools) -> Floats:
    """The least dispersion: a count varies as Poisson's at least."""
    return np.where(counts, 1.0, STEADIEST)


def _fit_robustly(years: Floats, seen: Floats, inside: Bools, counts: Bools) -> _Model:
    """Fit level, trend, season and dispersion, giving past outbreaks less weight in each round."""
    columns, size, poisson = _columns(years), inside.sum(1), counts.astype(float)
    mean = seen.sum(1) / size
    # Half an event more in the whole baseline, as Jeffreys' prior has it: years of zeros still have a rate.
    shown = seen + (0.5 * poisson / size)[:, None]
    coefficients = np.zeros((len(seen), columns.shape[-1]))
    coefficients[:, 0] = np.log(mean + 0.5 * poisson / size)
    squares = np.where(inside, (seen - mean[:, None]) ** 2, 0.0).sum(1) / size
    dispersion = np.maximum(squares / np.exp(coefficients[:, 0]), _least(counts))
    weight = inside.astype(float)
    for round_ in range(ROUNDS):
        coefficients, fitted, covariance = _fit(columns, shown, weight, dispersion, coefficients)
        leverage = np.einsum("sni,sni->sn", columns @ covariance, columns) * weight * fitted
        dispersion, freedom = _dispersion(seen, fitted, weight, leverage.sum(1), dispersion, counts)
        if round_ < ROUNDS - 1:
            weight = _weights(seen, fitted, inside, dispersion, counts)
    return _Model(coefficients, covariance, dispersion, freedom, counts)


def _fit(
    columns: Floats, shown: Floats, weight: Floats, dispersion: Floats, coefficients: Floats
) -> tuple[Floats, Floats, Floats]:
    """Penalised quasi-likelihood by Newton's steps; returns coefficients, means and inverse information."""
    precision = dispersion[:, None] * _PRIOR_PRECISION
    coefficients = coefficients.copy()
    moving = np.arange(len(shown))
    for _ in range(MOST_STEPS):  # a row stops when it has converged, so that its neighbours change nothing
        here = columns[moving]
        mean = np.exp(_linear(here, coefficients[moving]))
        slope = ((shown[moving] - mean) * weight[moving])[:, None, :] @ here
        slope = slope[:, 0] - precision[moving] * coefficients[moving]
        step = np.linalg.solve(_information(here, weight[moving] * mean, precision[moving]), slope[..., None])[..., 0]
        length = np.abs(step).max(1)
        coefficients[moving] += step * np.minimum(1.0, 2.0 / np.maximum(length, 1e-12))[:, None]
        moving = moving[length > 1e-6]
        if not len(moving):
            break
    fitted: Floats = np.exp(_linear(columns, coefficients))
    covariance = np.linalg.inv(_information(columns, weight * fitted, precision))
    return coefficients, fitted, covariance.astype(np.float64, copy=False)


def _information(columns: Floats, weight: Floats, precision: Floats) -> Floats:
    information: Floats = (columns * weight[..., None]).swapaxes(1, 2) @ columns
    diagonal = np.arange(columns.shape[-1])
    information[:, diagonal, diagonal] += precision
    return information


def _dispersion(
    seen: Floats, fitted: Floats, weight: Floats, used: Floats, before: Floats, counts: Bools
) -> tuple[Floats, Floats]:
    """Pearson's dispersion and how many normal values it is worth, from the distribution's kurtosis.

    In rare counts single events decide it, so that it is worth little: a prior at Poisson's then holds it.
    """
    poisson = counts.astype(float)
    total = weight.sum(1)
    free = np.maximum(total - used, 1.0)
    kurtosis = (weight / fitted).sum(1) / total * (6.0 * (before - poisson) + poisson / before)
    freedom = 2.0 * free / (2.0 + kurtosis)
    pearson = (weight * (seen - fitted) ** 2 / fitted).sum(1) / free
    prior = PRIOR_FREEDOM * poisson
    dispersion = (freedom * pearson + prior) / (freedom + prior)
    return np.maximum(dispersion, _least(counts)), freedom + prior


def _weights(seen: Floats, fitted: Floats, inside: Bools, dispersion: Floats, counts: Bools) -> Floats:
    """Less weight for past outbreaks: values, or neighbours together, of which few are due in a whole baseline."""
    weight = inside.astype(float)
    due = OUTLYING / inside.sum(1)
    for few in (1, 2):
        total, mean = _sums(seen, few), _sums(np.where(inside, fitted, 0.0), few)
        mean = np.maximum(mean, 1e-12)
        variance = dispersion[:, None] * mean
        keep = np.clip(_tail(total, mean, variance, counts[:, None]) / due[:, None], LEAST_WEIGHT, 1.0)
        width = keep.shape[1]
        for back in range(few):
            part = weight[:, back : back + width]
            np.minimum(part, keep, out=part)
    return weight
