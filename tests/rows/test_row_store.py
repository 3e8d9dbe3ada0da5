"""Stored rows are read back exactly, derived anew where a file is damaged, and equal those of the archive."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
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
from dashboard.rows.store.part import Part
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.stored_rows import StoredRows
from tests.examples import examples
from tests.receiving import HEADER, START, TODAY, catalog, facts, figures, part_of, receive
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


@pytest.mark.parametrize("stored", [SOME, SOME.with_rows(SOME.rows.iloc[:0])])
def test_written_rows_are_read_back_exactly(tmp_path: Path, stored: StoredRows) -> None:
    store = RowStore(tmp_path / "var")
    store.write("s", SOME)
    store.write("s", stored)
    result = store.read("s")
    assert result is not None
    pd.testing.assert_frame_equal(result.rows, stored.rows)
    assert result.rows.dtypes.astype(str).to_dict() == DTYPES
    assert facts(result) == facts(stored)
    assert [*(tmp_path / "var" / "rows").iterdir()] == [part_of(tmp_path / "var")]


def test_without_a_file_there_are_no_stored_rows(tmp_path: Path) -> None:
    assert RowStore(tmp_path).read("s") is None
    assert RowStore(tmp_path).rows("s") is None


@pytest.mark.parametrize("share", [0, 10, 30, 50, 70, 90, 99])
def test_a_file_damaged_anywhere_counts_as_absent(tmp_path: Path, share: int) -> None:
    store = RowStore(tmp_path)
    store.write("s", SOME)
    path = part_of(tmp_path)
    data = bytearray(path.read_bytes())
    path.write_bytes(data[: len(data) * share // 100])
    assert store.read("s") is None


def test_figures_that_changed_on_the_disk_are_never_read(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.write("s", SOME)
    path = part_of(tmp_path)
    data = path.read_bytes()
    pages = len(data) - 8 - int.from_bytes(data[-8:-4], "little")  # what is behind are the names, not the figures
    for place in range(0, pages, 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        result = store.rows("s")
        assert result is None or result.equals(SOME.rows), place


def test_a_record_that_changed_on_the_disk_is_never_used(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.write("s", SOME)
    path = part_of(tmp_path)
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


def parts(state: Path) -> list[str]:
    return sorted(path.stem for path in (state / "rows").iterdir())


def some_rows(count: int, run_count: int = 1) -> StoredRows:
    """Stored rows whose figures tell how often they were written."""
    frame_of_rows = SOME.rows.iloc[np.zeros(count, int)].assign(value=float(run_count)).reset_index(drop=True)
    return replace(SOME.with_rows(frame_of_rows), run_count=run_count)


CHANGES = some.lists(
    some.dictionaries(some.sampled_from("abcdef"), some.tuples(some.integers(0, 30), some.booleans()), max_size=4),
    max_size=12,
)


@settings(max_examples=examples(20, 200), deadline=None)
@given(changes=CHANGES, is_reopened=some.booleans(), is_single_glance=some.booleans())
def test_the_store_has_what_was_last_written_of_each_source(
    changes: Sequence[dict[str, tuple[int, bool]]], *, is_reopened: bool, is_single_glance: bool
) -> None:
    with TemporaryDirectory() as folder, ExitStack() as stack:
        state, expected = Path(folder), dict[str, StoredRows]()
        store = RowStore(state)
        if is_single_glance:
            stack.enter_context(store.single_glance())
        for number, change in enumerate(changes, start=1):
            store = RowStore(state) if is_reopened else store
            rows_by_source = {
                name: some_rows(count, 0 if is_removed else number) for name, (count, is_removed) in change.items()
            }
            store.write_all(rows_by_source)
            expected = {name: rows for name, rows in (expected | rows_by_source).items() if rows.run_count}
            assert store.sources() == tuple(sorted(expected))
        for reader in (store, RowStore(state)):
            stored = reader.read_all("abcdef")
            assert stored.keys() == expected.keys()
            for name, rows in expected.items():
                pd.testing.assert_frame_equal(stored[name].rows, rows.rows)
                assert facts(stored[name]) == facts(rows)
        assert len([*(state / "rows").glob("*")]) <= 6


def test_a_write_adds_a_part_with_the_sources_that_changed_alone(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.write_all({f"s{number}": some_rows(100) for number in range(100)})
    before = store.snapshot()
    store.write("s7", some_rows(100, 2))
    assert parts(tmp_path) == ["000001", "000002"]
    now = store.snapshot()
    assert {name for name in store.sources() if now.version(name) != before.version(name)} == {"s7"}
    for number in range(3, 60):
        store.write("s8", some_rows(100, number))
    assert len(parts(tmp_path)) < 10


def test_parts_stay_few_while_one_source_after_the_other_changes(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    for number in range(1, 40):
        store.write(f"s{number}", some_rows(3, number))
        assert len(parts(tmp_path)) <= 6
    assert len(store.read_all(store.sources())) == 39


def test_sources_of_one_part_share_a_frame(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.write_all({name: some_rows(count) for name, count in (("a", 3), ("b", 0), ("c", 2))})
    stored = RowStore(tmp_path).read_all(["c", "a", "b", "d"])
    assert [(name, rows.row_count) for name, rows in stored.items()] == [("c", 2), ("a", 3), ("b", 0)]
    assert stored["a"].batch_rows is stored["c"].batch_rows


def test_a_damaged_part_costs_its_own_sources_alone(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.write("a", some_rows(1000))
    store.write("b", some_rows(10))
    first, second = sorted((tmp_path / "rows").iterdir())
    first.write_bytes(first.read_bytes()[:20] + b"####" + first.read_bytes()[24:])
    assert RowStore(tmp_path).read_all("ab").keys() == {"b"}
    assert store.read_all("ab").keys() == {"b"}
    assert store.summary("a") is None  # what was read once is believed no more
    store.write("a", some_rows(7))
    assert {name: rows.row_count for name, rows in RowStore(tmp_path).read_all("ab").items()} == {"a": 7, "b": 10}
    assert not first.exists()
    second.unlink(missing_ok=True)


def test_removed_rows_do_not_come_back_from_an_older_part(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.write_all({name: some_rows(100) for name in "abc"})
    before = (tmp_path / "rows" / "000001.rows").read_bytes()
    store.write("d", some_rows(1))
    store.remove("a")
    (tmp_path / "rows" / "000001.rows").write_bytes(before)  # as if the command had been killed before it was deleted
    assert RowStore(tmp_path).sources() == ("b", "c", "d")
    store.write("e", some_rows(1))
    assert RowStore(tmp_path).sources() == ("b", "c", "d", "e")


def test_a_reader_goes_on_while_parts_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, reader = RowStore(tmp_path), RowStore(tmp_path)
    store.write("a", some_rows(3, 1))
    reader.snapshot()
    as_ever = Part.rows

    def replaced_meanwhile(part: Part, sources: Collection[str]) -> object:
        monkeypatch.setattr(Part, "rows", as_ever)
        store.write("a", some_rows(3, 2))
        return as_ever(part, sources)

    monkeypatch.setattr(Part, "rows", replaced_meanwhile)
    stored = reader.read("a")
    assert stored is not None
    assert stored.rows["value"].tolist() == [2, 2, 2]


def test_within_a_single_glance_a_reader_keeps_what_it_saw_first(tmp_path: Path) -> None:
    writer, reader = RowStore(tmp_path), RowStore(tmp_path)
    writer.write("a", some_rows(300, 1))
    with reader.single_glance():
        assert reader.sources() == ("a",)
        writer.write("b", some_rows(1, 2))
        with reader.single_glance():
            assert reader.sources() == ("a",)
        assert reader.sources() == ("a",)
    assert reader.sources() == ("a", "b")


def test_within_a_single_glance_a_replaced_part_and_damage_are_seen(tmp_path: Path) -> None:
    writer, reader = RowStore(tmp_path), RowStore(tmp_path)
    writer.write("a", some_rows(3, 1))
    with reader.single_glance():
        assert reader.sources() == ("a",)
        writer.write("a", some_rows(3, 2))
        stored = reader.read("a")
        assert stored is not None
        assert stored.run_count == 2
        path = part_of(tmp_path)
        path.write_bytes(path.read_bytes()[:20] + b"####" + path.read_bytes()[24:])
        assert reader.read("a") is None
        assert reader.read("a") is None  # now of the part as it was written last
        assert reader.sources() == ()


def test_stored_rows_of_another_fingerprint_are_derived_anew(tmp_path: Path) -> None:
    source, archive, store = catalog(tmp_path).sources["s"], Archive(tmp_path), RowStore(tmp_path)
    receive(tmp_path, source, HEADER + "2024-01,1,2024-02-01\n")
    receive(tmp_path, source, HEADER + "2024-01,2,2024-02-01\n", 5)
    whole = replay_deliveries("s", source, archive, None)
    store.write("s", replace(whole.with_rows(whole.rows.iloc[:0]), fingerprint="older code"))
    pd.testing.assert_frame_equal(replay_deliveries("s", source, archive, store).rows, whole.rows)
    part_of(tmp_path).write_bytes(b"PAR1")
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
        assert facts(one_by_one) == facts(rebuilt)
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
