"""Rows of successive deliveries: from when until when each is held, and so which rows are known at any instant."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from dashboard.analysis.backtest import replay
from dashboard.domain.dates.periods import Duration, day_of, end_of_day, parse_day, parse_period
from dashboard.domain.row_schema import DTYPES
from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.frame import frame
from dashboard.reporting.board_json import board_as_json
from dashboard.rows.merging.versions import MergedRows, Receipt, accept_missing, are_missing, merge_delivery
from dashboard.rows.source_rows import SourceRows
from tests.examples import examples
from tests.shorthand import rulebook

FIRST = date(2024, 1, 1)
SOON = 120  # days within which everything generated happens
ALERT = rulebook("severity: critical, above: 5", kind="flow")

# (receipt, rows); a row is `period=value`, and where they are told `@publication` and `<receipt`
Delivery = tuple[str, str]


def rows_of(text: str, file: str = "s.csv") -> pd.DataFrame:
    """The rows of a delivery as intake reads them."""
    return frame([_row(word, line, file) for line, word in enumerate(text.split(), start=2)])


def _row(word: str, line: int, file: str) -> dict[str, Any]:
    word, _, receipt = word.partition("<")
    word, _, publication = word.partition("@")
    period, _, value = word.partition("=")
    span = parse_period(period)
    published, received = (end_of_day(parse_period(text).end) if text else None for text in (publication, receipt))
    return {
        "source": "s", "file": file, "line": line, "start": span.start, "end": span.end,
        "low": np.nan, "value": float(value), "high": np.nan, "unit": "", "subject": "", "status": "reported",
        "published": publication, "published_at": published, "received_at": received,
        "known_at": published or received or end_of_day(date(2030, 1, 1)), "citation": "", "document": "", "note": "",
    }  # fmt: skip


def instant(text: str) -> np.datetime64:
    return np.datetime64(f"{text}T12:00:00" if len(text) == 10 else text, "s")


@lru_cache(maxsize=50)
def after(*deliveries: Delivery) -> pd.DataFrame:
    """What is held after deliveries; kept, for a property asks what was held after the first of them as well."""
    if not deliveries:
        return frame([])
    *earlier, (at, text) = deliveries
    return merge_delivery(after(*earlier), rows_of(text), Receipt(instant(at))).rows


def after_some_garbled(*deliveries: Delivery) -> pd.DataFrame:
    """The same; deliveries with a row `?`, which was quarantined, are not complete."""
    rows = frame([])
    for at, text in deliveries:
        sound = text.replace("?", "")
        rows = merge_delivery(rows, rows_of(sound), Receipt(instant(at), is_complete=sound == text)).rows
    return rows


def last_arrival(*deliveries: Delivery) -> MergedRows:
    *earlier, (at, text) = deliveries
    return merge_delivery(after(*earlier), rows_of(text), Receipt(instant(at)))


def seen(rows: pd.DataFrame, day: str, *, by_receipt: bool = False) -> str:
    """What was known at the end of a day: `period=value`, in order."""
    intake = SourceRows(rows)
    table = (intake.by_receipt(date(2024, 12, 31)) if by_receipt else intake).table
    known = table.frame.iloc[table.known("s", parse_day(day))]
    assert list(known.index) == list(np.flatnonzero(table.is_known(parse_day(day))))
    return " ".join(
        sorted(f"{start:%m}={value:g}" for start, value in zip(known["start"], known["value"], strict=True))
    )


CORRECTED = [("2024-03-01", "2024-01=10@2024-02-01"), ("2024-04-01", "2024-01=12@2024-02-01")]
REMOVED = [("2024-03-01", "2024-01=1@2024-02-01 2024-02=2@2024-03-01"), ("2024-04-01", "2024-01=1@2024-02-01")]
BACK = [*REMOVED, ("2024-05-01", REMOVED[0][1])]
LATE = [("2024-03-01", "2024-02=2@2024-03-01"), ("2024-05-01", "2024-02=2@2024-03-01 2024-01=1@2024-02-01")]
UNDATED = [("2024-03-01", "2024-01=10"), ("2024-04-01", "2024-02=2 2024-01=10"), ("2024-05-01", "2024-01=12")]
REVISED = [("2024-03-01", "2024-01=1@2024-02-01"), ("2024-04-01", "2024-01=1@2024-02-01 2024-01=2@2024-04-01")]
STATED = [("2024-03-01", "2024-01=1@2024-02-01<2024-02-10"), ("2024-04-01", "2024-01=2@2024-02-01<2024-02-10")]


@pytest.mark.parametrize(
    ("deliveries", "day", "published", "received"),
    [
        # a typo corrected in place: from its receipt; nobody was there before the first one to be told otherwise
        (CORRECTED, "2024-01-31", "", ""),
        (CORRECTED, "2024-02-01", "01=12", ""),
        (CORRECTED, "2024-02-29", "01=12", ""),
        (CORRECTED, "2024-03-01", "01=10", "01=10"),
        (CORRECTED, "2024-03-31", "01=10", "01=10"),
        (CORRECTED, "2024-04-01", "01=12", "01=12"),
        # a row that is removed was known as long as it was held
        (REMOVED, "2024-02-29", "01=1", ""),
        (REMOVED, "2024-03-01", "01=1 02=2", "01=1 02=2"),
        (REMOVED, "2024-03-31", "01=1 02=2", "01=1 02=2"),
        (REMOVED, "2024-04-01", "01=1", "01=1"),
        # a row that comes back was not known in between
        (BACK, "2024-02-29", "01=1", ""),
        (BACK, "2024-03-31", "01=1 02=2", "01=1 02=2"),
        (BACK, "2024-04-30", "01=1", "01=1"),
        (BACK, "2024-05-01", "01=1 02=2", "01=1 02=2"),
        # what reaches us late is known from its publication, or from its receipt where that is asked for
        (LATE, "2024-02-01", "01=1", ""),
        (LATE, "2024-03-01", "01=1 02=2", "02=2"),
        (LATE, "2024-05-01", "01=1 02=2", "01=1 02=2"),
        # without a publication date a row is known from its receipt, wherever it stands later
        (UNDATED, "2024-02-29", "", ""),
        (UNDATED, "2024-03-01", "01=10", "01=10"),
        (UNDATED, "2024-04-01", "01=10 02=2", "01=10 02=2"),
        (UNDATED, "2024-05-01", "01=12", "01=12"),
        # a later publication supersedes, both stay
        (REVISED, "2024-03-31", "01=1", "01=1"),
        (REVISED, "2024-04-01", "01=1 01=2", "01=1 01=2"),
        # the receipt that rows of the first delivery state is before the archive's own
        (STATED, "2024-02-09", "01=2", ""),
        (STATED, "2024-02-10", "01=2", "01=1"),
        (STATED, "2024-03-31", "01=1", "01=1"),
        (STATED, "2024-04-01", "01=2", "01=2"),
    ],
)
def test_rows_known_at_an_instant(deliveries: list[Delivery], day: str, published: str, received: str) -> None:
    rows = after(*deliveries)
    assert (seen(rows, day), seen(rows, day, by_receipt=True)) == (published, received)


@pytest.mark.parametrize(
    ("deliveries", "revised", "dropped", "began", "ended"),
    [
        (CORRECTED[:1], 0, 0, 1, 0),
        (CORRECTED, 1, 0, 1, 1),
        (REMOVED, 0, 1, 0, 1),
        (BACK, 0, 0, 1, 0),
        (LATE, 0, 0, 1, 0),
        (UNDATED, 1, 1, 1, 2),
        (REVISED, 0, 0, 1, 0),
        ([*CORRECTED, CORRECTED[1]], 0, 0, 0, 0),
        ([("2024-03-01", "2024-01=1 2024-01=1"), ("2024-04-01", "2024-01=1 2024-01=1 2024-01=1")], 0, 0, 1, 0),
        ([("2024-03-01", "2024-01=1 2024-01=1"), ("2024-04-01", "2024-01=1")], 0, 1, 0, 1),
        ([("2024-03-01", "2024-01=1"), ("2024-04-01", "")], 0, 1, 0, 1),
        # what was published later takes the place of what it supersedes
        ([("2024-03-01", "2024-01=1@2024-02-01"), ("2024-04-01", "2024-01=2@2024-03-01")], 1, 0, 1, 1),
        # a newer vintage that goes is told of, though the older one stays
        ([REVISED[1], ("2024-05-01", "2024-01=1@2024-02-01")], 0, 1, 0, 1),
    ],
)
def test_a_merge_counts_added_removed_revised_and_dropped_rows(
    deliveries: list[Delivery], revised: int, dropped: int, began: int, ended: int
) -> None:
    result = last_arrival(*deliveries)
    assert (result.revised, result.dropped, result.added, result.removed) == (revised, dropped, began, ended)
    assert result.rows.dtypes.astype(str).to_dict() == DTYPES


TWO = "2024-01=1@2024-02-01 2024-02=2@2024-03-01"


@pytest.mark.parametrize(
    ("garbled", "then", "now", "next_now"),
    [
        ("2024-01=1@2024-02-01 ?", TWO, "01=1 02=2", "01=1 02=2"),
        ("2024-01=1@2024-02-01 ?", "2024-01=1@2024-02-01", "01=1 02=2", "01=1"),
        ("2024-01=1@2024-02-01 ?", "2024-01=1@2024-02-01 ?", "01=1 02=2", "01=1 02=2"),
        ("?", "?", "01=1 02=2", "01=1 02=2"),
        ("2024-02=3@2024-03-01 ?", TWO, "01=1 02=3", "01=1 02=2"),  # other content under the same key
        ("2024-01=1@2024-02-01 2024-02=3@2024-03-08 ?", "", "01=1 02=2 02=3", ""),  # a newer publication
        ("? 2024-03=3@2024-03-09", "2024-03=3@2024-03-09", "01=1 02=2 03=3", "03=3"),
    ],
)
def test_a_delivery_with_quarantined_rows_removes_nothing(garbled: str, then: str, now: str, next_now: str) -> None:
    deliveries = [("2024-03-05", TWO), ("2024-03-10", garbled), ("2024-03-20", then)]
    rows = after_some_garbled(*deliveries)
    for view in (False, True):
        texts = [seen(rows, day, by_receipt=view) for day in ("2024-03-05", "2024-03-10", "2024-03-20")]
        assert texts == ["01=1 02=2", now, next_now]
    assert seen(after_some_garbled(*deliveries[:2]), "2024-03-19") == now


def test_a_row_that_a_garbled_delivery_lacks_is_held_without_a_break() -> None:
    rows = after_some_garbled(("2024-03-05", TWO), ("2024-03-10", "?"), ("2024-03-20", TWO))
    assert rows["held_from"].tolist() == [pd.Timestamp("2024-03-05T12:00:00")] * 2
    assert rows["held_until"].isna().all()


DAYS = ("2024-03-01", "2024-01-01=1 2024-01-31=2 2024-02-29=3")


@pytest.mark.parametrize(
    ("holds", "then", "now"),
    [
        ("60d", "2024-02-29=3 2024-03-01=4", "01=1 02=3 03=4"),  # the first has dropped off, the second is missing
        ("30d", "2024-02-29=3 2024-03-01=4", "01=1 01=2 02=3 03=4"),
        ("31d", "2024-02-29=3 2024-03-01=4", "01=1 02=3 03=4"),
        ("30d", "2024-03-01=4", "01=1 01=2 03=4"),  # the third is within the file's days, and missing
        ("31d", "2024-01-31=2", "01=2"),  # nothing newer came that could have pushed the first one out
        ("29d", "2024-01-01=5 2024-03-01=4", "01=2 01=5 03=4"),  # a new word about its day is a revision
        ("1mo", "2024-03-31=4", "01=1 01=2 02=3 03=4"),
        ("2mo", "2024-03-31=4", "01=1 01=2 03=4"),
        ("90d", "", ""),
    ],
)
def test_rows_that_drop_off_a_rolling_file_stay_in_force(holds: str, then: str, now: str) -> None:
    rows = frame([])
    for at, text in (DAYS, ("2024-04-01", then), ("2024-04-02", then)):
        rows = merge_delivery(rows, rows_of(text), Receipt(instant(at), holds=Duration.parse(holds))).rows
        assert rows.dtypes.astype(str).to_dict() == DTYPES
    assert seen(rows, "2024-04-01") == seen(rows, "2024-04-02") == now
    assert seen(rows, "2024-03-31") == "01=1 01=2 02=3"


@given(
    days=some.lists(some.integers(0, 60), min_size=1, max_size=7, unique=True).map(sorted), length=some.integers(1, 30)
)
def test_all_rows_that_a_rolling_file_ever_held_stay_in_force(days: list[int], length: int) -> None:
    """A file that is fetched on each of some days and holds the figures of those days, none older than its length."""
    rows = frame([])
    for number, newest in enumerate(days):
        text = " ".join(f"{day(one)}={one}" for one in days[: number + 1] if one > newest - length)
        rows = merge_delivery(rows, rows_of(text), Receipt(instant(day(newest)), holds=Duration(days=length))).rows
    assert rows["held_until"].isna().all()
    assert sorted(rows["value"]) == days


def test_a_row_that_moves_in_its_file_stays_one_row_with_its_new_line() -> None:
    rows = after(*UNDATED[:2])
    assert rows[["line", "value", "held_from"]].to_numpy().tolist() == [
        [2, 2.0, pd.Timestamp("2024-04-01T12:00:00")],
        [3, 10.0, pd.Timestamp("2024-03-01T12:00:00")],
    ]


def test_a_delivery_of_a_folder_replaces_the_rows_of_its_file_only() -> None:
    rows = frame([])
    for at, file, text in [
        ("2024-03-01", "a.csv", "2024-01=1@2024-02-01"),
        ("2024-03-02", "b.csv", "2024-02=2@2024-03-01"),
        ("2024-04-01", "a.csv", "2024-01=3@2024-02-01"),
        ("2024-05-01", "b.csv", ""),
    ]:
        rows = merge_delivery(rows, rows_of(text, file), Receipt(instant(at), file)).rows
    texts = [seen(rows, day, by_receipt=True) for day in ("2024-03-01", "2024-03-02", "2024-04-01", "2024-05-01")]
    assert texts == ["01=1", "01=1 02=2", "01=3 02=2", "01=3"]


def test_a_clock_set_back_does_not_change_the_order() -> None:
    rows = after(("2024-03-01", "2024-01=1"), ("2024-02-01", "2024-01=2"), ("2024-04-01", "2024-01=3"))
    assert list(rows["held_from"]) == [pd.Timestamp(f"2024-0{month}-01T12:00:00") for month in (3, 3, 4)]
    assert [seen(rows, day) for day in ("2024-02-29", "2024-03-01", "2024-04-01")] == ["", "01=2", "01=3"]


def test_a_corrected_figure_stays_on_the_board_of_the_days_before() -> None:
    rows = SourceRows(after(("2024-02-01", "2024-01=9@2024-02-01"), ("2024-03-01", "2024-01=1@2024-02-01")))
    states = [evaluate(ALERT, rows, parse_day(day)).verdicts[0].state.value for day in ("2024-02-29", "2024-03-01")]
    assert states == ["firing", "withdrawn"]


def test_the_backtest_looks_on_the_days_on_which_rows_were_corrected() -> None:
    rows = SourceRows(after(("2024-02-01", "2024-01=9@2024-02-01"), ("2024-03-10", "2024-01=1@2024-02-01")))
    days = [day for day, _, _ in replay("x", ALERT, rows, date(2024, 3, 20))]
    assert {date(2024, 2, 1), date(2024, 3, 10)} <= set(days)


# --- any history of deliveries: a row is (month, value, day of publication or None)

A_ROW = some.tuples(
    some.integers(1, 3), some.integers(1, 9), some.one_of(some.none(), some.integers(0, SOON)), some.booleans()
)
SOME_DELIVERIES = some.lists(
    some.tuples(some.integers(0, SOON), some.lists(A_ROW, max_size=6)), min_size=1, max_size=5
).map(lambda found: sorted(found, key=lambda delivery: delivery[0]))
History = list[tuple[int, list[tuple[int, int, int | None, bool]]]]


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def history(deliveries: History) -> list[Delivery]:
    """Nothing is published after it was received."""
    return [(day(at), " ".join(_word(row, at) for row in rows)) for at, rows in deliveries]


def without_contradictions(deliveries: History) -> History:
    """One row of each delivery for a month and a publication: the reader lets in neither of two that contradict each
    other, and their places in the file would decide which of them counts."""

    def key(row: tuple[int, int, int | None, bool], at: int) -> tuple[int, int | None]:
        month, _, published, _ = row
        return month, None if published is None else min(published, at)

    return [(at, list({key(row, at): row for row in rows}.values())) for at, rows in deliveries]


def _word(row: tuple[int, int, int | None, bool], at: int) -> str:
    month, value, published, _ = row
    text = "" if published is None else f"@{day(min(published, at))}"
    return f"2023-{month:02}={value}{text}"


def content(rows: pd.DataFrame, day: date, *, by_receipt: bool) -> list[str]:
    table = (SourceRows(rows).by_receipt(date(2024, 12, 31)) if by_receipt else SourceRows(rows)).table
    return bytes(table.content.joined(table.is_known(day))).decode().split("\x1e")[:-1]


@given(deliveries=SOME_DELIVERIES, at=some.integers(0, SOON))
@example(deliveries=[(0, [(1, 1, None, True)]), (3, []), (5, [(1, 1, None, True)])], at=4)
def test_by_receipt_a_past_board_equals_the_board_published_then(deliveries: History, at: int) -> None:
    text = history(deliveries)
    live, later = after(*(one for one in text if one[0] <= day(at))), after(*text)
    assert content(live, parse_day(day(at)), by_receipt=True) == content(later, parse_day(day(at)), by_receipt=True)


@given(
    deliveries=SOME_DELIVERIES,
    accepted=some.lists(some.sampled_from(["", "let in", "said of what is lost"]), min_size=5, max_size=5),
    at=some.integers(0, SOON),
)
def test_an_acceptance_changes_no_earlier_board(deliveries: History, accepted: list[str], at: int) -> None:
    text, then = list(zip(history(deliveries), accepted, strict=False)), parse_day(day(at))
    live, later = after_some_accepted([one for one in text if one[0][0] <= day(at)]), after_some_accepted(text)
    assert content(live, then, by_receipt=True) == content(later, then, by_receipt=True)
    for rows in (live, later):
        assert rows.dtypes.astype(str).to_dict() == DTYPES
        assert not (rows["accepted_at"] < rows["held_until"]).any()
        assert not (rows["accepted_at"].notna() & rows["held_until"].isna()).any()
    known = later[later["accepted_at"] <= pd.Timestamp(end_of_day(then))]
    assert len(known) == live["accepted_at"].notna().sum()


def after_some_accepted(accepted_deliveries: list[tuple[Delivery, str]]) -> pd.DataFrame:
    rows = frame([])
    for (at, text), accepted in accepted_deliveries:
        rows = merge_delivery(rows, rows_of(text), Receipt(instant(at), is_accepted=accepted == "let in")).rows
        if accepted == "said of what is lost":
            rows = accept_missing(rows, instant(at))
            assert not are_missing(rows).any()
    return rows


@given(deliveries=SOME_DELIVERIES, at=some.integers(0, SOON))
def test_by_publication_a_past_board_equals_the_board_of_then_but_for_late_receipts(
    deliveries: History, at: int
) -> None:
    """What was published by then and first received later is there as well, and nothing else is."""
    text, then = history(deliveries), parse_day(day(at))
    live, later = after(*(one for one in text if one[0] <= day(at))), after(*text)
    keys = ["start", "end", "subject", "published_at"]
    first = later.groupby(keys, dropna=False)["held_from"].transform("min") if len(later) else later["held_from"]
    received = later[first <= pd.Timestamp(end_of_day(then))]
    assert content(live, then, by_receipt=False) == content(received, then, by_receipt=False)
    late = later[(first > pd.Timestamp(end_of_day(then))) & later["held_until"].isna()]
    expected = sorted([*content(received, then, by_receipt=False), *content(late, then, by_receipt=False)])
    assert content(later, then, by_receipt=False) == expected


@given(deliveries=SOME_DELIVERIES, at=some.integers(0, SOON))
def test_a_live_board_equals_a_later_board_as_of_that_day_byte_for_byte(deliveries: History, at: int) -> None:
    text, then = history(without_contradictions(deliveries)), parse_day(day(at))
    live, later = (
        SourceRows(rows).by_receipt(date(2024, 12, 31))
        for rows in (after(*(one for one in text if one[0] <= day(at))), after(*text))
    )
    one, other = (board_as_json(evaluate(ALERT, rows, then)) for rows in (live, later))
    assert _without_lines(one) == _without_lines(other)


def _without_lines(board: str) -> str:
    """Problems and figures name the line at which their row stands in the newest delivery, so that it is found."""
    return re.sub(r'"line": [0-9]+|lines [0-9]+ and [0-9]+|(?<=\.csv:)[0-9]+', "", board)


@settings(max_examples=examples(25, 400), deadline=None)
@given(deliveries=SOME_DELIVERIES)
def test_rows_in_force_are_those_of_the_newest_delivery(deliveries: History) -> None:
    text = history(deliveries)
    rows, newest = after(*text), rows_of(text[-1][1])
    now = rows[rows["held_until"].isna()].reset_index(drop=True)
    columns = [name for name in DTYPES if name not in ("known_at", "held_from", "held_until", "accepted_at")]
    pd.testing.assert_frame_equal(now[columns], newest[columns])


@settings(max_examples=examples(25, 400), deadline=None)
@given(deliveries=SOME_DELIVERIES, garbled=some.lists(some.booleans(), min_size=5, max_size=5))
def test_rows_in_force_follow_from_the_deliveries_in_turn(deliveries: History, garbled: list[bool]) -> None:
    message = history(deliveries)
    expected: list[str] = []
    for (_, text), is_garbled in zip(message, garbled, strict=False):
        words = text.split()
        lost, new = Counter(expected) - Counter(words), Counter(words) - Counter(expected)
        keys = {_key(word) for word in new}
        kept = [word for word in lost.elements() if _key(word) not in keys]
        expected = words + (kept if is_garbled else [])
    rows = after_some_garbled(
        *((at, text + " ?" * is_garbled) for (at, text), is_garbled in zip(message, garbled, strict=False))
    )
    now = rows[rows["held_until"].isna()]
    result = zip(now["start"], now["value"], now["published"], strict=True)
    assert sorted(f"{start:%Y-%m}={value:g}{'@' * bool(at)}{at}" for start, value, at in result) == sorted(expected)


def _key(word: str) -> tuple[str, str]:
    return word.partition("=")[0], word.partition("@")[2]


@settings(max_examples=examples(25, 400), deadline=None)
@given(deliveries=SOME_DELIVERIES)
def test_known_rows_change_only_on_days_of_news(deliveries: History) -> None:
    table = SourceRows(after(*history(deliveries))).table
    if "s" not in table.slices:
        return
    news = {day_of(one) for one in table.change_days("s")}
    known = [table.known("s", FIRST + timedelta(days=number)).tolist() for number in range(-40, SOON + 5)]
    changed = {FIRST + timedelta(days=at - 40) for at in range(1, len(known)) if known[at] != known[at - 1]}
    assert changed <= news
