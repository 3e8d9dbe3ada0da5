"""A row is known from the end of its stated publication or from its receipt, whichever comes first."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.domain.dates.periods import Period, parse_period
from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading
from dashboard.rows.load import load_rows
from dashboard.rows.merging.apply_delivery import apply_delivery, no_rows_yet
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.table import Table
from tests.examples import examples
from tests.receiving import START, catalog, receive

DAY = START.date()  # 1 March 2024, a Friday
HEAD = "date,value,published_at,received_at\n"


def reading(text: str, today: str) -> Reading:
    return read((HEAD + text).encode(), "s.csv", Dialect(), date.fromisoformat(today))


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ("2024-01-31,1,2024-03,", "2024-03-05"),
        ("2024-01-31,1,2024,", "2024-03-05"),
        ("2024-01-31,1,2024-02,", "2024-02-29"),
        ("2024-01-31,1,2024,2024-02-03", "2024-02-03"),
        ("2024-01-31,1,2024,2024", "2024-03-05"),
        ("2024-01-31,1,2024-02-02,2024-03", "2024-02-02"),
        ("2024-01-31,1,,2024-03", "2024-03-05"),
        ("2024-01-31,1,,2024-02-10", "2024-02-10"),
        ("2024-01-31,1,,", "2024-03-05"),
    ],
)
def test_a_row_is_known_from_the_earlier_of_publication_and_receipt(row: str, known: str) -> None:
    result = reading(f"{row}\n", "2024-03-05")
    assert result.outcome == "accept"
    assert [str(day.date()) for day in result.rows["known_at"]] == [known]


@pytest.mark.parametrize(
    ("row", "column", "reason", "usable_from"),
    [
        ("2024-01-31,1,2024-04,", "published_at", "lies in the future", date(2024, 4, 1)),
        ("2024-01-31,1,2024-03-06,", "published_at", "lies in the future", date(2024, 3, 6)),
        ("2024-01-31,1,2024-02-10,2024-02-03", "published_at", "after it was received (2024-02-03)", None),
        ("2024-03-20,1,2024-03,", "date", "begins on 2024-03-20, which lies in the future", date(2024, 3, 20)),
        ("2024-03-03,1,2024,2024-02", "received_at", "received 2024-02, before its period began", None),
    ],
)
def test_rows_of_the_future_are_refused(row: str, column: str, reason: str, usable_from: date | None) -> None:
    (item,) = reading(f"{row}\n", "2024-03-05").quarantined
    assert (item.path, item.usable_from) == (column, usable_from)
    assert reason in item.message


def test_a_bad_row_is_an_error_from_its_receipt_even_while_its_month_of_publication_lasts() -> None:
    (item,) = reading("2024-01-31,x,2024-03,\n", "2024-03-05").quarantined
    assert item.known_at == date(2024, 3, 5)


def test_by_receipt_a_stated_month_of_receipt_counts_no_later_than_today() -> None:
    rows = reading("2024-01-31,1,2024-02-02,2024-03\n", "2024-03-05").rows
    known = SourceRows(rows.assign(source="s")).by_receipt(date(2024, 3, 5)).rows["known_at"]
    assert [str(day.date()) for day in known] == ["2024-03-05"]


def test_a_breach_published_in_the_running_month_is_on_the_board_today(tmp_path: Path) -> None:
    item, text = catalog(tmp_path), "date,value,published_at\n2024-01-31,10,2024-02\n2024-02-28,100,2024-03\n"
    (tmp_path / "s.csv").write_text(text)
    assert evaluate(item, load_rows(item, DAY), DAY).verdicts[0].figure.value == 100
    receive(tmp_path, item.sources["s"], text)
    (tmp_path / "s.csv").write_text(text + "2024-03-05,7,2024-03-07\n")
    receive(tmp_path, item.sources["s"], text + "2024-03-05,7,2024-03-07\n", 7)
    later = load_rows(item, DAY + timedelta(days=60), state=tmp_path)
    seen = [evaluate(item, later, DAY + timedelta(days=days)).verdicts[0].figure.value for days in (-1, 0, 5, 6, 60)]
    assert seen == [10, 100, 100, 7, 7]


def test_a_row_with_a_time_of_publication_is_known_from_that_second_on(tmp_path: Path) -> None:
    item = catalog(tmp_path, "file: s.csv, dates: iso, timezone: Asia/Seoul")
    text = "date,value,published_at\n2024-01-31,10,2024-02-05T09:31:12\n2024-01-31,100,2024-02-05T10:00+01:00\n"
    (tmp_path / "s.csv").write_text(text)
    receive(tmp_path, item.sources["s"], text)
    rows = load_rows(item, DAY, state=tmp_path)
    seconds = [np.datetime64(f"2024-02-05T{time}") for time in ("00:31:11", "00:31:12", "08:59:59", "09:00:00")]
    table = Table.of(rows.rows)
    known = [[*table.frame["value"].to_numpy()[table.known_at_instant("s", second)]] for second in seconds]
    assert known == [[], [10], [10], [10, 100]]
    verdict = evaluate(item, rows, DAY).verdicts[0]
    assert (verdict.figure.value, verdict.problems) == (100, ())


def test_of_vintages_received_together_the_later_publication_counts(tmp_path: Path) -> None:
    item, text = catalog(tmp_path), "date,value,published_at\n2024-01-31,100,2024\n2024-01-31,10,2024-03\n"
    (tmp_path / "s.csv").write_text(text)
    receive(tmp_path, item.sources["s"], text)
    verdict = evaluate(item, load_rows(item, DAY, state=tmp_path), DAY).verdicts[0]
    assert (verdict.figure.value, verdict.problems) == (100, ())
    # what came later was published later, whatever was stated of the first
    text += "2024-01-31,20,2024-03-08\n"
    (tmp_path / "s.csv").write_text(text)
    receive(tmp_path, item.sources["s"], text, 7)
    later = DAY + timedelta(days=7)
    assert evaluate(item, load_rows(item, later, state=tmp_path), later).verdicts[0].figure.value == 20


STATED = some.tuples(some.integers(-40, 40), some.sampled_from([4, 7, 10]), some.booleans())


def _word(stated: tuple[int, int, bool]) -> str:
    days, length, is_there = stated
    return (DAY + timedelta(days=days)).isoformat()[:length] if is_there else ""


@settings(max_examples=examples(15, 200), deadline=None)
@given(
    published=STATED, received=STATED, receipt=some.integers(0, 40), again=some.lists(some.integers(1, 30), max_size=3)
)
def test_a_row_is_known_from_its_publication_or_receipt_and_never_earlier(
    published: tuple[int, int, bool], received: tuple[int, int, bool], receipt: int, again: list[int]
) -> None:
    """However often it is delivered again."""
    words = [_word(published), _word(received)]
    spans = [parse_period(word) for word in words if word]
    stored, days = no_rows_yet(catalog(Path()).sources["s"]), [DAY + timedelta(days=receipt)]
    for more in again:
        days.append(days[-1] + timedelta(days=more))
    for day in days:
        result = read(f"{HEAD}2020-01-01,1,{','.join(words)}\n".encode(), "s.csv", Dialect(), day)
        if result.quarantined:
            assert any(span.start > day for span in spans) or _is_after(spans)
            return
        stored, _ = apply_delivery(stored, "file s.csv", result, "s.csv", np.datetime64(f"{day}T12:00:00", "s"))
    since = min([days[0], *(span.end for span in spans)])
    table = Table.of(stored.rows.assign(source="s"))
    seen = [bool(table.known("s", since + timedelta(days=apart)).size) for apart in (-400, -1, 0, 1, 400)]
    assert seen == [False, False, True, True, True]


def _is_after(spans: list[Period]) -> bool:
    return len(spans) == 2 and spans[0].start > spans[1].end


def test_many_contradictions_are_listed_in_part_and_counted() -> None:
    days = pd.date_range("2000-01-01", periods=3_000).strftime("%Y-%m-%d")
    text = "date,value,published_at\n" + "".join(f"{day},1,2023-01-01\n" for day in days)
    rows = pd.concat(
        [read(text.replace(",1,", f",{file},").encode(), f"{file}.csv", Dialect(), DAY).rows for file in (1, 2)]
    )
    item = catalog(Path())
    verdict = evaluate(item, SourceRows(rows.assign(source="s")), DAY).verdicts[0]
    assert len(verdict.problems) == 1_001
    assert any("2,000 more pairs of rows" in problem.message for problem in verdict.problems)


def test_files_of_a_folder_with_equal_cells_do_not_contradict_each_other() -> None:
    text = b"date,value,published_at\n2024-01-31,100,2024-02-01\n"
    rows = pd.concat([read(text, f"{file}.csv", Dialect(), DAY).rows for file in "ab"])
    verdict = evaluate(catalog(Path()), SourceRows(rows.assign(source="s")), DAY).verdicts[0]
    assert (verdict.figure.value, verdict.problems) == (100, ())
