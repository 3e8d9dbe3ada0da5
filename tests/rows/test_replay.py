"""`watchfloor rebuild` derives rows anew from the archive, or says why it cannot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from dashboard.rows import joint_replay
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.stored_rows import StoredRows
from tests.archiving import damage_delivery, journal_of, lose_delivery, record_of
from tests.command_line import watchfloor
from tests.receiving import HEADER, catalog, part_of, receive
from tests.refreshing import Place

YAML = """version: 1
sources:
  s: {title: S, file: s.csv}
  never: {title: N, file: n.csv}
indicators:
  x: {title: X, sources: [s], thresholds: [{severity: critical, above: 50}]}
"""


def history(folder: Path) -> Path:
    """A catalogue whose source has two deliveries; gives the state folder."""
    (folder / "indicators.yaml").write_text(YAML)
    source, state = catalog(folder).sources["s"], folder / "var"
    receive(state, source, HEADER + "2024-01,1,2024-02-01\n")
    receive(state, source, HEADER + "2024-01,2,2024-02-01\n", 5)
    return state


def test_a_rebuild_derives_the_same_rows(tmp_path: Path) -> None:
    state = history(tmp_path)
    before, path = RowStore(state).rows("s"), part_of(state)
    path.unlink()
    (path.parent / f"{path.name}.killed.part").write_bytes(b"half")
    done = watchfloor("rebuild", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "s: 2 rows of 2 receipts\n"), done.stderr
    after = RowStore(state).rows("s")
    assert before is not None
    assert after is not None
    pd.testing.assert_frame_equal(after, before)
    assert [*path.parent.iterdir()] == [part_of(state)]


def test_a_rebuild_names_damage_and_leaves_the_stored_rows(tmp_path: Path) -> None:
    state = history(tmp_path)
    before = part_of(state).read_bytes()
    damage_delivery(state, "s")
    done = watchfloor("rebuild", "s", folder=tmp_path)
    assert done.returncode == 1
    record = record_of(state, "s")
    where = f"var/archive/{record.segment}, byte {record.offset}, delivery {record.sha256} of s: damaged"
    assert where in done.stderr
    assert part_of(state).read_bytes() == before


def several(folder: Path) -> dict[str, pd.DataFrame]:
    """The stored rows of several sources, each of which has a file."""
    place = Place(folder)
    place.define(**{name: f"file: {name}.csv" for name in "abcd"})
    for number, name in enumerate("abcd"):
        place.write(f"{name}.csv", f"2024-03-01,{number}")
    place.refresh()
    return rows_of(place.state)


def rows_of(state: Path) -> dict[str, pd.DataFrame]:
    return {name: stored.rows for name, stored in RowStore(state).read_all("abcd").items()}


def assert_equal(left: dict[str, pd.DataFrame], right: dict[str, pd.DataFrame]) -> None:
    assert left.keys() == right.keys()
    for name, rows in left.items():
        pd.testing.assert_frame_equal(rows, right[name])


@pytest.mark.parametrize("group_bytes", [1, 1 << 20])
def test_a_damaged_delivery_keeps_no_other_source_from_its_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group_bytes: int
) -> None:
    monkeypatch.setattr(joint_replay, "_GROUP_BYTES", group_bytes)
    before = several(tmp_path)
    RowStore(tmp_path / "var").write_all(dict.fromkeys("cd", StoredRows(pd.DataFrame(), 0, "")))
    damage_delivery(tmp_path / "var", "b")
    done = watchfloor("rebuild", folder=tmp_path)
    assert (done.returncode, done.stdout.splitlines()) == (1, [f"{name}: 1 row of 1 receipt" for name in "acd"])
    assert len(done.stderr.splitlines()) == 1
    assert "delivery" in done.stderr
    assert_equal(rows_of(tmp_path / "var"), before)


def test_a_rebuild_that_is_killed_leaves_the_rows_of_each_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint_replay, "_GROUP_BYTES", 1)
    before, write_all, written = several(tmp_path), RowStore.write_all, list[str]()

    def killed_at_the_third(store: RowStore, rows_by_source: dict[str, StoredRows]) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.extend(rows_by_source)
        write_all(store, rows_by_source)

    monkeypatch.setattr(RowStore, "write_all", killed_at_the_third)
    assert watchfloor("rebuild", folder=tmp_path).returncode != 0
    assert written == ["a", "b"]
    assert_equal(rows_of(tmp_path / "var"), before)
    monkeypatch.undo()
    assert watchfloor("rebuild", folder=tmp_path).returncode == 0
    assert_equal(rows_of(tmp_path / "var"), before)


@pytest.mark.parametrize("kept", [0, 1])
def test_a_rebuild_refuses_a_journal_that_lost_lines(tmp_path: Path, kept: int) -> None:
    state = history(tmp_path)
    rows, journal = part_of(state), journal_of(state)
    before = rows.read_bytes()
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[kept])
    done = watchfloor("rebuild", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "it has lost lines; put the newer journal back from a backup, or run" in done.stderr
    assert rows.read_bytes() == before
    rows.unlink()  # even then the bytes are there
    done = watchfloor("rebuild", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "received, but the journal does not tell of it" in done.stderr
    assert not rows.exists()
    done = watchfloor("rebuild", "--despite-loss", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "s: 1 row of 1 receipt\n"), done.stderr


def test_a_rebuild_names_sources_without_deliveries_and_unknown_ones(tmp_path: Path) -> None:
    history(tmp_path)
    for name, text in (("never", "nothing in the archive yet"), ("ss", 'no source ss; did you mean "s"?')):
        done = watchfloor("rebuild", name, folder=tmp_path)
        assert done.returncode == 2
        assert text in done.stderr
    (tmp_path / "indicators.yaml").write_text(
        YAML.replace("s: {title: S, file: s.csv}\n  ", "").replace("[s]", "[never]")
    )
    done = watchfloor("rebuild", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "s: in the archive, but not in the catalogue" in done.stderr


def test_no_rebuild_starts_while_a_refresh_runs(tmp_path: Path) -> None:
    state = history(tmp_path)
    with FileLock(state / "refresh.lock"):
        done = watchfloor("rebuild", folder=tmp_path)
    assert done.returncode == 2
    assert "is in use by another process" in done.stderr


def test_a_rebuild_can_leave_out_a_lost_delivery(tmp_path: Path) -> None:
    state = history(tmp_path)
    journal = journal_of(state)
    first, second = journal.read_bytes().splitlines(keepends=True)
    (tmp_path / "s.csv").write_text(HEADER + "2024-01,2,2024-02-01\n")
    lose_delivery(state, "s", json.loads(first)["sha256"])
    assert "delete its line from the journal" in watchfloor("evaluate", "--json", folder=tmp_path).stdout
    journal.write_bytes(second)
    done = watchfloor("rebuild", "--despite-loss", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "s: 1 row of 1 receipt\n"), done.stderr
    assert json.loads(watchfloor("evaluate", "--json", folder=tmp_path).stdout)["indicators"][0]["problems"] == []


def test_after_a_first_delivery_that_was_rejected_a_rebuild_lets_the_next_good_one_in(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(s="file: s.csv")
    place.put("s.csv", "datum,wert\n2024-03-01,1\n")
    assert not place.refresh().is_well
    done = watchfloor("rebuild", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "s: 0 rows of 0 receipts\n"), done.stderr
    place.write("s.csv", "2024-03-01,7")
    assert place.later(hours=1).refresh().is_well
    assert place.values("s") == [7]


def test_rows_of_an_earlier_version_are_made_anew(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(s="file: s.csv")
    place.write("s.csv", "2024-03-01,7")
    place.refresh()
    part_of(place.state).rename(place.state / "rows" / "s.parquet")  # each source had a file of its own
    assert not RowStore(place.state).sources()
    assert place.later(hours=1).refresh().sources["s"].looks[0].is_repaired
    assert place.values("s") == [7]
    assert [*(place.state / "rows").iterdir()] == [part_of(place.state)]


@pytest.mark.parametrize("gone", ["archive/journal.jsonl", "archive"])
def test_a_source_whose_journal_is_lost_can_start_anew(tmp_path: Path, gone: str) -> None:
    place = Place(tmp_path)
    place.define(s="file: s.csv")
    place.write("s.csv", "2024-03-01,7")
    place.refresh()
    lost = place.state / gone
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    assert not place.later(hours=1).refresh().is_well
    done = watchfloor("rebuild", "s", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "run `watchfloor rebuild --despite-loss`" in done.stderr
    done = watchfloor("rebuild", "--despite-loss", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "s: 0 rows of 0 receipts\n"), done.stderr
    assert place.later(hours=1).refresh().is_well
    assert place.values("s") == [7]
    assert place.verdict("s")["data_state"] != "error"
