"""Words that a reader takes for the same: equal but for blanks, case, width, Unicode form, accents or like letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal

from dashboard.domain.text.confusables import LETTERS

# letters of other alphabets in small form, where they or their capitals are drawn like Latin ones
_LETTERS = {ord(letter.casefold()): latin.casefold() for letter, latin in LETTERS.items()}
_LATIN = _LETTERS | {ord("0"): "o", ord("1"): "l", ord("|"): "l"}
_BY_SHAPE = str.maketrans({"I": "l", "1": "l", "|": "l", "0": "O", "ν": "v", "υ": "u", "ѵ": "v"})
_HIDDEN = ("Cf", "Mn", "Me", "Cc")  # marks that combine and characters that nobody sees


def normalized_spaces(text: str) -> str:
    """The word without blanks around it, with single ones within, in Unicode's composed form: so it is kept."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def appearance_keys(text: str) -> tuple[str, str]:
    """How a word looks at a glance, accents left out: two are look-alikes where either text is the same for both, the
    one without regard to case, the other with 0 and O, 1, I and l alike."""
    plain = _seen(text, "NFKD", _HIDDEN)
    return plain.casefold().translate(_LATIN), plain.translate(_BY_SHAPE)


def name_keys(words: Sequence[str]) -> list[str]:
    """What names look like, of ships and offices: accents, 0 and O, 1 and I tell them apart, case does not."""
    plain = [word for word in words if word.isascii() and "\n" not in word]
    joined = iter("\n".join(plain).casefold().translate(_NO_BLANKS).split("\n"))  # a million at once
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
    """In what two look-alikes differ, as a person would say it."""
    if "".join(word.split()) == "".join(other.split()):
        return "its blanks"
    if unicodedata.normalize("NFC", word) == unicodedata.normalize("NFC", other):
        return "its Unicode form"
    if word.casefold() == other.casefold():
        return "its case"
    strange = [mark for mark in (*word, *other) if not mark.isascii()]
    named = ", ".join(dict.fromkeys(f"U+{ord(mark):04X}" for mark in strange[:3]))
    return f"how it is written ({named})" if named else "letters that look alike"
