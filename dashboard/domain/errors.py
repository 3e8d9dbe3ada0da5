"""Every exception that Watchfloor raises on purpose, and the `Problem`: a fault with its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

_LONG = re.compile(r'"[^"]{100,}"|\S{150,}')  # a long quotation, or a long word
_LONGEST_MESSAGE = 1_000
MOST_OF_A_KIND = 50  # problems that are printed; mending them shows what the rest is about
# parts that differ between problems of one kind: quotations, ids, numbers
_OWN = re.compile(r'"[^"]*"|(?<=indicator )[^\s;]+|(?<=source )[^\s;]+|(?<=claim )[^\s;]+|[0-9][0-9.,:-]*')
_WORDS_OF_A_KIND = 4


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in a file, which a person can mend.

    line, column: counted from 1; 0 for a fault of the file as a whole. path: the place in the file's own words,
    `indicators.x.thresholds[1].abov` or a CSV column. value: the unusable cell as the file states it. known_at: the day
    on which a bad row became known, None for a fault at every instant. held_from, held_until: the days of the first
    delivery with the fault and of the first one without it; None where no archive knows, and for a present fault.
    usable_from: the day on which a row that lies in the future becomes usable. rows: the number of unusable rows.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    known_at: date | None = field(default=None, compare=False)
    value: str = field(default="", compare=False)
    held_from: date | None = field(default=None, compare=False)
    held_until: date | None = field(default=None, compare=False)
    usable_from: date | None = field(default=None, compare=False)
    rows: int = field(default=0, compare=False)

    def was_open(self, as_of: date) -> bool:
        """Whether the fault was known and not yet mended at the end of a day."""
        is_known = self.known_at is None or self.known_at <= as_of
        return is_known and (self.held_until is None or as_of < self.held_until)

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}"
        if self.column:
            place += f":{self.column}"
        return f"{place} {self.path}: {self.message}" if self.path else f"{place}: {self.message}"

    def as_json(self) -> dict[str, str | int]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
        }


def first_of_each_kind(problems: Iterable[Problem]) -> tuple[list[Problem], list[str]]:
    """The first problems of each kind in a file, and a line for each kind of which there are more."""
    counts: Counter[tuple[str, str]] = Counter()
    few = []
    for problem in problems:
        kind = problem.file, _kind_of(problem.message)
        counts[kind] += 1
        if counts[kind] <= MOST_OF_A_KIND:
            few.append(problem)
    more = {kind: count - MOST_OF_A_KIND for kind, count in counts.items() if count > MOST_OF_A_KIND}
    return few, [f"{file}: {count:,} more like these: {what}" for (file, what), count in more.items()]


def _kind_of(message: str) -> str:
    """The first words of a message, without quotations, ids and numbers."""
    text = re.split("[;:?(]", _OWN.sub("...", message), maxsplit=1)[0]
    return " ".join(text.split()[:_WORDS_OF_A_KIND])


def system_message(error: OSError) -> str:
    """The message of the operating system with its path: `var/board.json: No space left on device`."""
    text = error.strerror or str(error)
    return f"{error.filename}: {text}" if error.filename else text


def truncated(text: str, most: int = 60) -> str:
    """A quoted text cut to `most` characters: a quotation serves recognition, not reading."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def with_short_quotations(message: str) -> str:
    """A message whose long quotations are cut, since a file may hold texts of thousands of characters."""
    return truncated(_LONG.sub(_cut, message), _LONGEST_MESSAGE)


def _cut(match: re.Match[str]) -> str:
    mark = '"' if match[0].startswith('"') else ""
    return f"{mark}{truncated(match[0].strip(mark), 60)}{mark}"


def with_advice(message: str, more: str) -> str:
    """A message and an addition in one sentence; a question keeps its mark."""
    return f"{message} {more}" if message.endswith("?") else f"{message}; {more}"


class WatchfloorError(Exception):
    """The base of errors that the command line prints as one line, without a traceback."""


class CatalogError(WatchfloorError):
    """The catalogue as a whole cannot be used: it is missing, not text, or not YAML."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        few, more = first_of_each_kind(problems)
        super().__init__("\n".join([*map(str, few), *more]))
        self.problems = problems


class AsOfError(WatchfloorError):
    """The requested instant is not a date, or lies in the future."""


class UnknownIndicatorError(WatchfloorError):
    """The catalogue has no indicator of the requested name."""


class UnknownSourceError(WatchfloorError):
    """The catalogue has no source of the requested name."""
