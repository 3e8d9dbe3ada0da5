"""Guesses which known word a misspelled one was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from functools import lru_cache

from dashboard.domain.text import lookalike_hint

_LONGEST_WORD = 100  # comparing longer ones costs more than a hint is worth


def did_you_mean(word: str, known: Collection[str]) -> str:
    """`; did you mean "above"?`, or why the word looks like a known one; "" where no known word is near."""
    return _nearest(word, tuple(known)) if len(word) <= _LONGEST_WORD else ""


@lru_cache(maxsize=1024)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    """The hint; cached, since a renamed source is missed by every indicator that reads it."""
    if lookalike := lookalike_hint(word, known):
        return lookalike
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""
