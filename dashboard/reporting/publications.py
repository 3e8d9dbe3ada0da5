"""The publication of each row in words, assumed ones named so."""

from __future__ import annotations

from dashboard.domain.dates import day_of
from dashboard.domain.text import wording as words
from dashboard.late_imports import pd
from dashboard.rows import are_assumed


def publications_in_words(rows: pd.DataFrame) -> list[str]:
    """When each row was published, as precisely as it states it: `2025`, `5 Oct 2023`; `9 Apr 2024 (assumed)` where its
    publication is assumed, and "" where nothing is known of it."""
    assumed = [
        words.day_known(day_of(known_at), is_assumed=True) if is_assumed else ""
        for known_at, is_assumed in zip(rows["known_at"].to_numpy("datetime64[s]"), are_assumed(rows), strict=True)
    ]
    stated = (words.publication(text) for text in rows["published"])
    return [text or day for text, day in zip(stated, assumed, strict=True)]
