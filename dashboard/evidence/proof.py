"""Compares cards with the original documents: whether figures and words stand where the cards say."""

import hashlib
import math
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dashboard.evidence.cards import Card, Claim, Quoted
from dashboard.evidence.number_words import SCALES, read_number


@dataclass(frozen=True)
class Mismatch:
    """One disagreement between a card and its original; `claim` is None where it concerns the whole document."""

    document: str
    claim: str | None
    message: str


def prove(cards: Iterable[Card], documents: Path) -> tuple[Mismatch, ...]:
    """Every disagreement between the cards and their originals in the folder `documents`; empty when all agree.

    A missing, changed or unreadable document is a mismatch too. A message quotes only the card's marked passage.
    """
    return tuple(mismatch for card in cards for mismatch in _card_mismatches(card, documents / card.file))


def _card_mismatches(card: Card, path: Path) -> Iterator[Mismatch]:
    if not path.is_file():
        yield Mismatch(card.id, None, f"{card.file}: no such document")
        return
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != card.sha256:
        yield Mismatch(card.id, None, f"{card.file}: another SHA-256 than the card's; the text was changed")
    if len(content) != card.utf8_bytes:
        yield Mismatch(card.id, None, f"{card.file}: {len(content)} bytes, the card says {card.utf8_bytes}")
    try:
        text = content.decode("utf-8")  # not read_text, which makes \r\n one character and moves every span
    except UnicodeDecodeError as error:
        yield Mismatch(card.id, None, f"{card.file}: not UTF-8 at byte {error.start}")
        return
    for message in _quoted_problems("date of publication", card.published, text):
        yield Mismatch(card.id, None, message)
    for claim in card.claims:
        for message in _claim_problems(claim, text):
            yield Mismatch(card.id, claim.id, message)


def _claim_problems(claim: Claim, text: str) -> Iterator[str]:
    start, end = claim.span
    if end > len(text):
        yield f"span {start}-{end} runs past the end of the text at {len(text)}"
    else:
        yield from _paragraph_problems(claim, text)
        yield from _figure_problems(claim, text[start:end])
    yield from _value_problems(claim)
    yield from _quoted_problems("period", claim.period, text)
    yield from _quoted_problems("speaker", claim.said_by, text)


def _paragraph_problems(claim: Claim, text: str) -> Iterator[str]:
    start, end = claim.span
    lines = re.finditer(r"^.*\S.*$", text, re.MULTILINE)
    holders = [number for number, line in enumerate(lines, 1) if line.start() <= start and end <= line.end()]
    if claim.paragraph not in holders:
        actual = f"paragraph {holders[0]}" if holders else "no single paragraph"
        yield f"span {start}-{end} lies in {actual}, the card says paragraph {claim.paragraph}"


def _figure_problems(claim: Claim, passage: str) -> Iterator[str]:
    # "13" does not stand in "13,000", nor "6" in "6 million"
    whole_number = rf"(?<!\w)(?<!\d[.,]){re.escape(claim.figure)}(?![\w%]|[.,]\d|[ -]({'|'.join(SCALES)})\b)"
    if not re.search(whole_number, passage):
        yield f"the span does not hold the figure '{claim.figure}': {_excerpt(passage)}"


def _value_problems(claim: Claim) -> Iterator[str]:
    stated = next((bound for bound in (claim.value, claim.low, claim.high) if bound is not None), None)
    if stated is None:
        return
    number = read_number(claim.figure)
    if number is None:
        yield f"no number can be read from the figure '{claim.figure}', the card says {stated:.15g}"
    elif not math.isclose(number, -stated if "sign inferred" in (claim.qualifier or "") else stated):
        yield f"the figure '{claim.figure}' reads {number:.15g}, the card says {stated:.15g}"


def _quoted_problems(subject: str, quoted: Quoted, text: str) -> Iterator[str]:
    if quoted.span is None:
        return
    start, end = quoted.span
    if text[start:end] != quoted.words:
        yield f"{subject}: '{quoted.words}' does not stand at {start}-{end}: {_excerpt(text[start:end])}"


def _excerpt(passage: str) -> str:
    return f"'{textwrap.shorten(passage, 80, placeholder=' …')}'"
