"""Lint rules about a threshold's numbers: its level, its recovery level, and how long it waits."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from dashboard.analysis.lint.subject import Finding, Subject
from dashboard.catalog import yaml_number
from dashboard.domain import Series
from dashboard.domain.dates import Duration
from dashboard.domain.text import number
from dashboard.evaluation import Evaluation
from dashboard.thresholds import Threshold

FEWEST_SPACINGS = 2  # between figures; the median of fewer says nothing about how far apart they usually are


def outside_all_seen(subject: Subject) -> Iterator[Finding]:
    """A level that no figure came near is perhaps a slip of a digit. A level set by law is no slip."""
    figures = subject.current_figures()
    if not len(figures):
        return
    for index, threshold in enumerate(subject.indicator.thresholds):
        bounds = subject.bounds(index)
        if threshold.basis == "law" or _counts_indicators(threshold) or not len(bounds):
            continue
        if bounds.min() > figures.max():
            message = _beyond(float(bounds.min()), "above", "largest", float(figures.max()))
        elif bounds.max() < figures.min():
            message = _beyond(float(bounds.max()), "below", "smallest", float(figures.min()))
        else:
            continue
        yield f"thresholds[{index}]", f"{message} {subject.evaluation.verdict.figure.unit}".rstrip()


def _beyond(level: float, side: str, extreme: str, figure: float) -> str:
    return f"{number(level)} is {side} every figure seen; the {extreme} is {number(figure)}"


def waits_less_than_the_cadence(subject: Subject) -> Iterator[Finding]:
    """A `for` shorter than the time between two figures asks for a second figure, whatever its length."""
    for index, threshold in enumerate(subject.indicator.thresholds):
        lasting = threshold.lifecycle.wait
        if lasting is None or not _judges_figures(threshold):
            continue
        longer = [cadence for days, cadence in _cadences(subject) if lasting.in_days < days]
        if longer:
            often = "always" if _least_days_between(subject.evaluation) > _most_days(lasting) else "usually"
            meaning = f"one figure never suffices, and the next {often} does if it passes too"
            advice = 'write "2 figures", or how many it shall take; or leave it out to fire at the first'
            yield f"thresholds[{index}]", f"for: {threshold.lasting} is shorter than {longer[0]}: {meaning}; {advice}"


def recovers_on_the_wrong_side(subject: Subject) -> Iterator[Finding]:
    """A recovery level must lie where nothing passes: else a breach would end a breach, or a calm figure would not."""
    for index, threshold in enumerate(subject.indicator.thresholds):
        bounds = subject.bounds(index)
        calm = threshold.level.calm or (-math.inf, float(bounds.max()) if len(bounds) else math.nan)
        below, above = threshold.recover_below, threshold.recover_above
        messages = [_misplaced("recover_below", below, calm), _misplaced("recover_above", above, calm)]
        if below is not None and above is not None and below < above:
            messages.append(f"no figure is both {number(below)} or below and {number(above)} or above: it never ends")
        yield from ((f"thresholds[{index}]", message) for message in messages if message)


def _misplaced(key: str, level: float | None, calm: tuple[float, float]) -> str:
    """Why a recovery level is misplaced, "" where it is not. Between the two levels of `calm` nothing passes; NaN is
    unknown."""
    low, high = calm
    if level is None:
        return ""
    if key == "recover_below" and high == math.inf:
        return "recover_below: figures pass downwards, so what ends it lies above; write recover_above"
    if key == "recover_above" and low == -math.inf:
        return "recover_above: figures pass upwards, so what ends it lies below; write recover_below"
    if level < low:
        return f"{key}: {number(level)} lies where figures pass; write {yaml_number(low)} or more"
    if level > high:
        return f"{key}: {number(level)} lies where figures pass; write {yaml_number(high)} or less"
    return ""


def _counts_indicators(threshold: Threshold) -> bool:
    """Whether the threshold counts other indicators that fire, so that its figures are no measurements."""
    return bool(threshold.needs.ids) and threshold.own_line is not None and not threshold.own_line.caps


def _judges_figures(threshold: Threshold) -> bool:
    """Whether the threshold judges figures of sources, and neither indicators that fire nor days that pass."""
    waits = threshold.own_line is not None and threshold.own_line.waits_for_reports
    return not (waits or _counts_indicators(threshold))


def _cadences(subject: Subject) -> Iterator[tuple[float, str]]:
    """The days between two figures, each with words for it: as a source declares, else as its line shows."""
    is_combined = len(subject.indicator.sources) > 1 and subject.indicator.combine != "each"
    declared = {} if is_combined else {name: subject.sources[name].rhythm for name in subject.indicator.sources}
    for name, cadence in declared.items():
        if cadence:
            yield cadence.fewest_days, f"the cadence of {subject.sources[name].title}, {cadence}"
    for line in (assessment.series for assessment in subject.evaluation.assessments):
        days = _usual_days_between(line)
        if days is not None and not declared.get(line.origin):
            yield days, f"the {number(days)} days usual between figures of {line.title}"


def _usual_days_between(line: Series) -> float | None:
    """The median; None for fewer than three figures."""
    days = _days_between(line)
    return float(np.median(days)) if len(days) >= FEWEST_SPACINGS else None


def _least_days_between(evaluation: Evaluation) -> int:
    """The shortest distance of two figures of one line; 0 where no line has two, which shows nothing."""
    spacings = [_days_between(assessment.series) for assessment in evaluation.assessments]
    return min((int(days.min()) for days in spacings if len(days)), default=0)


def _days_between(line: Series) -> np.ndarray:
    return np.diff(np.unique(line.end[line.current & line.has_figure])).astype(int)


def _most_days(lasting: Duration) -> float:
    """The most days that a duration can have: a month has at most 31, a year 366."""
    years, months = divmod(lasting.months, 12)
    return 366 * years + 31 * months + lasting.days
