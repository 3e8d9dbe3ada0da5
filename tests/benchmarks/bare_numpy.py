"""The reference: the same rules as written for one machine by hand, one call a series, without any of the product.

Frozen: it is what the engine is measured against. One threshold must hold for three days and ends at a lower
level; one compares with twice the largest earlier figure that was no breach itself; a cap runs by calendar year.
"""

from __future__ import annotations

import numpy as np

Interval = tuple[int, int]  # first position in breach, first position after it (the length where it still stands)


def lasting(values: np.ndarray, days: np.ndarray, level: float, recover: float, least: int) -> list[Interval]:
    """Above `level` for `least` days, until at or below `recover`."""
    raised = values > level
    edges = np.flatnonzero(raised[1:] != raised[:-1]) + 1
    if raised[0]:
        edges = np.concatenate(([0], edges))
    if raised[-1]:
        edges = np.concatenate((edges, [len(raised)]))
    starts, stops = edges[::2], edges[1::2]
    fires = np.searchsorted(days, days[starts] + least)
    ends = np.flatnonzero(values <= recover)
    results: list[Interval] = []
    for fire, stop in zip(fires.tolist(), stops.tolist(), strict=True):
        if fire >= stop or (results and fire < results[-1][1]):
            continue
        after = int(np.searchsorted(ends, stop))
        results.append((fire, int(ends[after]) if after < len(ends) else len(values)))
    return results


def above_baseline(values: np.ndarray, times: float, fewest: int) -> list[Interval]:
    """Above `times` the largest of the earlier figures that were not above it themselves."""
    largest = float(values[:fewest].max())
    breach = np.zeros(len(values), bool)
    position = fewest
    while position < len(values):
        ahead = values[position:]
        grows = np.flatnonzero((ahead > largest) & (ahead <= times * largest))
        stop = position + int(grows[0]) if grows.size else len(values)
        breach[position:stop] = values[position:stop] > times * largest
        if stop < len(values):
            largest = float(values[stop])
        position = stop + 1
    edges = np.flatnonzero(np.diff(breach, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def cap(values: np.ndarray, years: list[Interval], limit: float) -> list[Interval]:
    """The total of a year reaches the limit; it stands until the year ends."""
    results: list[Interval] = []
    for start, stop in years:
        total = np.cumsum(values[start:stop])
        first = int(np.searchsorted(total, limit))
        if first < stop - start:
            results.append((start + first, stop))
    return results
