"""The table of rows: its order, its numbers and its lines of text are those of the plain ways to make them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as some

from dashboard.domain.dates.periods import end_of_day, parse_day
from dashboard.domain.row_schema import THING
from dashboard.ingest.frame import frame
from dashboard.rows.row_numbers import number_rows
from dashboard.rows.table import Table
from dashboard.rows.table.row_content import RowContent

DAYS = [parse_day(f"2024-03-{day:02}") for day in (1, 2, 3)]
ORDER = ["source", "end", "known_at", "published_at", "file", "line"]
SOME_TEXT = some.sampled_from(["", "a", "b", "a,b", 'say "so"', "two\nlines", "näme", " a", "a ", "A"])
SOME_INSTANT = some.sampled_from(DAYS).map(end_of_day)
SOME_FIGURE = some.sampled_from([float("nan"), 0.0, -0.0, 1.0, 1e16, 0.1 + 0.2, 1e-7, 123456.789])
A_ROW = some.fixed_dictionaries({
    "source": some.sampled_from(["s", "s_1", "s1", "t"]), "file": some.sampled_from(["a.csv", "b.csv"]),
    "line": some.integers(2, 9), "start": some.sampled_from(DAYS), "end": some.sampled_from(DAYS),
    "value": SOME_FIGURE, "low": SOME_FIGURE, "high": SOME_FIGURE, "unit": SOME_TEXT, "subject": SOME_TEXT,
    "status": some.sampled_from(["reported", "provisional", "withdrawn"]), "published": SOME_TEXT,
    "published_at": some.none() | SOME_INSTANT, "received_at": some.none() | SOME_INSTANT, "known_at": SOME_INSTANT,
    "held_from": some.none() | SOME_INSTANT, "held_until": some.none(), "accepted_at": some.none(),
    "citation": SOME_TEXT, "document": some.just(""), "note": SOME_TEXT,
})  # fmt: skip
SOME_ROWS = some.lists(A_ROW, max_size=12).map(frame)


def lines_of(rows: pd.DataFrame) -> list[str]:
    """The rows as pandas writes them."""
    kept = rows.drop(columns=["file", "line", "held_from", "held_until", "accepted_at"])
    text = kept.to_csv(index=False, header=False, date_format="%Y-%m-%dT%H:%M:%S", lineterminator="\x1e")
    return text.split("\x1e")[:-1]


def sorted_by_source(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as a sort puts those of each source, whatever other sources hold."""
    parts = [rows[:0]]
    for _, own in rows.groupby("source"):
        is_any_later = bool((own["published_at"] > own["known_at"]).any())
        order = [name for name in ORDER if is_any_later or name != "published_at"]
        parts.append(own.sort_values(order, kind="stable", na_position="first"))
    return pd.concat(parts, ignore_index=True)


@given(rows=SOME_ROWS)
def test_rows_that_arrive_in_order_are_not_sorted_again_and_others_stand_as_a_sort_would_put_them(
    rows: pd.DataFrame,
) -> None:
    by_hand = sorted_by_source(rows)
    table = Table.of(rows)
    pd.testing.assert_frame_equal(table.frame, by_hand)
    assert Table.of(table.frame).frame is table.frame
    names = by_hand["source"].tolist()
    assert table.slices == {
        name: slice(names.index(name), names.index(name) + names.count(name)) for name in sorted(set(names))
    }
    assert all(table.source_of(row) == name for row, name in enumerate(names))


@given(rows=SOME_ROWS)
def test_rows_about_one_thing_have_one_number(rows: pd.DataFrame) -> None:
    table = Table.of(rows)
    assert list(table.key) == list(number_rows(table.frame[name] for name in ("source", *THING)))


@given(rows=SOME_ROWS, chosen=some.sets(some.integers(0, 11)))
def test_the_lines_of_rows_are_those_of_a_csv_writer(rows: pd.DataFrame, chosen: set[int]) -> None:
    is_chosen = np.array([number in chosen for number in range(len(rows))], bool)
    by_hand = sorted(line for line, counts in zip(lines_of(rows), is_chosen, strict=True) if counts)
    assert bytes(RowContent.of(rows).joined(is_chosen)).decode() == "".join(f"{line}\x1e" for line in by_hand)


@given(rows=SOME_ROWS)
def test_the_lines_of_all_sources_are_those_of_each_in_turn(rows: pd.DataFrame) -> None:
    table = Table.of(rows)
    parts = (RowContent.of(table.frame[part]) for part in table.slices.values())
    in_turn = b"".join(bytes(part.joined(np.ones(len(part.order), bool))) for part in parts)
    assert bytes(table.content.joined(np.ones(len(rows), bool))) == in_turn
