"""The current state of a cap: its open period decides, and its closed periods stand on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from dashboard.catalog import Indicator
from dashboard.domain import Episode, Series, State
from dashboard.domain.dates import Period
from dashboard.evaluation.breaches.episodes import find_period_episodes
from dashboard.evaluation.current.current_state import CurrentState, DecidingObservation, worst
from dashboard.series import (
    IndicatorInputs,
    cap_groups,
    evaluation_context,
    lies_inside,
    replay_totals,
    split_by_period,
)
from dashboard.thresholds import AssessedObservation, Assessment, assess

Part = tuple[Period, int, int]  # a period, and the first and one past the last position of its running totals


def state_by_periods(
    indicator: Indicator,
    inputs: IndicatorInputs,
    assessments: Sequence[Assessment],
    period: Period,
    as_of: date,
    *,
    is_dated: bool = True,
) -> tuple[CurrentState, tuple[Assessment, ...]]:
    """The state by the totals of each period, `period` being the open one, and the assessments.

    Unless `is_dated` is false, the assessments hold the exact instants since which each verdict has been known. The
    result is memoized by the open period: nothing else of the instant matters.
    """
    baselines = tuple(inputs.baselines.values())
    return inputs.table.memo.get(
        lambda: _state_by_periods(indicator, inputs, assessments, period, as_of, is_dated=is_dated),
        "periods", is_dated, indicator, inputs.members, inputs.unit, baselines, tuple(assessments), period,
        observations=sum(len(assessment.series) for assessment in assessments),
    )  # fmt: skip


def _state_by_periods(
    indicator: Indicator,
    inputs: IndicatorInputs,
    assessments: Sequence[Assessment],
    period: Period,
    as_of: date,
    *,
    is_dated: bool,
) -> tuple[CurrentState, tuple[Assessment, ...]]:
    assert indicator.anchor is not None
    by_line: list[DecidingObservation | None] = []
    episodes: list[Episode] = []
    closed: list[AssessedObservation] = []
    dated: list[Assessment] = []
    for assessment, (members, how) in zip(assessments, cap_groups(indicator, inputs), strict=True):
        parts = split_by_period(assessment.series.end, indicator.anchor)
        line = assessment
        if is_dated:
            line = _with_exact_instants(indicator, assessment, parts, members, how, inputs, as_of)
        dated.append(line)
        breaches = find_period_episodes(line, parts, period)
        episodes += [episode for episode in breaches if episode]
        by_line.append(_open_period(line, parts, breaches, period))
        closed += [AssessedObservation(line, stop - 1) for own, _, stop in parts if own != period]
    deciding = worst(by_line, ())
    is_on_record = any(episode.state is State.ON_RECORD for episode in episodes)
    fires = deciding is not None and deciding.state is State.FIRING
    state = State.FIRING if fires else State.ON_RECORD if is_on_record else State.INACTIVE
    return CurrentState(deciding, tuple(by_line), tuple(episodes), state, tuple(closed)), tuple(dated)


def _open_period(
    line: Assessment, parts: Sequence[Part], breaches: Sequence[Episode | None], period: Period
) -> DecidingObservation | None:
    """The last total of the open period; None where it has none."""
    for (own, _, stop), episode in zip(parts, breaches, strict=True):
        if own == period:
            return DecidingObservation(line, stop - 1, episode.state if episode else State.INACTIVE, episode)
    return None


def _with_exact_instants(
    indicator: Indicator,
    assessment: Assessment,
    parts: Sequence[Part],
    members: Sequence[Series],
    how: str,
    inputs: IndicatorInputs,
    as_of: date,
) -> Assessment:
    """The assessment with the exact instant since which each period's verdict has been known."""
    context = evaluation_context(indicator, inputs, as_of)
    known_since = assessment.known_since.copy()
    for period, first, stop in parts:
        instants: list[Any] = []
        ranks: list[int] = []
        if how == "sum" and _was_published_in_order(members, period):
            ranks = assessment.ranks[first:stop].tolist()
            instants = list(assessment.series.known_at[first:stop])
        else:
            for instant, totals in replay_totals(members, how, period, as_of):
                ranks.append(int(assess(totals, indicator.thresholds, context).ranks[-1]))
                instants.append(instant)
        since = _unbroken_since(ranks, int(assessment.ranks[stop - 1]))
        if since is not None:
            known_since[stop - 1] = instants[since]
    return assessment.with_known_since(known_since)


def _was_published_in_order(members: Sequence[Series], period: Period) -> bool:
    """Whether there are no revisions, and each later figure was published later.

    Then the running totals are what was known at each instant.
    """
    own = [member.take(np.flatnonzero(lies_inside(member, period))) for member in members]
    known_at = np.concatenate([member.known_at for member in own])
    end = np.concatenate([member.end for member in own])
    in_order = known_at[np.argsort(end, kind="stable")]
    return all(bool(member.current.all()) for member in own) and bool((in_order[1:] >= in_order[:-1]).all())


def _unbroken_since(ranks: Sequence[int], least: int) -> int | None:
    """Where the last unbroken stretch of ranks of at least `least` begins; None where the last rank is lower."""
    since = None
    for number in range(len(ranks) - 1, -1, -1):
        if ranks[number] < least:
            break
        since = number
    return since
