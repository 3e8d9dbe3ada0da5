"""Text folding: words that differ only in blanks, case, width, Unicode form, accents or confusable letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal

from dashboard.domain.text.confusables import LETTERS

# lower-case letters of other alphabets that look like Latin ones, or whose capitals do
_LETTERS = {ord(letter.casefold()): latin.casefold() for letter, latin in LETTERS.items()}
_LATIN = _LETTERS | {ord("0"): "o", ord("1"): "l", ord("|"): "l"}
_BY_SHAPE = str.maketrans({"I": "l", "1": "l", "|": "l", "0": "O", "ν": "v", "υ": "u", "ѵ": "v"})
_HIDDEN = ("Cf", "Mn", "Me", "Cc")  # combining marks and hidden characters


def normalized_spaces(text: str) -> str:
    """The stored form of a word: no blanks around it, single blanks inside, Unicode composed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def appearance_keys(text: str) -> tuple[str, str]:
    """Two keys of a word's appearance without accents. Words are look-alikes if either key is equal.

    The first key ignores case; the second one equates 0 with O, and 1 with I and l.
    """
    plain = _seen(text, "NFKD", _HIDDEN)
    return plain.casefold().translate(_LATIN), plain.translate(_BY_SHAPE)


def name_keys(words: Sequence[str]) -> list[str]:
    """Keys that are equal for equal names of ships and offices: case is ignored; accents, 0 and O, 1 and I count."""
    plain = [word for word in words if word.isascii() and "\n" not in word]
    joined = iter("\n".join(plain).casefold().translate(_NO_BLANKS).split("\n"))  # one call for a million names
    return [
        next(joined)
        if word.isascii() and "\n" not in word
        else _seen(word, "NFKC", ("Cf", "Cc")).casefold().translate(_LETTERS)
        for word in words
    ]


_NO_BLANKS = dict.fromkeys(map(ord, " \t\r\v\f"))


def _seen(text: str, form: Literal["NFKC", "NFKD"], hidden: tuple[str, ...]) -> str:
    plain = "".join(text.split())
    if plain.isascii():
        return plain
    marks = unicodedata.normalize(form, plain)
    return "".join(mark for mark in marks if unicodedata.category(mark) not in hidden and not mark.isspace())


def difference_in_words(word: str, other: str) -> str:
    """The difference between two look-alikes, in words."""
    if "".join(word.split()) == "".join(other.split()):
        return "its blanks"
    if unicodedata.normalize("NFC", word) == unicodedata.normalize("NFC", other):
        return "its Unicode form"
    if word.casefold() == other.casefold():
        return "its case"
    strange = [mark for mark in (*word, *other) if not mark.isascii()]
    named = ", ".join(dict.fromkeys(f"U+{ord(mark):04X}" for mark in strange[:3]))
    return f"how it is written ({named})" if named else "letters that look alike"
