"""`combine: prefer`: which lines count. The first source with a figure about a period is preferred for that period.

Preference is between figures about the same days. A newer breach of a less preferred source stands, but its newer calm
figures do not end the breach of a preferred source.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.thresholds import NOT_ASSESSED, Assessment


def lines_with_a_say(
    assessments: Sequence[Assessment],
    subjects: Sequence[str],
    heads: Sequence[int | None],
    trusted: Sequence[bool],
) -> list[int]:
    """Numbers of the lines whose figure at `heads` no preferred line has judged the same or a later period of.

    `assessments` stand in order of preference; lines of one source and of different `subjects` never answer each other.
    A line that cannot be trusted answers no trusted one.
    """

    def is_answered(number: int, head: int) -> bool:
        own = assessments[number].series
        return any(
            other.series.origin != own.origin
            and subjects[before] == subjects[number]
            and (trusted[before] or not trusted[number])
            and _has_judged(other, assessments[number], head)
            for before, other in enumerate(assessments[:number])
        )

    return [number for number, head in enumerate(heads) if head is not None and not is_answered(number, head)]


def _has_judged(preferred: Assessment, other: Assessment, position: int) -> bool:
    """Whether a line has judged a figure about the days of another line's figure, or about later ones."""
    series, figure = preferred.series, other.series
    same_start = series.start == figure.start[position]
    about = (series.start > figure.end[position]) | (same_start & (series.stated_end == figure.stated_end[position]))
    if series.kind == "cumulative_claim":
        about |= same_start & (series.end >= figure.end[position])
    judged = series.current & series.has_figure & (preferred.ranks != NOT_ASSESSED)
    return bool(np.any(about & judged))
