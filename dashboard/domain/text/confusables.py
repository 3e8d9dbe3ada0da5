"""Hidden characters and confusable letters: detection, code points for messages, and skeletons for comparison."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_CYRILLIC = dict(zip("аеорсхуіјѕһԁԛԝкмтвнгпАВЕКМНОРСТХУІЈЅԌ", "aeopcxyijshdqwkmtbhrnABEKMHOPCTXYIJSG", strict=True))
_GREEK = dict(zip("οναρτυικγΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovaptuikyABEZHIKMNOPTYX", strict=True))
_OTHERS = dict(zip("ıɑɡɩⅼǀ‐‑‒–—―−﹘‘’ʼ“”‚", "iagill-------\x2d'''\"\",", strict=True))
LETTERS = {**_CYRILLIC, **_GREEK}  # letters of other alphabets and their Latin look-alikes
_SEEN_AS = str.maketrans({**_CYRILLIC, **_GREEK, **_OTHERS})

# characters that reverse text, have no width or look blank; Arabic number signs share their category but are visible
_HIDDEN_CATEGORIES = ("Cc", "Cf", "Zl", "Zp", "Cs", "Cn")
_HIDDEN = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_SEEN = "\t\n\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2"
_PLAIN = re.compile(r"[ -~\t\n]*")


def is_hidden(character: str) -> bool:
    """Whether a character is invisible or moves its neighbours. Blanks of any width do not count: they can be meant."""
    if character in _SEEN:
        return False
    return character in _HIDDEN or unicodedata.category(character) in _HIDDEN_CATEGORIES


def first_hidden_character(text: str) -> int | None:
    """The position of the first hidden character, None without any."""
    if _PLAIN.fullmatch(text):
        return None
    return next((at for at, character in enumerate(text) if is_hidden(character)), None)


def code_point(character: str) -> str:
    """`U+200B (zero width space)`."""
    name = unicodedata.name(character, "").lower()
    name = name or ("control character" if unicodedata.category(character) == "Cc" else "")
    return f"U+{ord(character):04X} ({name})" if name else f"U+{ord(character):04X}"


def with_code_points(text: str) -> str:
    """The text with hidden characters and odd blanks replaced by their code points: `value<U+00A0>`."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(f"<U+{ord(one):04X}>" if is_hidden(one) or _is_odd_blank(one) else one for one in text)


def without_hidden_characters(text: str) -> str:
    """The text without hidden characters and without blanks at its ends."""
    return "".join(" " if _is_odd_blank(one) else one for one in text if not is_hidden(one)).strip()


def skeleton(text: str) -> str:
    """The skeleton of a text (after Unicode TS 39): look-alikes share it. Case and accents stay visible."""
    wide = unicodedata.normalize("NFKC", text)
    return " ".join(without_hidden_characters(wide).translate(_SEEN_AS).split())


def lookalike_hint(word: str, known: Collection[str]) -> str:
    """`; it looks like "value", but holds U+0430 (cyrillic small letter a)`; "" for a word unlike all known ones."""
    own = skeleton(word)
    lookalike = next((name for name in known if name != word and skeleton(name) == own), None)
    if lookalike is None:
        return ""
    odd = list(dict.fromkeys(one for one in word if one not in lookalike and one != " "))
    if not odd:
        return f'; did you mean "{with_code_points(lookalike)}", without the blanks?'
    return f'; it looks like "{with_code_points(lookalike)}", but holds {", ".join(map(code_point, odd[:3]))}'


def _is_odd_blank(character: str) -> bool:
    return character != " " and unicodedata.category(character) == "Zs"
