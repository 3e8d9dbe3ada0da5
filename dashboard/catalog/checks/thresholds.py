"""Checks of an indicator's thresholds: whether they fit its figures, its cap, its sources and each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

from dashboard.catalog.checks.finding import Finding
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.source import Source
from dashboard.catalog.yaml_text.reader import KeyPath
from dashboard.domain.dates import Duration

LIFECYCLE_FIELDS = ("lasting", "keep_firing_for", "recover_below", "recover_above")


def check_thresholds(
    indicator: Indicator, sources: Mapping[str, Source], known_sources: Collection[str]
) -> Iterator[Finding]:
    """`sources` are the valid ones, `known_sources` all that the file names."""
    yield from _caps_fit(indicator)
    yield from _changes_need_a_single_line(indicator, sources)
    yield from _events_are_counted(indicator, sources)
    yield from _baselines_exist(indicator, sources, known_sources)
    yield from _own_line_stands_alone(indicator, sources)
    yield from _windows_agree(indicator)
    yield from _severities_are_in_order(indicator)


def _caps_fit(indicator: Indicator) -> Iterator[Finding]:
    """A share needs a limit, and the breach of a cap stands until its period ends, whatever its lifecycle says."""
    for index, threshold in enumerate(indicator.thresholds):
        if threshold.needs.limit and indicator.limit is None:
            yield ("thresholds", index, threshold.key), "a share of what? give the indicator a limit:"
        if indicator.accumulate is None:
            continue
        for name, field in type(threshold).model_fields.items():
            if name in LIFECYCLE_FIELDS and getattr(threshold, name) is not None:
                path: KeyPath = ("thresholds", index, field.alias or name)
                yield path, "a cap's breach stands until its period ends; this has no effect"


def _changes_need_a_single_line(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    is_mixture = len(indicator.sources) > 1 and indicator.combine in ("max", "median")
    kinds = _kinds(indicator, sources).values()
    for index, threshold in enumerate(indicator.thresholds):
        if not threshold.needs.own_figures:
            continue
        path: KeyPath = ("thresholds", index, threshold.key)
        if is_mixture:
            message = f"a {indicator.combine} of several sources changes when another one speaks"
            yield path, f"{message}; use each, prefer or sum"
        if indicator.accumulate is not None:
            yield path, "a cap's total only grows, and begins anew with each period; use pace_above"
        if "event" in kinds:
            yield path, "events do not change; count them with occurs"


def _events_are_counted(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    for index, threshold in enumerate(indicator.thresholds):
        for name, kind in _kinds(indicator, sources).items():
            if threshold.needs.events and kind != "event":
                yield ("thresholds", index, threshold.key), f"it counts events, but {name} is {kind}"


def _kinds(indicator: Indicator, sources: Mapping[str, Source]) -> dict[str, str]:
    """The kind of numbers of each valid source of an indicator, or of its own file."""
    if indicator.file:
        return {"its file": indicator.kind}
    return {name: sources[name].kind for name in indicator.sources if name in sources}


def _baselines_exist(
    indicator: Indicator, sources: Mapping[str, Source], known_sources: Collection[str]
) -> Iterator[Finding]:
    for index, threshold in enumerate(indicator.thresholds):
        baseline = threshold.needs.baseline
        if baseline is not None and baseline not in sources:
            yield ("thresholds", index, "baseline"), f"no source {baseline}{did_you_mean(baseline, known_sources)}"


def _own_line_stands_alone(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    own_line = indicator.own_line
    if own_line is None:
        return
    key = next(threshold.key for threshold in indicator.thresholds if threshold.own_line)
    for index, threshold in enumerate(indicator.thresholds):
        if threshold.own_line != own_line:
            yield ("thresholds", index), "it judges something else than the others; put it into an indicator of its own"
    if own_line.unit is not None and indicator.unit != own_line.unit:
        yield ("unit",), f"{key} judges a number of its own; write unit: {own_line.unit}"
    if own_line.waits_for_reports:
        yield from _reports_are_due(indicator, sources, key)
        return
    if indicator.combine != "each" or indicator.accumulate is not None:
        yield (), f"{key} goes with neither combine nor accumulate"
    if not indicator.needs and len(indicator.sources) < 2:
        yield (), f"{key} needs two sources or more"


def _reports_are_due(indicator: Indicator, sources: Mapping[str, Source], key: str) -> Iterator[Finding]:
    if not indicator.sources:
        yield ("thresholds", 0), f"{key} needs a source of reports"
    for index, name in enumerate(indicator.sources):
        if name in sources and not sources[name].expect_every:
            yield ("sources", index), f"{name} needs expect_every:, to say when a report is owed"
        elif name in sources and not isinstance(sources[name].rhythm, Duration):
            yield ("sources", index), f"{name} owes its reports in business days; write expect_every: 1d, 1w or 1mo"
        if name in sources and sources[name].published_after:
            message = f"{key} measures when reports of {name} came, which its published_after: assumes; take that out"
            yield ("sources", index), message


def _windows_agree(indicator: Indicator) -> Iterator[Finding]:
    """One alert has one window; two would let the milder threshold decide how long the worse one fires."""
    windows = [(index, rule.alarm_window) for index, rule in enumerate(indicator.thresholds) if rule.alarm_window]
    for index, window in windows[1:]:
        if window != windows[0][1]:
            yield ("thresholds", index), f"give all the same window ({windows[0][1]} in the first, {window} here)"


def _severities_are_in_order(indicator: Indicator) -> Iterator[Finding]:
    levels = [
        (index, threshold, level)
        for index, threshold in enumerate(indicator.thresholds)
        if (level := threshold.level.hardness) is not None
    ]
    for (_, first, first_level), (index, second, second_level) in combinations(levels, 2):
        if (
            first.level.scale != second.level.scale
            or first.demanded_end != second.demanded_end
            or first.severity == second.severity
        ):
            continue
        is_first_worse = first.severity_rank > second.severity_rank
        if first_level == second_level or is_first_worse != (first_level > second_level):
            worse, milder = (first, second) if is_first_worse else (second, first)
            yield (
                ("thresholds", index),
                f"severities out of order: {worse.severity} at {getattr(worse, worse.key)} is reached before "
                f"{milder.severity} at {getattr(milder, milder.key)}",
            )
