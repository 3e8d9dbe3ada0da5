"""What the adaptive bound promises: when it refuses, what it finds, how rarely it is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.thresholds.anomaly.bounds import Bound, Bounds
from dashboard.thresholds.anomaly.detector import judge_history, judge_newest
from dashboard.thresholds.anomaly.history import FEWEST, YEAR, Yardstick
from dashboard.thresholds.anomaly.prediction import surely_due, tail
from dashboard.thresholds.anomaly.regression import OUTLYING

FALSE_ALARM_EVERY_DAYS, GUARD = Yardstick().false_alarm_every_days, Yardstick().guard
FIELDS = ("bound", "expected", "p_value", "seen_mean", "seen_max", "periods", "together")


def months(count: int) -> np.ndarray:
    return (np.datetime64("2010-02") + np.arange(count)).astype("datetime64[D]") - 1


def weeks(count: int) -> np.ndarray:
    return np.datetime64("2010-01-03") + 7 * np.arange(count)


def newest(values: np.ndarray | list[float], ends: np.ndarray | None = None) -> Bound:
    values = np.asarray(values, float)
    return judge_newest(months(len(values)) if ends is None else ends, values)


def is_unusual(values: np.ndarray | list[float], ends: np.ndarray | None = None) -> bool:
    return bool(np.asarray(values, float)[-1] >= newest(values, ends).bound)


def alarms(values: np.ndarray, bounds: Bounds) -> np.ndarray:
    """The starts of runs of alarms."""
    unusual = values >= bounds.bound
    return unusual & ~np.append(False, unusual[:-1])


def test_five_earlier_observations_are_too_little_history() -> None:
    judged = newest([3, 5, 4, 20, 9, 73])
    assert np.isnan(judged.bound)
    assert np.isnan(judged.p_value)
    assert judged.reason == f"too little history: 5 earlier values, {FEWEST + GUARD} are needed"


def test_values_are_judged_from_the_first_sufficient_history_on() -> None:
    history = judge_history(months(30), np.full(30, 4.0))
    assert np.flatnonzero(~np.isnan(history.bound))[0] == FEWEST + GUARD
    assert all(reason.startswith("too little") for reason in history.reason[: FEWEST + GUARD])


def test_five_in_a_month_after_years_of_zeros_are_unusual() -> None:
    assert is_unusual([0] * 48 + [5])
    assert not is_unusual([0] * 48 + [1])


def test_zeros_are_never_unusual_after_zeros() -> None:
    assert not is_unusual([0] * 60)


def test_a_missing_newest_value_is_not_judged() -> None:
    assert newest([4.0] * 40 + [np.nan]).reason == "the value is missing"


def test_negative_values_are_not_judged() -> None:
    assert newest([4.0] * 20 + [-1.0] + [4.0] * 20).reason == "negative values are neither counts nor amounts"


def test_missing_periods_are_not_zeros() -> None:
    values = np.tile([10.0, np.nan, 12.0, 9.0, 11.0], 12)
    as_zeros = np.nan_to_num(values)
    left_out = ~np.isnan(values)
    judged = newest(values)
    assert judged == newest(values[left_out], months(60)[left_out])
    assert judged.expected > 10 > newest(as_zeros).expected


@pytest.mark.parametrize(
    ("mean", "dispersion", "ends"),
    [(4.0, 1.0, weeks(364)), (0.2, 1.0, weeks(364)), (20.0, 4.0, weeks(364)), (20.0, 4.0, months(144)),
     (3.0, 3.0, months(144))],
)  # fmt: skip
def test_alarms_are_about_as_rare_as_promised(mean: float, dispersion: float, ends: np.ndarray) -> None:
    random = np.random.default_rng(5)
    series, judged_years, result = 40, 0.0, 0
    for _ in range(series):
        if dispersion == 1:
            values = random.poisson(mean, len(ends)).astype(float)
        else:
            values = random.negative_binomial(mean / (dispersion - 1), 1 / dispersion, len(ends)).astype(float)
        since = len(ends) // 2
        result += int(alarms(values[since:], judge_history(ends, values, since=since)).sum())
        judged_years += float((ends[-1] - ends[since]).astype(int)) / YEAR
    promised = judged_years * YEAR / FALSE_ALARM_EVERY_DAYS
    assert result <= promised + 2 * np.sqrt(promised)
    assert mean < 1 or result >= 0.3 * promised  # and the bound is no wider than it needs to be


def test_twice_as_rare_alarms_need_a_higher_bound() -> None:
    values = np.random.default_rng(1).poisson(30, 60).astype(float)
    often, rarely = (judge_newest(months(60), values, Yardstick(y * YEAR)).bound for y in (2, 50))
    assert often < rarely


def test_a_slow_rise_is_found() -> None:
    random = np.random.default_rng(2)
    result = 0
    for _ in range(20):
        values = random.poisson(np.r_[np.full(48, 20.0), np.linspace(20, 44, 12)]).astype(float)
        result += bool((values[48:] >= judge_history(months(60), values, since=48).bound).any())
    assert result >= 18


def test_a_small_rise_over_two_periods_is_found_by_judging_both_together() -> None:
    values = np.random.default_rng(3).poisson(20, 60).astype(float)
    values[-2:] = 31
    judged = newest(values)
    assert judged.together == 2
    assert values[-1] >= judged.bound
    assert not is_unusual(np.append(values[:-2], [20, 31]))


def test_a_past_outbreak_does_not_hide_the_next() -> None:
    values = np.random.default_rng(4).poisson(10, 120).astype(float)
    calm = newest(np.append(values, 30)).bound
    values[70:74] = [80, 90, 70, 60]
    assert newest(np.append(values, 30)).bound <= calm + 3
    assert is_unusual(np.append(values, 30))


def test_a_season_in_the_history_is_expected_again() -> None:
    month = np.arange(97)
    values = np.random.default_rng(6).poisson(20 * np.exp(0.7 * np.cos(2 * np.pi * month / 12))).astype(float)
    assert newest(values).expected > 33  # the season's height
    assert newest(values[:91]).expected < 14  # and its depth


def test_values_in_bursts_are_judged_up_to_four_together() -> None:
    days = np.concatenate([30 * month + np.array([0, 3, 6, 9]) for month in range(24)])
    values = np.random.default_rng(8).poisson(5, len(days)).astype(float)
    values[-4:] = [10, 9, 10, 9]
    assert newest(values, np.datetime64("2015-01-01") + days).together == 4


def amounts_after_counts() -> np.ndarray:
    values = np.random.default_rng(7).gamma(2, 9, 150)
    return np.where(np.arange(150) < 60, np.floor(values), values)


@pytest.mark.parametrize(
    "values",
    [np.random.default_rng(7).negative_binomial(2, 0.2, 150).astype(float), amounts_after_counts(),
     np.r_[np.zeros(100), np.random.default_rng(7).poisson(0.3, 50)]],
    ids=["counts", "counts, then amounts", "zeros, then rare counts"],
)  # fmt: skip
@pytest.mark.parametrize("ends", [weeks(150), weeks(150) + 5 * np.arange(150) ** 2 // 40], ids=["regular", "not"])
def test_the_newest_value_alone_gets_the_same_bound_as_in_the_whole_history(
    values: np.ndarray, ends: np.ndarray
) -> None:
    values[[20, 21, 90]] = np.nan
    history = judge_history(ends, values)
    for index in range(0, 150, 7):
        item, same = judge_newest(ends[: index + 1], values[: index + 1]), history.at(index)
        assert item.reason == same.reason
        for name in FIELDS:
            assert getattr(item, name) == pytest.approx(getattr(same, name), rel=1e-9, nan_ok=True)


def test_judging_a_part_of_the_history_gives_the_same_bounds() -> None:
    values = np.random.default_rng(9).poisson(6, 100).astype(float)
    whole, part = judge_history(weeks(100), values), judge_history(weeks(100), values, since=90)
    np.testing.assert_allclose(part.p_value, whole.p_value[90:], rtol=1e-6)


def test_later_values_do_not_change_a_bound() -> None:
    values = np.random.default_rng(10).poisson(6, 100).astype(float)
    changed = values.copy()
    changed[80:] = 500
    before, after = (judge_history(weeks(100), series) for series in (values, changed))
    for name in FIELDS:
        np.testing.assert_allclose(getattr(before, name)[:80], getattr(after, name)[:80], rtol=1e-9)


def test_values_before_the_window_do_not_change_a_bound() -> None:
    values = np.random.default_rng(15).poisson(6, 400).astype(float)
    five_years = Yardstick(window_days=5 * YEAR)
    whole = judge_history(weeks(400), values, five_years, since=380)
    recent = judge_history(weeks(300), values[100:], five_years, since=280)
    for name in FIELDS:
        np.testing.assert_allclose(getattr(whole, name), getattr(recent, name), rtol=1e-9)


def test_the_bound_does_not_depend_on_the_value_judged() -> None:
    values = np.random.default_rng(11).poisson(6, 60).astype(float)
    assert newest(np.append(values, 0)).bound == newest(np.append(values, 900)).bound


def test_a_larger_value_is_never_less_unusual() -> None:
    values = np.random.default_rng(12).poisson(6, 60).astype(float)
    chances = [newest(np.append(values, value)).p_value for value in range(40)]
    assert np.all(np.diff(chances) <= 0)


def test_a_value_reaches_its_bound_where_its_chance_is_small_enough() -> None:
    values = np.random.default_rng(13).poisson(6, 60).astype(float)
    bound = newest(np.append(values, 0)).bound
    level = 30.4 / FALSE_ALARM_EVERY_DAYS
    assert newest(np.append(values, bound)).p_value <= level * 1.01
    assert newest(np.append(values, bound - 1)).p_value > level * 0.99


@pytest.mark.parametrize("factor", [0.001, 7.0, 1e6])
def test_the_unit_of_amounts_does_not_matter(factor: float) -> None:
    values = np.random.default_rng(14).gamma(9, 0.7, 60)
    assert newest(values * factor).bound == pytest.approx(newest(values).bound * factor, rel=1e-6)


def test_a_steady_amount_has_a_bound_close_to_it() -> None:
    judged = newest([12.5] * 40)
    assert 12.5 < judged.bound < 14


@pytest.mark.parametrize("size", [FEWEST, 60, 365, 2000])
def test_tails_that_are_not_computed_are_surely_due(size: int) -> None:
    due = np.array(OUTLYING / size)
    amounts = np.geomspace(1e-4, 2 * size, 500)  # variances at a mean of 1; no sample of this size has more
    assert np.all(tail(1 + surely_due(due) * np.sqrt(amounts), np.ones(1), amounts, np.array(False)) > 2 * due)
    mean = np.geomspace(1e-3, 1e4, 60)[:, None]
    counts = np.minimum(mean * np.geomspace(1, 1e5, 200), 2 * size * mean**2 + mean)
    assert np.all(tail(np.floor(mean + surely_due(due) * np.sqrt(counts)), mean, counts, np.array(True)) > 2 * due)


def test_ends_must_increase() -> None:
    with pytest.raises(ValueError, match="must increase"):
        judge_newest(months(40)[::-1], np.ones(40))


def test_an_empty_series_has_no_bounds() -> None:
    assert len(judge_history(months(0), np.zeros(0)).bound) == 0


def test_huge_counts_are_judged_too() -> None:
    values = np.array([1e16, 2e16] * 20)
    result = judge_history(months(40), values)
    assert np.isfinite(result.bound[-1])
