"""Text: how figures are written, masked addresses, and characters that look alike."""

from dashboard.domain.text import wording
from dashboard.domain.text.confusables import code_point, first_hidden, seen_as, visible, without_hidden
from dashboard.domain.text.folding import apart, looks, names, tidied
from dashboard.domain.text.masking import MASK, mask_addresses, mask_all, masked, restored, secrets_in
from dashboard.domain.text.wording import (
    DOWN,
    UP,
    age,
    counted,
    day,
    in_full,
    listed,
    number,
    ratio,
    short_span,
    span,
    span_of_days,
    written_span,
)

__all__ = [
    "DOWN",
    "MASK",
    "UP",
    "age",
    "apart",
    "code_point",
    "counted",
    "day",
    "first_hidden",
    "in_full",
    "listed",
    "looks",
    "mask_addresses",
    "mask_all",
    "masked",
    "names",
    "number",
    "ratio",
    "restored",
    "secrets_in",
    "seen_as",
    "short_span",
    "span",
    "span_of_days",
    "tidied",
    "visible",
    "without_hidden",
    "wording",
    "written_span",
]
