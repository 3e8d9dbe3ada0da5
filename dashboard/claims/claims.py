"""What a claimant said: a figure with the days it is about and its publication, never of two rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from dashboard.catalog import Indicator, Source
from dashboard.domain import UNITS_IN_WORDS, ClaimedFigure, DatedEvents, Figure, Headline, PassedBy, Series, Severity
from dashboard.domain.dates import Period, day_of, parse_period
from dashboard.domain.text import appearance_keys
from dashboard.domain.text import wording as words
from dashboard.series import IndicatorInputs, cap_groups, lies_inside, replay_totals
from dashboard.thresholds import NOT_ASSESSED, Assessment, EvaluationContext, assess


def claim_at(series: Series, position: int, inputs: IndicatorInputs, sources: Mapping[str, Source]) -> ClaimedFigure:
    """The figure at a position of a line: that of the row that made it, or what several rows make together.

    The largest of several claims is one of them, with its own days; what was added up counts as known once its last
    part was.
    """
    row = int(series.row[position])
    if row < 0:
        return _of_line(series, position, series.note(position))
    name = inputs.table.source_of(row)
    own = [line for line in inputs.lines.get(name, ()) if (line.row == row).any()]
    if not own:  # the line was made of rows that the lines of now no longer hold
        return _of_line(series, position, sources[name].title)
    line, at = own[0], int(np.flatnonzero(own[0].row == row)[0])
    subject = str(inputs.table.subject[row])
    claimed = _of_line(line, at, sources[name].title)
    published = inputs.table.published_at[row]
    return claimed._replace(
        source=name,
        published_at=None if np.isnat(published) else day_of(published),
        published=str(inputs.table.stated_publication[row]),
        scope=sources[name].scope,
        subject=subject,
        place=f"{inputs.table.file[row]}:{inputs.table.line[row]}",
    )


def _of_line(series: Series, position: int, claimant: str) -> ClaimedFigure:
    start, end = day_of(series.start[position]), day_of(series.stated_end[position])
    return ClaimedFigure(
        claimant=claimant,
        source=series.origin,
        figure=series.figure(position),
        period=Period(start, end),
        published_at=None,
        known_on=day_of(series.known_at[position]),
        kind=series.kind,
        value_floor=series.floor_at(position),
        may_fall=series.may_fall is not None and bool(series.may_fall[position]),
        looked=series.looked.get(int(series.key[position])),
    )


@dataclass(frozen=True, eq=False)
class Claims:
    """The claims behind one indicator's lines: whose figure stands where, and by which one a breach was known first."""

    indicator: Indicator
    inputs: IndicatorInputs
    sources: Mapping[str, Source]
    context: EvaluationContext

    def at(self, assessment: Assessment, position: int) -> ClaimedFigure:
        """The claim that speaks at a position: of the largest or the median of several that one which gives it."""
        series = assessment.series
        if int(series.row[position]) < 0 and self.indicator.combine in ("max", "median"):
            for line in self.inputs.members:
                for at in np.flatnonzero(line.current & _is_equal(line, series, position)):
                    return claim_at(line, int(at), self.inputs, self.sources)
        return claim_at(series, position, self.inputs, self.sources)

    def first_known(self, assessment: Assessment, least: int, days: Period) -> ClaimedFigure | None:
        """The figure by which a breach of this rank became known first, over all vintages of a line; `known_on` is the
        day. `days` are those in which the figures end. Of those of one day the largest speaks."""
        series = assessment.series
        inside = (series.end >= np.datetime64(days.start)) & (series.end <= np.datetime64(days.end))
        return self._first_of(assessment, least, inside)

    def first_of_period(self, assessment: Assessment, least: int, position: int) -> ClaimedFigure | None:
        """The same of the cap's period to which a position of a line of such periods belongs."""
        return self._first_of(assessment, least, assessment.series.key == assessment.series.key[position])

    def _first_of(self, assessment: Assessment, least: int, inside: np.ndarray) -> ClaimedFigure | None:
        passed = np.flatnonzero(inside & (assessment.ranks >= least))
        if not passed.size:
            return None
        day = assessment.known_at[passed].astype("datetime64[D]").min()
        first = [int(at) for at in passed if assessment.known_at[at].astype("datetime64[D]") == day]
        claim, at = max(((self.at(assessment, at), at) for at in first), key=lambda one: _top_or_less(one[0]))
        return claim._replace(known_on=max(day_of(day), claim.known_on), passed=_phrase_at(assessment, at))

    def first_of_all(self, assessments: Sequence[Assessment], least: int) -> ClaimedFigure | None:
        """The same over all lines, and the whole history."""
        found = [claim for one in assessments if (claim := self.first_known(one, least, _EVER))]
        return min(found, key=lambda claim: (claim.known_on, -_top_or_less(claim)), default=None)

    def first_known_in(self, period: Period, assessment: Assessment, least: int) -> ClaimedFigure | None:
        """The total of a cap's period by which a breach of this rank became known first, whatever was revised since."""
        (members, how) = self._behind(assessment)
        for _, totals in replay_totals(members, how, period, self.context.as_of):
            then = assess(totals, self.indicator.thresholds, self.context)
            if then.ranks[-1] >= least:
                claim = self.at(then, len(totals) - 1)
                if not claim.place:  # several made it, and none of them alone said it
                    claim = claim._replace(claimant=assessment.series.title, source=assessment.series.origin)
                return claim._replace(known_on=max(claim.known_on, day_of(totals.known_at[-1])))
        return None

    def how_severe(self, assessment: Assessment, position: int, period: Period, claim: ClaimedFigure) -> str:
        """How severe a closed period is, and by which end; where another claim earns that end, by whose."""
        severity = Severity(int(assessment.severity[position]))
        passed_by = PassedBy(int(assessment.passed_by[position]))
        threshold = assessment.thresholds[int(assessment.threshold[position])]
        phrase = threshold.wording.phrase(passed_by)
        return f"{severity.word}, {phrase}{self.earned_by(assessment, position, period, claim)}"

    def earned_by(self, assessment: Assessment, position: int, period: Period, claim: ClaimedFigure) -> str:
        """` by 1,600 or more (A, published 25 Jul 2020)`: who earns the end that the largest claims pass by together;
        "" where that is whoever gives the number."""
        if self.indicator.combine != "max":
            return ""
        wanted = int(assessment.ranks[position])
        earning = self._earning(assessment, period, wanted)
        if earning is None or earning.is_figure_of(claim) or self._rank_of(claim, period) >= wanted:
            return ""
        return f" by {earning.figure} ({earning.claimant}, {known_words(earning)})"

    def _earning(self, assessment: Assessment, period: Period, wanted: int) -> ClaimedFigure | None:
        """The claim published first, of those that pass by the end that the largest claims pass by together."""
        found = [
            claim_at(line, int(at), self.inputs, self.sources)
            for line in self._behind(assessment)[0]
            for at in np.flatnonzero(line.current & lies_inside(line, period) & (self._ranks(line) >= wanted))
        ]
        return min(found, key=lambda claim: claim.known_on, default=None)

    def _rank_of(self, claim: ClaimedFigure, period: Period) -> int:
        found = [
            int(self._ranks(line)[at])
            for line in self.inputs.lines.get(claim.source, ())
            for at in np.flatnonzero(line.current & lies_inside(line, period))
            if claim_at(line, int(at), self.inputs, self.sources).is_figure_of(claim)
        ]
        return max(found, default=NOT_ASSESSED)

    def _ranks(self, line: Series) -> np.ndarray:
        return assess(line, self.indicator.thresholds, self.context).ranks

    def _behind(self, assessment: Assessment) -> tuple[Sequence[Series], str]:
        groups = cap_groups(self.indicator, self.inputs)
        if len(groups) == 1:
            return groups[0]
        return next(group for group in groups if group[0][0].source == assessment.series.source)


def _phrase_at(assessment: Assessment, position: int) -> str:
    """By which end an observation passes, in the words of the threshold that decides."""
    decided = assessment.thresholds[int(assessment.threshold[position])]
    return decided.wording.phrase(PassedBy(int(assessment.passed_by[position])))


_EVER = Period(date.min, date.max)


def known_words(claim: ClaimedFigure) -> str:
    """When a figure was published; or known, where its row tells no publication or several rows made it."""
    return f"published {published_words(claim)}" if claim.published_at else f"known {words.day(claim.known_on)}"


def published_words(claim: ClaimedFigure) -> str:
    """When a figure was published, as precisely as its row states it: `2025`, `Mar 2019`, `5 Oct 2023`."""
    if claim.published_at is None:
        return words.day(claim.known_on)
    return words.span(parse_period(claim.published)) if claim.published else words.day(claim.published_at)


def is_in_words(claim: ClaimedFigure) -> bool:
    """Whether a single event says in its subject what happened, so that no number is to be read."""
    return claim.kind == "event" and bool(claim.subject) and claim.figure.unit in UNITS_IN_WORDS


def _is_equal(line: Series, series: Series, position: int) -> np.ndarray:
    """Which figures of a line are about the same days as a combined one, and give its number."""
    same = (line.start == series.start[position]) & (line.end == series.end[position])
    side = "low" if math.isnan(series.value[position]) else "value"
    return np.asarray(same & (getattr(line, side) == getattr(series, side)[position]))


def is_multiple(indicator: Indicator) -> bool:
    """Whether several claimants are kept apart, so that none of their numbers may stand for all."""
    is_computed = bool(indicator.anchor or indicator.own_line)
    return indicator.combine == "each" and len(indicator.sources) > 1 and not is_computed


def headlines(indicator: Indicator, inputs: IndicatorInputs, sources: Mapping[str, Source]) -> tuple[Headline, ...]:
    """What the claimants say together of each subject; none where one claimant speaks, or figures are combined."""
    if not is_multiple(indicator):
        return ()
    standing = [claim for name in indicator.sources for claim in standing_claims(name, inputs, sources)]
    wholes = [claim for claim in standing if not claim.scope]
    spoken = _newest_of_each(wholes or standing, sources)
    parts = {claimant_of(claim.source, sources) for claim in standing if claim.scope and wholes}
    subjects = sorted({claim.subject for claim in spoken})
    return tuple(
        _headline([claim for claim in spoken if claim.subject == subject], sources, len(parts)) for subject in subjects
    )


def _newest_of_each(claims: Sequence[ClaimedFigure], sources: Mapping[str, Source]) -> list[ClaimedFigure]:
    """One claim for each claimant and subject: the one that he published last, in whichever of his sources."""
    newest: dict[tuple[str, str], ClaimedFigure] = {}
    for claim in claims:
        key = claimant_of(claim.source, sources), claim.subject
        newest[key] = max(newest.get(key, claim), claim, key=lambda one: (one.known_on, one.period.end))
    return list(newest.values())


def standing_claims(name: str, inputs: IndicatorInputs, sources: Mapping[str, Source]) -> list[ClaimedFigure]:
    """For each subject what a claimant published last; nothing where he retells another, or lists single events."""
    source = sources[name]
    if source.repeats or source.kind == "event":
        return []
    newest: dict[str, tuple[np.datetime64, np.datetime64, ClaimedFigure]] = {}
    for line in inputs.lines.get(name, ()):
        for at in map(int, np.flatnonzero(line.current & line.has_figure)):
            claim = claim_at(line, at, inputs, sources)
            told = line.known_at[at], line.end[at], claim
            newest[claim.subject] = max(newest.get(claim.subject, told), told, key=lambda one: one[:2])
    return [claim for _, _, claim in newest.values()]


def claimant_of(name: str, sources: Mapping[str, Source]) -> str:
    """Who speaks in a source: its publisher, who may have several, or the source itself where none is named."""
    return sources[name].publisher or name


def _headline(claims: Sequence[ClaimedFigure], sources: Mapping[str, Source], parts: int) -> Headline:
    """The span over standing claims, one for each claimant, then the largest and the newest of them."""
    largest = max(claims, key=lambda claim: (claim.figure.highest, claim.figure.or_more, claim.known_on))
    newest = max(claims, key=lambda claim: (claim.known_on, claim.period.end, claim.figure.highest))
    official = {claimant_of(one.source, sources) for one in claims if sources[one.source].is_official}
    bottoms = [end for claim in claims if not math.isnan(end := claim.figure.lowest)]
    top = largest.figure.highest
    highest = [claim.figure for claim in claims if claim.figure.highest == top]
    or_more = any(figure.or_more or math.isnan(figure.high) for figure in highest)
    return Headline(
        subject=largest.subject,
        figure=Figure(min(bottoms, default=math.nan), math.nan, top, largest.figure.unit, or_more),
        claimants=len({claimant_of(claim.source, sources) for claim in claims}),
        official=len(official),
        parts=parts,
        largest=largest,
        newest=newest,
    )


def _top_or_less(claim: ClaimedFigure) -> float:
    """The highest that a claimant says, for comparing: without any it is the least of all."""
    return -math.inf if math.isnan(top := claim.figure.highest) else top


def dated_events(indicator: Indicator, inputs: IndicatorInputs, sources: Mapping[str, Source]) -> DatedEvents | None:
    """The events that several claimants date one by one: an equal day and subject counts once, totals never. What is
    told in words is no number of them."""
    if not is_multiple(indicator):
        return None
    counts: dict[tuple[date, str], float] = {}
    tellers: set[str] = set()
    for name in indicator.sources:
        if sources[name].kind != "event" or sources[name].repeats:
            continue
        for line in inputs.lines.get(name, ()):
            for at in map(int, np.flatnonzero(line.current & line.has_figure)):
                claim = claim_at(line, at, inputs, sources)
                if not is_in_words(claim) and not math.isnan(low := claim.figure.lowest) and low > 0:
                    key = claim.period.end, appearance_keys(claim.subject)[0]
                    counts[key] = max(counts.get(key, low), low)
                    tellers.add(name)
    if not counts:
        return None
    return DatedEvents(sum(counts.values()), min(day for day, _ in counts), len(tellers))
