"""The commonest slips of YAML are explained in plain words, at the line to mend."""

# ruff: noqa: E501 - a slip and its message side by side

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.catalog.loader import load_catalog, parse_catalog
from dashboard.catalog.yaml_text.reader import read_yaml
from dashboard.domain.errors import CatalogError

BEFORE = "version: 1\nindicators:\n  a: {title: A, file: a.csv}\n"


def message_about(text: str) -> str:
    with pytest.raises(CatalogError) as caught:
        parse_catalog(text, "i.yaml", Path())
    (problem,) = caught.value.problems
    return f"{problem.line}:{problem.column} {problem.message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\tb: {title: B}\n", "4:1 not YAML: the line begins with a tab; use blanks"),
        ("  b:\n    title: B\n\tfile: x.csv\n", "6:1 not YAML: the line begins with a tab; use blanks"),
        ("  b:\n  \ttitle: B\n", "5:3 not YAML: the line begins with a tab; use blanks"),
        (
            "  b: {title: B, file: b.csv\n  c: {title: C, file: c.csv}\n  d: {title: D}\n",
            "4:6 not YAML: the { that opens here is not closed; write } where it ends",
        ),
        ("  b: {title: B, file: b.csv\n", "4:6 not YAML: the { that opens here is not closed; write } where it ends"),
        (
            "  b: {title: B, thresholds: [{severity: warning, above: 5], file: b.csv}\n  c: {title: C}\n",
            "4:30 not YAML: the { that opens here is not closed before the ] at column 58",
        ),
        (
            "  b:\n    thresholds: [{severity: warning, above: 5}\n    title: B\n",
            "5:17 not YAML: the [ that opens here is not closed; write ] where it ends",
        ),
        (
            "  b: {title: B}}\n  c: {title: C}\n",
            "4:16 not YAML: this } closes nothing; take it out, or write what opens it",
        ),
        ("  b:\n    title: B\n    }\n", "6:5 not YAML: this } closes nothing; take it out, or write what opens it"),
        ("  b: {title: B file: b.csv, kind: flow}\n", '4:20 not YAML: a comma is missing, before "file"'),
        ('  b: {title: "B" file: b.csv}\n', '4:18 not YAML: a comma is missing, before "file"'),
        (
            '  b:\n    title: "B\n    file: b.csv\n  c: {title: "C"}\n',
            '5:12 not YAML: the quotation mark " that opens here is not closed on this line',
        ),
        (
            '  b:\n    title: "B\n    file: b.csv\n',
            '5:12 not YAML: the quotation mark " that opens here is never closed',
        ),
        (
            "  b:\n    title: 'B\n    file: b.csv\n  c: {title: 'C'}\n",
            "5:12 not YAML: the quotation mark ' that opens here is not closed on this line",
        ),
        (
            '  b: {title: "B, file: b.csv}\n  c: {title: "C", file: c.csv}\n',
            '4:14 not YAML: the quotation mark " that opens here is not closed on this line',
        ),
        (
            "  b:\n    title: 'Kim's ships'\n    file: b\n",
            "5:17 not YAML: the text goes on behind its closing quotation mark; write '' for an apostrophe in single quotes, or quote all of it",
        ),
        (
            '  b:\n    title: "B" ships\n    file: b\n',
            '5:16 not YAML: the text goes on behind its closing quotation mark; write \\" within quotes, or quote all of it',
        ),
        ("  b:\n    title B\n    file: b.csv\n", '5:10 not YAML: a colon is missing behind "title"'),
        ("  b:\n    file: b.csv\n    title B\n", '6:10 not YAML: a colon is missing behind "title"'),
        ("  b:\n    title:B\n    file: b.csv\n", '5:10 not YAML: a blank is missing behind the colon of "title"'),
        (
            "  b:\n    title: B: more\n    file: b.csv\n",
            "5:13 not YAML: a second colon in one line; put the text in quotes, or begin a new line",
        ),
        (
            "  b:\n    title: B\n      file: b.csv\n",
            "6:7 not YAML: is indented deeper than line 5, which has a value already; line it up with that",
        ),
        (
            "  b:\n    title: B\n   file: b.csv\n",
            "6:4 not YAML: is indented by 3 blanks, unlike the lines above that it could belong to; line it up",
        ),
        (
            "  b:\n    title: B\n c: {title: C}\n",
            "6:2 not YAML: is indented by one blank, unlike the lines above that it could belong to; line it up",
        ),
        ("  b: {title: B\x07}\n", "4:15 not YAML: holds U+0007 (control character), which no text can; take it out"),
        ("  b:\n    title: @B\n", "5:12 not YAML: a text that begins with @ must be in quotes"),
        ("  b:\n    title: `B`\n", "5:12 not YAML: a text that begins with ` must be in quotes"),
        ("  b:\n    title: %B\n", "5:12 not YAML: a text that begins with % must be in quotes"),
        ("%B: 5\n", "4:1 not YAML: a text that begins with % must be in quotes"),
        ("  b:\n    title: *B\n", "5:12 not YAML: a text that begins with * must be in quotes"),
        ("  b:\n    title: * B\n", "5:12 not YAML: a text that begins with * must be in quotes"),
        ("  b:\n    title: & B\n", "5:12 not YAML: a text that begins with & must be in quotes"),
        ("  b:\n    title: | B\n", "5:12 not YAML: a text that begins with | must be in quotes"),
        ("  b:\n    title: >5 ships\n", "5:12 not YAML: a text that begins with > must be in quotes"),
        ("  b:\n    title: ? B\n", "5:12 not YAML: a text that begins with ? must be in quotes"),
        ("  b:\n    evidence:\n      - a\n      -b\n", "7:7 not YAML: a blank is missing behind the dash"),
        (
            "  b:\n    thresholds:\n      - {severity: warning, above: 5}\n      -{severity: critical, above: 9}\n",
            "7:7 not YAML: a blank is missing behind the dash",
        ),
        (
            "  b:\n    evidence:\n      - a\n     - b\n",
            "7:6 not YAML: is indented by 5 blanks, unlike the lines above that it could belong to; line it up",
        ),
        (
            "  b:\n    evidence:\n      - a\n      title: B\n",
            "7:7 not YAML: is no item of the list that begins on line 6; write a dash, or line it up",
        ),
        (
            "---\nversion: 1\n",
            "4:1 not YAML: a second document begins here; a catalogue is one, so take the line --- out",
        ),
        (
            "  b:\n    title: [KP] ships\n",
            "5:17 not YAML: text stands behind a closing ]; put a text that begins with [ in quotes",
        ),
        (
            "  b:\n    title: {KP} ships\n",
            "5:17 not YAML: text stands behind a closing }; put a text that begins with { in quotes",
        ),
        ("  b:\n    title: , ships\n", "5:12 not YAML: a text that begins with , must be in quotes"),
        (
            '  b:\n    title: "C:\\path"\n',
            "5:15 not YAML: a stroke \\ in double quotes begins a sign of its own; write \\\\, or use single quotes",
        ),
        (
            "  b: {title: B,\n    file: b.csv}\nc: [\n",
            "6:4 not YAML: the [ that opens here is not closed; write ] where it ends",
        ),
        ("  b\n", '4:4 not YAML: a colon is missing behind "b"'),
        (
            "  b: {title: [a}, file: x]\n",
            "4:14 not YAML: the [ that opens here is not closed before the } at column 16",
        ),
        (
            '  b: {title: B, file: "data\\x.csv"}\n',
            "4:30 not YAML: a stroke \\ in double quotes begins a sign of its own; write \\\\, or use single quotes",
        ),
    ],
)
def test_each_slip_is_explained_at_the_place_to_mend(text: str, message: str) -> None:
    assert message_about(BEFORE + text) == message


def test_a_catalogue_in_another_encoding_is_reported_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "i.yaml"
    path.write_bytes(BEFORE.encode() + "  b: {title: Café}\n".encode("cp1252"))
    with pytest.raises(CatalogError, match=r"i\.yaml:4:17: cannot be read: byte 0xe9 is no UTF-8; save"):
        load_catalog(path)
    path.write_bytes(BEFORE.encode("utf-16"))
    with pytest.raises(CatalogError, match="it begins as UTF-16 does; save it as UTF-8"):
        load_catalog(path)


TEXT = """# a comment's quote
version: 1
sources:
  s:
    title: "S: the source"
    publisher: 'Kim''s'  # a comment
    limitations: >
      Many a line,
      and "another".
    where: {port: [Vostochny, Nakhodka], "a b": c}
indicators:
  x:
    title: X - and more
    sources: [s]
    evidence:
      - 002.11.a
      - 002.13.d
    thresholds:
      - {severity: warning, above: 5, note: "a, b"}
      - severity: critical
        above: 10
    tests:
      - given: "2024-01 5, 2024-02 7"
        as_of: 2024-03-01
        expect: warning
""".splitlines()
SIGNS = "\t{}[]\"':,-&*@`%|>?# "
PARSERS_WORDS = ("while ", "token", "scalar", "block ", "flow ", "node", "mapping", "expected")


@given(st.integers(0, len(TEXT) - 1), st.integers(0, 50), st.sampled_from(SIGNS), st.booleans())
def test_no_message_about_an_added_or_missing_sign_uses_the_words_of_the_parser(
    line: int, column: int, sign: str, is_removed: bool
) -> None:
    before = TEXT[line]
    edited = before.replace(sign, "", 1) if is_removed else f"{before[:column]}{sign}{before[column:]}"
    lines = [*TEXT[:line], edited, *TEXT[line + 1 :]]
    try:
        read_yaml("\n".join([*lines, ""]), "i.yaml")
    except CatalogError as error:
        (problem,) = error.problems
        assert not any(word in problem.message for word in PARSERS_WORDS), (edited, str(problem))
        assert 1 <= problem.line <= len(lines) + 1
        assert problem.column >= 1
