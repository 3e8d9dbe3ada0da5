"""Rows in Parquet are read back exactly, derived anew where the file is damaged, and equal those of the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import Run
from dashboard.domain.dates.periods import Duration
from dashboard.domain.errors import Problem
from dashboard.domain.row_schema import DTYPES
from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.parse.dialect import Dialect
from dashboard.rows.load import load_rows
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.parquet_store import RowStore, StoredRows
from tests.examples import examples
from tests.receiving import HEADER, START, TODAY, catalog, figures, receive
from tests.shorthand import rows

SOME = StoredRows(
    SourceRows(pd.DataFrame(rows("s", "0x3 5~8 >5 <9 _"), columns=list(DTYPES)).astype(DTYPES)).rows.assign(
        note="김 \x1e €", held_from=np.datetime64("2024-03-01T12:00:01", "s")
    ),
    run_count=3,
    fingerprint="this",
    newest_run="that",
    problems_by_file={
        "a.csv": (
            Problem("a.csv", 2, 1, "value", '"x" 김', date(2024, 1, 1)),
            Problem("a.csv", 3, 0, "", "no", usable_from=TODAY),
        )
    },
    past_problems=(Problem("a.csv", 2, 0, "", "was", held_from=date(2024, 1, 1), held_until=date(2024, 1, 2)),),
    unreadable=(Problem("b.csv", 1, 0, "", "what"),),
    holds=Duration(months=3),
)


@pytest.mark.parametrize("stored", [SOME, replace(SOME, rows=SOME.rows.iloc[:0])])
def test_written_rows_are_read_back_exactly(tmp_path: Path, stored: StoredRows) -> None:
    store = RowStore(tmp_path / "var")
    store.write("s", SOME)
    store.write("s", stored)
    result = store.read("s")
    assert result is not None
    pd.testing.assert_frame_equal(result.rows, stored.rows)
    assert result.rows.dtypes.astype(str).to_dict() == DTYPES
    assert vars(result) | {"rows": 0} == vars(stored) | {"rows": 0}
    assert [path.name for path in (tmp_path / "var" / "rows").iterdir()] == ["s.parquet"]


def test_without_a_file_there_are_no_stored_rows(tmp_path: Path) -> None:
    assert RowStore(tmp_path).read("s") is None
    assert RowStore(tmp_path).rows("s") is None


@pytest.mark.parametrize("share", [0, 10, 30, 50, 70, 90, 99])
def test_a_file_damaged_anywhere_counts_as_absent(tmp_path: Path, share: int) -> None:
    store, path = RowStore(tmp_path), tmp_path / "rows" / "s.parquet"
    store.write("s", SOME)
    data = bytearray(path.read_bytes())
    path.write_bytes(data[: len(data) * share // 100])
    assert store.read("s") is None


def test_figures_that_changed_on_the_disk_are_never_read(tmp_path: Path) -> None:
    store, path = RowStore(tmp_path), tmp_path / "rows" / "s.parquet"
    store.write("s", SOME)
    data = path.read_bytes()
    pages = len(data) - 8 - int.from_bytes(data[-8:-4], "little")  # what is behind are the names, not the figures
    for place in range(0, pages, 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        result = store.rows("s")
        assert result is None or result.equals(SOME.rows), place


def test_a_record_that_changed_on_the_disk_is_never_used(tmp_path: Path) -> None:
    store, path = RowStore(tmp_path), tmp_path / "rows" / "s.parquet"
    store.write("s", SOME)
    data = path.read_bytes()
    begin = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    text = data.index(b'"through"')
    for place in [*range(begin, text), *range(text, len(data), 31)]:
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        result = store.read("s")  # Arrow keeps some of it twice, so that one copy may be whole
        assert result is None or result.rows.equals(SOME.rows), place
        assert store.summary("s") in (
            None,
            (SOME.fingerprint, SOME.run_count, SOME.newest_run, SOME.next_usable_on, SOME.read_again_on),
        ), place


def test_stored_rows_of_another_fingerprint_are_derived_anew(tmp_path: Path) -> None:
    source, archive, store = catalog(tmp_path).sources["s"], Archive(tmp_path), RowStore(tmp_path)
    receive(tmp_path, source, HEADER + "2024-01,1,2024-02-01\n")
    receive(tmp_path, source, HEADER + "2024-01,2,2024-02-01\n", 5)
    whole = replay_deliveries("s", source, archive, None)
    store.write("s", replace(whole, fingerprint="older code", rows=whole.rows.iloc[:0]))
    pd.testing.assert_frame_equal(replay_deliveries("s", source, archive, store).rows, whole.rows)
    (tmp_path / "rows" / "s.parquet").write_bytes(b"PAR1")
    pd.testing.assert_frame_equal(replay_deliveries("s", source, archive, store).rows, whole.rows)


def test_a_delivery_recorded_but_not_stored_is_caught_up(tmp_path: Path) -> None:
    source = catalog(tmp_path).sources["s"]
    receive(tmp_path, source, HEADER + "2024-01,1,2024-02-01\n")
    receive(tmp_path, source, HEADER + "2024-01,2,2024-02-01\n", 5, stored=False)
    result = replay_deliveries("s", source, Archive(tmp_path), RowStore(tmp_path))
    assert result.run_count == 2
    assert result.rows["value"].tolist() == [1.0, 2.0]


SOME_TEXT = some.lists(
    some.tuples(some.integers(1, 3), some.integers(0, 9), some.sampled_from(["", "2024-02-01", "2024-02", "soon"])),
    max_size=5,
).map(lambda lines: HEADER + "".join(f"2024-{month:02},{value},{told}\n" for month, value, told in lines))
SOME_HISTORY = some.lists(
    some.tuples(
        some.integers(-1, 5), SOME_TEXT, some.sampled_from(["s.csv", "t.csv"]),
        some.sampled_from(["", "", "file: s.csv", "folder: drop", "folder: drop, glob: 't*'"]),
    ),
    max_size=6,
)  # fmt: skip


@pytest.mark.parametrize("place", ["file: s.csv", "folder: drop"])
@settings(max_examples=examples(12, 160), deadline=None)
@given(history=SOME_HISTORY)
def test_rebuilt_rows_equal_rows_of_refreshes_in_turn(place: str, history: Sequence[tuple[int, str, str, str]]) -> None:
    with TemporaryDirectory() as folder:
        source, state, day = catalog(Path(folder), place).sources["s"], Path(folder), 0
        for days, text, file, moved in history:
            # the clock may go back; looks at places that change are not of one second, which the journal cannot tell
            day += days or int(any(one[-1] for one in history))
            source = catalog(Path(folder), moved).sources["s"] if moved else source
            receive(state, source, text, day, file=file)
        today = (START + timedelta(days=day)).date()
        one_by_one, rebuilt = (
            replay_deliveries("s", source, Archive(state), store, today) for store in (RowStore(state), None)
        )
        pd.testing.assert_frame_equal(one_by_one.rows, rebuilt.rows)
        assert vars(one_by_one) | {"rows": 0} == vars(rebuilt) | {"rows": 0}
        written = RowStore(state).read("s")
        assert history == [] or (written is not None and written.rows.equals(rebuilt.rows))


def test_history_survives_a_column_renamed_by_the_publisher(tmp_path: Path) -> None:
    old = catalog(tmp_path, "file: s.csv, columns: {value: bbl}").sources["s"]
    new = catalog(tmp_path, "file: s.csv, columns: {value: barrels}").sources["s"]
    receive(tmp_path, old, "date,bbl\n2024-01,1\n")
    receive(tmp_path, new, "date,barrels\n2024-01,1\n2024-02,2\n", 5)
    result = replay_deliveries("s", new, Archive(tmp_path), None)
    assert result.rows["held_from"].dt.day.tolist() == [1, 6]
    assert result.unreadable == ()
    assert result.current_problems == ()


@pytest.mark.parametrize("place", ["file: s.csv", "url: 'https://example.org/s.csv'", "folder: drop"])
@pytest.mark.parametrize(
    ("then", "now", "header", "reason"),
    [
        (
            "columns: {value: low_n}",
            "columns: {value: high_n}",
            "date,low_n,published_at,note",
            "names it for value",
        ),
        ("columns: {subject: port}", "where: {harbour: N}", "date,value,published_at,port", "harbour"),
        ("encoding: cp949", "encoding: utf-8", "date,value,published_at,note", "not UTF-8"),
    ],
)
def test_a_dialect_that_does_not_fit_the_newest_delivery_leaves_its_rows_under_an_error(
    tmp_path: Path, place: str, then: str, now: str, header: str, reason: str
) -> None:
    before, after = catalog(tmp_path, f"{place}, {then}"), catalog(tmp_path, f"{place}, {now}")
    data = f"{header}\n2024-01,7,2024-02-01,한국\n".encode("cp949" if "cp949" in then else "utf-8")
    (tmp_path / "s.csv").write_bytes(data)
    run = Run(
        START, "received", "s.csv", "s.csv", Archive(tmp_path).keep("s", data), len(data), rows=1,
        layout=Dialect.of(before.sources["s"]).as_json(),
    )  # fmt: skip
    Archive(tmp_path).record("s", run)
    assert load_rows(before, TODAY, state=tmp_path).all_problems(TODAY) == ()
    for is_stored in (False, True):
        result = load_rows(after, TODAY, state=tmp_path)
        assert figures(result) == [7.0], is_stored
        assert reason in str(result.problems["s"])
        verdict = evaluate(after, result, TODAY).verdicts[0]
        assert (verdict.severity, verdict.data_state.value) == (None, "error")
        RowStore(tmp_path).write("s", replay_deliveries("s", after.sources["s"], Archive(tmp_path), None))
    assert load_rows(before, TODAY, state=tmp_path).all_problems(TODAY) == ()  # declared again as it was


def test_each_file_of_a_folder_that_does_not_fit_the_catalogue_is_a_problem_until_its_next_delivery(
    tmp_path: Path,
) -> None:
    old = catalog(tmp_path, "folder: drop, columns: {value: bbl}").sources["s"]
    new = catalog(tmp_path, "folder: drop, columns: {value: barrels}")
    receive(tmp_path, old, "date,bbl\n2024-01,1\n", file="a.csv")
    receive(tmp_path, old, "date,bbl\n2024-02,2\n", file="b.csv")
    receive(tmp_path, new.sources["s"], "date,barrels\n2024-02,3\n", 1, file="b.csv")
    result = load_rows(new, TODAY, state=tmp_path)
    assert figures(result) == [1.0, 3.0]
    assert {one.file for one in result.all_problems(TODAY)} == {"a.csv"}
    receive(tmp_path, new.sources["s"], "date,barrels\n2024-01,1\n", 2, file="a.csv")
    assert load_rows(new, TODAY, state=tmp_path).all_problems(TODAY) == ()


def test_an_edited_file_that_fits_the_catalogue_again_has_no_problem(tmp_path: Path) -> None:
    old, new = (catalog(tmp_path, f"file: s.csv, columns: {{value: {name}}}") for name in ("bbl", "barrels"))
    receive(tmp_path, old.sources["s"], "date,bbl\n2024-01,1\n")
    (tmp_path / "s.csv").write_text("date,barrels\n2024-01,2\n")
    result = load_rows(new, TODAY, state=tmp_path)
    assert (figures(result), result.all_problems(TODAY)) == ([2.0], ())


def test_a_delivery_that_is_no_longer_readable_is_a_problem_and_earlier_rows_stay(tmp_path: Path) -> None:
    source, archive = catalog(tmp_path).sources["s"], Archive(tmp_path)
    receive(tmp_path, source, "date,value\n2024-01,1\n")
    archive.record("s", Run(START, "received", "s.csv", "s.csv", archive.keep("s", b"date,val\n")))
    (tmp_path / "s.csv").write_text("date,val\n")
    result = load_rows(catalog(tmp_path), TODAY, state=tmp_path)
    assert figures(result) == [1.0]
    assert "no longer readable" in str(result.problems["s"])
