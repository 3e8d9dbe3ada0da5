"""Catalogue + rows + instant -> Board: a pure function that always covers the whole history.

An alert is never stored: evaluating today, and evaluating as of today in a year, give the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from dashboard.catalog import Catalog, Indicator
from dashboard.claims import Claims
from dashboard.domain import Episode, Figure, PassedBy, Severity, State, Verdict, Withdrawal
from dashboard.domain.dates import day_of
from dashboard.evaluation import sentences
from dashboard.evaluation.alert import Alert, verdict_sentence
from dashboard.evaluation.all_clear import why_not_normal
from dashboard.evaluation.current import trust
from dashboard.evaluation.current.current_state import CurrentState, DecidingObservation
from dashboard.evaluation.evaluation import EvaluatedBoard, Evaluation
from dashboard.evaluation.on_record import of_record, with_withdrawals
from dashboard.evaluation.trace import rows_behind
from dashboard.evaluation.withdrawn.judging import judged
from dashboard.evaluation.withdrawn.losses import lost_beneath
from dashboard.evaluation.withdrawn.withdrawals import find_withdrawals
from dashboard.rows import SourceRows
from dashboard.series import evaluation_context, gather_inputs, newest_figures, row_counts, straddling_row_problems
from dashboard.thresholds import Assessment, rank, rule_sentence


def evaluate(
    catalog: Catalog, intake: SourceRows, as_of: date, finished: Mapping[str, Evaluation] | None = None
) -> EvaluatedBoard:
    """All verdicts on what was known at the end of `as_of` (UTC); what was published later leaves no trace.

    `finished` are evaluations of the same instant, which are not repeated.
    """
    table = intake.table
    known = table.all_known(as_of)
    evaluations = evaluations_of(catalog.evaluation_order, catalog, intake, as_of, finished)
    return EvaluatedBoard(
        as_of=as_of,
        data_version=_version(catalog, table.content[known], intake, as_of),
        verdicts=tuple(evaluations[name].verdict for name in catalog.indicators),
        not_loaded=catalog.not_loaded,
        newest_published=table.newest_published(as_of),
        sources={name: row_counts(name, intake.problems, table, as_of) for name in catalog.sources},
        fallbacks=catalog.fallbacks,
        unreadable=catalog.unreadable,
        evaluations=evaluations,
    )


def _version(catalog: Catalog, content: np.ndarray, intake: SourceRows, as_of: date) -> str:
    """A hash of the definitions, of the known rows' content whatever their order and files, and of what is wrong."""
    wrong = intake.all_problems(as_of)
    digest = hashlib.sha256(catalog.canonical_json)
    for line in [*sorted(content), *sorted(f"{one.file} {one.path} {one.message}" for one in wrong)]:
        digest.update(line.encode())
        digest.update(b"\x1e")
    return digest.hexdigest()


def evaluation_of(name: str, catalog: Catalog, intake: SourceRows, as_of: date) -> Evaluation:
    """The board's evaluation of one indicator, without judging any but those that it needs.

    `intake` may hold the rows of no other sources than `catalog.sources_of([name])`: it is as quick among ten thousand.
    """
    return evaluations_of(catalog.with_needs(name), catalog, intake, as_of)[name]


def evaluations_of(
    names: Sequence[str],
    catalog: Catalog,
    intake: SourceRows,
    as_of: date,
    finished: Mapping[str, Evaluation] | None = None,
) -> dict[str, Evaluation]:
    """The evaluations of the named indicators, each of which stands after those that it needs; `finished` are those of
    this instant that are known already."""
    evaluations: dict[str, Evaluation] = {}
    for name in names:
        if finished and name in finished:
            evaluations[name] = finished[name]
            continue
        others = {need: evaluations[need] for need in catalog.indicators[name].needs}
        evaluations[name] = _evaluation(name, catalog, intake, as_of, others)
    return evaluations


def _evaluation(
    name: str, catalog: Catalog, intake: SourceRows, as_of: date, others: Mapping[str, Evaluation]
) -> Evaluation:
    indicator, table = catalog.indicators[name], intake.table
    inputs = gather_inputs(indicator, catalog, intake.problems, table, as_of, others)
    context = evaluation_context(indicator, inputs, as_of)
    period = indicator.anchor.period(as_of) if indicator.anchor else None
    current, assessments = judged(indicator, inputs, catalog, context, period)
    withdrawals = find_withdrawals(indicator, catalog, inputs, current, assessments, as_of)
    newest = newest_figures(indicator, inputs, catalog.sources)
    data_state = trust.data_state(indicator, inputs, current)
    deciding = current.deciding
    found = deciding.severity if deciding else None
    beneath = lost_beneath(indicator, inputs, as_of)
    reasons = sentences.lost(withdrawals, beneath) if not (found and found.is_alarm) else []
    if found is None or found is Severity.NORMAL:
        reasons += why_not_normal(indicator, inputs, current, assessments, data_state, period, as_of)
    severity = None if reasons else found if found is not None else Severity.NORMAL
    state = _state(current, withdrawals, is_lost=severity is None and bool(beneath))
    since, known_since = _since(current)
    figure = _figure(indicator, deciding, context.unit)
    said = Claims(indicator, inputs, catalog.sources, context)
    on_record = of_record(indicator, context, current, assessments, said, in_doubt=bool(inputs.problems))
    on_record = with_withdrawals(on_record, withdrawals, indicator)
    spoken = Alert.of(said, current, assessments, known_since, period)
    passed_by = deciding.passed_by if deciding and severity is not None else None
    verdict = Verdict(
        id=name,
        title=indicator.title,
        severity=severity,
        state=state,
        passed_by=passed_by,
        data_state=data_state,
        figure=figure,
        limit=context.limit,
        share_of_limit=figure.central_share_of(context.limit),
        date=day_of(deciding.assessment.series.end[deciding.position]) if deciding else None,
        since=since,
        known_since=known_since,
        sentence=verdict_sentence(spoken, newest, data_state, reasons, on_record, withdrawals),
        newest=newest,
        on_record=on_record,
        problems=(*inputs.problems, *straddling_row_problems(indicator, inputs)),
        rules=tuple(rule_sentence(threshold, context) for threshold in indicator.thresholds),
        decided_by=_decided_by(deciding),
        passed_phrase=_passed_phrase(severity, passed_by, _decided_by(deciding), assessments),
        period=period,
        why_not=tuple(reasons),
        withdrawals=withdrawals,
        claim=spoken.claim,
        first_known=spoken.first_known,
        is_current=spoken.is_current,
        headlines=spoken.headlines,
        events=spoken.events,
        support=spoken.support,
    )
    return Evaluation(
        verdict=verdict,
        assessments=assessments,
        episodes=current.episodes,
        deciding=deciding,
        rests_on=rows_behind(indicator, inputs, current),
        known=inputs.known_rows,
        gone=inputs.dropped_rows,
        all_rows=table.frame,
        conversions=inputs.conversions,
        lines=inputs.members,
    )


def _state(current: CurrentState, withdrawals: Sequence[Withdrawal], *, is_lost: bool) -> State:
    """Where the alert is: withdrawn where nothing else is open and its figure is gone."""
    if current.state.is_open:
        return current.state
    if is_lost or any(one.is_open for one in withdrawals):
        return State.WITHDRAWN
    is_kept = any(not one.is_open and not one.loss.is_stated for one in withdrawals)
    return State.ON_RECORD if is_kept else current.state


def _decided_by(deciding: DecidingObservation | None) -> int | None:
    """Which threshold the deciding figure passes, as a position among the indicator's."""
    if deciding is None or deciding.severity is None:
        return None
    index = int(deciding.assessment.decided_by[deciding.position])
    return index if index >= 0 else None


def _passed_phrase(
    severity: Severity | None,
    passed_by: PassedBy | None,
    decided_by: int | None,
    assessments: Sequence[Assessment],
) -> str:
    """By which end the threshold that decides is passed, in its words; "" where none is, or for context alone."""
    if passed_by is None or severity is Severity.INFO:
        return ""
    if decided_by is None or not assessments:
        return passed_by.phrase
    return str(assessments[0].thresholds[decided_by].wording.phrase(passed_by))


def _figure(indicator: Indicator, deciding: DecidingObservation | None, unit: str) -> Figure:
    """The deciding figure; an unknown one where several sources are not combined."""
    if deciding is None:
        return Figure(unit=unit)
    series = deciding.assessment.series
    if indicator.combine == "each" and len(indicator.sources) > 1 and series.origin:
        return Figure(unit=unit)
    return replace(series.figure(deciding.position), unit=unit)


def _since(current: CurrentState) -> tuple[date | None, date | None]:
    """Since when the breach that stands is there, and since when that is known; handed on by all lines."""
    episode = _standing_episode(current)
    chain = _unbroken(current, episode) if episode else []
    return min((one.since for one in chain), default=None), min((one.known_since for one in chain), default=None)


def _standing_episode(current: CurrentState) -> Episode | None:
    """The breach that stands: the deciding one, else the newest on record."""
    if current.deciding is not None and current.deciding.episode is not None:
        return current.deciding.episode
    on_record = [episode for episode in current.episodes if episode.state is State.ON_RECORD]
    return on_record[-1] if on_record and current.state is State.ON_RECORD else None


def _unbroken(current: CurrentState, episode: Episode) -> list[Episode]:
    """The episodes of all lines, as bad and as certain at least, that hand the alert on to each other until now."""
    if current.deciding is None or current.deciding.episode is None or current.deciding.assessment.series.by_period:
        return [episode]
    least = rank(int(episode.severity), int(episode.passed_by))
    alike = [one for one in current.episodes if rank(int(one.severity), int(one.passed_by)) >= least]
    chain = [one for one in alike if one.state is episode.state] if episode.state.is_open else [episode]
    while reaching := [one for one in alike if one not in chain and _reaches(one, min(each.since for each in chain))]:
        chain += reaching
    return chain


def _reaches(earlier: Episode, day: date) -> bool:
    last = earlier.ended or earlier.until
    return earlier.since <= day and (last is None or last >= day)
