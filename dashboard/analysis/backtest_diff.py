"""Two backtests on the same rows, of the present catalogue and of an edited one -> what the edit would have changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from dashboard.analysis.backtest import Announced, History
from dashboard.evaluation import is_the_same_line

COMPARED = ("severity", "passed_by", "known_from", "until", "fired_days", "state")


@dataclass(frozen=True)
class Difference:
    """One episode that is new, gone or changed; `fields` names what differs where both announce it."""

    indicator: str
    kind: Literal["new", "gone", "changed"]
    before: Announced | None
    after: Announced | None

    @property
    def fields(self) -> tuple[str, ...]:
        if self.before is None or self.after is None:
            return ()
        return tuple(name for name in COMPARED if getattr(self.before, name) != getattr(self.after, name))

    @property
    def known_from(self) -> date:
        """The later of the days on which it was announced, or would have been."""
        return max(one.known_from for one in (self.before, self.after) if one)

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
    old, new = ({one.indicator: one.episodes for one in histories} for histories in (before, after))
    names = dict.fromkeys([*old, *new])
    return tuple(one for name in names for one in _differences(name, old.get(name, ()), new.get(name, ())))


def _differences(name: str, before: Sequence[Announced], after: Sequence[Announced]) -> Iterator[Difference]:
    left = list(after)
    one_line = len({one.source for one in before}) <= 1 and len({one.source for one in after}) <= 1
    for old in before:
        same = next((new for new in left if _overlap(old, new) and (one_line or _is_same_line(old, new))), None)
        if same is None:
            yield Difference(name, "gone", old, None)
            continue
        left.remove(same)
        changed = Difference(name, "changed", old, same)
        if changed.fields:
            yield changed
    yield from (Difference(name, "new", None, new) for new in left)


def _is_same_line(one: Announced, other: Announced) -> bool:
    return is_the_same_line(one.source, other.source)


def _overlap(one: Announced, other: Announced) -> bool:
    return one.span[0] <= other.span[1] and other.span[0] <= one.span[1]
