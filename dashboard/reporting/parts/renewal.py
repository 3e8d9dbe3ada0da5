"""Renews the parts of a board: only sources and verdicts whose key has changed are read and judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from dashboard.analysis import ChangesSince, findings_of_indicator, unread_finding, unread_sources
from dashboard.catalog import Catalog, with_needs
from dashboard.domain.dates import Period
from dashboard.evaluation import Evaluation, evaluations_of
from dashboard.reporting.board_json import indicator_as_json
from dashboard.reporting.parts.board_parts import BoardParts, SourcePart, VerdictPart
from dashboard.reporting.parts.findings_json import findings_line
from dashboard.reporting.parts.keys import source_keys, verdict_keys
from dashboard.reporting.summary.board_summary import USUAL_SPAN, summarize_indicator
from dashboard.rows import SourceRows, may_end_unnoticed
from dashboard.series import row_counts
from dashboard.workspace import Workspace

_NO_ROWS = slice(0, 0)
MOST_TOGETHER = 2_000  # indicators whose rows are in memory together


def renew_parts(
    workspace: Workspace,
    today: date,
    fingerprints: Mapping[str, object],
    kept: BoardParts | None = None,
    *,
    with_summary: bool,
) -> BoardParts:
    """The parts of today's board, those of `kept` where they still stand.

    `fingerprints` are those of the sources, taken before: a file that changes meanwhile is read again next time. The
    caller sees to it that `kept` was made by this code.
    """
    catalog = workspace.catalog
    before = kept if kept and kept.as_of == today else BoardParts(today)
    keys = source_keys(catalog, fingerprints)
    wanted = verdict_keys(catalog, keys)
    unread = {*unread_sources(catalog)}
    changed = _changed_sources(before, keys, unread)
    stale = _stale_verdicts(before, wanted, with_summary=with_summary)
    sources, contents, verdicts = dict(before.sources), dict(before.contents), dict(before.verdicts)
    for names, read in _batches(stale, changed, catalog):
        rows = workspace.rows_of(read, today)
        new = [name for name in read if name in changed]
        parts = {name: _source_part(name, keys[name], catalog, rows, today) for name in new}
        sources |= parts | _with_unread_findings(parts, unread, catalog, rows, today)
        contents |= _contents(rows, new, today)
        verdicts |= _judge(names, catalog, rows, today, with_summary=with_summary)
    is_doubtful = not all(sources[name].key for name in keys)
    trusted = verdict_keys(catalog, {name: sources[name].key for name in keys}) if is_doubtful else wanted
    return BoardParts(
        today,
        sources={name: sources[name] for name in keys},
        contents={name: contents[name] for name in keys},
        verdicts={name: replace(verdicts[name], key=trusted[name]) for name in catalog.indicators},
    )


def _batches(
    stale: Sequence[str], changed: Collection[str], catalog: Catalog
) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """Indicators to judge and sources to read, so many at a time that their rows fit in memory.

    Indicators that need others are judged together with those, since their evaluations share the rows.
    """
    needs = {name: catalog.indicators[name].needs for name in stale}
    needed = {need for own in needs.values() for need in own}
    joined = [name for name in stale if needs[name] or name in needed]
    alone = [name for name in stale if not needs[name] and name not in needed]
    groups = [joined] if joined else []
    groups += [alone[start : start + MOST_TOGETHER] for start in range(0, len(alone), MOST_TOGETHER)]
    read = {*catalog.sources_of(stale)}
    others = [name for name in catalog.sources if name in changed and name not in read]
    for group in groups:
        yield group, catalog.sources_of(group)
    for start in range(0, len(others), MOST_TOGETHER):
        yield [], tuple(others[start : start + MOST_TOGETHER])


def _changed_sources(before: BoardParts, keys: Mapping[str, str], unread: Collection[str]) -> set[str]:
    """The sources that must be read again: also where the first indicator reads it, or none does any more."""
    return {
        name
        for name, key in keys.items()
        if (kept := before.sources.get(name)) is None or kept.key != key or (name in unread) == (kept.unread is None)
    }


def _stale_verdicts(before: BoardParts, keys: Mapping[str, str], *, with_summary: bool) -> list[str]:
    """The indicators that must be judged again."""
    return [
        name
        for name, key in keys.items()
        if (kept := before.verdicts.get(name)) is None or kept.key != key or (with_summary and not kept.summary_line)
    ]


def _source_part(name: str, key: str, catalog: Catalog, rows: SourceRows, today: date) -> SourcePart:
    problems, part = rows.problems.get(name, ()), rows.table.slices.get(name, _NO_ROWS)
    is_doubtful = any(may_end_unnoticed(problem, catalog, today) for problem in problems)
    return SourcePart(
        key="" if is_doubtful else key,
        rows=part.stop - part.start,
        counts=row_counts(name, rows.problems, rows.table, today),
        newest_published=rows.table.newest_published(today, part),
        problems=tuple(problem for problem in problems if problem.was_open(today)),
    )


def _with_unread_findings(
    parts: Mapping[str, SourcePart], unread: Collection[str], catalog: Catalog, rows: SourceRows, today: date
) -> dict[str, SourcePart]:
    """Those of the parts whose sources no indicator reads, with how they stand."""
    return {
        name: replace(part, unread=unread_finding(name, catalog, rows, today))
        for name, part in parts.items()
        if name in unread
    }


def _contents(rows: SourceRows, names: Collection[str], today: date) -> dict[str, bytes]:
    """The known rows of each source as text."""
    content, is_known, slices = rows.table.content, rows.table.is_known(today), rows.table.slices
    return {name: bytes(content.joined(is_known, slices.get(name, _NO_ROWS))) for name in names}


def _judge(
    names: Sequence[str], catalog: Catalog, rows: SourceRows, today: date, *, with_summary: bool
) -> dict[str, VerdictPart]:
    """The parts of these verdicts, without keys; the indicators that they need are judged with them.

    An evaluation is dropped once its part is made, unless another indicator needs it: ten thousand take much memory.
    """
    order = with_needs(names, catalog.indicators)
    needed = {need for name in order for need in catalog.indicators[name].needs}
    changes = ChangesSince(catalog, rows, Period(today - USUAL_SPAN, today))
    finished: dict[str, Evaluation] = {}
    parts, wanted = {}, set(names)
    for name in order:
        indicator = catalog.indicators[name]
        evaluation = evaluations_of((*indicator.needs, name), catalog, rows, today, finished)[name]
        if name in needed:
            finished[name] = evaluation
        if name in wanted:
            summary = findings = b""
            if with_summary:
                change = changes.of(name, evaluation)
                summary = summarize_indicator(indicator, evaluation, change, today).as_json()
                findings = findings_line(name, findings_of_indicator(name, catalog, rows, today))
            parts[name] = VerdictPart("", indicator_as_json(evaluation), summary, findings)
    return parts
