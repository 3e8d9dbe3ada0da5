"""`keep:` lets go of deliveries whose rows are all in a later one of their day; no row goes and no day changes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from dashboard.archive import problems_of_archive
from dashboard.archive.deliveries import Archive
from dashboard.archive.files.index import index_of
from dashboard.archive.journal import ArchiveError
from dashboard.catalog.catalog import Catalog
from dashboard.evaluation.evaluate import evaluate
from dashboard.refresh.lock import WATCHING, sole_refresher
from dashboard.refresh.requests.archive_changes import thin_deliveries
from dashboard.refresh.watch_loop import Watch
from dashboard.reporting.board_json import board_as_json
from dashboard.rows.load import load_rows
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.row_spans import rows_of
from dashboard.rows.store.row_store import RowStore
from tests.archive.test_orphans import Killed
from tests.archiving import damage_delivery, journal_of, overwrite, record_of, segments_of
from tests.command_line import watchfloor
from tests.examples import examples
from tests.receiving import HEADER, TODAY, catalog, receive, reject
from tests.refreshing import Place

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
ROWS = (
    "2024-01,10,2024-02-01",
    "2024-02,60,",
    "2024-01,70,2024-02-20",
    "2024-02,9,2024-02-28",
    "2024-03,55,soon",
    "2024-02,60,2024-02-29",
)
KEPT = "file: s.csv, keep: 7d"
UNDATED = 1
GROWING = tuple(("add", number, 0.25) for number in (0, 5, 2, 3))


def files(steps: Sequence[tuple[str, int, float]]) -> list[tuple[float, str]]:
    """The day and the text of each delivery of a file to which rows are added, or from which they are removed."""
    rows, day, texts = list[str](), 0.0, list[tuple[float, str]]()
    for action, number, passed in steps:
        rows = [row for row in rows if row != ROWS[number]] + [ROWS[number]] * (action == "add")
        day += passed
        texts.append((day, HEADER + "".join(f"{row}\n" for row in rows)))
    return texts


def boards(place: Catalog, state: Path) -> list[str]:
    """The boards of some days."""
    rows, days = load_rows(place, TODAY, state=state), [date(2024, 1, 31) + timedelta(number) for number in range(50)]
    return [board_as_json(evaluate(place, rows, day)) for day in [*days, TODAY]]


def verdicts(boards: Sequence[str]) -> list[dict[str, Any]]:
    """The state of the indicator and its withdrawn alerts on each board."""
    indicators = [json.loads(board)["indicators"][0] for board in boards]
    return [{key: indicator[key] for key in ("state", "value", "data_state", "withdrawn")} for indicator in indicators]


def days_of_rows(place: Catalog, state: Path) -> pd.DataFrame:
    """All rows that were ever in force, with days in the place of instants."""
    rows = load_rows(place, TODAY, state=state).rows
    instants = ("held_from", "held_until", "known_at")
    return rows.assign(**{name: rows[name].to_numpy("datetime64[D]") for name in instants})


def thin(place: Catalog, state: Path) -> int:
    count = thin_deliveries(state, place, NOW, lambda: None)
    Archive(state).compact()
    return count


def assert_sound(state: Path) -> None:
    archive = Archive(state)
    assert archive.discrepancies("s") == ((), ())
    assert [*problems_of_archive(archive)] == []


@settings(max_examples=examples(25, 250), deadline=None)
@example(steps=[*GROWING, ("remove", 0, 1), ("add", 0, 0)], place="file: s.csv", keep="1d")
@example(steps=[("add", 1, 0), ("add", 0, 0.1), ("remove", 0, 0.1), ("add", 0, 0.1)], place="file: s.csv", keep="1d")
@example(
    steps=[("add", 0, 0.125), ("add", 1, 0.5), ("add", 2, 0.125), ("remove", 1, 0.0)], place="file: s.csv", keep="1d"
)
@given(
    steps=some.lists(
        some.tuples(
            some.sampled_from(["add", "add", "add", "remove"]),
            some.integers(0, 5),
            some.sampled_from([0.0, 0.125, 0.125, 0.25, 1.0]),
        ),
        max_size=10,
    ),
    place=some.sampled_from(["file: s.csv", "folder: drop", "file: s.csv, holds: 1mo"]),
    keep=some.sampled_from(["", "1d", "88d", "2mo"]),
)
def test_what_keep_lets_go_changes_no_row_but_the_hour_of_its_receipt(
    steps: Sequence[tuple[str, int, float]], place: str, keep: str
) -> None:
    with TemporaryDirectory() as name:
        folder, state = Path(name), Path(name) / "var"
        known = catalog(folder, place + (f", keep: {keep}" if keep else ""))
        for day, text in files(steps):
            receive(state, known.sources["s"], text, day)
        before, runs, rows = boards(known, state), Archive(state).runs("s"), days_of_rows(known, state)
        count = thin(known, state)
        assert keep or not count
        pd.testing.assert_frame_equal(days_of_rows(known, state), rows)
        assert verdicts(boards(known, state)) == verdicts(before)
        if not count or not any(action == "add" and number == UNDATED for action, number, _ in steps):
            assert boards(known, state) == before
        assert Archive(state).runs("s") == runs  # what was received, when, and its hash
        assert len(Archive(state).received("s")) == len(runs) - count
        assert_sound(state)
        assert thin(known, state) == 0


def history(folder: Path, source: str = KEPT) -> tuple[Catalog, Path]:
    """A file that grows four times on one day, and once on another."""
    known, state = catalog(folder, source), folder / "var"
    for day, text in files([*GROWING, ("remove", 0, 50)]):
        receive(state, known.sources["s"], text, day / 10)
    return known, state


def test_all_but_the_first_and_the_last_of_a_day_may_go(tmp_path: Path) -> None:
    known, state = history(tmp_path)
    runs = Archive(state).runs("s")
    assert thin(known, state) == 2
    archive = Archive(state)
    assert archive.received("s") == (runs[0], *runs[3:])
    assert {record.sha256 for record in archive.stored("s")} == {run.sha256 for run in archive.received("s")}
    with pytest.raises(ArchiveError, match="missing"):
        archive.data("s", runs[2].sha256)
    line = json.loads(journal_of(state).read_bytes().splitlines()[-1])
    assert (line["outcome"], line["source"], line["keep"], len(line["lines"])) == ("thinned", "s", "7d", 2)


def test_without_keep_nothing_goes(tmp_path: Path) -> None:
    known, state = history(tmp_path, "file: s.csv")
    before = [path.read_bytes() for path in (journal_of(state), *segments_of(state))]
    assert thin(known, state) == 0
    assert [path.read_bytes() for path in (journal_of(state), *segments_of(state))] == before


def test_deliveries_of_the_last_days_stay(tmp_path: Path) -> None:
    known, state = history(tmp_path, "file: s.csv, keep: 92d")
    assert thin(known, state) == 0


def test_a_thinning_killed_at_any_step_changes_no_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known, state = history(tmp_path / "a")
    before, runs, saved = boards(known, state), Archive(state).runs("s"), tmp_path / "saved"
    shutil.copytree(state, saved)
    for step in range(1, 100):
        shutil.rmtree(state)
        shutil.copytree(saved, state)
        index_of.cache_clear()
        with Killed(step, monkeypatch) as killed:
            thin(known, state)
        index_of.cache_clear()
        assert boards(known, state) == before
        assert_sound(state)
        thin(known, state)
        index_of.cache_clear()
        assert boards(known, state) == before
        assert (Archive(state).runs("s"), len(Archive(state).stored("s"))) == (runs, 3)
        assert_sound(state)
        if not killed.was_killed:
            assert step > 4
            return
    raise AssertionError("it never ended")


@pytest.mark.parametrize("is_compacted", [True, False])
def test_bytes_that_were_let_go_may_come_again(tmp_path: Path, is_compacted: bool) -> None:
    known, state = history(tmp_path)
    again = Archive(state).data("s", Archive(state).runs("s")[2].sha256)
    thin_deliveries(state, known, NOW, lambda: None)
    if is_compacted:
        Archive(state).compact()
    run = receive(state, known.sources["s"], again.decode(), 6)
    for _ in range(2):
        Archive(state).compact()
        assert Archive(state).data("s", run.sha256) == again
        assert_sound(state)
        index_of.cache_clear()


def test_bytes_that_another_line_records_stay(tmp_path: Path) -> None:
    known, state = history(tmp_path)
    again = Archive(state).data("s", Archive(state).runs("s")[2].sha256)
    reject(state, again.decode(), 7)
    thin(known, state)
    assert Archive(state).data("s", Archive(state).runs("s")[2].sha256) == again
    assert_sound(state)


def test_nothing_goes_while_the_delivery_that_stays_is_damaged(tmp_path: Path) -> None:
    known, state = history(tmp_path)
    damage_delivery(state, "s", Archive(state).runs("s")[3].sha256)
    assert thin(known, state) == 0


def test_nothing_goes_while_a_line_is_damaged(tmp_path: Path) -> None:
    known, state = history(tmp_path)
    lines = journal_of(state).read_bytes()
    overwrite(journal_of(state), lines.replace(b'"size"', b'"sise"', 1))
    assert thin(known, state) == 0


def test_a_damaged_line_about_thinning_is_an_error_and_costs_no_bytes(tmp_path: Path) -> None:
    known, state = history(tmp_path)
    thin_deliveries(state, known, NOW, lambda: None)
    overwrite(journal_of(state), journal_of(state).read_bytes().replace(b'"thinned"', b'"thinmed"'))
    Archive(state).compact()
    assert len(Archive(state).stored("s")) == 5
    with pytest.raises(ArchiveError, match="damaged"):
        Archive(state).received("s")


def test_a_rebuild_gives_the_rows_that_stand(tmp_path: Path) -> None:
    known, state = history(tmp_path)
    thin(known, state)
    stored = RowStore(state).read("s")
    assert stored is None or not stored.row_count
    anew = replay_deliveries("s", known.sources["s"], Archive(state), None, TODAY)
    rows = load_rows(known, TODAY, state=state)
    assert len(rows_of(anew.place)) == len(rows.rows) == 4


def test_a_renamed_source_has_let_go_of_the_same(tmp_path: Path) -> None:
    known, state = history(tmp_path)
    thin_deliveries(state, known, NOW, lambda: None)
    archive, before = Archive(state), Archive(state).received("s")
    archive.rename("s", "t")
    assert archive.received("t") == before
    archive.compact()
    assert len(archive.stored("t")) == 3
    assert archive.discrepancies("t") == ((), ())


def test_what_was_let_go_takes_no_memory(tmp_path: Path) -> None:
    known, state = history(tmp_path)
    thin(known, state)
    for _ in range(2):
        lines = index_of((state / "archive").resolve()).lines("s")
        assert (len(lines.lines), lines.thinned) == (3, {})
        index_of.cache_clear()
        assert len(Archive(state).received("s")) == 3


def test_a_reader_goes_on_while_another_process_lets_go(tmp_path: Path) -> None:
    known, state = history(tmp_path)
    reader, before = Archive(state), boards(known, state)
    index_of.cache_clear()
    thin(known, state)
    assert len(reader.received("s")) == 3
    assert reader.discrepancies("s") == ((), ())
    assert record_of(state, "s", reader.received("s")[-1].sha256)
    assert boards(known, state) == before


def test_the_command_says_what_went(tmp_path: Path) -> None:
    _, state = history(tmp_path)
    rules = "indicators:\n  x: {title: X, sources: [s], thresholds: [{severity: critical, above: 50}]}\n"
    (tmp_path / "indicators.yaml").write_text(f"version: 1\nsources:\n  s: {{title: S, {KEPT}}}\n{rules}")
    before = json.loads(watchfloor("evaluate", "--json", folder=tmp_path).stdout)["indicators"]
    done = watchfloor("archive", "compact", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 receipts let go, ")
    assert done.stdout.endswith(" bytes freed\n")
    done = watchfloor("rebuild", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "s: 4 rows of 3 receipts\n"), done.stderr
    assert json.loads(watchfloor("evaluate", "--json", folder=tmp_path).stdout)["indicators"] == before
    assert len(Archive(state).runs("s")) == 5


def test_a_single_refresh_lets_go_of_what_its_sources_need_not_keep(tmp_path: Path) -> None:
    place = growing(tmp_path)
    assert place.refresh().is_well
    assert_let_go(place)


def test_a_watching_refresher_lets_go_once_a_day(tmp_path: Path) -> None:
    place, messages = growing(tmp_path), list[str]()
    with sole_refresher(place.state, WATCHING, place.now) as hold:
        watch = Watch(place.workspace, hold, os.environ, lambda: place.now, messages.append, lambda: False)
        for days in (-3, 3, 0):
            place.later(days=days)
            watch.look_around()
    assert sum("1 receipt let go, " in message for message in messages) == 1
    assert_let_go(place)


def growing(folder: Path) -> Place:
    """A place three days after its file grew three times."""
    place = Place(folder)
    place.define(s="file: s.csv, keep: 1d")
    for rows in (["2024-03-01,1"], ["2024-03-01,1", "2024-03-02,9"], ["2024-03-01,1", "2024-03-02,9", "2024-03-03,8"]):
        place.write("s.csv", *rows)
        place.refresh()
        place.later(minutes=10)
    return place.later(days=3)


def assert_let_go(place: Place) -> None:
    assert place.outcomes("s").count("received") == 3
    assert [run.rows for run in Archive(place.state).received("s")] == [1, 3]
    assert place.values("s") == [1, 9, 8]
    assert [*problems_of_archive(Archive(place.state))] == []
    assert place.verdict("s")["problems"] == []


def test_keep_is_no_part_of_what_figures_follow_from(tmp_path: Path) -> None:
    with_keep, without = (catalog(tmp_path, source) for source in (KEPT, "file: s.csv"))
    assert with_keep.canonical_json == without.canonical_json
