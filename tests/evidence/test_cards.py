"""The cards of `seeds/`, and that a card which no longer agrees with its document is always found out."""

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.evidence.cards import Card, Claim, EvidenceError, Mismatch, claims_by_id, load_cards, prove, read_number

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
ORIGINALS = ROOT / "../shared/documents"

needs_originals = pytest.mark.skipif(
    not ORIGINALS.is_dir(), reason="the source documents are not part of the project and are not beside it"
)

# A document of our own making: paragraph 1, a blank line, paragraph 2, and a letter of two bytes before the spans.
TEXT = "Café traffic report\n\nOn Sunday about 1,200 crates and five carts came, a fall of 4.5%.\n"


def span(words: str, text: str = TEXT) -> list[int]:
    assert text.count(words) == 1, f"{words!r} must stand once in the text"
    return [text.index(words), text.index(words) + len(words)]


def a_claim(**changes: Any) -> dict[str, Any]:
    claim: dict[str, Any] = {
        "id": "900.2.a",
        "kind": "quantity",
        "claim": "Roughly 1,200 crates arrived.",
        "figure": "1,200",
        "paragraph": 2,
        "span": span("about 1,200 crates"),
        "value": 1200,
        "unit": "crates",
        "modality": "asserted",
        "said_by": {"who": "the author", "kind": "author"},
        "period": {"words": "On Sunday", "span": span("On Sunday"), "basis": "unresolved"},
        "flow": "none",
    }
    return {key: value for key, value in {**claim, **changes}.items() if value is not None}


def a_card(*claims: dict[str, Any], text: str = TEXT, **changes: Any) -> dict[str, Any]:
    card: dict[str, Any] = {
        "id": "900",
        "title": "A report on crates",
        "author": "not stated",
        "publisher": "not stated",
        "published": {"date": "not stated", "basis": "made up for a test"},
        "file": "900_report.txt",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "utf8_bytes": len(text.encode()),
        "claims": list(claims) or [a_claim()],
    }
    return {**card, **changes}


def seeds_of(folder: Path, *cards: dict[str, Any]) -> Path:
    seeds = folder / "seeds"
    seeds.mkdir()
    for card in cards:
        (seeds / f"{card['id']}.yaml").write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")
    return seeds


def proof(folder: Path, *claims: dict[str, Any], text: str = TEXT, found: bytes | None = None) -> list[Mismatch]:
    """What `prove` says of a card about `text` when the folder of documents holds `found`."""
    documents = folder / "documents"
    documents.mkdir()
    (documents / "900_report.txt").write_bytes(text.encode() if found is None else found)
    return list(prove([Card.model_validate(a_card(*claims, text=text))], documents))


def problems(seeds: Path) -> str:
    with pytest.raises(EvidenceError) as caught:
        load_cards(seeds)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return str(caught.value)


# The cards that ship


@pytest.fixture(scope="module")
def cards() -> tuple[Card, ...]:
    return load_cards(SEEDS)


def test_five_cards_hold_fifty_claims(cards: tuple[Card, ...]) -> None:
    assert {card.id: len(card.claims) for card in cards} == {"000": 5, "001": 5, "002": 16, "003": 9, "004": 15}


def test_every_claim_can_be_found_under_an_id_of_its_own(cards: tuple[Card, ...]) -> None:
    found = claims_by_id(cards)
    assert len(found) == 50
    card, claim = found["002.13.d"]
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
    found = claims_by_id(cards)
    firsts = [claim.duplicate_of for _, claim in found.values() if claim.duplicate_of is not None]
    assert Counter(firsts) == {"002.7.a": 4, "001.5.c": 1, "003.9.b": 1}
    assert all(found[first][1].duplicate_of is None for first in firsts)


@needs_originals
def test_the_shipped_cards_stand_in_the_originals(cards: tuple[Card, ...]) -> None:
    assert prove(cards, ORIGINALS) == ()


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


# What `prove` finds


def test_a_card_that_agrees_with_its_document_has_no_mismatch(tmp_path: Path) -> None:
    assert proof(tmp_path, a_claim(), a_claim(id="900.2.b", figure="five", span=span("five carts"), value=5)) == []


def test_a_missing_document_is_a_mismatch_and_no_exception(tmp_path: Path) -> None:
    card = Card.model_validate(a_card())
    assert prove([card], tmp_path) == (Mismatch("900", None, "900_report.txt: no such document"),)


def test_a_changed_document_is_named_even_where_every_span_still_stands(tmp_path: Path) -> None:
    (mismatch,) = proof(tmp_path, found=TEXT.replace("traffic", "TRAFFIC").encode())
    assert (mismatch.document, mismatch.claim) == ("900", None)
    assert "900_report.txt: another SHA-256" in mismatch.message


def test_another_length_is_named(tmp_path: Path) -> None:
    messages = [mismatch.message for mismatch in proof(tmp_path, found=TEXT.encode() + b"\n")]
    assert "900_report.txt: 89 bytes, the card says 88" in messages


def test_a_document_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    assert "900_report.txt: not UTF-8 at byte 3" in proof(tmp_path, found=TEXT.encode("latin-1"))[-1].message


def test_windows_line_ends_do_not_move_the_spans(tmp_path: Path) -> None:
    text = TEXT.replace("\n", "\r\n")
    period = {"words": "On Sunday", "span": span("On Sunday", text), "basis": "unresolved"}
    assert proof(tmp_path, a_claim(span=span("about 1,200 crates", text), period=period), text=text) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"span": [span("about 1,200")[0] + 9, span("about 1,200")[1] + 9]},
            "the span does not hold the figure '1,200': '00 crates a'",
            id="a shifted span",
        ),
        pytest.param({"span": [70, 95]}, "span 70-95 runs past the end of the text at 87", id="a span past the end"),
        pytest.param(
            {"figure": "1,300", "value": 1300},
            "the span does not hold the figure '1,300': 'about 1,200 crates'",
            id="a wrong figure",
        ),
        pytest.param(
            {"figure": "200", "value": 200},
            "the span does not hold the figure '200': 'about 1,200 crates'",
            id="a part of a longer number",
        ),
        pytest.param({"value": 12000}, "the figure '1,200' reads 1200, the card says 12000", id="a wrong value"),
        pytest.param(
            {"value": None, "low": 1300},
            "the figure '1,200' reads 1200, the card says 1300",
            id="a wrong low where there is no value",
        ),
        pytest.param(
            {"figure": "five", "span": span("five carts"), "value": 6},
            "the figure 'five' reads 5, the card says 6",
            id="a wrong number word",
        ),
        pytest.param(
            {"figure": "crates"},
            "no number can be read from the figure 'crates', the card says 1200",
            id="a value whose figure is no number",
        ),
        pytest.param(
            {"figure": "4.5%", "span": span("4.5%"), "value": -4.5},
            "the figure '4.5%' reads 4.5, the card says -4.5",
            id="a sign that the text does not have",
        ),
        pytest.param(
            {"paragraph": 1},
            "span 31-49 lies in paragraph 2, the card says paragraph 1",
            id="a wrong paragraph",
        ),
        pytest.param(
            {"span": [5, 49]},
            "span 5-49 lies in no single paragraph, the card says paragraph 2",
            id="a span over two paragraphs",
        ),
        pytest.param(
            {"period": {"words": "On Monday", "span": span("On Sunday"), "basis": "unresolved"}},
            "period: 'On Monday' does not stand at 21-30: 'On Sunday'",
            id="a wrong date",
        ),
        pytest.param(
            {"said_by": {"who": "a clerk", "kind": "official", "words": "clerk", "span": [0, 5]}},
            "speaker: 'clerk' does not stand at 0-5: 'Café'",
            id="a wrong speaker",
        ),
    ],
)
def test_a_card_that_disagrees_with_its_document_is_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    assert proof(tmp_path, a_claim(**changes)) == [Mismatch("900", "900.2.a", message)]


def test_a_wrong_date_of_publication_is_named(tmp_path: Path) -> None:
    published = {"date": "2024-06-02", "words": "Monday", "span": span("Sunday"), "basis": "stated"}
    (tmp_path / "900_report.txt").write_bytes(TEXT.encode())
    (mismatch,) = prove([Card.model_validate(a_card(published=published))], tmp_path)
    assert (mismatch.claim, mismatch.message) == (
        None,
        "date of publication: 'Monday' does not stand at 24-30: 'Sunday'",
    )


def test_a_sign_may_be_inferred_where_the_qualifier_says_so(tmp_path: Path) -> None:
    fall = {"figure": "4.5%", "span": span("4.5%"), "value": -4.5, "qualifier": "sign inferred: a fall"}
    assert proof(tmp_path, a_claim(**fall)) == []


def test_a_claim_without_a_number_needs_none(tmp_path: Path) -> None:
    assert proof(tmp_path, a_claim(figure="fall", span=span("a fall"), value=None)) == []


def test_every_mismatch_of_every_claim_is_named(tmp_path: Path) -> None:
    found = proof(tmp_path, a_claim(value=7, paragraph=1), a_claim(id="900.2.b", figure="9", value=9))
    assert Counter(mismatch.claim for mismatch in found) == {"900.2.a": 2, "900.2.b": 1}


def test_a_message_never_shows_a_long_passage(tmp_path: Path) -> None:
    text = "word " * 1_000
    changes = {"paragraph": 1, "span": [0, 4_999], "period": {"basis": "undated"}}
    (mismatch,) = proof(tmp_path, a_claim(**changes), text=text)
    assert len(mismatch.message) < 150


@pytest.mark.parametrize(
    ("figure", "number"),
    [
        ("13,000", 13_000),
        ("6 million", 6_000_000),
        ("1.5 million", 1_500_000),
        ("two hundred thousand", 200_000),
        ("twenty-four", 24),
        ("Fifty", 50),
        ("24", 24),
        ("60%", 60),
        ("4.5%", 4.5),
        ("-4.5%", -4.5),
        ("thousands", 2_000),
        ("13,00", None),
        ("60-90", None),
        ("all means", None),
        ("million", None),
        ("", None),
    ],
)
def test_a_figure_reads_as_its_number_or_as_none(figure: str, number: float | None) -> None:
    assert read_number(figure) == number


@pytest.mark.parametrize("figure", ["6", "thousand"])
def test_six_is_not_found_in_six_million(tmp_path: Path, figure: str) -> None:
    text = "It was 6 million or two thousands.\n"
    changes = {"paragraph": 1, "span": [0, 33], "value": None, "period": {"basis": "undated"}}
    (mismatch,) = proof(tmp_path, a_claim(figure=figure, **changes), text=text)
    assert f"does not hold the figure '{figure}'" in mismatch.message


# What `load_cards` refuses


def test_cards_come_in_the_order_of_their_file_names(tmp_path: Path) -> None:
    seeds = seeds_of(tmp_path, *(a_card(a_claim(id=f"{id}.2.a"), id=id) for id in ("902", "900", "901")))
    assert [card.id for card in load_cards(seeds)] == ["900", "901", "902"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path / "seeds") == "seeds: no such folder of cards"


def test_an_id_used_twice_in_one_card_is_named(tmp_path: Path) -> None:
    seeds = seeds_of(tmp_path, a_card(a_claim(), a_claim()))
    assert problems(seeds) == "900.yaml: id 900.2.a is already used in 900.yaml"


def test_a_claim_under_the_card_of_another_document_is_named(tmp_path: Path) -> None:
    seeds = seeds_of(tmp_path, a_card(), a_card(id="901"))
    assert problems(seeds).splitlines() == [
        "901.yaml: id 900.2.a is already used in 900.yaml",
        "901.yaml: claim 900.2.a does not begin with the id of its card, 901",
    ]


def test_a_card_id_used_twice_is_named(tmp_path: Path) -> None:
    seeds = seeds_of(tmp_path, a_card())
    (seeds / "copy.yaml").write_text(yaml.safe_dump(a_card(a_claim(id="900.2.b"))), encoding="utf-8")
    assert problems(seeds) == "copy.yaml: id 900 is already used in 900.yaml"


def test_a_repetition_of_a_claim_that_does_not_exist_is_named(tmp_path: Path) -> None:
    seeds = seeds_of(tmp_path, a_card(a_claim(duplicate_of="900.9.z")))
    assert problems(seeds) == "900.yaml: claim 900.2.a repeats 900.9.z, which no card holds"


def test_an_unknown_key_is_named_with_its_place_and_the_likely_slip(tmp_path: Path) -> None:
    seeds = seeds_of(tmp_path, a_card(a_claim(valeu=7)))
    line = (seeds / "900.yaml").read_text().splitlines().index("  valeu: 7") + 1
    assert problems(seeds) == f'900.yaml:{line}:3 claims[0].valeu: unknown key; did you mean "value"?'


@pytest.mark.parametrize(
    ("changes", "said"),
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
def test_a_bad_field_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    found = problems(seeds_of(tmp_path, a_card(a_claim(**changes))))
    assert re.match(rf"900\.yaml:\d+:\d+ claims\[0\]\.{re.escape(said)}", found), found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id: '900\n", "900.yaml:1:5: not YAML"),
        (b"id: '900'\nid: '901'\n", "900.yaml:2:1 id: duplicate key"),
        (b"- a list\n", "900.yaml:1:1: Input should be a valid dictionary"),
        (b"", "900.yaml:1:1: Input should be a valid dictionary"),
        (b"title: caf\xe9\n", "900.yaml: not UTF-8 at byte 10"),
    ],
)
def test_a_file_that_is_no_card_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    seeds = seeds_of(tmp_path)
    (seeds / "900.yaml").write_bytes(content)
    assert problems(seeds).startswith(said)


def test_the_problems_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    bad = a_card(a_claim(id="901.2.a", figure=7, flow=None), id="901", extra="x")
    seeds = seeds_of(tmp_path, a_card(a_claim(), a_claim(), a_claim(id="900.2.b", duplicate_of="901.2.a")), bad)
    (seeds / "902.yaml").write_text("{", encoding="utf-8")
    assert Counter(line.split(":")[0] for line in problems(seeds).splitlines()) == {
        "900.yaml": 1,  # not its repetition of 901.2.a, which could not be read
        "901.yaml": 3,
        "902.yaml": 1,
    }


def test_cards_and_claims_cannot_be_changed() -> None:
    card = Card.model_validate(a_card())
    assert isinstance(card.claims[0], Claim)
    with pytest.raises(ValueError, match="frozen"):
        card.claims[0].value = 0
