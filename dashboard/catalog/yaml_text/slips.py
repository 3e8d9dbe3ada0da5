"""The commonest slips of YAML in our own words; the parser's are about tokens, and often about a later line.

Each slip is a function that looks at what the parser met and says where the mistake stands and what to do, or nothing.
No value is repeated, for it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import yaml

from dashboard.domain import brief
from dashboard.domain.text import code_point, mask_all

Spot = tuple[int, int]  # line and column, from 0
Found = tuple[Spot, str] | None

_CLOSES = {"{": "}", "[": "]"}
_NO_YAML = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KEY = re.compile(r"\s*(?:-\s+)?([A-Za-z_][A-Za-z0-9_]*)(.?)(.?)")
_FARTHEST = 2_000  # lines above what is wrong that are looked at
_TOKEN_BEGINS_AFTER = " \t[{,:-("


@dataclass(frozen=True)
class Trouble:
    """What the parser met: in the midst of what (`context`, which began at `start`), and what was wrong at `at`."""

    lines: list[str]
    context: str
    problem: str
    start: Spot
    at: Spot

    def line(self, number: int) -> str:
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    @property
    def character(self) -> str:
        return self.line(self.at[0])[self.at[1] : self.at[1] + 1]

    @property
    def before(self) -> str:
        """The line up to what is wrong."""
        return self.line(self.at[0])[: self.at[1]]

    @cached_property
    def scanned(self) -> Scanned:
        return _scan(self.lines, self.at[0])


@dataclass(frozen=True)
class Scanned:
    """What is open at the end of some lines: brackets, the last one innermost, and a quotation mark that swallowed more
    than its line."""

    brackets: list[tuple[str, Spot]]
    quote: Spot | None


def in_our_words(text: str, error: yaml.MarkedYAMLError) -> tuple[int, int, str]:
    """Line and column from 1, and what to do."""
    at = error.problem_mark or error.context_mark
    start = error.context_mark or at
    if at is None or start is None:
        return 0, 0, str(error)
    where, begun = (at.line, at.column), (start.line, start.column)
    trouble = Trouble(text.splitlines(), error.context or "", error.problem or "", begun, where)
    (line, column), said = next(found for slip in SLIPS if (found := slip(trouble)))
    return line + 1, column + 1, said


def control_character(text: str) -> tuple[int, int, str] | None:
    """Line, column and words about the first character that YAML does not take."""
    found = _NO_YAML.search(text)
    if found is None:
        return None
    line, column = text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start())
    return line, column, f"holds {code_point(found[0])}, which no text can; take it out"


def _tab(trouble: Trouble) -> Found:
    line = trouble.line(trouble.at[0])
    at = line.find("\t", 0, _indent(line))
    return None if at < 0 else ((trouble.at[0], at), "the line begins with a tab; use blanks")


def _second_document(trouble: Trouble) -> Found:
    if "another document" in trouble.problem:
        return trouble.at, "a second document begins here; a catalogue is one, so take the line --- out"
    return None


def _escape(trouble: Trouble) -> Found:
    if "escape" in trouble.problem or "hexdecimal" in trouble.problem:
        return trouble.at, "a stroke \\ in double quotes begins a sign of its own; write \\\\, or use single quotes"
    return None


def _quote(trouble: Trouble) -> Found:
    if "quoted scalar" in trouble.context and "end of stream" in trouble.problem:
        mark = trouble.line(trouble.start[0])[trouble.start[1] : trouble.start[1] + 1]
        return trouble.start, f"the quotation mark {mark} that opens here is never closed"
    if spot := trouble.scanned.quote:
        mark = trouble.line(spot[0])[spot[1]]
        return spot, f"the quotation mark {mark} that opens here is not closed on this line"
    return None


def _behind_a_quote(trouble: Trouble) -> Found:
    before = trouble.before.rstrip()
    if before.endswith(("'", '"')) and "expected" in trouble.problem and trouble.character not in ("", "}", "]"):
        if "flow" in trouble.context and trouble.line(trouble.at[0]).find(":", trouble.at[1]) >= 0:
            return None  # a comma is missing rather
        advice = "write '' for an apostrophe in single quotes" if before.endswith("'") else 'write \\" within quotes'
        return trouble.at, f"the text goes on behind its closing quotation mark; {advice}, or quote all of it"
    return None


def _behind_a_bracket(trouble: Trouble) -> Found:
    before = trouble.before.rstrip()
    if "block mapping" in trouble.context and before.endswith(("]", "}")) and trouble.character not in ("", "}", "]"):
        opens = "[" if before.endswith("]") else "{"
        return trouble.at, f"text stands behind a closing {before[-1]}; put a text that begins with {opens} in quotes"
    return None


def _closes_nothing(trouble: Trouble) -> Found:
    if trouble.character in ("}", "]") and "flow" not in trouble.context:
        return trouble.at, f"this {trouble.character} closes nothing; take it out, or write what opens it"
    return None


def _not_closed(trouble: Trouble) -> Found:
    """A brace or bracket, told where it opens; or the comma that is missing between its parts."""
    if "flow" not in trouble.context and not trouble.scanned.brackets:
        return None
    start = trouble.start
    if trouble.line(start[0])[start[1] : start[1] + 1] not in _CLOSES:
        if not trouble.scanned.brackets:
            return None
        start = trouble.scanned.brackets[-1][1]
    opens = trouble.line(start[0])[start[1]]
    closes, line = _CLOSES[opens], trouble.line(trouble.at[0])
    if trouble.at[0] == start[0] and trouble.character in ("}", "]"):
        other = f"the {trouble.character} at column {trouble.at[1] + 1}"
        return start, f"the {opens} that opens here is not closed before {other}"
    if trouble.at[0] == start[0] and trouble.character:
        rest = line[trouble.at[1] :].partition(":")[0]
        word = trouble.before.split()[-1:] if trouble.character == ":" else rest.split()[:1]
        told = f', before "{mask_all(brief(word[0], 30))}"' if word and re.fullmatch(r"\w+", word[0]) else ""
        return trouble.at, f"a comma is missing{told}"
    if _indent(line) > _indent(trouble.line(start[0])) and line.strip():
        return start, f"a comma before line {trouble.at[0] + 1} is missing, or the {closes} that closes this {opens}"
    return start, f"the {opens} that opens here is not closed; write {closes} where it ends"


def _first_character(trouble: Trouble) -> Found:
    """What a plain text may not begin with."""
    said = f"{trouble.context} {trouble.problem}"
    spot = trouble.start if re.search("alias|anchor|block scalar|directive", trouble.context) else trouble.at
    character = trouble.line(spot[0])[spot[1] : spot[1] + 1]
    signs = "cannot start|alias|anchor|block scalar|directive|mapping keys are not|node content"
    if character and character in "@`%*&|>?,!" and re.search(signs, said):
        return spot, f"a text that begins with {character} must be in quotes"
    return None


def _dash(trouble: Trouble) -> Found:
    for number in (trouble.at[0], trouble.start[0]):
        line = trouble.line(number)
        if re.match(r"\s*-[^\s-]", line) and "expected" in trouble.problem:
            return (number, _indent(line)), "a blank is missing behind the dash"
    return None


def _colon(trouble: Trouble) -> Found:
    if "mapping values are not allowed" in trouble.problem:
        if re.search(r":\s", trouble.before):
            return trouble.at, "a second colon in one line; put the text in quotes, or begin a new line"
        above = next((one for one in range(trouble.at[0] - 1, -1, -1) if trouble.line(one).strip()), 0)
        return _without_colon(trouble, above) or _deeper(trouble, above)
    if "could not find expected ':'" in trouble.problem:
        return _without_colon(trouble, trouble.start[0])
    return None


def _without_colon(trouble: Trouble, number: int) -> Found:
    key = _KEY.match(trouble.line(number))
    if key is None or (key[2] == ":" and not key[3].strip()):
        return None
    name = mask_all(brief(key[1], 40))
    spot = number, key.end(1)
    if key[2] == ":":
        return spot, f'a blank is missing behind the colon of "{name}"'
    return spot, f'a colon is missing behind "{name}"' if not key[2].strip() else "a colon is missing behind the key"


def _deeper(trouble: Trouble, above: int) -> Found:
    if _indent(trouble.line(trouble.at[0])) > _indent(trouble.line(above)):
        said = f"is indented deeper than line {above + 1}, which has a value already; line it up with that"
        return (trouble.at[0], _indent(trouble.line(trouble.at[0]))), said
    return None


def _not_in_line(trouble: Trouble) -> Found:
    if "block" not in trouble.context or "did not find expected" not in trouble.problem:
        return None
    if "'-' indicator" in trouble.problem:
        said = f"is no item of the list that begins on line {trouble.start[0] + 1}; write a dash, or line it up"
        return trouble.at, said
    if not trouble.before.strip():
        own = _counted(trouble.at[1])
        return trouble.at, f"is indented by {own}, unlike the lines above that it could belong to; line it up"
    return None


def _anything_else(trouble: Trouble) -> Found:
    return trouble.at, "cannot be read from here on; a mark is missing or one too many, here or in the lines above"


SLIPS: tuple[Callable[[Trouble], Found], ...] = (
    _tab,
    _second_document,
    _escape,
    _quote,
    _behind_a_quote,
    _behind_a_bracket,
    _closes_nothing,
    _first_character,
    _dash,
    _not_closed,
    _colon,
    _not_in_line,
    _anything_else,
)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _counted(blanks: int) -> str:
    return "one blank" if blanks == 1 else f"{blanks} blanks"


def _scan(lines: list[str], last: int) -> Scanned:
    """Reads brackets and quotation marks as far as a line, and whether one of these was closed only by a later one."""
    brackets: list[tuple[str, Spot]] = []
    opened: Spot | None = None
    first = max(0, last - _FARTHEST)
    for number, line in enumerate(lines[first : last + 1], start=first):
        for at, character, quote in _signs(line, lines[opened[0]][opened[1]] if opened else ""):
            if quote == "opens":
                opened = number, at
            elif quote == "closes":
                if opened and opened[0] != number and line[at + 1 : at + 2] not in ("", " ", ",", "}", "]", ":"):
                    return Scanned(brackets, opened)
                opened = None
            elif character in _CLOSES:
                brackets.append((character, (number, at)))
            elif brackets and character == _CLOSES[brackets[-1][0]]:
                brackets.pop()
    return Scanned(brackets, None)


def _signs(line: str, quote: str) -> Iterator[tuple[int, str, str]]:
    """Brackets and quotation marks of a line outside comments; `quote` is the mark that is open when it begins."""
    at = 0
    while at < len(line):
        character = line[at]
        if quote:
            is_escape = character == "\\" and quote == '"'
            is_doubled = character == quote == "'" and line[at + 1 : at + 2] == "'"
            if is_escape or is_doubled:
                at += 1
            elif character == quote:
                yield at, character, "closes"
                quote = ""
        elif character == "#" and (not at or line[at - 1] in " \t"):
            return
        elif character in "\"'" and (not at or line[at - 1] in _TOKEN_BEGINS_AFTER):
            quote = character
            yield at, character, "opens"
        elif character in "{}[]":
            yield at, character, ""
        at += 1
