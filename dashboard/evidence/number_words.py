"""Reads numbers as English documents write them, in digits or in words."""

import re
from itertools import product

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
SCALES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_NUMBER_WORDS = {word: number for number, word in enumerate(_ONES.split())}
_NUMBER_WORDS |= {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
_NUMBER_WORDS |= {
    f"{ten}-{digit}": _NUMBER_WORDS[ten] + _NUMBER_WORDS[digit]
    for ten, digit in product(_TENS.split(), _ONES.split()[1:10])
}
_NUMBER_WORDS |= {f"{word}s": 2 * scale for word, scale in SCALES.items()}  # "thousands" are at least two
_DIGITS = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")


def read_number(figure: str) -> float | None:
    """The number that `figure` states in digits or English words ("60%" is 60); None where it states none."""
    words = figure.lower().removesuffix("%").split()
    scale = 1
    while len(words) > 1 and words[-1] in SCALES:
        scale *= SCALES[words.pop()]
    if len(words) != 1:
        return None
    if _DIGITS.fullmatch(words[0]):
        return scale * float(words[0].replace(",", ""))
    return scale * float(_NUMBER_WORDS[words[0]]) if words[0] in _NUMBER_WORDS else None
