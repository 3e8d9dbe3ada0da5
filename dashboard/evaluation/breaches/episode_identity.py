"""When two lines, or two breaches found at different instants, are the same one."""

from __future__ import annotations

from dashboard.domain import Episode


def is_the_same_line(one: str, other: str) -> bool:
    """A source of one subject gets a line for each when a second one is heard of."""
    return one == other or (source_of(one) == source_of(other) and (":" in one) != (":" in other))


def source_of(line: str) -> str:
    """The source's id in the name of a line: `yard` of `yard: north`."""
    return line.partition(":")[0]


def overlap(one: Episode, other: Episode) -> bool:
    """Whether two breaches lie on the same line and share a day."""
    is_same = is_the_same_line(one.source, other.source)
    return is_same and one.first <= other.last and other.first <= one.last
