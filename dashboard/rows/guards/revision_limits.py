"""Revision limits: a delivery is held back if it changes most figures in force, or all of them by one factor.

For each period and subject the newest figure in force is compared with the newest one of the delivery. New periods do
not count. Provisional figures may be revised freely, and rows marked as withdrawn or missing are no revisions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dashboard.domain import figure_in_full
from dashboard.domain.text import wording as words
from dashboard.late_imports import pd
from dashboard.rows.merging.matching import JointRows
from dashboard.rows.merging.versions import common_things

FEWEST = 5  # common figures; fewer are not judged, since each of them may be a correction
CHANGED_BY = 0.1  # of a figure: beyond the usual revision of statistics, and far below any slip of units
_FEWEST_SCALED = 3  # figures that are not zero, below which one factor may be chance
_SAME_FACTOR = 0.001  # of the factor: how far single figures may be off it
_MOST_ROUNDED = 0.01  # of the factor: how much more than that rounding may explain
_NEARLY_SAME_FACTOR = 0.05  # of the factor, for a hint that decides nothing
_ENDS = ["low", "value", "high"]
_READ = ["start", "end", "subject", "unit", "status", *_ENDS]


@dataclass(frozen=True, eq=False)
class CommonFigures:
    """The figures that the rows in force and a delivery have in common, by period and subject, one row each; `owner`
    has the number of each figure's source."""

    before: pd.DataFrame
    after: pd.DataFrame
    owner: np.ndarray

    @classmethod
    def of(cls, in_force: JointRows, delivery: JointRows) -> CommonFigures:
        in_force_rows, delivery_rows = common_things(in_force, delivery)
        before, now = in_force.frame[_READ].iloc[in_force_rows], delivery.frame[_READ].iloc[delivery_rows]
        was_figure = before["status"].isin(["reported", "estimated"]) & before[_ENDS].notna().any(axis=1)
        is_figure = ~now["status"].isin(["withdrawn", "missing"]) & now[_ENDS].notna().any(axis=1)
        chosen = was_figure.to_numpy(bool) & is_figure.to_numpy(bool)
        return cls(before[chosen], now[chosen], in_force.owner[in_force_rows][chosen])

    @property
    def parts(self) -> Iterator[tuple[str, CommonFigures]]:
        """All figures under "", and those of each subject with enough of them; only parts of which every figure
        changed, since only those can have a factor in common."""
        if not self.differs.any():
            return
        stays = self.stays
        if not stays.any():
            yield "", self
        for subject, rows in self.after.groupby("subject").indices.items():
            if FEWEST <= len(rows) < len(self.after) and not stays[rows].any():
                yield str(subject), CommonFigures(self.before.iloc[rows], self.after.iloc[rows], self.owner[rows])

    @cached_property
    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Low, value and high of each figure before and now, NaN where one of the two does not state that end."""
        old, new = (rows[_ENDS].to_numpy(float) for rows in (self.before, self.after))
        is_common = ~(np.isnan(old) | np.isnan(new))
        return np.where(is_common, old, np.nan), np.where(is_common, new, np.nan)

    @cached_property
    def differs(self) -> np.ndarray:
        """bool: which figures are not the same in each end."""
        old, new = self.ends
        return np.asarray(((old != new) & ~np.isnan(old)).any(axis=1))

    @cached_property
    def stays(self) -> np.ndarray:
        """bool: which figures have an end that is the same, and not zero."""
        old, new = self.ends
        return np.asarray(((old == new) & (old != 0)).any(axis=1))

    @cached_property
    def changes_unit(self) -> np.ndarray:
        """bool: which figures are stated in another unit now; a blank unit is the indicator's."""
        old, new = (rows["unit"].to_numpy(object) for rows in (self.before, self.after))
        return np.asarray((old != new) & (old != "") & (new != ""), bool)

    @cached_property
    def is_changed(self) -> np.ndarray:
        """bool: which figures changed by more than `CHANGED_BY`, or in kind: "at most 5" where 5 was."""
        old, new = self.ends
        is_far = np.abs(new - old) > CHANGED_BY * np.abs(old)
        return np.asarray(is_far.any(axis=1) | np.isnan(old).all(axis=1) | self.changes_unit)

    @cached_property
    def ratios(self) -> tuple[np.ndarray, np.ndarray]:
        """The ratios of now to before, of all ends that were not zero; and how far rounding may move each."""
        old, new = self.ends
        is_scaled = ~np.isnan(old) & (old != 0)
        ratios = new[is_scaled] / old[is_scaled]
        return ratios, np.minimum(_rounding(new) / np.abs(old[is_scaled]), _MOST_ROUNDED * np.abs(ratios))

    @property
    def factor(self) -> float | None:
        """The factor by which all figures changed; None where there is none, or it may be 1."""
        old, new = self.ends
        if (np.nan_to_num(old) != 0).any(axis=1).sum() < _FEWEST_SCALED or self.changes_unit.any():
            return None
        if np.isnan(old).all(axis=1).any() or new[old == 0].any():
            return None
        ratios, rounding = self.ratios
        off = _SAME_FACTOR * np.abs(ratios) + rounding
        least, most = (ratios - off).max(), (ratios + off).min()
        return float(np.median(ratios)) if least <= most and not least <= 1 <= most else None

    @property
    def nearly_factor(self) -> float | None:
        """The factor by which most figures changed, nearly; None where there is none far from 1."""
        ratios, _ = self.ratios
        if not len(ratios):
            return None
        middle = float(np.median(ratios))
        is_near = np.abs(ratios - middle) <= _NEARLY_SAME_FACTOR * abs(middle)
        return middle if is_near.mean() > 0.9 and abs(middle - 1) > CHANGED_BY else None

    @property
    def example(self) -> str:
        """The newest changed figure, before and now."""
        is_other = self.is_changed | self.differs
        ended = self.after["end"].to_numpy("datetime64[s]").astype(np.int64)
        newest = int(np.argmax(np.where(is_other, ended, np.iinfo(np.int64).min)))
        old, new = (figure_in_full(rows.iloc[newest].to_dict()) for rows in (self.before, self.after))
        return f"{words.days_of(self.after.iloc[newest].to_dict())}: {old} before, {new} now"


def excessive_revisions(in_force: pd.DataFrame, delivery: pd.DataFrame, at_most: float) -> str:
    """Why a delivery revises the rows in force too much; "" where it does not.

    at_most: the percentage of figures that may change by more than `CHANGED_BY`.
    """
    if in_force.empty or delivery.empty:
        return ""
    common = CommonFigures.of(JointRows.of_one(in_force), JointRows.of_one(delivery))
    count = len(common.after)
    if count < FEWEST:
        return ""
    for subject, part in common.parts:
        factor = part.factor
        if factor is not None:
            return f"{_describe_factor(factor, subject)} ({part.example})"
    changed = int(common.is_changed.sum())
    if 100 * changed <= at_most * count:
        return ""
    changes = f"{changed} of {count} figures changed by more than {words.number(100 * CHANGED_BY)} %"
    allowed = f"expect.revise_at_most allows {words.number(at_most)} % of them"
    return f"{changes}{_hint(common)}, and {allowed} ({common.example})"


def _describe_factor(factor: float, subject: str) -> str:
    figures = f"all figures of {subject}" if subject else "all figures"
    if factor == 0:
        return f"{figures} became 0"
    meant = "sign" if factor < 0 else "unit"
    return f"{figures} changed by the factor {words.in_full(factor, 4)}: another {meant}?"


def _hint(common: CommonFigures) -> str:
    if common.changes_unit.all():
        return f", all from {common.before['unit'].iloc[0]} to {common.after['unit'].iloc[0]}"
    nearly = common.nearly_factor
    if nearly:
        return f", nearly all about by the factor {words.in_full(nearly, 2)}: another unit?"
    return ": another column?" if common.is_changed.all() else ""


def _rounding(figures: np.ndarray) -> float:
    """Half a unit of the last decimal place that any of the figures states."""
    stated = figures[~np.isnan(figures)]
    for decimals in range(7):
        if np.allclose(stated, np.round(stated, decimals), rtol=1e-12, atol=0):
            return float(0.5 * 10.0**-decimals)
    return 0.0
