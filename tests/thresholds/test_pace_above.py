"""`pace_above`: how fast a cap is used up, and when that cannot be told yet."""

from __future__ import annotations

import pytest

from dashboard.domain.verdict import Verdict
from tests.shorthand import catalog, intake, outcome, row, verdict

CAP = """
sources:
  a: {{title: A, file: a.csv, kind: {kind}}}
indicators:
  x:
    title: X
    unit: bbl
    sources: [a]
    combine: {combine}
    accumulate: {accumulate}
    limit: 366
    thresholds: [{{severity: warning, pace_above: 1.5{more}}}]
"""


def pace(
    *inputs: dict[str, object],
    day: str,
    more: str = "",
    accumulate: str = "calendar_year",
    kind: str = "flow",
    combine: str = "sum",
) -> Verdict:
    rulebook = catalog(CAP.format(more=more, accumulate=accumulate, kind=kind, combine=combine))
    return verdict(rulebook, intake(inputs), day)


JANUARY = "2024-01"  # 31 of 366 days: at 1.5 times the pace 46.5 of 366


@pytest.mark.parametrize(
    ("january", "february", "expected"),
    [
        ("20", "60", ("normal", None, "inactive")),
        ("20", "70", ("normal", None, "inactive")),
        ("20", "70.1", ("warning", "value", "firing")),
        ("20~20", "71~80", ("warning", "lowest", "firing")),
        ("20", "60~80", ("warning", "highest", "firing")),
        (">20", "10", (None, None, "inactive")),
        (">20", "80", ("warning", "value", "firing")),
        (">100", "<1", ("warning", "lowest", "firing")),
    ],
)
def test_the_pace_compares_the_share_used_with_the_share_elapsed(
    january: str, february: str, expected: tuple[str | None, str | None, str]
) -> None:
    """To the end of February 60 of 366 days have passed: 1.5 times the pace is 90 of 366."""
    result = pace(row("a", "2024-01", january), row("a", "2024-02", february), day="2024-03-05")
    assert outcome(result) == expected


def test_the_period_counts_to_the_end_of_the_newest_figure_not_to_today() -> None:
    reported = [row("a", "2024-01", "20"), row("a", "2024-02", "70.1")]
    assert pace(*reported, day="2024-05-20").severity is not None
    assert pace(*reported, day="2024-12-31").state.value == "firing"


def test_too_early_in_the_period_the_sentence_says_why_no_pace_is_judged() -> None:
    reported = [row("a", "2024-01-01/2024-01-10", "50"), row("a", "2024-01-11/2024-01-20", "50")]
    result = pace(*reported, day="2024-01-21")
    assert outcome(result) == (None, None, "inactive")
    assert "the pace is judged once figures reach 25 days into the period" in result.sentence
    assert outcome(pace(*reported, day="2024-01-21", more=", after: 20d"))[0] == "warning"


def test_one_figure_is_no_pace() -> None:
    result = pace(row("a", "2024-01", "100"), day="2024-02-02")
    assert outcome(result) == (None, None, "inactive")
    assert "from 2 figures of the period on, and there is 1" in result.sentence
    assert outcome(pace(row("a", "2024-01", "100"), day="2024-02-02", more=", at_least: 1"))[0] == "warning"


def test_a_period_reported_whole_in_one_figure_is_judged() -> None:
    (record,) = pace(row("a", "2024", "100"), day="2025-02-02").on_record
    assert word_of(record.severity) == "normal"
    (record,) = pace(row("a", "2024", "600"), day="2025-02-02").on_record
    assert word_of(record.severity) == "warning"


def word_of(level: object) -> str | None:
    return getattr(level, "word", None)


def test_a_new_period_begins_to_count_anew() -> None:
    reported = [row("a", f"2024-{month:02d}", "20") for month in range(1, 13)]
    result = pace(*reported, row("a", "2025-01", "90"), day="2025-02-02")
    assert (result.severity, result.state.value) == (None, "inactive")


def test_the_pace_of_an_anchored_period_counts_from_its_anchor() -> None:
    reported = [row("a", "2023-12-22/2024-01-31", "20"), row("a", "2024-02", "70.1")]
    assert outcome(pace(*reported, day="2024-03-05", accumulate='{anchor: "12-22"}'))[0] == "normal"


def test_a_claim_about_a_part_may_show_a_fast_pace_but_not_a_slow_one() -> None:
    reported = [row("a", "2024-02", "10", published="2024-03-01"), row("a", "2024-02-01/2024-03-31", "20")]
    assert outcome(pace(*reported, day="2024-04-05", kind="cumulative_claim", combine="max"))[0] is None
    reported = [row("a", "2024-02", ">100", published="2024-03-01"), row("a", "2024-02-01/2024-03-31", ">200")]
    result = pace(*reported, day="2024-04-05", kind="cumulative_claim", combine="max")
    assert outcome(result) == ("warning", "lowest", "firing")


def test_the_pace_has_been_known_since_the_figure_that_made_it() -> None:
    reported = [
        row("a", "2024-02", "70.1", published="2024-03-10"),
        row("a", "2024-01", "20", published="2024-04-01"),
    ]
    assert pace(*reported, day="2024-03-31").severity is None
    result = pace(*reported, day="2024-04-02")
    assert (outcome(result)[0], str(result.known_since)) == ("warning", "2024-04-01")
    assert "more than 1.5 times the pace of the period (90 bbl by then)" in result.sentence
