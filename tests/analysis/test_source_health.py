"""How a source stands: what its figures are worth, how its deliveries come in, and which is the more urgent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from dashboard.analysis.revisions import changed_by_last_delivery
from dashboard.analysis.source_health import Figures, Health, Receipts, figures_of_sources, in_order
from dashboard.archive.journal import Outcome, Run
from dashboard.archive.source_log import SourceLog
from dashboard.catalog.source import Source
from dashboard.domain.axes import DataState
from dashboard.domain.errors import Problem
from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.frame import frame
from dashboard.rows.source_rows import SourceRows
from tests.rows.test_held_rows import after, instant
from tests.shorthand import catalog, row

START = datetime(2026, 11, 1, tzinfo=UTC)
SOUND = Figures(DataState.FRESH, date(2026, 11, 1), 2, 0, (), ())


def runs(*told: str, **more: Any) -> list[Run]:
    """Runs an hour apart, the oldest first: `received a.csv`, `failed a.csv`."""
    outcomes: dict[str, Outcome] = {
        "received": "received", "again": "seen again", "rejected": "rejected", "failed": "failed",
    }  # fmt: skip
    words = [one.split() for one in told]
    return [
        Run(START + timedelta(hours=hour), outcomes[word], file, file, **more)
        for hour, (word, file) in enumerate(words)
    ]


FILE, FOLDER = Source(title="S", file="a"), Source(title="S", folder="drop", glob="*")


def receipts(*told: str, is_folder: bool = False, **more: Any) -> Receipts:
    return Receipts.of(SourceLog.of((FOLDER if is_folder else FILE).location, runs(*told, **more)))


@pytest.mark.parametrize(
    ("told", "failing"),
    [
        (("received a",), []),
        (("received a", "again a"), []),
        (("received a", "failed a"), ["failed"]),
        (("received a", "rejected a"), ["rejected"]),
        (("received a", "rejected a", "failed a"), ["failed"]),
        (("received a", "failed a", "again a"), []),
        (("failed a",), ["failed"]),
        ((), []),
    ],
)
def test_a_source_fails_while_its_newest_run_brought_no_usable_delivery(
    told: tuple[str, ...], failing: list[str]
) -> None:
    assert [run.outcome for run in receipts(*told).failing] == failing


def test_a_failed_look_leaves_the_delivery_in_force() -> None:
    result = receipts("received a", "received a", "failed a", quarantined=3)
    assert result.newest_received == runs("received a", "received a", quarantined=3)[1]
    assert result.last is not None
    assert result.last.outcome == "failed"
    assert [run.quarantined for run in result.received] == [3]


def test_each_file_of_a_folder_has_deliveries_of_its_own() -> None:
    result = receipts("received a", "rejected b", "received c", "again a", is_folder=True, quarantined=2)
    assert [run.file for run in result.failing] == ["b"]
    assert {run.file for run in result.received} == {"a", "c"}
    assert [run.quarantined for run in result.received] == [2, 2]


def test_files_of_another_location_no_longer_count_once_the_folder_has_delivered() -> None:
    before, now = runs("received s.csv", "received drop/a")
    before = replace(before, location="file s.csv")
    assert Receipts.of(SourceLog.of(FOLDER.location, [before, now])).received == (now,)
    assert Receipts.of(SourceLog.of(FOLDER.location, [before])).received == (before,)


def test_sources_with_problems_stand_first_and_the_worst_of_them_leads() -> None:
    well, failed = receipts("received a"), receipts("received a", "failed a")
    names = {
        "error": (DataState.ERROR, well),
        "no_data": (DataState.NO_DATA, well),
        "stale": (DataState.STALE, well),
        "late_and_failed": (DataState.LATE, failed),
        "fresh_but_failed": (DataState.FRESH, failed),
        "late": (DataState.LATE, well),
        "fresh": (DataState.FRESH, well),
        "ended": (DataState.ENDED, well),
    }
    healths = {
        name: Health(name, name, Figures(state, None, 0, 0, (), ()), came)
        for name, (state, came) in reversed(names.items())
    }
    ordered = in_order(healths)
    assert [one.id for one in ordered] == list(names)
    assert [one.is_problem for one in ordered] == [True] * 5 + [False] * 3


def test_a_journal_that_cannot_be_read_is_a_problem() -> None:
    assert Health("s", "S", SOUND, Receipts(damage="damaged")).is_problem


CATALOG = """
sources:
  s: {title: S, file: s.csv, kind: level}
  unread: {title: Unread, file: unread.csv, kind: level}
indicators:
  x: {title: X, unit: ships, sources: [s], thresholds: [{severity: critical, above: 5}]}
  y: {title: Y, unit: UNIT, sources: [s], thresholds: [{severity: critical, above: 5}]}
"""


def figures(unit: str = "ships", problems: tuple[Problem, ...] = (), as_of: str = "2024-03-01") -> dict[str, Figures]:
    rows = [row("s", "2024-02-01", "3", unit="ships"), row("s", "2024-02-20", "_", note="none", unit="ships")]
    intake = SourceRows(frame(rows), {"s": problems})
    return figures_of_sources(catalog(CATALOG.replace("UNIT", unit)), intake, date.fromisoformat(as_of))


def test_the_newest_figure_is_dated_by_the_end_of_its_period() -> None:
    result = figures()["s"]
    assert (result.state, result.newest, result.rows) == (DataState.FRESH, date(2024, 2, 1), 2)
    assert result.used_by == ("x", "y")


def test_a_source_is_as_bad_as_its_worst_reader_makes_it() -> None:
    result = figures(unit="tankers")["s"]
    assert result.state is DataState.ERROR
    assert result.problems


def test_a_source_that_no_indicator_reads_is_judged_all_the_same() -> None:
    result = figures()["unread"]
    assert (result.state, result.used_by) == (DataState.NO_DATA, ())


def test_rows_that_cannot_be_read_are_counted_and_the_source_is_in_error() -> None:
    bad = Problem("s.csv", 7, 2, "value", "no number", rows=1)
    missing = Problem("test.yaml", 3, 3, "sources.s.file", "no such file")
    assert (figures(problems=(bad,))["s"].quarantined, figures(problems=(missing,))["s"].quarantined) == (1, 0)
    assert figures(problems=(bad,))["s"].state is DataState.ERROR


def test_the_page_and_the_board_judge_a_source_alike() -> None:
    loaded = catalog(CATALOG.replace("UNIT", "ships"))
    intake = SourceRows(frame([row("s", "2024-02-01", "3", unit="ships")]))
    for day in (date(2024, 2, 2), date(2024, 3, 30), date(2024, 9, 1)):
        (newest,) = evaluate(loaded, intake, day).verdicts[0].newest
        result = figures_of_sources(loaded, intake, day)["s"]
        assert (result.state, result.newest) == (newest.data_state, newest.date)


# --- what the last delivery changed ---


@pytest.mark.parametrize(
    ("deliveries", "said"),
    [
        ([("2024-02-01", "2024-01=5@2024-02")], []),
        ([("2024-02-01", "2024-01=5@2024-02"), ("2024-03-01", "2024-01=5@2024-02 2024-02=6@2024-03")], []),
        ([("2024-02-01", "2024-01=5@2024-02"), ("2024-03-01", "2024-01=7@2024-02")], ["5 → 7"]),
        ([("2024-02-01", "2024-01=5@2024-02"), ("2024-03-01", "2024-01=5@2024-02 2024-01=7@2024-03")], ["5 → 7"]),
        ([("2024-02-01", "2024-01=5@2024-02 2024-02=6@2024-02"), ("2024-03-01", "2024-02=6@2024-02")],
         ["5 → no longer among its rows"]),
        ([("2024-02-01", "2024-01=5@2024-02"), ("2024-03-01", "2024-01=7@2024-02"),
          ("2024-04-01", "2024-01=7@2024-02 2024-03=1@2024-04")], []),
        ([("2024-02-01", "2024-01=5@2024-02"), ("2024-03-01", "2024-01=7@2024-02"),
          ("2024-04-01", "2024-01=5@2024-02")],
         ["7 → 5"]),
    ],
)  # fmt: skip
def test_the_changes_of_the_last_delivery_show_old_and_new_figures(
    deliveries: list[tuple[str, str]], said: list[str]
) -> None:
    result = changed_by_last_delivery(after(*deliveries), instant(deliveries[-1][0]))
    assert [f"{one.old} → {one.new or 'withdrawn'}" for one in result] == said


def test_without_rows_nothing_changed() -> None:
    assert changed_by_last_delivery(frame([]), np.datetime64("2024-01-01T00:00:00", "s")) == []


def test_every_shipped_source_has_a_state_even_if_no_indicator_reads_it() -> None:
    from tests.shipped import shipped

    catalog, given = shipped()
    told = figures_of_sources(catalog, given, date(2026, 11, 21))
    assert list(told) == list(catalog.sources)
    assert told["un_1718_russia"].used_by[:1] == ("petroleum_reported",)
