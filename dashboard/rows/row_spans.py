"""Rows of many sources in few frames: each source has a span of one, and a frame of its own only where it is needed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dashboard.ingest import Reading, frame
from dashboard.late_imports import pd

Span = tuple["pd.DataFrame", int, int]  # a frame, the position of the first row in it, and that after the last


def place_of(reading: Reading) -> Span:
    """Where the rows of a reading stand."""
    return reading.batch_rows, *(reading.span or (0, len(reading.batch_rows)))


def rows_of(span: Span) -> pd.DataFrame:
    """The rows of a span, numbered from 0."""
    rows, begin, end = span
    if (begin, end) == (0, len(rows)):
        return rows
    return rows.iloc[begin:end].reset_index(drop=True)


def join_spans(spans: Iterable[Span]) -> pd.DataFrame:
    """The rows of all spans in order, numbered from 0. It takes as long as there are frames, however many spans."""
    runs = _runs(spans)
    frames = {id(rows): rows for rows, *_ in runs}
    if len(runs) <= len(frames):
        parts = [rows.iloc[begin:end] for rows, begin, end in runs] or [frame([])]
        return parts[0].reset_index(drop=True) if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    parts, places, count = [], dict[int, int](), 0
    for key, rows in frames.items():
        own = [(begin, end) for other, begin, end in runs if other is rows]
        parts.append(rows.take(positions_of(own)))
        places[key] = count
        count += sum(end - begin for begin, end in own)
    joined = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0].reset_index(drop=True)
    wanted = []
    for rows, begin, end in runs:
        place = places[id(rows)]
        wanted.append((place, place + end - begin))
        places[id(rows)] += end - begin
    order = positions_of(wanted)
    in_order = bool((order == np.arange(len(order))).all())
    return joined if in_order else joined.take(order).reset_index(drop=True)


def positions_of(spans: Iterable[tuple[int, int]]) -> np.ndarray:
    """The positions in all spans, in their order."""
    ends = np.array([*spans], np.int64).reshape(-1, 2)
    lengths = ends[:, 1] - ends[:, 0]
    offsets = np.cumsum(lengths) - lengths
    return np.repeat(ends[:, 0] - offsets, lengths) + np.arange(int(lengths.sum()))


def _runs(spans: Iterable[Span]) -> list[Span]:
    """The spans with rows, those that follow one another in one frame joined."""
    runs: list[Span] = []
    for rows, begin, end in spans:
        if runs and runs[-1][0] is rows and runs[-1][2] == begin:
            runs[-1] = rows, runs[-1][1], end
        elif begin < end:
            runs.append((rows, begin, end))
    return runs
