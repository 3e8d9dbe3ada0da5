"""Deliveries that revise most figures, or all by one factor, are held back wherever a delivery is judged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from typer.testing import CliRunner

from dashboard.catalog.loader import load_catalog
from dashboard.cli.application import app
from dashboard.rows.guards.expectations import old_copy
from dashboard.rows.guards.revision_limits import excessive_revisions
from dashboard.rows.load import load_rows
from tests.fetch_server import Server, in_turn, reply
from tests.receiving import figures
from tests.refreshing import Place
from tests.rows.test_held_rows import rows_of

HELD = "30 30 31 32 29 28 30 33 31 30 70"


def months(values: str, first: int = 1, published: str = "") -> str:
    """A row for each value, a month each from January 2023 on; `_` is a month without one."""
    results = [
        (f"{2023 + (place // 12)}-{place % 12 + 1:02}", word) for place, word in enumerate(values.split(), first - 1)
    ]
    return " ".join(f"{month}={word}{published}" for month, word in results if word != "_")


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        # all by one factor, whatever share of them may change
        (HELD, "0.03 0.03 0.031 0.032 0.029 0.028 0.03 0.033 0.031 0.03 0.07", "by the factor 0.001: another unit?"),
        (HELD, " ".join(f"{1000 * int(one)}" for one in HELD.split()), "by the factor 1,000: another unit?"),
        (HELD, " ".join(["0"] * 11), "all figures became 0"),
        (HELD, " ".join(f"-{one}" for one in HELD.split()), "by the factor -1: another sign?"),
        ("100 200 300 400 500", "102 204 306 408 510", "by the factor 1.02: another unit?"),
        ("2498 3112 2801 4005 3650", "313 390 351 502 457", "by the factor 0.125"),  # barrels as tonnes, rounded
        ("0 0 0 3 0 0 7 0 5", "0 0 0 30 0 0 70 0 50", "by the factor 10"),
        ("0 0 0 3 0 0 7 0 5", "0 0 0 0 0 0 0 0 0", "all figures became 0"),
        ("30 30 31 32 29", "0.03 0.03 0.031 0.032 0.029 50 60", "by the factor 0.001"),  # new periods do not count
        ("30 30 31 32 29", "0.03 0.03 0.031 0.032 0.029", "(May 2023: 29 before, 0.029 now)"),
        # no factor that could not be chance, and no more than may change
        ("0 0 0 1 0 0 1", "0 0 0 2 0 0 2", ""),
        ("0 0 0 1 0 0 1 2", "0 0 0 2 0 0 2 3", ""),
        ("30 30 31 32", "0.03 0.03 0.031 0.032", ""),  # four figures
        ("30 30 31 32 _", "0.03 0.03 0.031 0.032 0.029", ""),  # four in common
        ("100 200 300 400 500", "100 200 300 400 500", ""),
        ("100 200 300 400 500", "109 191 300 404 501", ""),
        ("1 2 3 4 5 6", "1 2 3 8 9 1", ""),  # half of them
        # most of them
        ("1 2 3 4 5 6", "1 2 6 8 9 1", "4 of 6 figures changed by more than 10 %"),
        ("1 2 3 4 5 6", "7 9 6 8 9 1", "6 of 6 figures changed by more than 10 %: another column?"),
        ("0 0 0 0 5", "1 1 1 0 5", "3 of 5 figures"),
        ("10 20 30 40 50 60", "79 160 241 322 399 478", "by the factor 8: another unit?"),
    ],
)  # fmt: skip
def test_a_delivery_that_revises_too_much_is_held_back(before: str, now: str, reason: str) -> None:
    result = excessive_revisions(rows_of(months(before)), rows_of(months(now)), at_most=50)
    assert reason in result
    assert bool(result) == bool(reason)


FIGURES = some.lists(some.integers(1, 10**6), min_size=5, max_size=30)


@given(figures=FIGURES, factor=some.sampled_from([0, -1, 0.001, 0.158987, 0.45359237, 1.1023, 7.98, 8.33, 1000]))
def test_a_common_factor_is_reported_whatever_share_may_change(figures: list[int], factor: float) -> None:
    before, now = (rows_of(months(" ".join(f"{one * by:.9f}" for one in figures))) for by in (1, factor))
    assert excessive_revisions(before, now, at_most=100)
    assert not excessive_revisions(before, before, at_most=0)


@given(figures=FIGURES, others=FIGURES)
def test_new_and_dropped_periods_do_not_count(figures: list[int], others: list[int]) -> None:
    before = rows_of(months(" ".join(map(str, figures))))
    now = rows_of(months(" ".join(map(str, [*figures[-4:], *others])), first=len(figures) - 3))
    assert not excessive_revisions(before, now, at_most=0)


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        ("2024-09=50@2024-10-05 2024-10=100@2024-11-05", "2024-09=50@2024-10-05", "publication is of 5 Oct 2024"),
        ("2024-10=50@2024-11-05 2024-10=100@2024-11-20", "2024-10=50@2024-11-05", "that in force of 20 Nov 2024"),
        ("2024-10=100@2024-11-05", "2024-10=90@2024-11-05", ""),
        ("2024-10=100@2024-11-05", "2024-10=90@2024-11-06", ""),
        # a month or a year ends when it ends: only what is older for certain is
        ("2024-10=100@2024-11", "2024-10=100@2024-11-02", ""),
        ("2024-10=100@2024-11", "2024-10=100@2024-10", "an old copy"),
        ("2024-10=100@2024", "2024-10=100@2024-10", ""),
        # where one of the two states no publication, the newest period counts
        ("2024-09=50 2024-10=100", "2024-09=50", "its newest period is of 30 Sep 2024, that in force of 31 Oct 2024"),
        ("2024-09=50@2024-10-05 2024-10=100@2024-11-05", "2024-09=50", "its newest period"),
        ("2024-09=50 2024-10=100", "2024-10=100", ""),
        ("2024-09=50 2024-10=100", "2024-10=100 2024-11=1", ""),
        ("", "2024-10=100", ""),
        ("2024-10=100", "", ""),
    ],
)
def test_a_delivery_is_an_old_copy_only_if_it_is_older_for_certain(before: str, now: str, reason: str) -> None:
    result = old_copy(rows_of(before), rows_of(now))
    assert reason in result
    assert bool(result) == bool(reason)


LINES = [f"2024-02-{day:02},{9 if day == 20 else 1}" for day in range(10, 21)]
SMALL = [f"{line}e-3".replace("9e-3", "0.009").replace("1e-3", "0.001") for line in LINES]


@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize(
    ("source", "files"),
    [
        ("file: data/a.csv", ["data/a.csv"]),
        ("folder: drop", ["drop/a.csv"]),
        ("folder: drop", ["drop/a.csv", "drop/b.csv"]),
    ],
)
def test_figures_changed_by_one_factor_are_held_back(place: Place, source: str, files: list[str], moves: bool) -> None:
    """From a place that it came from before, or from a new one, in one file or in several."""
    place.define(s="file: data/old.csv" if moves else source)
    if moves:
        place.write("data/old.csv", *LINES)
    else:
        write(place, files, LINES)
    assert place.refresh().is_well
    assert place.verdict("s")["state"] == "firing"
    place.later(hours=1)
    place.define(s=source)
    write(place, files, SMALL)
    assert not place.refresh().is_well
    run = place.runs("s")[-1]
    assert (run.outcome, run.held_back) == ("rejected", True)
    assert "all figures changed by the factor 0.001: another unit?" in run.message
    assert place.verdict("s")["state"] == "firing"
    assert "watchfloor accept s --by NAME --because TEXT" in str(place.verdict("s"))


def write(place: Place, files: list[str], lines: list[str]) -> None:
    for number, file in enumerate(files):
        place.write(file, *lines[number * 5 : len(lines) if number == len(files) - 1 else 5])


def test_an_edited_file_and_an_inspected_one_are_judged_as_the_next_refresh_would(place: Place) -> None:
    place.define(a="file: data/a.csv")
    place.write("data/a.csv", *LINES)
    place.refresh()
    place.write("data/a.csv", *SMALL)
    result = load_rows(load_catalog(place.catalog), place.now.date(), state=place.state)
    assert figures(result) == [1.0] * 10 + [9.0]
    sentence = CliRunner().invoke(app, ["inspect", str(place.folder / "data/a.csv"), "--source", "a", *at(place)])
    for text in (str(result.problems["a"]), sentence.output):
        assert "all figures changed by the factor 0.001: another unit?" in text
        assert "watchfloor accept a --by NAME --because TEXT" in text
    assert sentence.exit_code == 1


def at(place: Place) -> list[str]:
    return ["--catalog", str(place.catalog), "--state", str(place.state)]


@pytest.mark.parametrize(("way", "outcome"), [("url", "rejected"), ("file", "received")])
def test_an_old_copy_is_held_back_from_an_address_and_not_from_a_person(place: Place, way: str, outcome: str) -> None:
    rows = ["2024-02-01,1,2024-02-02", "2024-02-10,9,2024-02-11"]
    texts = ["\n".join(["date,value,published_at", *rows[:number], ""]) for number in (2, 1)]
    with Server(in_turn(*(reply(text.encode()) for text in texts))) as server:
        place.define(a=f"url: '{server.site}/a.csv', allow_private: [localhost]" if way == "url" else "file: a.csv")
        for text in texts:
            place.put("a.csv", text)
            place.later(hours=2).refresh("a")
    run = place.runs("a")[-1]
    assert (run.outcome, run.held_back) == (outcome, outcome == "rejected")
    assert way == "file" or run.message.startswith("it is an old copy: its newest publication is of 2 Feb 2024")
