"""Catalogue + rows + instant -> Board: a pure function that always covers the whole history.

An alert is never stored: evaluating today, and evaluating as of today in a year, give the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date

from dashboard.catalog import Catalog
from dashboard.domain import Board, Problem
from dashboard.evaluation.current.judging import judge
from dashboard.evaluation.evaluation import EvaluatedBoard, Evaluation
from dashboard.evaluation.trace import contributing_rows
from dashboard.evaluation.verdict import verdict_of
from dashboard.evaluation.withdrawn.withdrawals import find_withdrawals
from dashboard.rows import SourceRows
from dashboard.series import gather_inputs, row_counts


def evaluate(
    catalog: Catalog, intake: SourceRows, as_of: date, finished: Mapping[str, Evaluation] | None = None
) -> EvaluatedBoard:
    """All verdicts from what was known at the end of `as_of` (UTC); later publications leave no trace.

    `finished` holds evaluations of the same instant, which are not repeated.
    """
    evaluations = evaluations_of(catalog.evaluation_order, catalog, intake, as_of, finished)
    whole = board_without_verdicts(catalog, intake, as_of)
    values = {field.name: getattr(whole, field.name) for field in fields(Board)}
    verdicts = tuple(evaluations[name].verdict for name in catalog.indicators)
    return EvaluatedBoard(**{**values, "verdicts": verdicts}, evaluations=evaluations)


def board_without_verdicts(catalog: Catalog, intake: SourceRows, as_of: date) -> Board:
    """What the board of an instant says as a whole."""
    table = intake.table
    return Board(
        as_of=as_of,
        data_version=data_version(catalog, [table.content.joined(table.is_known(as_of))], intake.all_problems(as_of)),
        verdicts=(),
        not_loaded=catalog.not_loaded,
        newest_published=table.newest_published(as_of),
        sources={name: row_counts(name, intake.problems, table, as_of) for name in catalog.sources},
        fallbacks=catalog.fallbacks,
        unreadable=catalog.unreadable,
    )


def data_version(catalog: Catalog, contents: Iterable[bytes | memoryview], problems: Iterable[Problem]) -> str:
    """A hash of the definitions, of the known rows' content whatever their files, and of the problems that stand.

    `contents`: the sorted lines of each source, in the order of the sources' names; together they are sorted too.
    """
    digest = hashlib.sha256(catalog.canonical_json)
    for content in contents:
        digest.update(content)
    lines = sorted(f"{each.file} {each.path} {each.message}" for each in problems)
    digest.update("".join(f"{line}\x1e" for line in lines).encode())
    return digest.hexdigest()


def evaluation_of(name: str, catalog: Catalog, intake: SourceRows, as_of: date) -> Evaluation:
    """The board's evaluation of one indicator; no other indicators are judged than those that it needs.

    `intake` need hold only the rows of `catalog.sources_of([name])`, so it is as quick in a catalogue of ten thousand.
    """
    return evaluations_of(catalog.with_needs(name), catalog, intake, as_of)[name]


def evaluations_of(
    names: Sequence[str],
    catalog: Catalog,
    intake: SourceRows,
    as_of: date,
    finished: Mapping[str, Evaluation] | None = None,
) -> dict[str, Evaluation]:
    """The evaluations of the named indicators; each name stands after those that it needs.

    `finished` holds evaluations of this instant that were made before.
    """
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
    judged = judge(indicator, catalog, inputs, as_of)
    return Evaluation(
        verdict=verdict_of(name, judged, find_withdrawals(judged)),
        assessments=judged.assessments,
        episodes=judged.current.episodes,
        deciding=judged.current.deciding,
        rests_on=contributing_rows(judged),
        known_rows=inputs.known_rows,
        dropped_rows=inputs.dropped_rows,
        all_rows=table.frame,
        conversions=inputs.conversions,
        lines=inputs.members,
        assumed_days=inputs.assumed_days,
    )
