"""A source's history counts as published some time after each period, where `published_after:` says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.archive.deliveries import Archive
from dashboard.catalog.catalog import Catalog
from dashboard.evaluation.evaluate import evaluate
from dashboard.rows.load import load_rows
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.source_rows import SourceRows
from tests.examples import examples
from tests.receiving import START, catalog, receive

DAY = START.date()  # 1 March 2024
LATER = DAY + timedelta(days=400)
ASSUMING = "file: s.csv, published_after: 9d"


def day(apart: int) -> date:
    return DAY + timedelta(days=apart)


def known_on(rows: SourceRows, at: date, *, are_dated: bool | None = None) -> set[tuple[date, float]]:
    """The end of the period and the figure of each row known at the end of a day; of those alone that state their
    publication, or do not, where that is asked."""
    table = rows.table
    known = table.known("s", at)
    if are_dated is not None:
        known = known[np.isnat(table.published_at[known]) != are_dated]
    return {(end, float(value)) for end, value in zip(table.end[known].tolist(), table.value[known], strict=True)}


def received(state: Path, item: Catalog, *texts: str, apart: int = 7) -> SourceRows:
    """The rows after deliveries that came some days apart."""
    for number, text in enumerate(texts):
        receive(state, item.sources["s"], text, number * apart)
    (state / "s.csv").write_text(texts[-1])
    return load_rows(item, LATER, state=state)


@pytest.mark.parametrize(
    ("row", "since"),
    [
        ("2024-01-31,1,,", "2024-02-09"),
        ("2024-01,1,,", "2024-02-09"),
        ("2024-02-27,1,,", "2024-03-01"),  # received before it is assumed to be published
        ("2024-02,1,,", "2024-03-01"),
        ("2024-01-31,1,2024-02-03,", "2024-02-03"),
        ("2024-01-31,1,2024-02-20,", "2024-02-20"),
        ("2024-01-31,1,,2024-02-20", "2024-02-20"),
    ],
)
def test_a_row_of_the_first_delivery_is_assumed_to_be_published_unless_it_says_when(
    tmp_path: Path, row: str, since: str
) -> None:
    item, text = catalog(tmp_path, ASSUMING), f"date,value,published_at,received_at\n{row}\n"
    (tmp_path / "s.csv").write_text(text)
    in_place = load_rows(item, DAY)
    archived = received(tmp_path, item, text)
    first = date.fromisoformat(since)
    for rows in (in_place, archived):
        assert [bool(known_on(rows, first + timedelta(days=apart))) for apart in (-1, 0, 300)] == [False, True, True]


def test_a_later_delivery_is_known_from_its_receipt(tmp_path: Path) -> None:
    first, second = "date,value\n2024-01-31,1\n", "date,value\n2024-01-31,2\n2023-12-31,5\n"
    rows = received(tmp_path, catalog(tmp_path, ASSUMING), first, second)
    january, december = date(2024, 1, 31), date(2023, 12, 31)
    assert known_on(rows, date(2024, 2, 8)) == set()
    assert known_on(rows, date(2024, 2, 9)) == known_on(rows, day(6)) == {(january, 1)}
    assert known_on(rows, day(7)) == {(january, 2), (december, 5)}


def test_an_empty_first_delivery_shows_that_nothing_had_been_published(tmp_path: Path) -> None:
    rows = received(tmp_path, catalog(tmp_path, ASSUMING), "date,value\n", "date,value\n2024-01-31,1\n")
    assert known_on(rows, day(6)) == set()
    assert known_on(rows, day(7)) == {(date(2024, 1, 31), 1)}


def test_each_file_of_the_first_look_at_a_folder_is_history(tmp_path: Path) -> None:
    item, text = catalog(tmp_path, "folder: drop, published_after: 9d"), "date,value\n"
    source = item.sources["s"]
    for month, apart in ((1, 0), (2, 0), (3, 7)):
        receive(tmp_path, source, f"{text}2023-0{month}-01,{month}\n", apart, file=f"{month}.csv", stored=False)
    rows = load_rows(item, LATER, state=tmp_path)
    assert known_on(rows, date(2023, 2, 10)) == {(date(2023, 1, 1), 1), (date(2023, 2, 1), 2)}
    assert len(known_on(rows, day(6))) == 2
    assert len(known_on(rows, day(7))) == 3


def test_an_edited_key_derives_the_rows_anew(tmp_path: Path) -> None:
    text = "date,value\n2024-01-31,1\n"
    rows = received(tmp_path, catalog(tmp_path), text)
    assert not known_on(rows, date(2024, 2, 20))
    assert known_on(load_rows(catalog(tmp_path, ASSUMING), LATER, state=tmp_path), date(2024, 2, 9))
    longer = load_rows(catalog(tmp_path, ASSUMING.replace("9d", "20d")), LATER, state=tmp_path)
    assert [len(known_on(longer, date(2024, 2, each))) for each in (19, 20)] == [0, 1]


def test_by_receipt_nothing_is_assumed(tmp_path: Path) -> None:
    rows = received(tmp_path, catalog(tmp_path, ASSUMING), "date,value\n2024-01-31,1\n").by_receipt(LATER)
    assert [len(known_on(rows, day(apart))) for apart in (-1, 0)] == [0, 1]
    assert not rows.table.assumed_days(rows.table.known("s", LATER))


def test_a_row_that_cannot_be_read_puts_the_assumed_history_in_error_too(tmp_path: Path) -> None:
    """It may be about any day: no past board may be calm without it."""
    item = catalog(tmp_path, ASSUMING)
    rows = received(tmp_path, item, "date,value\n2023-12-31,1\n2024-01-31,?\n")
    states = [evaluate(item, rows, at).verdicts[0].data_state.value for at in (date(2024, 1, 20), DAY)]
    assert states == ["error", "error"]


# rows of a delivery by the day of their period: a figure, and a publication so many days later or none
Content = Mapping[int, tuple[int, int | None]]
CONTENTS: some.SearchStrategy[Content] = some.dictionaries(
    some.integers(-60, 0), some.tuples(some.integers(1, 2), some.sampled_from([None, None, 3, 30])), max_size=5
)


def _text(content: Content) -> str:
    lines = [
        f"{day(end)},{value},{'' if published is None else day(min(end + published, 0))}"
        for end, (value, published) in content.items()
    ]
    return "\n".join(["date,value,published_at", *lines, ""])


def _undated(content: Content) -> set[tuple[date, float]]:
    return {(day(end), float(value)) for end, (value, published) in content.items() if published is None}


def _by_law(contents: Sequence[Content], at: date) -> set[tuple[date, float]]:
    """The rows without a publication that are known on a day: those of the first delivery from the ninth day after
    their period, others from their receipt, until the receipt of the first delivery that lacks them."""
    known = set()
    rows = [_undated(content) for content in contents]
    for row in set().union(*rows):
        for number, delivered in enumerate(rows):
            if row not in delivered or (number and row in rows[number - 1]):
                continue
            since = day(7 * number) if number else min(row[0] + timedelta(days=9), DAY)
            ends = (day(7 * later) for later in range(number, len(rows)) if row not in rows[later])
            if since <= at < next(ends, date.max):
                known.add(row)
    return known


@settings(max_examples=examples(15, 200), deadline=None)
@given(contents=some.lists(CONTENTS, min_size=1, max_size=3))
def test_on_each_day_the_rows_known_are_those_of_the_law(contents: Sequence[Content]) -> None:
    """Also where all rows are derived anew, and where a file is read in place."""
    with TemporaryDirectory() as folder:
        state, item = Path(folder), catalog(Path(folder), ASSUMING)
        (state / "s.csv").write_text(_text(contents[0]))
        in_place = load_rows(item, DAY)
        rows = received(state, item, *map(_text, contents))
        anew = replay_deliveries("s", item.sources["s"], Archive(state), None, LATER).rows
        pd.testing.assert_frame_equal(rows.rows.drop(columns="source"), anew.drop(columns="source"))
        for apart in range(-60, 30):
            at = day(apart)
            assert known_on(rows, at, are_dated=False) == _by_law(contents, at)
            assert known_on(in_place, at, are_dated=False) == _by_law(contents[:1], at)


@settings(max_examples=examples(15, 200), deadline=None)
@given(contents=some.lists(CONTENTS, min_size=1, max_size=3))
def test_rows_that_state_their_publication_are_known_as_without_the_key(contents: Sequence[Content]) -> None:
    with TemporaryDirectory() as folder:
        state = Path(folder)
        rows = received(state, catalog(state), *map(_text, contents))
        assuming = load_rows(catalog(state, ASSUMING), LATER, state=state)
        for apart in range(-60, 30):
            assert known_on(rows, day(apart), are_dated=True) == known_on(assuming, day(apart), are_dated=True)
