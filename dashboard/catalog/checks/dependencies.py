"""The order in which indicators that judge others can be judged, and which of them need each other in a circle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from dashboard.catalog.indicator import Indicator

Needs = Mapping[str, Collection[str]]  # by id of an indicator, the ids of those that it judges


def with_needs(names: Iterable[str], indicators: Mapping[str, Indicator]) -> tuple[str, ...]:
    """The named indicators and all that they need, each once and after those that it needs itself.

    The walk visits each indicator once and does not recurse: composites may share members and be stacked to any height.
    """
    ordered: dict[str, None] = {}
    visited: set[str] = set()
    waiting = [(name, False) for name in reversed(list(names))]
    while waiting:
        name, has_its_needs = waiting.pop()
        if has_its_needs:
            ordered[name] = None
        elif name in indicators and name not in visited:
            visited.add(name)
            waiting.append((name, True))
            waiting += [(need, False) for need in reversed(indicators[name].needs)]
    return tuple(ordered)


def circular_needs(indicators: Mapping[str, Indicator]) -> dict[str, list[str]]:
    """The indicators that may need each other in a circle, each with those of them that it needs.

    These are all members of every circle, and the indicators on a chain between two circles.
    """
    needs = {name: [need for need in indicator.needs if need in indicators] for name, indicator in indicators.items()}
    blocked = _unsortable(needs)
    needed_by: dict[str, list[str]] = {name: [] for name in blocked}
    for name in blocked:
        for need in blocked.intersection(needs[name]):
            needed_by[need].append(name)
    circular = _unsortable(needed_by)
    return {name: [need for need in needs[name] if need in circular] for name in circular}


def shortest_chain(start: str, goal: str, needs: Needs) -> list[str]:
    """The shortest chain of needs from `start` to `goal`, both included; empty where there is none."""
    predecessors = {start: ""}
    for name in (queue := [start]):
        if name == goal:
            chain = [name]
            while predecessors[chain[-1]]:
                chain.append(predecessors[chain[-1]])
            return chain[::-1]
        new = [need for need in needs[name] if need not in predecessors]
        predecessors.update(dict.fromkeys(new, name))
        queue += new
    return []


def _unsortable(needs: Needs) -> set[str]:
    """The indicators that remain when those that need no remaining indicator are removed, until none can be."""
    sorter = TopologicalSorter(needs)
    remaining = set(needs)
    try:
        sorter.prepare()
    except CycleError:
        while sorter.is_active():
            ready = sorter.get_ready()
            remaining.difference_update(ready)
            sorter.done(*ready)
        return remaining
    return set()
