"""The regression on a history: level, slow trend and two yearly waves, fitted so that past outbreaks weigh little.

Priors hold trend and waves near none. They do not care from which day the years are counted: a wave's two columns
have one prior, the level has none, so that many values can be judged on one set of columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.thresholds.anomaly.arrays import Bools, Floats, sums
from dashboard.thresholds.anomaly.prediction import NODES, Prediction, least_dispersion, surely_due, tail

SEASON_SD = 0.25  # prior sd of the yearly wave, of the logarithm; half of it for the half-yearly wave
TREND_SD = 0.06  # prior sd of the trend, of the logarithm, a year: a rise within months stays a rise
OUTLYING = 0.1  # values of which fewer than this are due in a whole baseline lose weight
LEAST_WEIGHT = 0.01
ROUNDS = 4  # of fitting and down-weighting
MOST_STEPS = 50  # of Newton's, in one round
PRIOR_FREEDOM = 2.0  # how many values' worth of belief a count's variance starts with, at Poisson's

_PRIOR_PRECISION = np.array([0.0, TREND_SD**-2, *2 * [SEASON_SD**-2], *2 * [(SEASON_SD / 2) ** -2]])
_SIZE = len(_PRIOR_PRECISION)


@dataclass(frozen=True, eq=False)
class Model:
    """Histories as fitted, one a row; variances are `dispersion` times the mean."""

    coefficients: Floats
    covariance: Floats  # of the coefficients, over the dispersion
    dispersion: Floats
    freedom: Floats  # how many normal values the dispersion is worth
    counts: Bools

    def means(self, years: Floats) -> Floats:
        """The means expected at some times, which stand in rows."""
        return np.exp(_clipped((_columns(years) @ self.coefficients[:, :, None])[..., 0]))

    def predict(self, years: Floats, means: Floats) -> Prediction:
        """The predictive distribution of the sum of some values, whose times and means are given.

        The dispersion is uncertain too: a logarithmic normal distribution at five Gauss-Hermite nodes.
        """
        gradient = (_columns(years) * means[:, :, None]).sum(1)
        doubt = np.einsum("si,sij,sj->s", gradient, self.covariance, gradient)
        spread = np.exp(np.sqrt(2.0 / self.freedom)[:, None] * NODES)
        dispersion = np.maximum(self.dispersion[:, None] * spread, least_dispersion(self.counts)[:, None])
        mean = means.sum(1)
        return Prediction(mean, dispersion * (mean + doubt)[:, None], self.counts)


def fit_robustly(years: Floats, seen: Floats, inside: Bools, counts: Bools) -> Model:
    """Fit level, trend, season and dispersion, giving past outbreaks less weight in each round.

    `years` are the columns' times; `seen` holds what each row has seen there, and 0 where it has nothing `inside`.
    """
    columns, size, poisson = _columns(years), inside.sum(1), counts.astype(float)
    products = (columns[:, :, None] * columns[:, None, :]).reshape(len(columns), -1)
    mean = seen.sum(1) / size
    # Half an event more in the whole baseline, as Jeffreys' prior has it: years of zeros still have a rate.
    shown = seen + (0.5 * poisson / size)[:, None]
    coefficients = np.zeros((len(seen), _SIZE))
    coefficients[:, 0] = np.log(mean + 0.5 * poisson / size)
    squares = np.where(inside, (seen - mean[:, None]) ** 2, 0.0).sum(1) / size
    dispersion = np.maximum(squares / np.exp(coefficients[:, 0]), least_dispersion(counts))
    weight = inside.astype(float)
    for round_ in range(ROUNDS):
        coefficients, fitted, covariance, used = _fit(columns, products, shown, weight, dispersion, coefficients)
        dispersion, freedom = _dispersion(seen, fitted, weight, used, dispersion, counts)
        if round_ < ROUNDS - 1:
            weight = _weights(seen, np.where(inside, fitted, 0.0), inside, dispersion, counts)
    return Model(coefficients, covariance, dispersion, freedom, counts)


def _columns(years: Floats) -> Floats:
    """The regression's columns: level, trend, yearly and half-yearly wave."""
    angle = 2 * np.pi * years
    waves = [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
    return np.stack([np.ones_like(years), years, *waves], axis=-1)


def _clipped(logarithm: Floats) -> Floats:
    return np.clip(logarithm, -30.0, 30.0)


def _fit(
    columns: Floats, products: Floats, shown: Floats, weight: Floats, dispersion: Floats, coefficients: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Penalised quasi-likelihood by Newton's steps; `products` are those of each two columns.

    Returns coefficients, means, inverse information, and how many values' worth of freedom the fit has used.
    """
    precision = dispersion[:, None] * _PRIOR_PRECISION
    coefficients = coefficients.copy()
    moving = np.arange(len(shown))
    for _ in range(MOST_STEPS):  # a row stops when it has converged, so that its neighbours change nothing
        mean = np.exp(_clipped(coefficients[moving] @ columns.T))
        slope = ((shown[moving] - mean) * weight[moving]) @ columns - precision[moving] * coefficients[moving]
        curve = _information(weight[moving] * mean, products) + _diagonal(precision[moving])
        step = np.linalg.solve(curve, slope[..., None])[..., 0]
        length = np.abs(step).max(1)
        coefficients[moving] += step * np.minimum(1.0, 2.0 / np.maximum(length, 1e-12))[:, None]
        moving = moving[length > 1e-6]
        if not len(moving):
            break
    fitted: Floats = np.exp(_clipped(coefficients @ columns.T))
    information = _information(weight * fitted, products)
    covariance: Floats = np.linalg.inv(information + _diagonal(precision)).astype(np.float64, copy=False)
    return coefficients, fitted, covariance, np.einsum("sij,sji->s", covariance, information)


def _information(weight: Floats, products: Floats) -> Floats:
    return (weight @ products).reshape(-1, _SIZE, _SIZE)


def _diagonal(precision: Floats) -> Floats:
    return precision[:, :, None] * np.eye(_SIZE)


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
    return np.maximum(dispersion, least_dispersion(counts)), freedom + prior


def _weights(seen: Floats, expected: Floats, inside: Bools, dispersion: Floats, counts: Bools) -> Floats:
    """Less weight for past outbreaks: values, or neighbours together, of which few are due in a whole baseline."""
    weight = inside.astype(float)
    due = OUTLYING / inside.sum(1)
    far = surely_due(due)
    for few in (1, 2):
        total, mean = sums(seen, few), np.maximum(sums(expected, few), 1e-12)
        keep = np.ones_like(total)
        row, column = np.nonzero(total > mean + far[:, None] * np.sqrt(dispersion[:, None] * mean))
        high, middle = total[row, column], mean[row, column]
        chance = tail(high, middle, dispersion[row] * middle, counts[row])
        keep[row, column] = np.clip(chance / due[row], LEAST_WEIGHT, 1.0)
        for back in range(few):
            part = weight[:, back : back + keep.shape[1]]
            np.minimum(part, keep, out=part)
    return weight
