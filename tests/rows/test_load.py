"""Loading: the rows of all deliveries, or of the file where it lies; after a problem the last good rows stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import ArchiveError, Run
from dashboard.catalog.catalog import Catalog
from dashboard.domain.row_schema import DTYPES
from dashboard.evaluation.evaluate import evaluate
from dashboard.refresh.looks.commit import catch_up
from dashboard.rows.load import load_rows
from dashboard.rows.merging.apply_delivery import no_rows_yet
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.store.row_store import RowStore
from tests.archiving import journal_of, lose_delivery, overwrite
from tests.receiving import HEADER, START, TODAY, catalog, figures, part_of, receive, reject


def test_the_rows_of_all_deliveries_are_read_where_there_is_an_archive(tmp_path: Path) -> None:
    state, loaded = tmp_path / "var", catalog(tmp_path)
    for day, text in enumerate(("2024-01,70,2024-02-01\n", "2024-01,7,2024-02-01\n")):
        (tmp_path / "s.csv").write_text(HEADER + text)
        receive(state, loaded.sources["s"], HEADER + text, day)
    result = load_rows(loaded, TODAY, state=state)
    assert result.all_problems(TODAY) == ()
    assert result.rows["value"].tolist() == [70.0, 7.0]
    states = [evaluate(loaded, result, date(2024, 3, day)).verdicts[0].state.value for day in (1, 2)]
    assert states == ["firing", "withdrawn"]


def test_without_an_archive_the_file_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(HEADER + "2024-01,70,2024-02-01\n")
    without, empty = (load_rows(catalog(tmp_path), TODAY, state=state) for state in (None, tmp_path / "none"))
    pd.testing.assert_frame_equal(without.rows, empty.rows)
    assert without.rows["held_from"].isna().all()


def test_an_undated_row_is_known_from_its_receipt(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("date,value\n2024-01,70\n")
    receive(tmp_path, catalog(tmp_path).sources["s"], "date,value\n2024-01,70\n", 3)
    result = load_rows(catalog(tmp_path), TODAY, state=tmp_path)
    assert result.rows["known_at"].tolist() == [pd.Timestamp("2024-03-04T12:00:00")]


def test_an_edit_before_its_refresh_is_read_as_a_delivery_of_now(tmp_path: Path) -> None:
    loaded = catalog(tmp_path)
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,70,2024-02-01\n")
    (tmp_path / "s.csv").write_text(HEADER + "2024-01,7,2024-02-01\nsoon,1,\n")
    before = sorted(tmp_path.rglob("*"))
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert figures(result) == [7.0]
    assert [problem.line for problem in result.problems["s"]] == [3]
    then = [evaluate(loaded, result, day).verdicts[0].figure.value for day in (date(2024, 5, 31), TODAY)]
    assert then == [70.0, 7.0]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("text", ["", "date,val\n", HEADER + '2024-01,"1'])
def test_a_file_that_cannot_be_trusted_leaves_the_last_good_rows_under_an_error(tmp_path: Path, text: str) -> None:
    loaded = catalog(tmp_path)
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,70,2024-02-01\n")
    (tmp_path / "s.csv").write_text(text)
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert result.problems["s"]
    if text != HEADER + '2024-01,"1':  # the quote that is not closed is one bad row for now
        assert figures(result) == [70.0]
    assert evaluate(loaded, result, TODAY).verdicts[0].data_state.value == "error"


@pytest.mark.parametrize(
    ("expect", "text", "reason"),
    [
        ("", HEADER, "it lost all of its 3 rows"),
        ("", HEADER + "2023-12,7,2024-01-01\n", "it shrank from 3 rows to 1, by more than 50 %"),
        (
            ", expect: {min_rows: 3}",
            HEADER + "2023-12,7,2024-01-01\n2023-11,7,2023-12-01\n",
            "fewer than expect.min_rows",
        ),
        (", expect: {columns: [value, port]}", HEADER + "2023-12,7,2024-01-01\n" * 3, "it lacks port"),
    ],
)
def test_an_edited_file_that_a_refresh_would_reject_leaves_the_last_good_rows_under_an_error(
    tmp_path: Path, expect: str, text: str, reason: str
) -> None:
    months = ("2023-10,7,2023-11-01", "2023-11,7,2023-12-01", "2023-12,70,2024-01-01")
    receive(tmp_path, catalog(tmp_path).sources["s"], HEADER + "\n".join([*months, ""]))
    loaded = catalog(tmp_path, "file: s.csv" + expect)
    (tmp_path / "s.csv").write_text(text)
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert figures(result) == [7.0, 7.0, 70.0]
    assert [reason in problem.message for problem in result.problems["s"]] == [True]
    verdict = evaluate(loaded, result, TODAY).verdicts[0]
    assert (verdict.figure.value, verdict.data_state.value) == (70.0, "error")


def test_an_edited_file_may_shrink_as_far_as_the_catalogue_allows(tmp_path: Path) -> None:
    loaded = catalog(tmp_path, "file: s.csv, expect: {shrink_at_most: 70}")
    receive(tmp_path, loaded.sources["s"], HEADER + "".join(f"2023-{month},70,2024-01-01\n" for month in (10, 11, 12)))
    (tmp_path / "s.csv").write_text(HEADER + "2023-12,7,2024-01-01\n")
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert result.all_problems(TODAY) == ()
    assert figures(result) == [7.0]


@pytest.mark.parametrize("is_rejected", [False, True])
@pytest.mark.parametrize(
    ("expect", "reason"), [("min_rows: 2", "it holds 1 row"), ("columns: [port]", "it lacks port")]
)
def test_a_file_never_received_must_meet_the_expectations_too(
    tmp_path: Path, expect: str, reason: str, is_rejected: bool
) -> None:
    loaded, text = catalog(tmp_path, f"file: s.csv, expect: {{{expect}}}"), HEADER + "2024-05,7,2024-06-01\n"
    (tmp_path / "s.csv").write_text(text)
    if is_rejected:
        reject(tmp_path, text, 0)
    result = load_rows(loaded, TODAY, state=tmp_path if is_rejected else None)
    assert figures(result) == []
    assert reason in str(result.problems["s"])
    verdict = evaluate(loaded, result, TODAY).verdicts[0]
    assert (verdict.severity, verdict.data_state.value) == (None, "error")


def test_a_file_that_is_gone_leaves_the_last_good_rows_under_an_error(tmp_path: Path) -> None:
    loaded = catalog(tmp_path)
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,70,2024-02-01\n")
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert figures(result) == [70.0]
    assert "no such file" in str(result.problems["s"])


def test_a_rejected_delivery_is_an_error_from_its_day_and_earlier_rows_stay(tmp_path: Path) -> None:
    loaded = catalog(tmp_path, "url: 'https://example.org/s.csv'")
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,7,2024-02-01\n")
    reject(tmp_path, HEADER, 3)
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert figures(result) == [7.0]
    assert "rejected: shrank" in str(result.problems["s"])
    states = [evaluate(loaded, result, date(2024, 3, day)).verdicts[0].data_state.value for day in (3, 4)]
    assert states == ["fresh", "error"]
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,8,2024-02-01\n", 4)
    assert load_rows(loaded, TODAY, state=tmp_path).all_problems(TODAY) == ()


def test_a_rejected_file_that_still_stands_is_not_read_again(tmp_path: Path) -> None:
    loaded = catalog(tmp_path)
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,7,2024-02-01\n")
    reject(tmp_path, HEADER, 3)
    (tmp_path / "s.csv").write_text(HEADER)
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert figures(result) == [7.0]
    assert "rejected: shrank" in str(result.problems["s"])
    (tmp_path / "s.csv").write_text(HEADER + "2024-01,7,2024-02-01\n")
    assert load_rows(loaded, TODAY, state=tmp_path).all_problems(TODAY) == ()


def test_quarantined_rows_of_the_newest_delivery_are_problems(tmp_path: Path) -> None:
    loaded = catalog(tmp_path, "folder: drop")
    for day, file, bad in ((0, "a.csv", "x"), (1, "b.csv", "y"), (2, "a.csv", "x"), (3, "b.csv", "1")):
        receive(tmp_path, loaded.sources["s"], f"date,value\n2024-0{day % 2 + 1},{bad}\n", day, file=file)
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert [(one.file, one.known_at) for one in result.all_problems(TODAY)] == [("a.csv", date(2024, 3, 1))]


def test_a_receipt_by_a_clock_ahead_hides_no_row(tmp_path: Path) -> None:
    loaded = catalog(tmp_path, "url: 'https://example.org/s.csv'")
    receive(tmp_path, loaded.sources["s"], "date,value\n2024-01,1\n", 0)
    receive(tmp_path, loaded.sources["s"], "date,value\n2024-01,2\n", 1000)
    receive(tmp_path, loaded.sources["s"], "date,value\n2024-01,99\n", 1)
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert evaluate(loaded, result, TODAY).verdicts[0].figure.value == 99


@pytest.mark.parametrize("trouble", ["a bad row", "a rejection", "a column that is not there"])
def test_a_problem_recorded_by_a_clock_ahead_is_known_now(tmp_path: Path, trouble: str) -> None:
    place, days_ahead = "url: 'https://example.org/s.csv'", 1000
    loaded = catalog(tmp_path, place)
    bad = "soon,1,\n" if trouble == "a bad row" else ""
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,7,2024-02-01\n" + bad, days_ahead)
    if trouble == "a rejection":
        reject(tmp_path, HEADER, days_ahead)
    if trouble == "a column that is not there":
        loaded = catalog(tmp_path, f"{place}, columns: {{value: barrels}}")
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert evaluate(loaded, result, TODAY).verdicts[0].data_state.value == "error"


def test_the_setting_of_a_rolling_file_counts_for_all_its_deliveries(tmp_path: Path) -> None:
    plain, rolling = (catalog(tmp_path, f"url: 'https://example.org/s.csv'{said}") for said in ("", ", holds: 2mo"))
    for day, months in enumerate(((1, 2, 3), (2, 3, 4), (3, 4, 5))):
        lines = "".join(f"2023-{month:02},{month},2024-01-01\n" for month in months)
        receive(tmp_path, plain.sources["s"], HEADER + lines, day)
    results = [figures(load_rows(one, TODAY, state=tmp_path)) for one in (plain, rolling, plain)]
    assert results == [[3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0], [3.0, 4.0, 5.0]]


def test_damaged_bytes_leave_the_stored_rows_under_an_error(tmp_path: Path) -> None:
    loaded = catalog(tmp_path, "url: 'https://example.org/s.csv'")
    run = receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,7,2024-02-01\n")
    lose_delivery(tmp_path, "s", run.sha256)
    result = load_rows(loaded, TODAY, state=tmp_path)  # nothing needs them while the rows are whole
    assert figures(result) == [7.0]
    assert "damaged or missing by now; the rows made of it stand" in str(result.problems["s"])
    other = catalog(tmp_path, "url: 'https://example.org/s.csv', decimal: ',', separator: ;")
    with pytest.raises(ArchiveError):
        replay_deliveries("s", other.sources["s"], Archive(tmp_path), RowStore(tmp_path))
    result = load_rows(other, TODAY, state=tmp_path)
    assert figures(result) == [7.0]
    assert f"delivery {run.sha256} of s" in str(result.problems["s"])


def test_stored_rows_of_an_earlier_version_have_blanks_in_new_columns(tmp_path: Path) -> None:
    loaded, store = catalog(tmp_path, "url: 'https://example.org/s.csv'"), RowStore(tmp_path)
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,7,2024-02-01\n")
    stored = store.read("s")
    assert stored is not None
    store.write(
        "s", replace(stored.with_rows(stored.rows.drop(columns="accepted_at")), fingerprint="an earlier version")
    )
    overwrite(journal_of(tmp_path), b"?\n")  # so that they cannot be made anew
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert result.rows.dtypes.astype(str).to_dict() == DTYPES
    assert (figures(result), result.rows["accepted_at"].isna().all()) == ([7.0], True)


def test_a_rejection_inside_a_merged_journal_line_is_not_forgotten(tmp_path: Path) -> None:
    loaded = catalog(tmp_path, "url: 'https://example.org/s.csv'")
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,7,2024-02-01\n")
    Archive(tmp_path).record("s", Run(START, "failed", "s.csv", "s.csv", message="down"))
    reject(tmp_path, HEADER, 1)
    Archive(tmp_path).record("s", Run(START + timedelta(days=2), "failed", "s.csv", "s.csv", message="down"))
    assert "was rejected" in str(load_rows(loaded, TODAY, state=tmp_path).problems["s"])
    journal = journal_of(tmp_path)
    overwrite(journal, journal.read_bytes().replace(b'}\n{"outcome":"rejected"', b'} {"outcome":"rejected"'))
    assert "journal.jsonl: damaged" in str(load_rows(loaded, TODAY, state=tmp_path).problems["s"])


def drop_with_breach(folder: Path) -> Catalog:
    """A drop folder whose second file, which is gone by now, brought a breach."""
    loaded = catalog(folder, "folder: drop")
    receive(folder, loaded.sources["s"], HEADER + "2024-01,7,2024-02-01\n", 0, file="a.csv")
    receive(folder, loaded.sources["s"], HEADER + "2024-02,70,2024-03-01\n", 1, file="b.csv")
    return loaded


@pytest.mark.parametrize(
    "lost",
    [
        lambda lines: lines[:1],
        lambda lines: [lines[0], lines[1][:-9]],
        lambda lines: lines[:0],
        lambda lines: [lines[1], lines[0]],
        lambda lines: [lines[0], b"\0" * 30 + lines[1][30:]],
        lambda lines: [*lines, b"garbage\n"],
    ],
    ids=["older backup", "torn", "emptied", "another order", "overwritten", "garbage"],
)
def test_a_journal_that_lost_a_delivery_leaves_the_stored_rows_under_an_error(
    tmp_path: Path, lost: Callable[[list[bytes]], list[bytes]]
) -> None:
    loaded, journal = drop_with_breach(tmp_path), journal_of(tmp_path)
    overwrite(journal, b"".join(lost(journal.read_bytes().splitlines(keepends=True))))
    before = part_of(tmp_path).read_bytes()
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert figures(result) == [7.0, 70.0]
    assert "journal" in str(result.problems["s"])
    assert evaluate(loaded, result, TODAY).verdicts[0].data_state.value == "error"
    with pytest.raises(ArchiveError):
        catch_up("s", loaded.sources["s"], Archive(tmp_path), RowStore(tmp_path), TODAY)
    assert part_of(tmp_path).read_bytes() == before


def test_unrecorded_bytes_are_a_problem_until_they_are_received_again(tmp_path: Path) -> None:
    loaded = drop_with_breach(tmp_path)
    part_of(tmp_path).unlink()
    journal_of(tmp_path).unlink()
    assert "and 1 more: received, but" in str(load_rows(loaded, TODAY, state=tmp_path).problems["s"])
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-01,7,2024-02-01\n", 2, file="a.csv")
    assert "does not tell of it" in str(load_rows(loaded, TODAY, state=tmp_path).problems["s"])
    receive(tmp_path, loaded.sources["s"], HEADER + "2024-02,70,2024-03-01\n", 3, file="b.csv")
    assert load_rows(loaded, TODAY, state=tmp_path).all_problems(TODAY) == ()


@pytest.mark.parametrize("what", ["archive/journal.jsonl", "rows/*.rows", "archive"])
def test_files_that_the_system_cannot_read_are_a_problem_of_their_source(tmp_path: Path, what: str) -> None:
    loaded = drop_with_breach(tmp_path)
    (path,) = tmp_path.glob(what)
    path.rename(tmp_path / "away")
    path.write_text("x") if what == "archive" else path.mkdir()
    assert evaluate(loaded, load_rows(loaded, TODAY, state=tmp_path), TODAY).verdicts[0].data_state.value == "error"


def test_a_source_without_deliveries_says_so(tmp_path: Path) -> None:
    loaded = catalog(tmp_path, "url: 'https://example.org/s.csv'")
    assert "watchfloor refresh" in str(load_rows(loaded, TODAY, state=tmp_path).problems["s"])
    reject(tmp_path, "<html>", 0, "not CSV")
    result = load_rows(loaded, TODAY, state=tmp_path)
    assert len(result.rows) == 0
    assert "not CSV" in str(result.problems["s"])


def test_an_empty_frame_has_all_columns_of_rows(tmp_path: Path) -> None:
    assert no_rows_yet(catalog(tmp_path).sources["s"]).rows.dtypes.astype(str).to_dict() == DTYPES


def test_rows_of_the_future_that_a_clock_ahead_let_in_are_quarantined_until_their_day(tmp_path: Path) -> None:
    loaded = catalog(tmp_path, "url: 'https://example.org/s.csv'")
    receive(tmp_path, loaded.sources["s"], "date,value\n2026-10-20,500\n2027-03-01,0\n", day=2000)
    for today, count in ((date(2026, 11, 21), 1), (date(2027, 2, 28), 1), (date(2027, 3, 1), 2)):
        result = load_rows(loaded, today, state=tmp_path)
        assert len(result.rows) == count
        assert ["lies in the future" in one.message for one in result.all_problems(today)] == [True] * (2 - count)
        state = evaluate(loaded, result, today).verdicts[0].data_state.value
        assert (state == "error") == (count == 1)
