"""The shipped catalogue, its rows and its boards, each made once a process for all tests that only read them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from dashboard.analysis.lint import Note, lint
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import load_catalog
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluate import evaluate
from dashboard.evaluation.evaluation import EvaluatedBoard, Evaluation
from dashboard.evidence.card_files import load_cards
from dashboard.evidence.cards import claims_by_id
from dashboard.rows.load import load_rows
from dashboard.rows.source_rows import SourceRows

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 11, 21)


@cache
def shipped() -> tuple[Catalog, SourceRows]:
    catalog = load_catalog(ROOT / "indicators.yaml", claims_by_id(load_cards(ROOT / "seeds")))
    return catalog, load_rows(catalog, TODAY)


@cache
def board(day: str) -> EvaluatedBoard:
    return evaluate(*shipped(), date.fromisoformat(day))


def on(day: str, indicator: str) -> Verdict:
    return evaluated_on(day, indicator).verdict


def evaluated_on(day: str, indicator: str) -> Evaluation:
    return board(day).evaluations[indicator]


@cache
def shipped_notes() -> tuple[Note, ...]:
    """What lint notes of the whole shipped catalogue."""
    return tuple(lint(*shipped(), shipped()[0].indicators, TODAY))
