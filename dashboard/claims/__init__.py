"""Claims: what each claimant published about a period, and how several claims stand side by side."""

from dashboard.claims.claims import (
    Claims,
    claim_at,
    claimant_of,
    dated_events,
    headlines,
    is_in_words,
    is_multiple,
    known_words,
    published_words,
)

__all__ = [
    "Claims",
    "claim_at",
    "claimant_of",
    "dated_events",
    "headlines",
    "is_in_words",
    "is_multiple",
    "known_words",
    "published_words",
]
