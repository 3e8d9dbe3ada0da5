"""Finds the brackets and quotation marks of YAML lines that are opened and not closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

CLOSING = {"{": "}", "[": "]"}
_MOST_LINES = 2_000  # lines above a problem that are read
_TOKEN_BEGINS_AFTER = " \t[{,:-("


class Spot(NamedTuple):
    """A line and a column, from 0."""

    line: int
    column: int


@dataclass(frozen=True)
class OpenMarks:
    """The marks that are open at the end of some lines.

    `brackets` are the open brackets, the innermost last. `quote` is a quotation mark that was closed only on a later
    line, in the middle of a text; None where there is none.
    """

    brackets: list[tuple[str, Spot]]
    quote: Spot | None


def find_open_marks(lines: Sequence[str], last: int) -> OpenMarks:
    """The marks that are open at the end of line `last`."""
    brackets: list[tuple[str, Spot]] = []
    quote: Spot | None = None
    first = max(0, last - _MOST_LINES)
    for number, line in enumerate(lines[first : last + 1], start=first):
        for column, character, event in _marks(line, lines[quote.line][quote.column] if quote else ""):
            if event == "opens":
                quote = Spot(number, column)
            elif event == "closes":
                if (
                    quote
                    and quote.line != number
                    and line[column + 1 : column + 2] not in ("", " ", ",", "}", "]", ":")
                ):
                    return OpenMarks(brackets, quote)
                quote = None
            elif character in CLOSING:
                brackets.append((character, Spot(number, column)))
            elif brackets and character == CLOSING[brackets[-1][0]]:
                brackets.pop()
    return OpenMarks(brackets, None)


def _marks(line: str, quote: str) -> Iterator[tuple[int, str, str]]:
    """The brackets and quotation marks of a line outside comments; `quote` is the mark that is open at its beginning.

    Each comes as its column, its character, and whether a quotation mark "opens" or "closes"; "" for a bracket.
    """
    column = 0
    while column < len(line):
        character, previous = line[column], line[column - 1 : column]
        if quote:
            is_escape = character == "\\" and quote == '"'
            is_doubled = character == quote == "'" and line[column + 1 : column + 2] == "'"
            if is_escape or is_doubled:
                column += 1
            elif character == quote:
                yield column, character, "closes"
                quote = ""
        elif character == "#" and previous in ("", " ", "\t"):
            return
        elif character in "\"'" and previous in ("", *_TOKEN_BEGINS_AFTER):
            quote = character
            yield column, character, "opens"
        elif character in "{}[]":
            yield column, character, ""
        column += 1
