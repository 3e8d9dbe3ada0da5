"""The cards of `seeds/`: claims of the source documents, and their proof against the originals."""

from dashboard.evidence.card_files import EvidenceError, load_cards
from dashboard.evidence.cards import NOT_STATED, Card, Claim, claims_by_id
from dashboard.evidence.proof import prove
