"""What is wrong in the deliveries of a source, from when until when: so that no past board is calmer than it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from dashboard.domain import Problem
from dashboard.rows.store.parquet_store import StoredRows

_MOST_TOLD = 3  # of one delivery after the next one has come: what was in error matters then, not each of its rows


def update_problems(
    stored: StoredRows, found: Mapping[str, Sequence[Problem]], day: date, *, is_whole: bool
) -> StoredRows:
    """The same after deliveries of a day, and what was `found` wrong in each, be it nothing.

    What was wrong in the one that it replaces was so until this day, unless it is wrong in this one as well. A problem
    without a day of its own is known since it came.
    """
    wrong, mended = {} if is_whole else dict(stored.problems_by_file), list(stored.past_problems)
    for file, problems in found.items():
        before = stored.current_problems if is_whole else stored.problems_by_file.get(file, ())
        wrong[file], ended = _continued(before, problems, day)
        mended += _mended(ended, day)
    return replace(stored, problems_by_file=wrong, past_problems=tuple(mended))


def _continued(
    before: Sequence[Problem], found: Sequence[Problem], day: date
) -> tuple[tuple[Problem, ...], list[Problem]]:
    """What was found with the day since which it is there, and what was there before and no longer is."""
    known: dict[tuple[str, str, str], list[Problem]] = {}
    for one in reversed(before):
        known.setdefault(_content(one), []).append(one)
    now = []
    for one in found:
        earlier = known.get(_content(one))
        since = (earlier.pop().held_from if earlier else None) or day
        now.append(replace(one, held_from=since, known_at=min(one.known_at or since, since)))
    return tuple(now), [one for left in known.values() for one in left]


def _content(problem: Problem) -> tuple[str, str, str]:
    return problem.path, problem.message, problem.value


def _mended(ended: Sequence[Problem], day: date) -> list[Problem]:
    """What a delivery of a day ended, as past boards tell it: a few by their rows, the others by their number."""
    seen = [
        replace(one, known_at=one.held_from, held_until=day, sound_from=None, value="")
        for one in sorted(ended)
        if one.held_from and one.held_from < day
    ]
    told, rest = seen[:_MOST_TOLD], seen[_MOST_TOLD:]
    for since, alike in groupby(sorted(rest, key=_since), key=_since):
        left = list(alike)
        message = f"{len(left):,} more that could not be used until {day}"
        more = Problem(left[0].file, 0, 0, "", message, since, held_from=since, held_until=day)
        told.append(replace(more, rows=sum(one.rows for one in left)))
    return told


def _since(problem: Problem) -> date:
    assert problem.held_from is not None
    return problem.held_from
