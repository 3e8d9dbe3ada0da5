"""The cards of `seeds/`: what each source document claims, and the proof that it stands where the card says.

A card holds no sentence of its document, only our words, short figures and character spans; `prove` opens the
originals and compares. What a claim means for a series or a rule is said in `data/` and `indicators.yaml`.
"""

import hashlib
import math
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, ValidationError, model_validator

from dashboard.catalog import Document, did_you_mean, read_yaml
from dashboard.domain import CatalogError, WatchfloorError

NOT_STATED = "not stated"


class EvidenceError(WatchfloorError):
    """Every problem found in a folder of cards, each with its file and, where known, line and column."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(self.problems))


def _forward(span: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= span[0] < span[1]:
        raise ValueError("a span is [start, end], counted from 0, with its end after its start")
    return span


_DAY = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
Day = Annotated[str, Field(pattern=f"^{_DAY}$")]  # a year, a month or a day: never finer than the text allows
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Span = Annotated[tuple[StrictInt, StrictInt], AfterValidator(_forward)]  # characters, end exclusive
Words = Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Quoted(_Entry):
    """Something that the document may say in a few words at one place."""

    words: Words = NOT_STATED
    span: Span | None = None

    @model_validator(mode="after")
    def _words_and_span_go_together(self) -> Self:
        if (self.words == NOT_STATED) != (self.span is None):
            raise ValueError("words and their span are given together, or neither is")
        return self


class Published(_Quoted):
    """When the document appeared; where it does not say so, the bounds that it or another card allows."""

    date: Annotated[str, Field(pattern=f"^({NOT_STATED}|{_DAY})$")]
    earliest: Day | None = None
    latest: Day | None = None
    basis: Words


class Period(_Quoted):
    """What a figure is about: the document's words and, apart from them, the dates that they resolve to.

    Both ends are included. No start: the beginning is unknown. Neither: the words stay unresolved.
    """

    start: Day | None = None
    end: Day | None = None
    basis: Words


class Speaker(_Quoted):
    """Who vouches for a claim; `kind` tells an official from an author who names no source."""

    who: Words
    kind: Words


class Measure(_Entry):
    """The United Nations measure that a claim touches: our reading of the law, never the document's."""

    text: Words
    confidence: Words


class Claim(_Entry):
    """One statement of a document in our words; only `figure` and the quoted `words` are the document's."""

    id: Annotated[str, Field(pattern=r"^\d{3}\.\d+\.[a-z]$")]
    kind: Words
    claim: Words
    figure: Words
    paragraph: Annotated[int, Field(strict=True, ge=1)]  # counted from 1 over the lines that are not blank
    span: Span
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    unit: Words | None = None
    qualifier: Words | None = None
    modality: Words
    said_by: Speaker
    period: Period
    flow: Words
    unwatched: Words | None = None  # why no indicator reads it, where none should
    un_measure: Measure | None = None
    contradiction: Words | None = None
    duplicate_of: Words | None = None
    correction: Words | None = None


class Card(_Entry):
    """One source document: whose it is, when it appeared, how its bytes are known again, what it claims."""

    id: Annotated[str, Field(pattern=r"^\d{3}$")]
    title: Words
    author: Words
    publisher: Words
    published: Published
    file: Annotated[str, Field(pattern=r"^[^/\\]+$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    utf8_bytes: Annotated[int, Field(strict=True, ge=0)]
    correction: Words | None = None
    claims: tuple[Claim, ...]


# --- Reading the cards ---


def load_cards(folder: Path) -> tuple[Card, ...]:
    """Read every card of `folder` in order of file name, or raise EvidenceError with all their problems."""
    if not folder.is_dir():
        raise EvidenceError([f"{folder.name}: no such folder of cards"])
    cards: dict[str, Card] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            cards[path.name] = _read_card(path)
        except EvidenceError as error:
            problems += error.problems
    problems += _id_problems(cards)
    # A card that could not be read may hold the claim that another one points to.
    if problems := problems or list(_unknown_duplicates(cards)):
        raise EvidenceError(problems)
    return tuple(cards.values())


def claims_by_id(cards: Iterable[Card]) -> dict[str, tuple[Card, Claim]]:
    """Every claim under its id, with the card that holds it."""
    return {claim.id: (card, claim) for card in cards for claim in card.claims}


def _read_card(path: Path) -> Card:
    try:
        document = read_yaml(path.read_text(encoding="utf-8"), path.name)
    except CatalogError as error:
        raise EvidenceError(map(str, error.problems)) from error
    except UnicodeDecodeError as error:
        raise EvidenceError([f"{path.name}: not UTF-8 at byte {error.start}"]) from error
    if document.problems:
        raise EvidenceError(map(str, document.problems))
    try:
        return Card.model_validate(document.value)
    except ValidationError as error:
        raise EvidenceError(_field_problem(document, found) for found in error.errors()) from error


_KEYS = {key for entry in (Card, Claim, Published, Period, Speaker, Measure) for key in entry.model_fields}


def _field_problem(document: Document, found: Any) -> str:
    said = found["msg"].removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        said = f"unknown key{did_you_mean(str(found['loc'][-1]), _KEYS)}"
    elif isinstance(found["input"], str | int | float):
        said += f", found {found['input']!r}"
    return str(document.problem(found["loc"], said))


def _id_problems(cards: Mapping[str, Card]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for file, card in cards.items():
        for id in (card.id, *(claim.id for claim in card.claims)):
            if id in owners:
                yield f"{file}: id {id} is already used in {owners[id]}"
            if not id.startswith(card.id):
                yield f"{file}: claim {id} does not begin with the id of its card, {card.id}"
            owners.setdefault(id, file)


def _unknown_duplicates(cards: Mapping[str, Card]) -> Iterator[str]:
    known = claims_by_id(cards.values())
    for file, card in cards.items():
        for claim in card.claims:
            if claim.duplicate_of is not None and claim.duplicate_of not in known:
                yield f"{file}: claim {claim.id} repeats {claim.duplicate_of}, which no card holds"


# --- Proving them against the originals ---


@dataclass(frozen=True)
class Mismatch:
    """One point on which a card and its original disagree; no `claim` where the whole document is meant."""

    document: str
    claim: str | None
    message: str


def prove(cards: Iterable[Card], documents: Path) -> tuple[Mismatch, ...]:
    """Compare each card with its original in the folder `documents`; no mismatch means that all of it stands.

    A missing, changed or unreadable document is a mismatch too. A message quotes no more than the span.
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
        found = f"paragraph {holders[0]}" if holders else "no single paragraph"
        yield f"span {start}-{end} lies in {found}, the card says paragraph {claim.paragraph}"


def _figure_problems(claim: Claim, passage: str) -> Iterator[str]:
    # "13" must not be found in "13,000", nor "6" in "6 million".
    whole = rf"(?<!\w)(?<!\d[.,]){re.escape(claim.figure)}(?![\w%]|[.,]\d|[ -]({'|'.join(_SCALES)})\b)"
    if not re.search(whole, passage):
        yield f"the span does not hold the figure '{claim.figure}': {_shown(passage)}"


def _value_problems(claim: Claim) -> Iterator[str]:
    stated = next((bound for bound in (claim.value, claim.low, claim.high) if bound is not None), None)
    if stated is None:
        return
    number = read_number(claim.figure)
    if number is None:
        yield f"no number can be read from the figure '{claim.figure}', the card says {stated:.15g}"
    elif not math.isclose(number, -stated if "sign inferred" in (claim.qualifier or "") else stated):
        yield f"the figure '{claim.figure}' reads {number:.15g}, the card says {stated:.15g}"


def _quoted_problems(what: str, quoted: _Quoted, text: str) -> Iterator[str]:
    if quoted.span is None:
        return
    start, end = quoted.span
    if text[start:end] != quoted.words:
        yield f"{what}: '{quoted.words}' does not stand at {start}-{end}: {_shown(text[start:end])}"


def _shown(passage: str) -> str:
    return f"'{textwrap.shorten(passage, 80, placeholder=' …')}'"


# --- Numbers as documents write them ---

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_NUMBER_WORDS = {word: number for number, word in enumerate(_ONES.split())}
_NUMBER_WORDS |= {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
_NUMBER_WORDS |= {
    f"{ten}-{one}": _NUMBER_WORDS[ten] + _NUMBER_WORDS[one] for ten, one in product(_TENS.split(), _ONES.split()[1:10])
}
_NUMBER_WORDS |= {f"{word}s": 2 * scale for word, scale in _SCALES.items()}  # "thousands" are at least two
_DIGITS = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")


def read_number(figure: str) -> float | None:
    """The number that `figure` states in digits or English words ("60%" is 60), None where it states none."""
    words = figure.lower().removesuffix("%").split()
    scale = 1
    while len(words) > 1 and words[-1] in _SCALES:
        scale *= _SCALES[words.pop()]
    if len(words) != 1:
        return None
    if _DIGITS.fullmatch(words[0]):
        return scale * float(words[0].replace(",", ""))
    return scale * float(_NUMBER_WORDS[words[0]]) if words[0] in _NUMBER_WORDS else None
