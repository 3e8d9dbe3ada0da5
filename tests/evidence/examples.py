"""A document and a card of our own making, for the tests of cards and of their proof."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

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
