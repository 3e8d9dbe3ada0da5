"""Explains the commonest slips of YAML; the parser's own messages are about tokens, and often about a later line.

Each slip is a function that reads the parser's error and returns where the mistake stands and what to do, or None. No
message repeats a value of the file, for it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import yaml

from dashboard.catalog.yaml_text.open_marks import CLOSING, OpenMarks, Spot, find_open_marks
from dashboard.domain import truncated
from dashboard.domain.text import code_point, mask_all

Slip = tuple[Spot, str] | None  # where to mend the file, and how; None where the mistake is another one

_FORBIDDEN = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KEY = re.compile(r"\s*(?:-\s+)?([A-Za-z_][A-Za-z0-9_]*)(.?)(.?)")


@dataclass(frozen=True)
class ParserError:
    """The parser's error: the `problem` at `spot`, within the `context` that began at `start`."""

    lines: list[str]
    context: str
    problem: str
    start: Spot
    spot: Spot

    def line(self, number: int) -> str:
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def character_at(self, spot: Spot) -> str:
        return self.line(spot.line)[spot.column : spot.column + 1]

    @property
    def character(self) -> str:
        """The character at the problem; "" at the end of a line."""
        return self.character_at(self.spot)

    @property
    def text_before(self) -> str:
        """The line up to the problem."""
        return self.line(self.spot.line)[: self.spot.column]

    @cached_property
    def open_marks(self) -> OpenMarks:
        return find_open_marks(self.lines, self.spot.line)


def explain_parser_error(text: str, error: yaml.MarkedYAMLError) -> tuple[int, int, str]:
    """Line and column, from 1, of the mistake in `text`, and what to do about it."""
    mark = error.problem_mark or error.context_mark
    start = error.context_mark or mark
    if mark is None or start is None:
        return 0, 0, str(error)
    parser_error = ParserError(
        lines=text.splitlines(),
        context=error.context or "",
        problem=error.problem or "",
        start=Spot(start.line, start.column),
        spot=Spot(mark.line, mark.column),
    )
    spot, advice = next(slip for find_slip in SLIPS if (slip := find_slip(parser_error)))
    return spot.line + 1, spot.column + 1, advice


def find_control_character(text: str) -> tuple[int, int, str] | None:
    """Line and column, from 1, of the first character that YAML does not accept, and what to do about it."""
    match = _FORBIDDEN.search(text)
    if match is None:
        return None
    line, column = text.count("\n", 0, match.start()) + 1, match.start() - text.rfind("\n", 0, match.start())
    return line, column, f"holds {code_point(match[0])}, which no text can; take it out"


def _leading_tab(error: ParserError) -> Slip:
    line = error.line(error.spot.line)
    column = line.find("\t", 0, _indent(line))
    return None if column < 0 else (Spot(error.spot.line, column), "the line begins with a tab; use blanks")


def _second_document(error: ParserError) -> Slip:
    if "another document" in error.problem:
        return error.spot, "a second document begins here; a catalogue is one, so take the line --- out"
    return None


def _unknown_escape(error: ParserError) -> Slip:
    if "escape" in error.problem or "hexdecimal" in error.problem:
        return error.spot, "a stroke \\ in double quotes begins a sign of its own; write \\\\, or use single quotes"
    return None


def _unclosed_quote(error: ParserError) -> Slip:
    if "quoted scalar" in error.context and "end of stream" in error.problem:
        mark = error.character_at(error.start)
        return error.start, f"the quotation mark {mark} that opens here is never closed"
    if spot := error.open_marks.quote:
        mark = error.character_at(spot)
        return spot, f"the quotation mark {mark} that opens here is not closed on this line"
    return None


def _text_after_quote(error: ParserError) -> Slip:
    text = error.text_before.rstrip()
    if text.endswith(("'", '"')) and "expected" in error.problem and error.character not in ("", "}", "]"):
        if "flow" in error.context and error.line(error.spot.line).find(":", error.spot.column) >= 0:
            return None  # rather a comma is missing
        advice = "write '' for an apostrophe in single quotes" if text.endswith("'") else 'write \\" within quotes'
        return error.spot, f"the text goes on behind its closing quotation mark; {advice}, or quote all of it"
    return None


def _text_after_bracket(error: ParserError) -> Slip:
    text = error.text_before.rstrip()
    if "block mapping" in error.context and text.endswith(("]", "}")) and error.character not in ("", "}", "]"):
        opens = "[" if text.endswith("]") else "{"
        return error.spot, f"text stands behind a closing {text[-1]}; put a text that begins with {opens} in quotes"
    return None


def _unmatched_closing_bracket(error: ParserError) -> Slip:
    if error.character in ("}", "]") and "flow" not in error.context:
        return error.spot, f"this {error.character} closes nothing; take it out, or write what opens it"
    return None


def _unclosed_bracket(error: ParserError) -> Slip:
    """A bracket that is not closed, with the place where it opens; or a comma that is missing within it."""
    if "flow" not in error.context and not error.open_marks.brackets:
        return None
    start = error.start
    if error.character_at(start) not in CLOSING:
        if not error.open_marks.brackets:
            return None
        start = error.open_marks.brackets[-1][1]
    opens = error.character_at(start)
    closes, line = CLOSING[opens], error.line(error.spot.line)
    if error.spot.line == start.line and error.character in ("}", "]"):
        other = f"the {error.character} at column {error.spot.column + 1}"
        return start, f"the {opens} that opens here is not closed before {other}"
    if error.spot.line == start.line and error.character:
        rest = line[error.spot.column :].partition(":")[0]
        word = error.text_before.split()[-1:] if error.character == ":" else rest.split()[:1]
        position = f', before "{mask_all(truncated(word[0], 30))}"' if word and re.fullmatch(r"\w+", word[0]) else ""
        return error.spot, f"a comma is missing{position}"
    if _indent(line) > _indent(error.line(start.line)) and line.strip():
        return start, f"a comma before line {error.spot.line + 1} is missing, or the {closes} that closes this {opens}"
    return start, f"the {opens} that opens here is not closed; write {closes} where it ends"


def _reserved_first_character(error: ParserError) -> Slip:
    """A text without quotes that begins with a character that YAML reserves."""
    spot = error.start if re.search("alias|anchor|block scalar|directive", error.context) else error.spot
    character = error.character_at(spot)
    causes = "cannot start|alias|anchor|block scalar|directive|mapping keys are not|node content"
    if character and character in "@`%*&|>?,!" and re.search(causes, f"{error.context} {error.problem}"):
        return spot, f"a text that begins with {character} must be in quotes"
    return None


def _dash_without_blank(error: ParserError) -> Slip:
    for number in (error.spot.line, error.start.line):
        line = error.line(number)
        if re.match(r"\s*-[^\s-]", line) and "expected" in error.problem:
            return Spot(number, _indent(line)), "a blank is missing behind the dash"
    return None


def _colon_mistake(error: ParserError) -> Slip:
    if "mapping values are not allowed" in error.problem:
        if re.search(r":\s", error.text_before):
            return error.spot, "a second colon in one line; put the text in quotes, or begin a new line"
        lines_above = range(error.spot.line - 1, -1, -1)
        above = next((number for number in lines_above if error.line(number).strip()), 0)
        return _missing_colon(error, above) or _too_deep(error, above)
    if "could not find expected ':'" in error.problem:
        return _missing_colon(error, error.start.line)
    return None


def _missing_colon(error: ParserError, number: int) -> Slip:
    key = _KEY.match(error.line(number))
    if key is None or (key[2] == ":" and not key[3].strip()):
        return None
    name = mask_all(truncated(key[1], 40))
    spot = Spot(number, key.end(1))
    if key[2] == ":":
        return spot, f'a blank is missing behind the colon of "{name}"'
    return spot, f'a colon is missing behind "{name}"' if not key[2].strip() else "a colon is missing behind the key"


def _too_deep(error: ParserError, above: int) -> Slip:
    indent = _indent(error.line(error.spot.line))
    if indent > _indent(error.line(above)):
        advice = f"is indented deeper than line {above + 1}, which has a value already; line it up with that"
        return Spot(error.spot.line, indent), advice
    return None


def _bad_indentation(error: ParserError) -> Slip:
    if "block" not in error.context or "did not find expected" not in error.problem:
        return None
    if "'-' indicator" in error.problem:
        list_begins = error.start.line + 1
        return error.spot, f"is no item of the list that begins on line {list_begins}; write a dash, or line it up"
    if not error.text_before.strip():
        indent = _blanks_in_words(error.spot.column)
        return error.spot, f"is indented by {indent}, unlike the lines above that it could belong to; line it up"
    return None


def _unknown_slip(error: ParserError) -> Slip:
    return error.spot, "cannot be read from here on; a mark is missing or one too many, here or in the lines above"


SLIPS: tuple[Callable[[ParserError], Slip], ...] = (
    _leading_tab,
    _second_document,
    _unknown_escape,
    _unclosed_quote,
    _text_after_quote,
    _text_after_bracket,
    _unmatched_closing_bracket,
    _reserved_first_character,
    _dash_without_blank,
    _unclosed_bracket,
    _colon_mistake,
    _bad_indentation,
    _unknown_slip,
)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _blanks_in_words(blanks: int) -> str:
    return "one blank" if blanks == 1 else f"{blanks} blanks"
