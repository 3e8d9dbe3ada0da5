"""Makes episodes with their states from spells: overlapping spells of all thresholds are one episode.

Missing and unjudged observations neither begin nor end anything: silence never resolves an alert.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from dashboard.domain import Episode, PassedBy, Severity, State, rank
from dashboard.domain.dates import Duration, Period, day_of
from dashboard.evaluation.breaches.spells import Spell, find_spells, heard
from dashboard.thresholds import Assessment, Threshold

_WARNING = rank(Severity.WARNING, 0)
_SEVERITIES, _ENDS = dict(enumerate(Severity)), dict(enumerate(PassedBy, start=1))  # quicker than a call
_FIRING, _ON_RECORD = State.FIRING, State.ON_RECORD


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
        if threshold.is_alarm
        for spell in find_spells(assessment, index, threshold, windows[index])
    ]
    fired = sorted((spell for spell in spells if spell.fires is not None), key=lambda spell: (spell.fires, spell.began))
    course = _Course(assessment, thresholds, windows, as_of)
    episodes = course.episodes(course.groups(fired))
    stands = episodes and episodes[-1].state.is_on
    pending = [spell for spell in spells if spell.fires is None and spell.ended is None]
    if pending and not stands:
        episodes.append(course.episode(pending, State.PENDING))
    return tuple(episodes)


class _Course:
    """Makes the episodes of one line from its spells."""

    def __init__(
        self,
        assessment: Assessment,
        thresholds: Sequence[Threshold],
        windows: Sequence[Duration | None],
        as_of: date,
    ) -> None:
        self._assessment, self._thresholds, self._windows, self._as_of = assessment, thresholds, windows, as_of
        self._day: Callable[[int], date] = assessment.series.end.item
        counts = (assessment.ranks >= 0) & assessment.series.current
        self._counts = None if counts.all() else counts
        self._of_severity: dict[Severity, list[np.ndarray]] = {}  # what the thresholds of each severity found
        for threshold, passed in zip(thresholds, assessment.passed, strict=True):
            self._of_severity.setdefault(threshold.severity_rank, []).append(passed)

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
        assert later.fires is not None
        window, fires = self._windows[earlier.threshold], self._day(later.fires)
        if window and fires > window.after(self._day(earlier.last)):
            return False
        if earlier.ended is None or earlier.ended > later.fires:
            return True
        kept = self._kept_until(earlier)
        return kept is not None and fires <= kept

    def _kept_until(self, spell: Spell) -> date | None:
        keep = self._thresholds[spell.threshold].lifecycle.keep
        return keep.after(self._day(spell.ended)) if keep and spell.ended is not None else None

    def episodes(self, groups: Sequence[Sequence[Spell]]) -> list[Episode]:
        """The episode of each group of spells."""
        over = {number: group[0] for number, group in enumerate(groups) if len(group) == 1 and self._is_over(group[0])}
        past = dict(zip(over, self._of_spells_that_are_over([*over.values()]), strict=True)) if over else {}
        return [past.get(number) or self.episode(group) for number, group in enumerate(groups)]

    def episode(self, spells: Sequence[Spell], state: State | None = None) -> Episode:
        """One episode of overlapping spells; its state follows from those that have not ended."""
        lasting = [spell for spell in spells if spell.ended is None]
        state = state or self._state(spells, lasting)
        newest = max([spell.last for spell in spells])
        alive = [spell for spell in lasting if self._is_news(spell, spell.last)]
        speaking = alive or lasting or [spell for spell in spells if spell.last == newest]
        worst = speaking[0]
        if len(speaking) > 1:
            worst = max(
                speaking, key=lambda spell: (self._severity(spell), self._passed_by(spell, spell.last), spell.last)
            )
        severity = self._severity(worst)
        heads = [(spell, self._speaks(spell)) for spell in speaking if self._severity(spell) == severity]
        head = heads[0][1]
        if len(heads) > 1:
            head = max([at for _, at in heads], key=lambda at: (self._passed_by(worst, at) > PassedBy.HIGHEST, at))
        since, known_since = self._without_break(spells, severity, worst, head)
        series = self._assessment.series
        first = min([spell.began for spell in spells])
        fires = [spell.fires for spell in spells if spell.fires is not None]
        ends = [] if lasting else [spell.ended for spell in spells if spell.ended is not None]
        untils = [until for spell, at in heads if (until := self._until(spell, at if alive else spell.last))]
        return Episode(
            source=series.source,
            state=state,
            severity=severity,
            passed_by=self._passed_by(worst, head),
            began=series.start.item(first),
            first=self._day(first),
            since=since,
            last=self._day(head),
            until=max(untils) if untils else None,
            ended=self._day(max(ends)) if ends else None,
            known_since=known_since,
            head=head,
            fired=self._day(min(fires)) if fires else None,
        )

    def _is_over(self, spell: Spell) -> bool:
        """Whether a figure has ended a spell, and nothing prolongs it: most spells of a long history are over."""
        index = spell.threshold
        return spell.ended is not None and self._windows[index] is None and not self._thresholds[index].lifecycle.keep

    def _of_spells_that_are_over(self, spells: Sequence[Spell]) -> list[Episode]:
        """The episodes of single spells, each as `episode` makes it, column by column."""
        series = self._assessment.series
        indexes, began, fires, lasts, ended = ([*column] for column in zip(*spells, strict=True))
        severities = [self._thresholds[index].severity_rank for index in indexes]
        ends = {
            severity: np.maximum.reduce([passed[lasts] for passed in found]).tolist()
            for severity, found in self._of_severity.items()
        }
        known_days = self._assessment.known_since[lasts].astype("datetime64[D]").tolist()
        days = [series.end[places].tolist() for places in (began, fires, lasts, ended)]
        columns = zip(severities, series.start[began].tolist(), *days, fires, lasts, known_days, strict=True)
        episodes = []
        for number, (severity, start, first, fired, last, end, fires_at, head, known) in enumerate(columns):
            since = fired, known
            if fires_at != head:
                since = self._known_since(fires_at, head, severity)
            axes = State.RESOLVED, severity, _ENDS[ends[severity][number]]
            episodes.append(
                Episode(series.source, *axes, start, first, since[0], last, None, end, since[1], head, fired)
            )
        return episodes

    def _state(self, spells: Sequence[Spell], lasting: Sequence[Spell]) -> State:
        if any(self._is_news(spell, spell.last) for spell in lasting):
            return State.FIRING if any(self._still_passes(spell) for spell in lasting) else State.RECOVERING
        if any((kept := self._kept_until(spell)) is not None and self._as_of < kept for spell in spells):
            return State.RECOVERING
        return State.ON_RECORD if lasting else State.RESOLVED

    def _still_passes(self, spell: Spell) -> bool:
        """Whether the newest figure passes, be it less surely than the threshold demands."""
        passed = self._assessment.passed[spell.threshold]
        return bool(passed[heard(self._assessment.series, passed, self._thresholds[spell.threshold])[-1]] > 0)

    def _until(self, spell: Spell, position: int) -> date | None:
        """The last day on which the figure at a position fires by itself."""
        window = self._windows[spell.threshold]
        return window.after(self._day(position)) if window else None

    def _is_news(self, spell: Spell, position: int) -> bool:
        until = self._until(spell, position)
        return until is None or self._as_of <= until

    def _speaks(self, spell: Spell) -> int:
        """The newest figure of a spell; of news the newest that passes by more than its highest end, while that is
        news, and once nothing is: what may have happened prolongs nothing that did."""
        passed = self._assessment.passed[spell.threshold]
        if self._windows[spell.threshold] is None or passed[spell.last] != PassedBy.HIGHEST:
            return spell.last
        places = heard(self._assessment.series, passed, self._thresholds[spell.threshold])
        places = places[(places >= spell.began) & (places < spell.last) & (passed[places] > PassedBy.HIGHEST)]
        if not places.size:
            return spell.last
        surer = int(places[-1])
        return surer if self._is_news(spell, surer) or not self._is_news(spell, spell.last) else spell.last

    def _severity(self, spell: Spell) -> Severity:
        return self._thresholds[spell.threshold].severity_rank

    def _passed_by(self, spell: Spell, position: int) -> PassedBy:
        passed_ends = [passed.item(position) for passed in self._of_severity[self._severity(spell)]]
        own = self._assessment.passed[spell.threshold].item(spell.last) if position >= spell.last else 0
        return _ENDS[max(*passed_ends, own, 1)]

    def _without_break(self, spells: Sequence[Spell], severity: Severity, worst: Spell, head: int) -> tuple[date, date]:
        """From which figure, and from which day's knowledge, it has been as severe as now; what is held by a recovery
        level, or kept on after its end, has not ended."""
        return self._known_since(self._beginning(spells, severity, worst), head, severity)

    def _known_since(self, first: int, head: int, severity: Severity) -> tuple[date, date]:
        """The day of the first of some figures, and since when any of them that is so severe has been known."""
        if first == head:
            return self._day(head), day_of(self._assessment.known_since[head])
        passed = self._assessment.ranks[first : head + 1] >= rank(severity, 0)
        if self._counts is not None:
            passed &= self._counts[first : head + 1]
        known_since = self._assessment.known_since[first : head + 1][passed]
        if not known_since.size:
            return self._day(head), day_of(self._assessment.known_since[head])
        return self._day(first), day_of(known_since.min())

    def _beginning(self, spells: Sequence[Spell], severity: Severity, worst: Spell) -> int:
        """Where the earliest of the spells begins that hand so severe an alert on to each other without a break."""
        as_severe = [spell for spell in spells if self._severity(spell) >= severity and spell is not worst]
        first, chain = _start(worst), [worst]
        while reaching := [spell for spell in as_severe if spell not in chain and self._hands_on(spell, chain)]:
            chain += reaching
            first = min(first, *map(_start, reaching))
        return first

    def _hands_on(self, earlier: Spell, chain: Sequence[Spell]) -> bool:
        return earlier.fires is not None and any(
            later.fires is not None and earlier.fires <= later.fires and self._reaches(earlier, later)
            for later in chain
        )


def find_period_episodes(
    assessment: Assessment, parts: Sequence[tuple[Period, int, int]], open_period: Period
) -> list[Episode | None]:
    """For each period of a cap its breach, if its last total is one: it stands until the period ends, then on record.

    `parts` are the periods with the first and one past the last position of their running totals.
    """
    return [
        _of_period(assessment, first, stop, None if period == open_period else period.end)
        if assessment.ranks[stop - 1] >= _WARNING
        else None
        for period, first, stop in parts
    ]


def _of_period(assessment: Assessment, start: int, stop: int, ended: date | None) -> Episode:
    """Since when is counted without a break."""
    series, ranks = assessment.series, assessment.ranks[start:stop]
    newest = int(ranks[-1])
    since = start + _after_last(ranks < newest)
    first = start + int((ranks >= _WARNING).argmax())
    return Episode(
        source=series.source,
        state=_FIRING if ended is None else _ON_RECORD,
        severity=_SEVERITIES[newest >> 2],
        passed_by=_ENDS[newest & 3],
        began=series.start.item(first),
        first=series.end.item(first),
        since=series.end.item(since),
        last=series.end.item(stop - 1),
        until=None,
        ended=ended,
        known_since=day_of(_known_since(assessment, since, stop)),
        head=stop - 1,
        fired=series.end.item(first),
    )


def _known_since(assessment: Assessment, since: int, stop: int) -> np.datetime64:
    """Since when the last total of a period has been known to pass: replayed, or else since the first that did."""
    if assessment.exact_known_since is not None:
        return np.datetime64(assessment.exact_known_since[stop - 1])
    return np.datetime64(assessment.known_since[since:stop].min())


def _start(spell: Spell) -> int:
    """Where a spell fires first; of a pending one where it began."""
    return spell.began if spell.fires is None else spell.fires


def _after_last(chosen: np.ndarray) -> int:
    """The position after the last one chosen; 0 where none is."""
    places = chosen.nonzero()[0]
    return int(places[-1]) + 1 if places.size else 0
