"""Every exception that Watchfloor raises on purpose, and the `Problem` that says where something is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

_LONG = re.compile(r'"[^"]{100,}"|\S{150,}')  # a text quoted whole, or one without a blank
_LONGEST_MESSAGE = 1_000
MOST_OF_A_KIND = 50  # problems that are printed; whoever mends these sees what the others are
# what differs between problems of one kind: what is quoted, ids, figures
_OWN = re.compile(r'"[^"]*"|(?<=indicator )[^\s;]+|(?<=source )[^\s;]+|(?<=claim )[^\s;]+|[0-9][0-9.,:-]*')
_WORDS_OF_A_KIND = 4


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file that a person can mend.

    `line` and `column` count from 1; 0 means that the problem is about the file as a whole. `path` is the
    place inside the file in the file's own words: `indicators.x.thresholds[1].abov`, or a CSV column.
    `known_at` is the day on which a bad row became known, None for what is wrong at every instant. `value` is the cell
    that cannot be used, as it stands in the file. `held_from` and `held_until` are the days on which deliveries came
    that had it first and no longer, None where no archive tells and until now. `sound_from` is the day from which on a
    row that was refused for its day alone may be used. `rows` says how many rows of a delivery cannot be used for it.
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
    sound_from: date | None = field(default=None, compare=False)
    rows: int = field(default=0, compare=False)

    def stood(self, as_of: date) -> bool:
        """Whether it was known at the end of a day, and not yet mended; what is wrong at every instant always is."""
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
    """The first words of a message, without what is told of one place alone."""
    said = re.split("[;:?(]", _OWN.sub("...", message), maxsplit=1)[0]
    return " ".join(said.split()[:_WORDS_OF_A_KIND])


def system_message(error: OSError) -> str:
    """What the system refused, in its words: `var/board.json: No space left on device`."""
    said = error.strerror or str(error)
    return f"{error.filename}: {said}" if error.filename else said


def truncated(text: str, most: int = 60) -> str:
    """A text that somebody wrote, cut where it is long: it is quoted to be recognised, not to be read."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def with_short_quotations(message: str) -> str:
    """A message that repeats no text of thousands of characters, whoever wrote it into the file."""
    return truncated(_LONG.sub(_cut, message), _LONGEST_MESSAGE)


def _cut(found: re.Match[str]) -> str:
    mark = '"' if found[0].startswith('"') else ""
    return f"{mark}{truncated(found[0].strip(mark), 60)}{mark}"


def with_advice(message: str, more: str) -> str:
    """A message and what is to be added to it, in one sentence; one that ends with a question keeps its mark."""
    return f"{message} {more}" if message.endswith("?") else f"{message}; {more}"


class WatchfloorError(Exception):
    """What the command line shows as one line, without a traceback."""


class CatalogError(WatchfloorError):
    """The catalogue as a whole cannot be used: it is missing, not text, or not YAML."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        few, more = first_of_each_kind(problems)
        super().__init__("\n".join([*map(str, few), *more]))
        self.problems = problems


class AsOfError(WatchfloorError):
    """An instant that nobody can ask about: not a date, or in the future."""


class UnknownIndicatorError(WatchfloorError):
    """An indicator was asked for that the catalogue does not have."""


class UnknownSourceError(WatchfloorError):
    """A source was asked for that the catalogue does not have."""
