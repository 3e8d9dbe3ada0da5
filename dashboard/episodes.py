"""Breaches over time -> episodes with their states: the spells of all thresholds that overlap, as one.

Missing and unjudged observations neither begin nor end anything: silence never resolves an alert.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from dashboard.assess import rank
from dashboard.model import Assessment, Certainty, Episode, Severity, State
from dashboard.periods import Duration, day_of
from dashboard.spells import Spell, find_spells
from dashboard.thresholds import NOT_JUDGED, Threshold


def find_episodes(
    assessment: Assessment, thresholds: Sequence[Threshold], windows: Sequence[Duration | None], as_of: date
) -> tuple[Episode, ...]:
    """The episodes of one series, oldest first; a last one may be pending.

    `windows` says for each threshold how long a breach of it fires by itself; None: until a newer figure is normal.
    After its window a breach stands on record; somebody who looks and sees none resolves it, however late. An
    episode's severity is that of the worst threshold still on, so it may rise and fall.
    """
    spells = [
        spell
        for index, threshold in enumerate(thresholds)
        if threshold.severity_rank >= Severity.WARNING
        for spell in find_spells(assessment, index, threshold, windows[index])
    ]
    fired = sorted((spell for spell in spells if spell.fires is not None), key=lambda spell: (spell.fires, spell.began))
    course = _Course(assessment, thresholds, windows, as_of)
    episodes = [course.episode(group) for group in course.groups(fired)]
    stands = episodes and episodes[-1].state in (State.FIRING, State.RECOVERING)
    pending = [spell for spell in spells if spell.fires is None and spell.ended is None]
    if pending and not stands:
        episodes.append(course.episode(pending, State.PENDING))
    return tuple(episodes)


class _Course:
    """What the making of one line's episodes has in common."""

    def __init__(
        self,
        assessment: Assessment,
        thresholds: Sequence[Threshold],
        windows: Sequence[Duration | None],
        as_of: date,
    ) -> None:
        self._assessment, self._thresholds, self._windows, self._as_of = assessment, thresholds, windows, as_of
        self._days = assessment.series.end
        self._newest = assessment.series.newest

    def groups(self, spells: Sequence[Spell]) -> list[list[Spell]]:
        """Spells that overlap, or are kept on until the next one begins."""
        groups: list[list[Spell]] = []
        for spell in spells:
            assert spell.fires is not None
            if groups and any(self._reaches(earlier, spell) for earlier in groups[-1]):
                groups[-1].append(spell)
            else:
                groups.append([spell])
        return groups

    def _reaches(self, earlier: Spell, later: Spell) -> bool:
        window, began = self._windows[earlier.threshold], day_of(self._days[later.began])
        if window and began > window.after(day_of(self._days[earlier.last])):
            return False
        if earlier.ended is None or earlier.ended > later.began:
            return True
        kept = self._kept_until(earlier)
        return kept is not None and began <= kept

    def _kept_until(self, spell: Spell) -> date | None:
        keep = self._thresholds[spell.threshold].lifecycle.keep
        return keep.after(day_of(self._days[spell.ended])) if keep and spell.ended is not None else None

    def episode(self, spells: Sequence[Spell], state: State | None = None) -> Episode:
        """One episode of overlapping spells; its state follows from those that stand."""
        standing = [spell for spell in spells if self._stands(spell)]
        state = state or self._state(spells, standing)
        speaking = standing or [spell for spell in spells if spell.last == max(one.last for one in spells)]
        worst = max(speaking, key=lambda spell: (self._severity(spell), self._certainty(spell, spell.last), spell.last))
        head = max(spell.last for spell in speaking if self._severity(spell) == self._severity(worst))
        since = self._without_break(worst, head)
        series = self._assessment.series
        first = min(spell.began for spell in spells)
        return Episode(
            source=series.source,
            state=state,
            severity=self._severity(worst),
            certainty=self._certainty(worst, head),
            began=day_of(series.start[first]),
            first=day_of(self._days[first]),
            since=day_of(self._days[since[0]]),
            last=day_of(self._days[head]),
            until=max((until for spell in speaking if (until := self._until(spell))), default=None),
            ended=None
            if standing
            else max((day_of(self._days[one.ended]) for one in spells if one.ended), default=None),
            known_since=min(day_of(self._assessment.known_since[position]) for position in since),
            head=head,
        )

    def _stands(self, spell: Spell) -> bool:
        return spell.ended is None

    def _state(self, spells: Sequence[Spell], standing: Sequence[Spell]) -> State:
        if any((until := self._until(spell)) is None or self._as_of <= until for spell in standing):
            return State.FIRING if any(self._still_passes(spell) for spell in standing) else State.RECOVERING
        if any((kept := self._kept_until(spell)) is not None and self._as_of < kept for spell in spells):
            return State.RECOVERING
        return State.ON_RECORD if standing else State.RESOLVED

    def _still_passes(self, spell: Spell) -> bool:
        """Whether the newest figure passes, be it less surely than the threshold demands."""
        series, passed = self._assessment.series, self._assessment.passed[spell.threshold]
        return bool(passed[np.flatnonzero(series.current & series.has_figure & (passed != NOT_JUDGED))[-1]] > 0)

    def _until(self, spell: Spell) -> date | None:
        window = self._windows[spell.threshold]
        return window.after(day_of(self._days[spell.last])) if window else None

    def _severity(self, spell: Spell) -> Severity:
        return self._thresholds[spell.threshold].severity_rank

    def _certainty(self, spell: Spell, position: int) -> Certainty:
        alike = [
            int(passed[position])
            for threshold, passed in zip(self._thresholds, self._assessment.passed, strict=True)
            if threshold.severity == self._thresholds[spell.threshold].severity
        ]
        return Certainty(max(*alike, int(self._assessment.passed[spell.threshold][spell.last]), 1))

    def _without_break(self, spell: Spell, head: int) -> list[int]:
        """The figures from which it has been at least as bad and as certain as at the head, without a break."""
        assessment = self._assessment
        least = _rank_at(assessment, head)
        first = spell.fires if spell.fires is not None else spell.began
        usable = assessment.series.current & (assessment.severity >= 0)
        alike: list[int] = []
        for position in np.flatnonzero(usable[: head + 1])[::-1].tolist():
            if (
                position < first
                or rank(int(assessment.severity[position]), int(assessment.certainty[position])) < least
            ):
                break
            alike.append(position)
        return alike[::-1] or [head]


def episode_of(assessment: Assessment, run: Sequence[int], state: State, ended: date | None) -> Episode:
    """The episode of breaching running totals `run`, in order; since when is counted without a break."""
    series, head = assessment.series, run[-1]
    severity, certainty = int(assessment.severity[head]), int(assessment.certainty[head])
    lasting = len(run)
    while lasting > 1 and _rank_at(assessment, run[lasting - 2]) >= rank(severity, certainty):
        lasting -= 1
    alike = run[lasting - 1 :]
    return Episode(
        source=series.source,
        state=state,
        severity=Severity(severity),
        certainty=Certainty(certainty),
        began=day_of(series.start[run[0]]),
        first=day_of(series.end[run[0]]),
        since=day_of(series.end[alike[0]]),
        last=day_of(series.end[head]),
        until=None,
        ended=ended,
        known_since=min(day_of(assessment.known_since[position]) for position in alike),
        head=head,
    )


def _rank_at(assessment: Assessment, position: int) -> int:
    return rank(int(assessment.severity[position]), int(assessment.certainty[position]))
