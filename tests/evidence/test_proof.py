"""A card that no longer agrees with its document is always found out."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dashboard.evidence.card_files import load_cards
from dashboard.evidence.cards import Card
from dashboard.evidence.proof import Mismatch, prove
from tests.evidence.examples import ORIGINALS, SEEDS, TEXT, a_card, a_claim, needs_originals, span


def mismatches_of(
    folder: Path, *claims: dict[str, Any], text: str = TEXT, document: bytes | None = None
) -> list[Mismatch]:
    """The mismatches of a card about `text` when the folder of documents holds `document`."""
    documents = folder / "documents"
    documents.mkdir()
    (documents / "900_report.txt").write_bytes(text.encode() if document is None else document)
    return list(prove([Card.model_validate(a_card(*claims, text=text))], documents))


@needs_originals
def test_the_shipped_cards_stand_in_the_originals() -> None:
    assert prove(load_cards(SEEDS), ORIGINALS) == ()


def test_a_card_that_agrees_with_its_document_has_no_mismatch(tmp_path: Path) -> None:
    assert (
        mismatches_of(tmp_path, a_claim(), a_claim(id="900.2.b", figure="five", span=span("five carts"), value=5)) == []
    )


def test_a_missing_document_is_a_mismatch_and_no_exception(tmp_path: Path) -> None:
    card = Card.model_validate(a_card())
    assert prove([card], tmp_path) == (Mismatch("900", None, "900_report.txt: no such document"),)


def test_a_changed_document_is_named_even_where_every_span_still_stands(tmp_path: Path) -> None:
    (mismatch,) = mismatches_of(tmp_path, document=TEXT.replace("traffic", "TRAFFIC").encode())
    assert (mismatch.document, mismatch.claim) == ("900", None)
    assert "900_report.txt: another SHA-256" in mismatch.message


def test_another_length_is_named(tmp_path: Path) -> None:
    messages = [mismatch.message for mismatch in mismatches_of(tmp_path, document=TEXT.encode() + b"\n")]
    assert "900_report.txt: 89 bytes, the card says 88" in messages


def test_a_document_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    assert "900_report.txt: not UTF-8 at byte 3" in mismatches_of(tmp_path, document=TEXT.encode("latin-1"))[-1].message


def test_windows_line_ends_do_not_move_the_spans(tmp_path: Path) -> None:
    text = TEXT.replace("\n", "\r\n")
    period = {"words": "On Sunday", "span": span("On Sunday", text), "basis": "unresolved"}
    assert mismatches_of(tmp_path, a_claim(span=span("about 1,200 crates", text), period=period), text=text) == []


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
    assert mismatches_of(tmp_path, a_claim(**changes)) == [Mismatch("900", "900.2.a", message)]


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
    assert mismatches_of(tmp_path, a_claim(**fall)) == []


def test_a_claim_without_a_number_needs_none(tmp_path: Path) -> None:
    assert mismatches_of(tmp_path, a_claim(figure="fall", span=span("a fall"), value=None)) == []


def test_every_mismatch_of_every_claim_is_named(tmp_path: Path) -> None:
    mismatches = mismatches_of(tmp_path, a_claim(value=7, paragraph=1), a_claim(id="900.2.b", figure="9", value=9))
    assert Counter(mismatch.claim for mismatch in mismatches) == {"900.2.a": 2, "900.2.b": 1}


def test_a_message_never_shows_a_long_passage(tmp_path: Path) -> None:
    text = "word " * 1_000
    changes = {"paragraph": 1, "span": [0, 4_999], "period": {"basis": "undated"}}
    (mismatch,) = mismatches_of(tmp_path, a_claim(**changes), text=text)
    assert len(mismatch.message) < 150


@pytest.mark.parametrize("figure", ["6", "thousand"])
def test_six_is_not_found_in_six_million(tmp_path: Path, figure: str) -> None:
    text = "It was 6 million or two thousands.\n"
    changes = {"paragraph": 1, "span": [0, 33], "value": None, "period": {"basis": "undated"}}
    (mismatch,) = mismatches_of(tmp_path, a_claim(figure=figure, **changes), text=text)
    assert f"does not hold the figure '{figure}'" in mismatch.message
