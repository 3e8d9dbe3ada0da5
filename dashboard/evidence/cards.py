"""The form of a card of `seeds/`: one source document and the claims that it makes.

A card holds no sentence of its document, only our words, short figures and character spans. What a claim means for a
series or a rule is stated in `data/` and `indicators.yaml`.
"""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, model_validator

NOT_STATED = "not stated"


def _check_span(span: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= span[0] < span[1]:
        raise ValueError("a span is [start, end], counted from 0, with its end after its start")
    return span


_DAY = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
Day = Annotated[str, Field(pattern=f"^{_DAY}$")]  # a year, a month or a day, never finer than the document
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Span = Annotated[tuple[StrictInt, StrictInt], AfterValidator(_check_span)]  # characters, end exclusive
Words = Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Quoted(_Entry):
    """A few words of the document and the place where they stand; both are absent where it says nothing."""

    words: Words = NOT_STATED
    span: Span | None = None

    @model_validator(mode="after")
    def _words_and_span_go_together(self) -> Self:
        if (self.words == NOT_STATED) != (self.span is None):
            raise ValueError("words and their span are given together, or neither is")
        return self


class Published(Quoted):
    """The date on which the document appeared; where it states none, the earliest and latest that it could be."""

    date: Annotated[str, Field(pattern=f"^({NOT_STATED}|{_DAY})$")]
    earliest: Day | None = None
    latest: Day | None = None
    basis: Words


class Period(Quoted):
    """The period of a figure: the document's words and, apart from them, the dates that they resolve to.

    Both ends are included. Without a start the beginning is unknown. If both are missing, the words were not resolved
    to dates.
    """

    start: Day | None = None
    end: Day | None = None
    basis: Words


class Speaker(Quoted):
    """The person or body that makes a claim; `kind` distinguishes an official from an author who names no source."""

    who: Words
    kind: Words


class Measure(_Entry):
    """The United Nations measure that a claim concerns: our reading of the law, never the document's."""

    text: Words
    confidence: Words


class Claim(_Entry):
    """One statement of a document in our words; only `figure` and the quoted `words` are the document's own."""

    id: Annotated[str, Field(pattern=r"^\d{3}\.\d+\.[a-z]$")]
    kind: Words
    claim: Words
    figure: Words
    paragraph: Annotated[int, Field(strict=True, ge=1)]  # counted from 1, blank lines apart
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
    unwatched: Words | None = None  # why no indicator needs to read it
    un_measure: Measure | None = None
    contradiction: Words | None = None
    duplicate_of: Words | None = None
    correction: Words | None = None


class Card(_Entry):
    """One source document: its author and date, the size and hash of its bytes, and its claims."""

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


def claims_by_id(cards: Iterable[Card]) -> dict[str, tuple[Card, Claim]]:
    """Every claim by its id, with the card that holds it."""
    return {claim.id: (card, claim) for card in cards for claim in card.claims}
