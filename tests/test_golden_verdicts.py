"""The facts of the shipped board on six days, beside those that were written down before: none changes unseen.

Whoever changes the catalogue, its figures or a rule writes them down again and reads the difference:
`python -m tests.test_golden_verdicts > tests/golden_verdicts.csv`.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from dashboard.domain.verdict import Verdict
from tests.shipped import board

GOLDEN = Path(__file__).with_name("golden_verdicts.csv")
DAYS = ("2023-10-06", "2024-03-21", "2024-05-01", "2024-11-26", "2025-12-31", "2026-11-21")
COLUMNS = (
    "as_of", "indicator", "severity", "state", "passed_by", "data_state", "low", "value", "high", "or_more", "unit",
    "date", "since", "breach_known_since", "first_known_on", "claimants", "is_current", "withdrawn",
)  # fmt: skip


def facts(day: str, verdict: Verdict) -> dict[str, object]:
    """What a verdict says, without its sentences."""
    figure = verdict.figure
    ends = [f"{side:.12g}" for side in (figure.low, figure.value, figure.high)]
    values = (
        day, verdict.id, verdict.severity and verdict.severity.word, verdict.state.value,
        verdict.passed_by and verdict.passed_by.word, verdict.data_state.value, *ends, figure.or_more, figure.unit,
        verdict.date, verdict.since, verdict.known_since, verdict.first_known and verdict.first_known.known_on,
        verdict.support and verdict.support.claimants, verdict.is_current, len(verdict.withdrawals),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def written() -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    for day in DAYS:
        table.writerows(facts(day, verdict) for verdict in board(day).verdicts)
    return text.getvalue()


def test_the_shipped_verdicts_are_those_that_were_written_down() -> None:
    assert written().splitlines() == GOLDEN.read_text().splitlines()


if __name__ == "__main__":
    sys.stdout.write(written())
