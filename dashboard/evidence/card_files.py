"""Reads the cards of a folder, or raises every problem in them at once."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dashboard.catalog import Document, did_you_mean, read_yaml
from dashboard.domain import CatalogError, WatchfloorError
from dashboard.evidence.cards import Card, Claim, Measure, Period, Published, Speaker, claims_by_id

_KEYS = {key for model in (Card, Claim, Published, Period, Speaker, Measure) for key in model.model_fields}


class EvidenceError(WatchfloorError):
    """Every problem found in a folder of cards, each with its file and, where known, line and column."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(self.problems))


def load_cards(folder: Path) -> tuple[Card, ...]:
    """The cards of `folder` in order of file name; raises EvidenceError with all their problems."""
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
    # a card that could not be read may hold the claim that another card repeats
    if problems := problems or list(_unknown_duplicates(cards)):
        raise EvidenceError(problems)
    return tuple(cards.values())


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
        raise EvidenceError(_field_problem(document, detail) for detail in error.errors()) from error


def _field_problem(document: Document, detail: Any) -> str:
    """One of pydantic's errors with the line and column of its field."""
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = f"unknown key{did_you_mean(str(detail['loc'][-1]), _KEYS)}"
    elif isinstance(detail["input"], str | int | float):
        message += f", found {detail['input']!r}"
    return str(document.problem(detail["loc"], message))


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
