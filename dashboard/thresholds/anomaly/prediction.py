"""The predictive distributions: negative binomial counts and gamma amounts, with an uncertain variance.

SciPy is imported where it is used: loading it takes a fifth of a second, and most commands judge nothing `unusual`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.thresholds.anomaly.arrays import Bools, Floats

STEADIEST = 1e-4  # least variance of an amount: a standard deviation of 1 % of the mean

NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_NODE_WEIGHTS = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()


@dataclass(frozen=True, eq=False)
class Prediction:
    """A mixture of negative binomial (counts) or gamma (amounts) distributions of one mean, one mixture a row."""

    mean: Floats
    variance: Floats  # a column for each of the NODES
    counts: Bools

    def chance(self, total: Floats) -> Floats:
        """The chance of at least `total`."""
        return tail(total[:, None], self.mean[:, None], self.variance, self.counts[:, None]) @ _NODE_WEIGHTS

    def quantile(self, level: Floats) -> Floats:
        """The least total whose chance is at most `level`: bisection within Cantelli's inequality."""
        low, high = np.zeros_like(level), self.mean + np.sqrt(self.variance @ _NODE_WEIGHTS / level)
        high = np.where(self.counts, np.ceil(high), high)
        enough = np.where(self.counts, 1.0, 1e-9 * high)
        enough = np.maximum(enough, 4 * np.spacing(high))  # huge numbers are more than 1 apart
        while np.any(high - low > enough):
            middle = (low + high) / 2
            middle = np.where(self.counts, np.floor(middle), middle)
            rare = self.chance(middle) <= level
            low, high = np.where(rare, low, middle), np.where(rare, middle, high)
        return high


def tail(total: Floats, mean: Floats, variance: Floats, counts: Bools) -> Floats:
    """The chance that a count or an amount is at least `total`."""
    if counts.all():
        return _count_tail(total, mean, variance)
    if not counts.any():
        return _amount_tail(total, mean, variance)
    return np.where(counts, _count_tail(total, mean, variance), _amount_tail(total, mean, variance))


def _count_tail(total: Floats, mean: Floats, variance: Floats) -> Floats:
    """The chance that a negative binomial count is at least `total`; nearly Poisson's where they agree."""
    from scipy.special import betainc

    over = np.maximum(variance / mean - 1.0, 1e-6)
    return np.where(total > 0, betainc(np.maximum(total, 1e-9), mean / over, over / (1.0 + over)), 1.0)


def _amount_tail(total: Floats, mean: Floats, variance: Floats) -> Floats:
    """The chance that a gamma amount is at least `total`."""
    from scipy.special import gammaincc

    return np.asarray(gammaincc(mean**2 / variance, np.maximum(total, 0.0) * mean / variance))


def surely_due(chance: Floats) -> Floats:
    """How many standard deviations above its mean a count or an amount always has more than this chance to be.

    Both have a longer tail than the normal distribution, where ten times the chance is still that far out; so that
    most tails need not be computed.
    """
    from scipy.special import ndtri

    return np.asarray(-ndtri(10.0 * chance))


def least_dispersion(counts: Bools) -> Floats:
    """The least dispersion: a count varies as Poisson's at least."""
    return np.where(counts, 1.0, STEADIEST)
