"""The adaptive bound of `unusual`: which newest value is larger than a series' own history can explain.

The history is a quasi-likelihood regression with season and slow trend, in the line of Farrington et al. (1996)
and Noufaily et al. (2013). Season and trend are held near none by priors until the history supports them, past
outbreaks are down-weighted, and the bound is a quantile of the predictive distribution: negative binomial for
counts, gamma for amounts, with the uncertainty of its mean and of its variance. A missing value is NaN and is
never a zero. Pure: no clock, no file, no chance.
"""

from dashboard.thresholds.anomaly.bounds import Bound, Bounds
from dashboard.thresholds.anomaly.detector import judge_history, judge_newest
from dashboard.thresholds.anomaly.history import FEWEST, Yardstick
