"""Compares two boards: what changed between their instants, in words, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dashboard.analysis.revisions import revised_since
from dashboard.domain import DataState, LatestFigure, PastBreach, Severity, State, Verdict
from dashboard.domain.dates import Period
from dashboard.domain.text import wording as words
from dashboard.evaluation import Evaluation


@dataclass(frozen=True)
class Change:
    """What changed of each indicator; `severity` is the worse of before and now, None where neither had a severity."""

    indicator_id: str
    title: str
    sentence: str
    severity: Severity | None


def change_of(earlier: Evaluation | None, evaluation: Evaluation, days: Period) -> Change | None:
    """What changed of one indicator from the first to the last of the days; None where nothing did. `earlier` is None
    where the catalogue did not hold it."""
    verdict = evaluation.verdict
    parts = ["new in the catalogue"] if earlier is None else list(_differences(earlier, evaluation, days))
    if not parts:
        return None
    before = None if earlier is None else earlier.verdict
    severities = [each.severity for each in (before, verdict) if each and each.severity is not None]
    worst = max([*severities, *_new_records(before, verdict)], default=None)
    return Change(verdict.id, verdict.title, "; ".join(parts) + ".", worst)


def worst_change_first(all_changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes, worst first; those that are equally bad keep their order."""
    return tuple(
        sorted(all_changes, key=lambda change: -1 if change.severity is None else int(change.severity), reverse=True)
    )


def _differences(earlier: Evaluation, evaluation: Evaluation, days: Period) -> Iterator[str]:
    before, now = earlier.verdict, evaluation.verdict
    if (before.state, before.severity, before.passed_by) != (now.state, now.severity, now.passed_by):
        is_same_word = (before.state, before.severity) == (now.state, now.severity)
        yield f"{_status(before, with_end=is_same_word)} → {_status(now, with_end=is_same_word)}"
    if revised := revised_since(earlier, evaluation, days):
        more = f" and {len(revised) - 1} more" if len(revised) > 1 else ""
        yield f"revised: {revised[-1]}{more}"
    known = {_record_key(each) for each in before.on_record}
    for record in now.on_record:
        if _record_key(record) not in known and record.severity and record.severity.is_alarm:
            yield f"now on record: {record.sentence.rstrip('.')}"
    if before.data_state is not now.data_state and not now.data_state.is_trusted:
        yield f"data now {_words(now.data_state)}"
    yield from _news(before, now)


def _status(verdict: Verdict, *, with_end: bool) -> str:
    """State and severity; the end that passes only where it alone changed."""
    severity = "not assessed" if verdict.severity is None else verdict.severity.word
    passed_by = f", {verdict.passed_phrase}" if verdict.passed_phrase and with_end else ""
    state = "" if verdict.state is State.INACTIVE else f"{_words(verdict.state)}, "
    return f"{state}{severity}{passed_by}"


def _words(state: State | DataState) -> str:
    return state.value.replace("_", " ")


def _news(before: Verdict, now: Verdict) -> Iterator[str]:
    """The newest figure that was not known before."""
    earlier = {each.source: each for each in before.newest}
    figures = [each for each in now.newest if not each.is_repetition]
    new = [each for each in figures if each.source not in earlier or _figure(each) != _figure(earlier[each.source])]
    if new:
        last = max(new, key=lambda each: each.date)
        more = f" and {len(new) - 1} more" if len(new) > 1 else ""
        what = "new" if last.event else "new figure"
        yield f"{what}: {last.text} {'on' if last.event else 'to'} {words.day(last.date)} ({last.title}){more}"


def _figure(newest: LatestFigure) -> tuple[object, ...]:
    return newest.date, str(newest.figure.value), str(newest.figure.low), str(newest.figure.high)


def _record_key(record: PastBreach) -> tuple[object, ...]:
    return record.period, record.source, record.severity, record.passed_by


def _new_records(before: Verdict | None, now: Verdict) -> list[Severity]:
    known = {_record_key(each) for each in before.on_record} if before else set()
    return [each.severity for each in now.on_record if each.severity is not None and _record_key(each) not in known]
