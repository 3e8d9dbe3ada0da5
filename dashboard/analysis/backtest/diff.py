"""Compares two backtests on the same rows, of the present catalogue and of an edited one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from dashboard.analysis.backtest.history import AnnouncedEpisode, History
from dashboard.evaluation import is_the_same_line

COMPARED = ("severity", "passed_by", "known_from", "until", "fired_days", "state")


@dataclass(frozen=True)
class Difference:
    """An episode that is new, gone or changed; `fields` names what differs where both backtests announce it."""

    indicator: str
    kind: Literal["new", "gone", "changed"]
    before: AnnouncedEpisode | None
    after: AnnouncedEpisode | None

    @property
    def fields(self) -> tuple[str, ...]:
        if self.before is None or self.after is None:
            return ()
        return tuple(name for name in COMPARED if getattr(self.before, name) != getattr(self.after, name))

    @property
    def known_from(self) -> date:
        """The later of the days on which it was announced, or would have been."""
        return max(episode.known_from for episode in (self.before, self.after) if episode)

    def as_json(self) -> dict[str, Any]:
        return {
            "indicator": self.indicator,
            "kind": self.kind,
            "fields": list(self.fields),
            "before": self.before.as_json() if self.before else None,
            "after": self.after.as_json() if self.after else None,
        }


def compare(before: Sequence[History], after: Sequence[History]) -> tuple[Difference, ...]:
    """The differences, indicator by indicator in the order of `before`, then those that only `after` has."""
    old, new = ({history.indicator: history.episodes for history in histories} for histories in (before, after))
    names = dict.fromkeys([*old, *new])
    return tuple(each for name in names for each in _differences(name, old.get(name, ()), new.get(name, ())))


def _differences(
    name: str, before: Sequence[AnnouncedEpisode], after: Sequence[AnnouncedEpisode]
) -> Iterator[Difference]:
    remaining = list(after)
    has_single_line = all(len({episode.source for episode in episodes}) <= 1 for episodes in (before, after))
    for old in before:
        counterparts = (
            new
            for new in remaining
            if old.shares_a_day(new.span) and (has_single_line or is_the_same_line(old.source, new.source))
        )
        counterpart = next(counterparts, None)
        if counterpart is None:
            yield Difference(name, "gone", old, None)
            continue
        remaining.remove(counterpart)
        difference = Difference(name, "changed", old, counterpart)
        if difference.fields:
            yield difference
    yield from (Difference(name, "new", None, new) for new in remaining)
