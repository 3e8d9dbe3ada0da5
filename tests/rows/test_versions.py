"""What was known when: by publication or by receipt, and which figures replaced which."""

from __future__ import annotations

import json
from datetime import date

import pytest

from dashboard.analysis.revisions import find_revisions
from dashboard.domain.dates.periods import end_of_day, parse_day
from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.frame import frame
from dashboard.reporting.explanation import _stated, explanation
from dashboard.rows.source_rows import SourceRows
from tests.board_changes import changes
from tests.command_line import watchfloor
from tests.rows.test_held_rows import Delivery, after
from tests.shipped import evaluated_on
from tests.shorthand import NAN, evaluation, intake, row, rulebook, verdict

ABOVE = "severity: critical, above: 50"


def test_by_receipt_a_figure_is_known_from_the_day_it_came_to_us() -> None:
    published = row("s", "2024-01-01", "70") | {"received_at": end_of_day(date(2024, 2, 10))}
    source_rows = SourceRows(frame([published])).by_receipt(date(2026, 1, 1))
    assert verdict(rulebook(ABOVE), source_rows, "2024-02-09").severity is None
    assert verdict(rulebook(ABOVE), source_rows, "2024-02-10").state.value == "firing"


def test_by_receipt_a_figure_without_a_receipt_is_known_from_today() -> None:
    source_rows = intake([row("s", "2024-01-01", "70")]).by_receipt(date(2024, 3, 1))
    assert verdict(rulebook(ABOVE), source_rows, "2024-02-29").severity is None
    assert verdict(rulebook(ABOVE), source_rows, "2024-03-01").state.value == "firing"


def test_the_command_line_asks_by_receipt() -> None:
    result = json.loads(watchfloor("evaluate", "--as-of", "2024-11-26", "--by", "received", "--json").stdout)
    assert {one["data_state"] for one in result["indicators"]} == {"no_data"}


def test_revisions_are_listed_old_to_new() -> None:
    source_rows = intake(
        [
            row("s", "2024-01", "5", published="2024-02-01", unit="bbl"),
            row("s", "2024-01", "5", published="2024-03-01", unit="bbl"),
            row("s", "2024-01", "40~80", published="2024-04-01", unit="bbl"),
            row("s", "2024-01", "_", published="2024-05-01"),
            row("s", "2024-01", "!", published="2024-06-01"),
            row("s", "2024-02", "7", unit="bbl"),
        ]
    )
    assert [str(revision) for revision in find_revisions(source_rows.rows, date(2024, 12, 31))] == [
        "s, Jan 2024: 5 bbl → 40 to 80 bbl (1 Apr 2024)",
        "s, Jan 2024: 40 to 80 bbl → withdrawn (1 Jun 2024)",
    ]


def test_the_shipped_reports_were_revised_and_explain_says_so() -> None:
    result = find_revisions(evaluated_on("2026-11-21", "petroleum_reported").rows, date(2026, 11, 21))
    periods = [str(one.period) for one in result if one.source == "un_1718_russia"]
    assert periods == ["2020-01-01/2020-05-31", "2018", "2019"]
    assert "Revised:" in watchfloor("explain", "petroleum_reported").stdout


DROPPED = [
    ("2024-03-01", "2024-01=1@2024-02-01 2024-02=70@2024-02-15"),
    ("2024-04-01", "2024-01=1@2024-02-01"),
]


@pytest.mark.parametrize(
    ("deliveries", "day", "said"),
    [
        (DROPPED, "2024-03-31", []),
        (DROPPED, "2024-04-01", ["Feb 2024: 70 → no longer among its rows (1 Apr 2024)"]),
        ([*DROPPED, ("2024-05-01", DROPPED[0][1])], "2024-05-02",
         ["Feb 2024: 70 → no longer among its rows (1 Apr 2024)"]),
        ([*DROPPED, ("2024-05-01", "2024-01=1@2024-02-01 2024-02=5@2024-02-15")], "2024-05-02",
         ["Feb 2024: 70 → no longer among its rows (1 Apr 2024)"]),
        # corrected in place: not what it had been called before anybody here had received anything
        ([("2024-03-01", "2024-01=70@2024-02-01"), ("2024-04-01", "2024-01=5@2024-02-01")], "2024-04-01",
         ["Jan 2024: 70 → 5 (1 Apr 2024)"]),
        # the newer of two vintages is dropped: the older one stands again
        ([("2024-03-01", "2024-01=5@2024-02-01 2024-01=70@2024-02-15"), ("2024-04-01", "2024-01=5@2024-02-01")],
         "2024-04-01", ["Jan 2024: 5 → 70 (1 Mar 2024)", "Jan 2024: 70 → 5 (1 Apr 2024)"]),
        # only the older one is: it is known while it was held, and the newer one spoke all that time
        ([("2024-03-01", "2024-01=5@2024-02-01 2024-01=70@2024-02-15"), ("2024-04-01", "2024-01=70@2024-02-15")],
         "2024-04-01", []),
        # dropped before the month of its publication was over: it had been in hand all the same
        ([("2024-03-05", "2024-01=5@2024-02-01 2024-02=70@2024-03"), ("2024-03-20", "2024-01=5@2024-02-01")],
         "2024-07-01", ["Feb 2024: 70 → no longer among its rows (20 Mar 2024)"]),
    ],
)  # fmt: skip
def test_corrected_and_dropped_figures_of_a_delivery_are_revisions(
    deliveries: list[Delivery], day: str, said: list[str]
) -> None:
    result = evaluation(rulebook(ABOVE), SourceRows(after(*deliveries)), day)
    lines = [str(revision) for revision in find_revisions(result.rows_ever, parse_day(day))]
    assert lines == [f"s, {one}" for one in said]


def test_a_change_names_the_dropped_figure_that_the_alert_rested_on() -> None:
    rules, source_rows = rulebook(ABOVE), SourceRows(after(*DROPPED))
    before, now = (evaluate(rules, source_rows, date(2024, month, 1)) for month in (3, 4))
    (change,) = changes(before, now)
    assert change.sentence.startswith(
        "firing, critical → withdrawn, not assessed; revised: s, Feb 2024: 70 → no longer among its rows (1 Apr 2024)"
    )


def test_a_dropped_figure_that_no_alert_rested_on_explains_no_change() -> None:
    rules = rulebook(ABOVE)
    source_rows = SourceRows(
        after(("2024-03-01", "2024-01=1@2024-02-01 2024-02=70@2024-02-15"), ("2024-04-01", "2024-02=70@2024-02-15"))
    )
    before, now = (evaluate(rules, source_rows, date(2024, month, 1)) for month in (3, 4))
    assert changes(before, now) == ()


def test_explain_lists_dropped_figures() -> None:
    result = evaluation(rulebook(ABOVE), SourceRows(after(*DROPPED)), "2024-04-02")
    assert "  s, Feb 2024: 70 → no longer among its rows (1 Apr 2024)" in explanation(result, date(2024, 4, 2))


def test_a_live_evaluation_equals_a_later_one_as_of_then() -> None:
    entries = [row("s", "2024-01-01", "70"), row("s", "2024-02-01", "10"), row("s", "2024-03-01", "90")]
    live = evaluate(rulebook(ABOVE), intake(entries[:2]), date(2024, 2, 15))
    later = evaluate(rulebook(ABOVE), intake(entries), date(2024, 2, 15))
    assert live.data_version == later.data_version
    assert live.verdicts[0].sentence == later.verdicts[0].sentence


def test_an_explanation_names_the_source_of_a_row() -> None:
    lines = [row("s", "2024-01-01", "70", unit="t") | {"subject": "Pyongyang"}]
    result = explanation(evaluation(rulebook(ABOVE, unit="t"), intake(lines), "2024-01-01"), date(2024, 1, 1))
    assert "1 Jan 2024: 70 t, Pyongyang" in result


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"status": "missing", "note": "left blank"}, "no report filed (left blank)"),
        ({"unit": "event", "subject": "A visit", "value": 1.0}, "A visit"),
        ({"unit": "t", "subject": "Pyongyang", "value": 70.0}, "70 t, Pyongyang"),
    ],
)
def test_an_explanation_quotes_the_row(cells: dict[str, object], said: str) -> None:
    blank = {"low": NAN, "value": NAN, "high": NAN, "unit": "", "subject": "", "status": "reported", "note": ""}
    assert _stated(blank | cells) == said
