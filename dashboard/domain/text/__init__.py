"""Text: how figures are written, masked addresses, and characters that look alike."""

from dashboard.domain.text import wording
from dashboard.domain.text.confusables import (
    code_point,
    first_hidden_character,
    lookalike_hint,
    with_code_points,
    without_hidden_characters,
)
from dashboard.domain.text.folding import appearance_keys, difference_in_words, name_keys, normalized_spaces
from dashboard.domain.text.json_path import PathError, follow, join_pages, pages_of, paths_of_lists, sample
from dashboard.domain.text.masking import MASK, mask_addresses, mask_all, masked, secrets_in, unmasked
from dashboard.domain.text.wording import (
    DOWN,
    UP,
    age,
    counted,
    day,
    in_full,
    listed,
    number,
    publication,
    ratio,
    short_span,
    span,
    span_of_days,
    written_span,
)
