"""Whether two lines, or two breaches of different instants, are the same."""

from __future__ import annotations

from dashboard.domain import Episode


def is_the_same_line(line: str, other: str) -> bool:
    """Whether two names mean one line: a source gets a line for each subject once it has a second subject."""
    return line == other or (source_of(line) == source_of(other) and (":" in line) != (":" in other))


def source_of(line: str) -> str:
    """The source's id in the name of a line: `yard` of `yard: north`."""
    return line.partition(":")[0]


def overlap(episode: Episode, other: Episode) -> bool:
    """Whether two breaches lie on the same line and share a day."""
    is_same = is_the_same_line(episode.source, other.source)
    return is_same and episode.first <= other.last and other.first <= episode.last
