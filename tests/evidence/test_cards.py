"""The shipped cards, and every problem of a folder of cards."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.evidence.card_files import EvidenceError, load_cards
from dashboard.evidence.cards import Card, Claim, claims_by_id
from tests.evidence.examples import ORIGINALS, SEEDS, a_card, a_claim, needs_originals


def write_seeds(folder: Path, *cards: dict[str, Any]) -> Path:
    seeds = folder / "seeds"
    seeds.mkdir()
    for card in cards:
        (seeds / f"{card['id']}.yaml").write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")
    return seeds


def problems_of(seeds: Path) -> str:
    with pytest.raises(EvidenceError) as caught:
        load_cards(seeds)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return str(caught.value)


# --- the cards that ship ---


@pytest.fixture(scope="module")
def cards() -> tuple[Card, ...]:
    return load_cards(SEEDS)


def test_five_cards_hold_fifty_claims(cards: tuple[Card, ...]) -> None:
    assert {card.id: len(card.claims) for card in cards} == {"000": 5, "001": 5, "002": 16, "003": 9, "004": 15}


def test_every_claim_can_be_found_under_an_id_of_its_own(cards: tuple[Card, ...]) -> None:
    claims = claims_by_id(cards)
    assert len(claims) == 50
    card, claim = claims["002.13.d"]
    assert (card.id, claim.value, claim.unit) == ("002", 500_000, "barrels")


def test_an_id_names_the_paragraph_of_its_claim(cards: tuple[Card, ...]) -> None:
    claims = [claim for card in cards for claim in card.claims]
    assert [claim.id for claim in claims if int(claim.id.split(".")[1]) != claim.paragraph] == []


def test_only_document_002_is_dated(cards: tuple[Card, ...]) -> None:
    assert {card.id: card.published.date for card in cards if card.published.date != "not stated"} == {
        "002": "2024-11-26"
    }


@pytest.mark.parametrize("words", ["last week", "last September", "on Sunday", "over the last year", "recently"])
def test_words_relative_to_an_undated_document_stay_unresolved(cards: tuple[Card, ...], words: str) -> None:
    periods = [claim.period for card in cards for claim in card.claims if claim.period.words == words]
    assert periods
    assert {(period.start, period.end) for period in periods} == {(None, None)}


def test_the_increase_at_tumangang_has_no_number(cards: tuple[Card, ...]) -> None:
    _, claim = claims_by_id(cards)["001.6.c"]
    assert (claim.figure, claim.value, claim.low, claim.high) == ("dramatic increase", None, None, None)


def test_a_claim_repeats_only_claims_that_are_no_repetition_themselves(cards: tuple[Card, ...]) -> None:
    claims = claims_by_id(cards)
    originals = [claim.duplicate_of for _, claim in claims.values() if claim.duplicate_of is not None]
    assert Counter(originals) == {"002.7.a": 4, "001.5.c": 1, "003.9.b": 1}
    assert all(claims[original][1].duplicate_of is None for original in originals)


@needs_originals
def test_no_card_holds_more_than_eight_consecutive_words_of_a_document(cards: tuple[Card, ...]) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return set(zip(*(words[shift:] for shift in range(9)), strict=False))

    originals = {run for path in ORIGINALS.glob("*.txt") for run in runs(path.read_text(encoding="utf-8"))}
    assert len(originals) > 4_000
    for card in cards:  # the file as it ships, with its comments; a title is how a document is cited
        shipped = (SEEDS / card.file).with_suffix(".yaml").read_text(encoding="utf-8")
        assert runs(shipped.replace(card.title, "")) & originals == set(), card.id


# --- folders that cannot be loaded ---


def test_cards_come_in_the_order_of_their_file_names(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path, *(a_card(a_claim(id=f"{id}.2.a"), id=id) for id in ("902", "900", "901")))
    assert [card.id for card in load_cards(seeds)] == ["900", "901", "902"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "seeds") == "seeds: no such folder of cards"


def test_an_id_used_twice_in_one_card_is_named(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path, a_card(a_claim(), a_claim()))
    assert problems_of(seeds) == "900.yaml: id 900.2.a is already used in 900.yaml"


def test_a_claim_under_the_card_of_another_document_is_named(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path, a_card(), a_card(id="901"))
    assert problems_of(seeds).splitlines() == [
        "901.yaml: id 900.2.a is already used in 900.yaml",
        "901.yaml: claim 900.2.a does not begin with the id of its card, 901",
    ]


def test_a_card_id_used_twice_is_named(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path, a_card())
    (seeds / "copy.yaml").write_text(yaml.safe_dump(a_card(a_claim(id="900.2.b"))), encoding="utf-8")
    assert problems_of(seeds) == "copy.yaml: id 900 is already used in 900.yaml"


def test_a_repetition_of_a_claim_that_does_not_exist_is_named(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path, a_card(a_claim(duplicate_of="900.9.z")))
    assert problems_of(seeds) == "900.yaml: claim 900.2.a repeats 900.9.z, which no card holds"


def test_an_unknown_key_is_named_with_its_place_and_the_likely_slip(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path, a_card(a_claim(valeu=7)))
    line = (seeds / "900.yaml").read_text().splitlines().index("  valeu: 7") + 1
    assert problems_of(seeds) == f'900.yaml:{line}:3 claims[0].valeu: unknown key; did you mean "value"?'


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"figure": 1200}, "figure: Input should be a valid string, found 1200"),
        ({"span": [9, 3]}, "span: a span is [start, end], counted from 0, with its end after its start"),
        ({"value": "1200"}, "value: Input should be a valid number, found '1200'"),
        ({"id": "900.2"}, "id: String should match pattern"),
        ({"period": {"words": "Sunday", "basis": "b"}}, "period: words and their span are given together"),
        ({"period": {"end": "2024-13", "basis": "b"}}, "period.end: String should match pattern"),
        ({"flow": None}, "flow: Field required"),
    ],
)
def test_a_bad_field_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    problems = problems_of(write_seeds(tmp_path, a_card(a_claim(**changes))))
    assert re.match(rf"900\.yaml:\d+:\d+ claims\[0\]\.{re.escape(message)}", problems), problems


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id: '900\n", "900.yaml:1:5: not YAML"),
        (b"id: '900'\nid: '901'\n", "900.yaml:2:1 id: duplicate key"),
        (b"- a list\n", "900.yaml:1:1: Input should be a valid dictionary"),
        (b"", "900.yaml:1:1: Input should be a valid dictionary"),
        (b"title: caf\xe9\n", "900.yaml: not UTF-8 at byte 10"),
    ],
)
def test_a_file_that_is_no_card_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    seeds = write_seeds(tmp_path)
    (seeds / "900.yaml").write_bytes(content)
    assert problems_of(seeds).startswith(message)


def test_the_problems_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    bad = a_card(a_claim(id="901.2.a", figure=7, flow=None), id="901", extra="x")
    seeds = write_seeds(tmp_path, a_card(a_claim(), a_claim(), a_claim(id="900.2.b", duplicate_of="901.2.a")), bad)
    (seeds / "902.yaml").write_text("{", encoding="utf-8")
    assert Counter(line.split(":")[0] for line in problems_of(seeds).splitlines()) == {
        "900.yaml": 1,  # not its repetition of 901.2.a, which could not be read
        "901.yaml": 3,
        "902.yaml": 1,
    }


def test_cards_and_claims_cannot_be_changed() -> None:
    card = Card.model_validate(a_card())
    assert isinstance(card.claims[0], Claim)
    with pytest.raises(ValueError, match="frozen"):
        card.claims[0].value = 0
