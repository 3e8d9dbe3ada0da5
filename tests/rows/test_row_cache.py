"""The row cache: only sources in which something changed are read again."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboard.catalog.loader import load_catalog
from dashboard.rows.load import RowCache, load_rows
from dashboard.rows.loading.source_loader import SourceLoader
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.row_store import RowStore
from tests.archiving import change_lines, journal_of, lose_all
from tests.refreshing import NOON, Place

TODAY = NOON.date()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    result = Place(tmp_path)
    result.define(a="file: a.csv", b="file: b.csv", drop="folder: drop")
    for file in ("a.csv", "b.csv", "drop/one.csv"):
        result.write(file, "2024-03-01,1")
    return result


def loaded(place: Place, loads: RowCache | None, today: date = TODAY) -> SourceRows:
    return load_rows(load_catalog(place.catalog), today, state=place.state, loads=loads)


def values(found: SourceRows) -> dict[str, list[float]]:
    held = found.rows[found.rows["held_until"].isna()]
    return {str(name): list(part["value"]) for name, part in held.groupby("source")}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that are read, and not found again, in their order."""
    text = list[str]()

    def noted(loader: SourceLoader, names: Collection[str]) -> Any:
        text.extend(names)
        return as_ever(loader, names)

    as_ever = SourceLoader.load
    monkeypatch.setattr(SourceLoader, "load", noted)
    return text


@pytest.mark.parametrize("is_received", [False, True])
def test_one_delivery_reads_one_source(place: Place, is_received: bool, reads: list[str]) -> None:
    if is_received:
        place.refresh()
    loads = RowCache()
    assert set(values(loaded(place, loads))) >= {"a", "b"}
    place.later(minutes=5).write("a.csv", "2024-03-01,2")
    if is_received:
        place.refresh("a")
    reads.clear()
    result = values(loaded(place, loads))
    assert (result["a"], result["b"]) == ([2], [1])
    assert set(reads) == ({"a"} if is_received else {"a", "drop"})  # nothing of drop was received, which may end unseen


def test_no_more_rows_are_kept_than_allowed(place: Place, reads: list[str]) -> None:
    place.write("a.csv", "2024-03-01,1", "2024-03-02,1")
    loads = RowCache(most=1)
    loaded(place, loads)
    reads.clear()
    loaded(place, loads)
    assert reads == ["a", "drop"]  # there is room for b alone


def test_a_rejection_that_ended_before_today_keeps_the_cached_rows(place: Place, reads: list[str]) -> None:
    place.refresh()
    place.later(days=1).put("a.csv", "<html>")
    place.refresh()
    loads = RowCache()
    for days, is_read_anew in ((0, True), (1, True), (1, False)):
        if days:
            place.later(days=days).write("a.csv", "2024-03-01,1", "2024-03-02,2")
            place.refresh()
        loaded(place, loads, place.now.date())
        reads.clear()
        loaded(place, loads, place.now.date())
        assert ("a" in reads) == is_read_anew
        assert place.outcomes("a")[:2] == ["received", "rejected"]


def test_an_edit_is_detected_whatever_its_modification_time(place: Place) -> None:
    path, loads = place.folder / "a.csv", RowCache()
    loaded(place, loads)
    before = path.stat()
    path.write_text(path.read_text().replace(",1", ",9"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert values(loaded(place, loads))["a"] == [9]


def _in_catalog(old: str, new: str) -> Callable[[Place], object]:
    return lambda place: place.catalog.write_text(place.catalog.read_text().replace(old, new))


CHANGES: dict[str, Callable[[Place], object]] = {
    "a file is edited": lambda place: place.write("a.csv", "2024-03-01,2"),
    "a file is gone": lambda place: (place.folder / "a.csv").unlink(),
    "a file is a folder": lambda place: [(place.folder / "a.csv").unlink(), (place.folder / "a.csv").mkdir()],
    "a delivery is received": lambda place: [place.write("drop/two.csv", "2024-03-02,2"), place.refresh()],
    "a delivery is rejected": lambda place: [place.write("b.csv"), place.refresh()],
    "a row is bad": lambda place: [place.write("a.csv", "2024-03-01,x"), place.refresh()],
    "the journal is damaged": lambda place: change_lines(
        place.state, "a", lambda lines: [line.replace(b"outcome", b"outcame") for line in lines]
    ),
    "all lines are gone": lambda place: change_lines(place.state, "a", lambda _: []),
    "the journal is gone": lambda place: journal_of(place.state).unlink(missing_ok=True),
    "the rows are gone": lambda place: RowStore(place.state).remove("a"),
    "a delivery is lost": lambda place: lose_all(place.state, "a"),
    "the layout is another": _in_catalog("file: a.csv", "file: a.csv, columns: {value: amount}"),
    "the file is another": _in_catalog("file: a.csv", "file: b.csv"),
    "a line is added above": _in_catalog("sources:", "\nsources:"),
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("before", [name for name in CHANGES if name != "nothing"])
@pytest.mark.parametrize("after", ["the journal is damaged", "a file is edited", "nothing"])
def test_cached_rows_equal_rows_read_anew(place: Place, before: str, after: str) -> None:
    place.refresh()
    loads = RowCache()
    loaded(place, loads)
    for change in (before, after):
        if (place.folder / "a.csv").is_dir() and change == "a file is edited":
            continue
        if journal_of(place.state).exists():
            CHANGES[change](place.later(minutes=5))
        for _ in range(2):
            result, anew = loaded(place, loads), loaded(place, None)
            assert result.problems == anew.problems
            pd.testing.assert_frame_equal(result.rows, anew.rows)


@pytest.mark.parametrize("change", CHANGES)
def test_sources_loaded_together_equal_each_loaded_alone(place: Place, change: str) -> None:
    place.refresh()
    CHANGES[change](place.later(minutes=5))
    together, catalog = loaded(place, None), load_catalog(place.catalog)
    alone = [load_rows(catalog, TODAY, [name], state=place.state) for name in catalog.sources]
    pd.testing.assert_frame_equal(together.rows, pd.concat([one.rows for one in alone], ignore_index=True))
    assert together.problems == {name: problems for one in alone for name, problems in one.problems.items()}


def test_all_sources_are_read_once_a_day(place: Place) -> None:
    loads, tomorrow = RowCache(), TODAY + timedelta(days=1)
    loaded(place, loads)
    pd.testing.assert_frame_equal(loaded(place, loads, tomorrow).rows, loaded(place, None, tomorrow).rows)


def test_an_unreadable_source_is_read_again(place: Place) -> None:
    loads, catalog, (soft, hard) = RowCache(), load_catalog(place.catalog), resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))  # no more files can be opened; it is over without a trace
    try:
        text = load_rows(catalog, TODAY, ["a"], loads=loads).problems["a"]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "a.csv cannot be read" in str(text)
    assert load_rows(catalog, TODAY, ["a"], loads=loads).problems == {}


def test_catalogs_do_not_share(tmp_path: Path) -> None:
    loads = RowCache()
    for name, value in (("one", 1), ("two", 2)):
        place = Place(tmp_path / name)
        place.folder.mkdir()
        place.define(a="file: a.csv")
        place.write("a.csv", f"2024-03-01,{value}")
        catalog = load_catalog(place.catalog)
        assert values(load_rows(catalog, TODAY, loads=loads)) == {"a": [value]}
