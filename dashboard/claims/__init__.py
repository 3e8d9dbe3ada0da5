"""Claims: what each claimant published about a period, and how several claims stand side by side."""

from dashboard.claims.claimed_figure import claim_at, day_of_publication, is_in_words, known_words, published_words
from dashboard.claims.claims import Claims
from dashboard.claims.headlines import claimant_of, dated_events, headlines, is_multiple
