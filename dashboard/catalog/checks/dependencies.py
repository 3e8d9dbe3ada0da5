"""Indicators that judge others: in which order they can be judged, and which of them need each other in a circle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from dashboard.catalog.indicator import Indicator

Needs = Mapping[str, Collection[str]]


def with_needs(names: Iterable[str], indicators: Mapping[str, Indicator]) -> tuple[str, ...]:
    """The named indicators and all that they need, each once and after those that it needs itself.

    Each is visited once, without recursion: composites may share members and may be stacked to any height.
    """
    found: dict[str, None] = {}
    visited: set[str] = set()
    waiting = [(name, False) for name in reversed(list(names))]
    while waiting:
        name, needs_are_found = waiting.pop()
        if needs_are_found:
            found[name] = None
        elif name in indicators and name not in visited:
            visited.add(name)
            waiting.append((name, True))
            waiting += [(need, False) for need in reversed(indicators[name].needs)]
    return tuple(found)


def in_circles(indicators: Mapping[str, Indicator]) -> dict[str, list[str]]:
    """Indicators that may need each other in a circle, with those of them that each one needs.

    They are all of every circle, and what lies on a way between two circles.
    """
    needs = {name: [one for one in indicator.needs if one in indicators] for name, indicator in indicators.items()}
    blocked = _without_sortable(needs)
    needed_by: dict[str, list[str]] = {name: [] for name in blocked}
    for name in blocked:
        for need in blocked.intersection(needs[name]):
            needed_by[need].append(name)
    left = _without_sortable(needed_by)
    return {name: [need for need in needs[name] if need in left] for name in left}


def way(start: str, goal: str, needs: Needs) -> list[str]:
    """The shortest chain of needs from `start` to `goal`, both included; empty where there is none."""
    came_from = {start: ""}
    for name in (queue := [start]):
        if name == goal:
            chain = [name]
            while came_from[chain[-1]]:
                chain.append(came_from[chain[-1]])
            return chain[::-1]
        new = [need for need in needs[name] if need not in came_from]
        came_from.update(dict.fromkeys(new, name))
        queue += new
    return []


def _without_sortable(needs: Needs) -> set[str]:
    """What is left once all are taken out that need nothing of what is left."""
    sorter = TopologicalSorter(needs)
    left = set(needs)
    try:
        sorter.prepare()
    except CycleError:
        while sorter.is_active():
            ready = sorter.get_ready()
            left.difference_update(ready)
            sorter.done(*ready)
        return left
    return set()
