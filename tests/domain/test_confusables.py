"""Characters that nobody sees and letters that look like others, in keys and texts of YAML and in headers of CSV."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.catalog.loader import parse_catalog
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.domain.errors import CatalogError
from dashboard.domain.row_schema import COLUMNS
from dashboard.domain.text.confusables import (
    code_point,
    first_hidden_character,
    skeleton,
    with_code_points,
    without_hidden_characters,
)

HIDDEN = {
    "\u202e": "U+202E (right-to-left override)",
    "\u200b": "U+200B (zero width space)",
    "\u200d": "U+200D (zero width joiner)",
    "\u2066": "U+2066 (left-to-right isolate)",
    "\ufeff": "U+FEFF (zero width no-break space)",
    "\u00ad": "U+00AD (soft hyphen)",
    "\u2028": "U+2028 (line separator)",
    "\u3164": "U+3164 (hangul filler)",
    "\x1b": "U+001B (control character)",
}


@pytest.mark.parametrize(("character", "name"), HIDDEN.items())
@pytest.mark.parametrize("key", ["title", "unit", "action", "rationale", "owner", "direction", "legal_basis"])
def test_what_cannot_be_seen_is_refused_in_every_text_with_its_code_point_and_line(
    character: str, name: str, key: str
) -> None:
    keys = {"title": "X", "file": "x.csv", "unit": "ships"} | {key: f'"evil\\u{ord(character):04x}"'}
    text = "version: 1\nindicators:\n  x:\n" + "".join(f"    {one}: {said}\n" for one, said in keys.items())
    (problem,) = parse_catalog(text, "i.yaml", Path()).problems
    assert problem.path == f"indicators.x.{key}"
    assert problem.message == f"holds {name}, which cannot be seen or turns text round; take it out"
    assert text.splitlines()[problem.line - 1].strip().startswith(key)


def test_in_a_text_of_several_lines_the_line_is_named() -> None:
    text = (
        "version: 1\nindicators:\n  x:\n    title: X\n    file: x.csv\n    action: |\n      Tell.\n      Ask\u200b.\n"
    )
    (problem,) = parse_catalog(text, "i.yaml", Path()).problems
    assert (problem.line, problem.column) == (8, 10)


@pytest.mark.parametrize("key", ["ti\u200btle", "title\u00a0", "\u2003title", "ti\u202etle"])
def test_a_key_with_what_cannot_be_seen_is_one_problem(key: str) -> None:
    text = f"version: 1\nindicators:\n  x:\n    file: x.csv\n    {key}: X\n"
    (problem,) = parse_catalog(text, "i.yaml", Path()).problems
    assert problem.path == "indicators.x.title"
    assert problem.message.startswith("the key holds U+")


def test_an_id_with_another_alphabets_letter_says_which() -> None:
    text = "version: 1\nsources: {s\u0430: {title: S, file: s.csv}}\nindicators: {x: {title: X, sources: [sa]}}\n"
    messages = [problem.message for problem in parse_catalog(text, "i.yaml", Path()).problems]
    assert 'no source sa; it looks like "s\u0430", but holds U+0061 (latin small letter a)' in messages


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("v\u0430lue", '; it looks like "value", but holds U+0430 (cyrillic small letter a)'),
        ("value\u00a0", '; it looks like "value", but holds U+00A0 (no-break space)'),
        ("va\u200clue", '; it looks like "value", but holds U+200C (zero width non-joiner)'),
        ("\uff56alue", '; it looks like "value", but holds U+FF56 (fullwidth latin small letter v)'),
        (" value", '; did you mean "value", without the blanks?'),
        ("valeu", '; did you mean "value"?'),
        ("zzz", ""),
    ],
)
def test_a_column_that_looks_like_another_says_what_makes_it_another(word: str, said: str) -> None:
    assert did_you_mean(word, list(COLUMNS)) == said


def test_what_can_be_seen_is_taken() -> None:
    title = "\u5317\u97d3 \u2014 \ubd81\ud55c \u201cКНДР\u201d \u26a0\ufe0f 5\u00a0t"
    text = f"version: 1\nindicators:\n  x: {{title: '{title}', file: x.csv}}\n"
    assert parse_catalog(text, "i.yaml", Path()).problems == ()


@given(st.text(max_size=20))
def test_a_text_made_visible_hides_nothing_and_looks_like_itself(text: str) -> None:
    assert first_hidden_character(with_code_points(text)) is None
    assert first_hidden_character(without_hidden_characters(text)) is None
    assert skeleton(skeleton(text)) == skeleton(text)
    assert all(code_point(character).startswith("U+") for character in text)


def test_a_misspelled_group_is_named_though_nothing_can_be_loaded() -> None:
    with pytest.raises(CatalogError) as caught:
        parse_catalog("version: 1\nindic\u0430tors: {}\n", "i.yaml", Path())
    assert str(caught.value).endswith(
        'unknown key; it looks like "indicators", but holds U+0430 (cyrillic small letter a)'
    )
