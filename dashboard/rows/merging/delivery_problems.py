"""Tracks when each delivery problem began and ended, so that past boards still show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from dashboard.domain import Problem
from dashboard.rows.store.stored_rows import StoredRows

_MOST_LISTED = 3  # of a delivery after the next one has come: past boards need the error, not each of its rows


def update_problems(
    stored: StoredRows, new: Mapping[str, Sequence[Problem]], day: date, *, is_whole: bool
) -> StoredRows:
    """The stored rows with the problems of the `new` deliveries of a day, by file; a delivery without any has none.

    Problems of the delivery that a new one replaces end on this day, unless the new one has them too. A problem without
    a day of its own is known since its delivery.
    """
    current, past = {} if is_whole else dict(stored.problems_by_file), list(stored.past_problems)
    for file, problems in new.items():
        before = stored.current_problems if is_whole else stored.problems_by_file.get(file, ())
        current[file], ended = _continue(before, problems, day)
        past += _summarize_ended(ended, day)
    return replace(stored, problems_by_file=current, past_problems=tuple(past))


def _continue(
    before: Sequence[Problem], new: Sequence[Problem], day: date
) -> tuple[tuple[Problem, ...], list[Problem]]:
    """The new problems, each with the day since which it has been there; and those of before that are over."""
    known: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in reversed(before):
        known.setdefault(_content(problem), []).append(problem)
    current = []
    for problem in new:
        earlier = known.get(_content(problem))
        since = (earlier.pop().held_from if earlier else None) or day
        current.append(replace(problem, held_from=since, known_at=min(problem.known_at or since, since)))
    return tuple(current), [problem for problems in known.values() for problem in problems]


def _content(problem: Problem) -> tuple[str, str, str]:
    return problem.path, problem.message, problem.value


def _summarize_ended(ended: Sequence[Problem], day: date) -> list[Problem]:
    """The problems that a delivery of a day ended, for past boards: a few one by one, the others by their number."""
    problems = [
        replace(one, known_at=one.held_from, held_until=day, usable_from=None, value="")
        for one in sorted(ended)
        if one.held_from and one.held_from < day
    ]
    listed, rest = problems[:_MOST_LISTED], problems[_MOST_LISTED:]
    for since, group in groupby(sorted(rest, key=_since), key=_since):
        others = list(group)
        message = f"{len(others):,} more that could not be used until {day}"
        summary = Problem(others[0].file, 0, 0, "", message, since, held_from=since, held_until=day)
        listed.append(replace(summary, rows=sum(one.rows for one in others)))
    return listed


def _since(problem: Problem) -> date:
    assert problem.held_from is not None
    return problem.held_from
