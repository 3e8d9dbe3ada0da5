"""What is not wrong with an indicator, but worth a look: notes, each with its place and the rule that makes it.

A rule is a function in `RULES` that takes an indicator with its backtest and yields (path below the indicator,
message), or one in `CATALOG_RULES` that takes all indicators and yields messages. A new rule is a function and its name
there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dashboard.analysis.backtest import History, backtest
from dashboard.catalog import Catalog, Indicator, Source, with_needs, yaml_number
from dashboard.domain import Problem, Series, Severity
from dashboard.domain.dates import Duration
from dashboard.domain.text import listed, number
from dashboard.evaluation import Evaluation, evaluations_of
from dashboard.rows import SourceRows
from dashboard.thresholds import Threshold

# How many alarms in a hundred should be of high, of medium and of low priority: EEMUA publication 191, Alarm systems.
ADVISED_SHARES = {Severity.CRITICAL: 5, Severity.WARNING: 15, Severity.INFO: 80}
FEWEST_FOR_SHARES = 10  # indicators, before shares of them say anything

FEWEST_SPACINGS = 2  # between figures, before their median says how far apart they usually are

Finding = tuple[str, str]  # the path below the indicator in words, "" for the whole of it, and the message


@dataclass(frozen=True)
class Subject:
    """What a rule looks at: the indicator and its sources, what its backtest announced, its verdict on all known."""

    indicator: Indicator
    sources: Mapping[str, Source]
    history: History
    evaluation: Evaluation


@dataclass(frozen=True, order=True)
class Note:
    """A remark on an indicator, at its place in the catalogue; it is no problem."""

    place: Problem
    rule: str

    def __str__(self) -> str:
        return str(self.place)

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, **self.place.as_json()}


def lint(catalog: Catalog, intake: SourceRows, names: Iterable[str], as_of: date) -> tuple[Note, ...]:
    """All notes on the named indicators, in the order of the file."""
    chosen = list(names)
    histories = backtest(catalog, intake, chosen, as_of)
    evaluations = evaluations_of(with_needs(chosen, catalog.indicators), catalog, intake, as_of)
    notes = []
    for name, history in zip(chosen, histories, strict=True):
        subject = Subject(catalog.indicators[name], catalog.sources, history, evaluations[name])
        notes += [_note(catalog, name, rule, *finding) for rule in RULES for finding in rule(subject)]
    notes += [
        _note_of_source(catalog, name, rule, *finding)
        for name, source in catalog.sources.items()
        for rule in SOURCE_RULES
        for finding in rule(source)
    ]
    if set(chosen) == set(catalog.indicators):
        notes += [_note_on_all(catalog, rule, said) for rule in CATALOG_RULES for said in rule(catalog)]
    return tuple(sorted(notes))


def no_owner(subject: Subject) -> Iterator[Finding]:
    if not subject.indicator.owner:
        yield "", "no owner: who answers for this rule, and mends it?"


def no_rationale(subject: Subject) -> Iterator[Finding]:
    if not subject.indicator.rationale:
        yield "", "no rationale: why is it watched?"


def no_legal_basis(subject: Subject) -> Iterator[Finding]:
    """An analyst's level needs no act. A critical one of which nobody says whose it is passes for the law's."""
    if subject.indicator.legal_basis:
        return
    for index, threshold in enumerate(subject.indicator.thresholds):
        if threshold.basis == "law":
            yield f"thresholds[{index}]", f"{threshold.severity} by law, and no legal_basis: by which act?"
        elif threshold.severity == "critical" and threshold.basis != "analyst":
            yield f"thresholds[{index}]", "critical, and no legal_basis: by which act? or write basis: analyst"


def no_evidence(subject: Subject) -> Iterator[Finding]:
    if not subject.indicator.evidence:
        yield "", "no evidence: which claim of seeds/ does it rest on?"


def outside_all_seen(subject: Subject) -> Iterator[Finding]:
    """A level that no figure came near is perhaps a slip of a digit. What a law sets is no slip, whatever was seen."""
    seen = _seen(subject.evaluation)
    if not len(seen):
        return
    for index, threshold in enumerate(subject.indicator.thresholds):
        bounds = _bounds(subject.evaluation, index)
        if threshold.basis == "law" or _counts_indicators(threshold) or not len(bounds):
            continue
        if bounds.min() > seen.max() or bounds.max() < seen.min():
            side, end = ("above", seen.max()) if bounds.min() > seen.max() else ("below", seen.min())
            extreme = "largest" if side == "above" else "smallest"
            level = number(float(bounds.min() if side == "above" else bounds.max()))
            said = f"{level} is {side} every figure seen; the {extreme} is {number(float(end))}"
            yield f"thresholds[{index}]", f"{said} {subject.evaluation.verdict.figure.unit}".rstrip()


def waits_less_than_the_cadence(subject: Subject) -> Iterator[Finding]:
    """A `for` shorter than the time between two figures asks for a second one, whatever its length."""
    for index, threshold in enumerate(subject.indicator.thresholds):
        lasting = threshold.lifecycle.wait
        if lasting is None or not _judges_figures(threshold):
            continue
        longer = [said for days, said in _cadences(subject) if lasting.in_days < days]
        if longer:
            often = "always" if _least_days_between(subject.evaluation) > _most_days(lasting) else "usually"
            meaning = f"one figure never suffices, and the next {often} does if it passes too"
            advice = 'write "2 figures", or how many it shall take; or leave it out to fire at the first'
            yield f"thresholds[{index}]", f"for: {threshold.lasting} is shorter than {longer[0]}: {meaning}; {advice}"


def recovers_on_the_wrong_side(subject: Subject) -> Iterator[Finding]:
    """What ends a breach must lie where nothing passes: elsewhere a breach ends it, or a calm figure does not."""
    for index, threshold in enumerate(subject.indicator.thresholds):
        bounds = _bounds(subject.evaluation, index)
        calm = threshold.level.calm or (-math.inf, float(bounds.max()) if len(bounds) else math.nan)
        below, above = threshold.recover_below, threshold.recover_above
        said = [_wrong_end("recover_below", below, calm), _wrong_end("recover_above", above, calm)]
        if below is not None and above is not None and below < above:
            said.append(f"no figure is both {number(below)} or below and {number(above)} or above: it never ends")
        yield from ((f"thresholds[{index}]", one) for one in said if one)


def never_fires(subject: Subject) -> Iterator[Finding]:
    if not _can_fire(subject.indicator) or subject.history.episodes:
        return
    if not subject.history.said:
        yield "", "never fired: no figure was ever known"
        return
    yield "", f"never fired in the backtest, which begins on {subject.history.said[0].day}"


def always_fires(subject: Subject) -> Iterator[Finding]:
    said = subject.history.said
    if len(said) > 1 and all(one.state.is_on for one in said):
        yield "", f"has fired without a break since its first figure was known, on {said[0].day}"


def secret_in_the_address(source: Source) -> Iterator[Finding]:
    origin = source.origin
    if names := origin.exposed_secrets:
        mend = "name an environment variable that holds it in authorization:, if its publisher takes that"
        yield origin.key, f"an address with a secret in it, it seems ({listed(names)}); {mend}"


def authorization_in_clear(source: Source) -> Iterator[Finding]:
    if source.origin.sends_credentials_in_clear:
        yield "authorization", "sent over http:, so that anybody on the way can read it; write https: in url:"


def shares_of_severities(catalog: Catalog) -> Iterator[str]:
    """How many indicators can become critical, set against how many should: where most can, none stands out.

    One without thresholds can become nothing, and is not counted.
    """
    ranks = [[threshold.severity_rank for threshold in one.thresholds] for one in catalog.indicators.values()]
    worst = [max(severities) for severities in ranks if severities]
    if len(worst) < FEWEST_FOR_SHARES:
        return
    counts = {severity: worst.count(severity) for severity in ADVISED_SHARES}
    shares = [f"{count} {severity.word} ({100 * count / len(worst):.0f} %)" for severity, count in counts.items()]
    advised = listed([str(share) for share in ADVISED_SHARES.values()])
    yield (
        f"of {len(worst)} indicators with thresholds, {listed(shares)}, by the worst that each can become; "
        f"EEMUA 191 advises about {advised} %, so that what is critical stands out. "
        "Judge each by its harm, not by the share"
    )


Rule = Callable[[Subject], Iterator[Finding]]
SourceRule = Callable[[Source], Iterator[Finding]]
CatalogRule = Callable[[Catalog], Iterator[str]]

RULES: tuple[Rule, ...] = (
    no_owner,
    no_rationale,
    no_legal_basis,
    no_evidence,
    outside_all_seen,
    waits_less_than_the_cadence,
    recovers_on_the_wrong_side,
    never_fires,
    always_fires,
)

CATALOG_RULES: tuple[CatalogRule, ...] = (shares_of_severities,)


SOURCE_RULES: tuple[SourceRule, ...] = (secret_in_the_address, authorization_in_clear)


def _note_of_source(catalog: Catalog, name: str, rule: SourceRule, below: str, message: str) -> Note:
    line, column = catalog.places.get(name, (0, 0))
    return Note(Problem(catalog.file, line, column, f"sources.{name}.{below}", message), rule.__name__)


def _note(catalog: Catalog, name: str, rule: Rule, below: str, message: str) -> Note:
    path = f"indicators.{name}.{below}" if below else f"indicators.{name}"
    line, column = catalog.places[path]
    return Note(Problem(catalog.file, line, column, path, message), rule.__name__)


def _note_on_all(catalog: Catalog, rule: CatalogRule, message: str) -> Note:
    """A note on all indicators, at the place of the first."""
    line, column = min(catalog.places[f"indicators.{name}"] for name in catalog.indicators)
    return Note(Problem(catalog.file, line, column, "indicators", message), rule.__name__)


def _can_fire(indicator: Indicator) -> bool:
    """Whether any threshold may raise an alarm; context is never one."""
    return any(threshold.severity_rank.is_alarm for threshold in indicator.thresholds)


def _seen(evaluation: Evaluation) -> np.ndarray:
    """Every end of every figure that stands."""
    ends = [
        side[one.series.current]
        for one in evaluation.assessments
        for side in (one.series.low, one.series.value, one.series.high)
    ]
    figures = np.concatenate(ends) if ends else np.array([])
    return np.asarray(figures[np.isfinite(figures)])


def _bounds(evaluation: Evaluation, index: int) -> np.ndarray:
    """Every level that a threshold was evaluated at."""
    found = [one.bounds[index] for one in evaluation.assessments]
    bounds = np.concatenate(found) if found else np.array([])
    return np.asarray(bounds[np.isfinite(bounds)])


def _counts_indicators(threshold: Threshold) -> bool:
    """Whether it counts other indicators that fire, so that its figures are no measurements."""
    return bool(threshold.needs.ids) and threshold.own_line is not None and not threshold.own_line.caps


def _judges_figures(threshold: Threshold) -> bool:
    """Whether it judges figures of sources, and neither indicators that fire nor days that pass."""
    waits = threshold.own_line is not None and threshold.own_line.waits_for_reports
    return not (waits or _counts_indicators(threshold))


def _cadences(subject: Subject) -> Iterator[tuple[float, str]]:
    """How many days lie between two figures, with words for it: as each source declares, else as its line shows."""
    is_combined = len(subject.indicator.sources) > 1 and subject.indicator.combine != "each"
    declared = {} if is_combined else {name: subject.sources[name].expect_every for name in subject.indicator.sources}
    for name, every in declared.items():
        if every:
            yield (
                Duration.parse(every).fewest_days,
                f"the cadence of {subject.sources[name].title}, {Duration.parse(every)}",
            )
    for line in (one.series for one in subject.evaluation.assessments):
        days = _usual_days_between(line)
        if days is not None and not declared.get(line.origin):
            yield days, f"the {number(days)} days usual between figures of {line.title}"


def _usual_days_between(line: Series) -> float | None:
    """The median; None for fewer than three figures."""
    days = _days_between(line)
    return float(np.median(days)) if len(days) >= FEWEST_SPACINGS else None


def _least_days_between(evaluation: Evaluation) -> int:
    """How close two figures of one line ever came; 0 where no two are known, which shows nothing."""
    return min((int(days.min()) for one in evaluation.assessments if len(days := _days_between(one.series))), default=0)


def _days_between(line: Series) -> np.ndarray:
    return np.diff(np.unique(line.end[line.current & line.has_figure])).astype(int)


def _most_days(lasting: Duration) -> float:
    """What no such span is longer than: a month has at most 31 days, a year 366."""
    years, months = divmod(lasting.months, 12)
    return 366 * years + 31 * months + lasting.days


def _wrong_end(key: str, level: float | None, calm: tuple[float, float]) -> str:
    """What is wrong with a recovery level, given between which levels nothing passes (NaN unknown); "" for nothing."""
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
