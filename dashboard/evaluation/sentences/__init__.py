"""Verdicts in words: what was found, against what, how certain, from whom, since when, and how old it is."""

from dashboard.evaluation.sentences.alerts import all_clear, breach, ends, since, trust
from dashboard.evaluation.sentences.claims import (
    claim_in_words,
    days,
    events_in_words,
    figure,
    first_known,
    headline,
    share,
    support_in_words,
)
from dashboard.evaluation.sentences.doubts import (
    missing_figures,
    not_assessed,
    nothing_known,
    only_a_part,
    too_old,
    withdrawal,
)
from dashboard.evaluation.sentences.record import closed_periods, past
