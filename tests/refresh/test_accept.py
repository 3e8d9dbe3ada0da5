"""A person's word against the guards: by name and with a reason, from that instant on, the same from the archive."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from typer.testing import CliRunner

from dashboard.archive.deliveries import Archive
from dashboard.catalog.loader import load_catalog
from dashboard.cli.application import app
from dashboard.evaluation.evaluate import evaluate
from dashboard.refresh.requests.accept import Acceptance, acceptances_of
from dashboard.refresh.requests.accept_command import run_acceptance
from dashboard.refresh.requests.mailbox import Answer
from dashboard.reporting.board_json import board_as_json
from dashboard.rows.load import load_rows
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.store.row_store import RowStore
from tests.archiving import lines_of
from tests.examples import examples
from tests.fetch_server import Server, in_turn, reply
from tests.refreshing import Place

ALL = [f"2024-02-{day:02},{9 if day == 20 else 1}" for day in range(1, 21)]
WAYS = ("file: data/a.csv", "folder: data")


def accept(place: Place, source: str = "a", **more: str) -> Answer:
    acceptance = Acceptance(source, "Kim", "the publisher has confirmed it", **more)
    return run_acceptance(place.workspace, acceptance, {}, lambda: place.now, 0)


def held_back(place: Place, source: str = WAYS[0], expect: str = "") -> Place:
    """A firing source of which four rows of twenty were delivered next, and held back."""
    place.define(a=source + expect)
    place.write("data/a.csv", *ALL)
    assert place.refresh().is_well
    place.later(days=1).write("data/a.csv", *ALL[:4])
    assert not place.refresh().is_well
    assert place.verdict("a")["state"] == "firing"
    return place


def from_the_archive(place: Place, source: str = "a") -> pd.DataFrame:
    own = load_catalog(place.catalog).sources[source]
    return replay_deliveries(source, own, Archive(place.state), None, place.now.date()).rows


def expect_the_same_from_the_archive(place: Place) -> None:
    stored = RowStore(place.state).rows("a")
    assert stored is not None
    pd.testing.assert_frame_equal(stored, from_the_archive(place))


@pytest.mark.parametrize("source", WAYS)
def test_a_held_back_delivery_is_in_force_from_its_acceptance_on(place: Place, source: str) -> None:
    held_back(place, source)
    before = [evaluated(place, days) for days in (0, 1)]
    assert "watchfloor accept a --by NAME --because TEXT" in str(place.verdict("a"))
    done = accept(place.later(days=1))
    assert done.is_done
    assert done.lines[0].startswith("accepted: 4 rows of data/a.csv received 8 Mar 2024 12:00 UTC (16 no longer there)")
    assert place.values("a") == [1.0] * 4
    run = place.runs("a")[-1]
    assert (run.outcome, run.by, run.message, run.at) == (
        "received",
        "Kim",
        "the publisher has confirmed it",
        place.now,
    )
    assert (place.verdict("a")["data_state"], place.verdict("a")["severity"]) == ("fresh", "normal")
    assert [evaluated(place, days) for days in (0, 1)] == before
    expect_the_same_from_the_archive(place)


def evaluated(place: Place, days: int) -> str:
    """What the board of so many days after the first one says now, without the figures' places in files."""
    catalog, first = load_catalog(place.catalog), place.runs("a")[0].at.date()
    board = evaluate(catalog, load_rows(catalog, place.now.date(), state=place.state), first + timedelta(days=days))
    fields = json.loads(board_as_json(board))
    return json.dumps([{**one, "problems": len(one.get("problems", ()))} for one in fields["indicators"]])


def test_a_change_of_unit_that_a_person_knows_of_is_let_in(place: Place) -> None:
    place.define(a=WAYS[0])
    place.write("data/a.csv", *ALL)
    place.refresh()
    place.later(days=1).write("data/a.csv", *(f"{line[:11]}{float(line[11:]) / 1000:g}" for line in ALL))
    assert not place.refresh().is_well
    assert "all figures changed by the factor 0.001: another unit?" in place.runs("a")[-1].message
    assert place.verdict("a")["state"] == "firing"
    assert accept(place.later(hours=1)).is_done
    assert place.verdict("a")["severity"] == "normal"
    expect_the_same_from_the_archive(place)


def test_a_held_back_delivery_can_be_let_in_when_its_file_is_deleted(place: Place) -> None:
    held_back(place, WAYS[1])
    (place.folder / "data/a.csv").unlink()
    for _ in range(2):
        assert not place.later(hours=1).refresh().is_well
    assert accept(place).is_done
    assert place.values("a") == [1.0] * 4


def test_a_second_acceptance_changes_nothing(place: Place) -> None:
    held_back(place)
    assert accept(place).is_done
    rows, runs = RowStore(place.state).rows("a"), place.runs("a")
    again = accept(place.later(hours=1))
    assert again == Answer(("nothing of a is held back, and no row of it is missing",), is_done=False)
    assert place.runs("a") == runs
    rows_in_store = RowStore(place.state).rows("a")
    assert rows is not None
    assert rows_in_store is not None
    pd.testing.assert_frame_equal(rows, rows_in_store)


@pytest.mark.parametrize("source", WAYS)
def test_the_next_delivery_is_compared_with_the_accepted_one(place: Place, source: str) -> None:
    accept(held_back(place, source))
    place.later(days=1)
    assert place.refresh().sources["a"].is_well
    assert place.runs("a")[-1].by == "Kim"  # the same bytes are no news
    place.write("data/a.csv", *ALL[:3])
    assert place.refresh().is_well
    assert place.values("a") == [1.0] * 3


def test_rows_that_are_missing_count_as_wrong_once_a_person_says_so(place: Place) -> None:
    place.define(a=WAYS[0])
    place.write("data/a.csv", *ALL)
    place.refresh()
    place.later(days=1).write("data/a.csv", *ALL[:-1])
    place.refresh()
    assert (place.verdict("a")["severity"], place.verdict("a")["state"]) == (None, "withdrawn")
    before = evaluated(place, 1)
    done = accept(place.later(days=1))
    assert done.is_done
    assert (
        "accepted: 1 row of a that no delivery has any more, counted as wrong from now on: "
        "9, 20 Feb 2024 (data/a.csv:21)" in done.lines[0]
    )
    run = place.runs("a")[-1]
    assert (run.outcome, run.by, run.message) == ("accepted", "Kim", "the publisher has confirmed it")
    assert place.verdict("a")["severity"] == "normal"
    assert evaluated(place, 1) == before
    expect_the_same_from_the_archive(place)
    assert not accept(place).is_done
    assert place.refresh().is_well  # that it was accepted is no look, and stops none


def test_a_figure_that_is_back_or_was_published_anew_is_not_missing(place: Place) -> None:
    place.define(a=WAYS[0])
    header, old, new = "date,value,published_at", "2024-02-01,9,2024-02-02", "2024-02-01,8,2024-02-03"
    for lines in (
        [old, "2024-02-02,1,2024-02-03"],
        ["2024-02-02,1,2024-02-03"],
        [old, "2024-02-02,1,2024-02-03"],
        [new],
    ):
        place.later(hours=1).put("data/a.csv", "\n".join([header, *lines, ""]))
        place.refresh()
    done = accept(place)
    assert "accepted: 1 row of a that" in done.lines[0]
    assert "1, 2 Feb 2024 (" in done.lines[0]


@pytest.mark.parametrize("cells", ["9,t,provisional", "9,bbl,reported"])
def test_a_figure_that_is_overwritten_with_another_unit_or_is_not_judged_any_more_is_missing(
    place: Place, cells: str
) -> None:
    place.define(a=WAYS[0])
    header = "date,value,unit,status,published_at"
    for now in ("9,t,reported", cells):
        place.later(hours=1).put("data/a.csv", f"{header}\n2024-02-01,{now},2024-02-02\n2024-02-02,1,t,,2024-02-03\n")
        place.refresh()
    assert "1 row of a that no delivery has any more" in accept(place).lines[0]
    assert not accept(place).is_done


def test_an_unreadable_delivery_is_never_let_in(place: Place) -> None:
    place.define(a=WAYS[0])
    place.write("data/a.csv", *ALL)
    place.refresh()
    place.later(days=1).put("data/a.csv", "datum,wert\n2024-02-01,1\n")
    place.refresh()
    done = accept(place)
    assert not done.is_done
    assert "data/a.csv received 8 Mar 2024 12:00 UTC cannot be let in: it cannot be read as a whole:" in done.lines[0]
    assert "deliver it again" in done.lines[0]
    assert place.values("a")[-1] == 9


def test_one_of_several_held_back_files_can_be_named(place: Place) -> None:
    place.define(a="folder: data")
    for file in ("data/a.csv", "data/b.csv", "data/c.csv"):
        place.write(file, *(line.replace("2024-02", f"2024-0{1 + (file > 'data/a.csv')}") for line in ALL[:9]))
    place.write("data/c.csv", "2024-03-01,1")
    place.refresh()
    for file in ("data/a.csv", "data/b.csv"):
        place.later(hours=1).write(file, ALL[0])
    place.refresh()
    assert accept(place, file="data/c.csv") == Answer(("nothing of data/c.csv is held back",), is_done=False)
    assert accept(place, file="data/b.csv").is_done
    assert [run.file for run in place.runs("a") if run.by] == ["data/b.csv"]
    assert accept(place).is_done
    assert [run.file for run in place.runs("a") if run.by] == ["data/b.csv", "data/a.csv"]
    expect_the_same_from_the_archive(place)


def test_a_file_that_nobody_refreshed_yet_is_received_first(place: Place) -> None:
    place.define(a=f"{WAYS[0]}, expect: {{min_rows: 5}}")
    place.write("data/a.csv", *ALL[:3])
    first = accept(place)
    assert (first.is_done, place.outcomes("a")) == (False, ["rejected"])
    assert "nothing was accepted; look at it and run the command again" in first.lines[0]
    assert "it holds 3 rows, fewer than" in first.lines[1]
    assert accept(place).is_done
    assert (place.outcomes("a"), place.values("a")) == (["rejected", "received"], [1.0] * 3)


def test_an_acceptance_of_missing_rows_lets_in_no_delivery_held_back_since(place: Place) -> None:
    place.define(a=WAYS[0])
    for rows in (ALL, ALL[:-1]):
        place.later(days=1).write("data/a.csv", *rows)
        place.refresh()
    place.later(hours=1).write("data/a.csv", *ALL[:2])
    done = accept(place)
    assert not done.is_done
    assert "what is held back has changed meanwhile, and nothing was accepted" in done.lines[0]
    assert "it shrank from 19 rows to 2" in done.lines[1]
    assert (place.outcomes("a")[-1], len(place.values("a"))) == ("rejected", 19)
    assert accept(place).is_done
    assert len(place.values("a")) == 2


def test_an_acceptance_of_missing_rows_does_not_cover_rows_missing_since(place: Place) -> None:
    place.define(a=WAYS[0])
    for rows in (ALL, ALL[:-1]):
        place.later(days=1).write("data/a.csv", *rows)
        place.refresh()
    place.later(hours=1).write("data/a.csv", *ALL[:-2])
    done = accept(place)
    assert not done.is_done
    assert "a: 1 row went missing only now, and nothing was accepted" in done.lines[0]
    assert done.lines[1] == "1, 19 Feb 2024 (data/a.csv:20)"
    assert "2 rows of a that no delivery has any more, counted as wrong" in accept(place).lines[0]


def test_a_file_edited_since_it_was_held_back_is_not_let_in_unseen(place: Place) -> None:
    held_back(place).later(hours=1).write("data/a.csv", *ALL[:2])
    done = accept(place)
    assert not done.is_done
    assert "what is held back has changed meanwhile" in done.lines[0]
    assert accept(place).is_done
    assert place.values("a") == [1.0] * 2


def test_an_address_is_let_in_as_it_was_held_back_and_not_asked_again(place: Place) -> None:
    texts = ["\n".join(["date,value,published_at", *rows, ""]).encode() for rows in (
        ["2024-02-01,1,2024-02-02", "2024-02-10,9,2024-02-11"], ["2024-02-01,1,2024-02-02"],
    )]  # fmt: skip
    with Server(in_turn(*map(reply, texts))) as server:
        place.define(a=f"url: '{server.site}/a.csv', allow_private: [localhost]")
        for _ in texts:
            place.later(hours=2).refresh("a")
        looked_at = place.runs("a")[-1].at
        place.later(minutes=5)
        assert accept(place).is_done
        assert len(server.requests) == 2
        place.now = looked_at + timedelta(hours=1)  # what a person accepts is no look: the schedule goes on
        place.refresh()
        assert len(server.requests) == 3
    assert place.values("a") == [1.0]


def test_an_accepted_move_to_another_place_is_made_again_from_the_archive(place: Place) -> None:
    place.define(a=WAYS[0])
    place.write("data/a.csv", *ALL)
    place.refresh()
    place.later(days=1).define(a="folder: drop")
    place.write("drop/a.csv", *ALL[:2])
    place.write("drop/b.csv", *ALL[2:4])
    assert not place.refresh().is_well
    assert accept(place.later(hours=1)).is_done
    assert place.values("a") == [1.0] * 4
    expect_the_same_from_the_archive(place)


def test_an_acceptance_lasts_when_the_definition_changes(place: Place) -> None:
    accept(held_back(place))
    place.later(days=1).define(a=f"{WAYS[0]}, holds: 400d, expect: {{min_rows: 10, shrink_at_most: 0}}")
    assert place.refresh("a").is_well
    assert len(place.values("a")) == 4
    expect_the_same_from_the_archive(place)


MOVES = some.lists(
    some.one_of(some.sampled_from(["accept", "lose a row", "lose most", "a thousandth", "restore"])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=examples(5, 30), deadline=None)
@given(moves=MOVES)
def test_rebuilt_rows_equal_incrementally_built_rows_after_acceptances(moves: list[str]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        place = Place(Path(folder))
        place.define(a=WAYS[0])
        now = list(ALL[-8:])
        for move in ["restore", *moves]:
            place.later(hours=5)
            if move == "accept":
                accept(place)
                assert not accept(place).is_done
                continue
            now = now if len(now) > 2 else list(ALL[-8:])
            now = {
                "lose a row": now[:-1],
                "lose most": now[:1],
                "a thousandth": [f"{line[:11]}{float(line[11:]) / 1000:f}" for line in now],
                "restore": list(ALL[-8:]),
            }[move]
            place.write("data/a.csv", *now)
            place.refresh()
        expect_the_same_from_the_archive(place)


# --- the command line, and a refresher that goes on


def watchfloor(place: Place, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*words, "--catalog", str(place.catalog), "--state", str(place.state)])
    return done.exit_code, done.output


def test_the_command_says_whether_it_accepted_anything(place: Place) -> None:
    held_back(place)
    command = ("accept", "a", "--by", "Kim <b>", "--because", "so it is", "--wait", "0")
    code, output = watchfloor(place, *command)
    assert (code, output.startswith("accepted: 4 rows of data/a.csv received ")) == (0, True)
    assert watchfloor(place, *command) == (1, "nothing of a is held back, and no row of it is missing\n")
    assert watchfloor(place, "accept", "b", "--by", "Kim", "--because", "so it is") == (2, "no source b\n")


@pytest.mark.parametrize(
    ("by", "because"), [("", "x"), ("Kim", " "), ("Kim\nx", "x"), ("Kim", "x\u202e"), ("K" * 101, "x")]
)
def test_name_and_reason_are_one_line_each(place: Place, by: str, because: str) -> None:
    held_back(place)
    code, output = watchfloor(place, "accept", "a", "--by", by, "--because", because)
    assert (code, "takes one line of text" in output) == (2, True)
    assert place.outcomes("a") == ["received", "rejected"]


def test_a_request_keeps_its_checksums_and_is_answered_once(place: Place) -> None:
    acceptance = Acceptance("a", "Kim", "x", held_back_checksums=("abc",))
    mailbox = acceptances_of(place.state)
    name = mailbox.send(acceptance)
    (place.state / "requests" / "acceptances" / "torn.asked.json").write_text("{")
    assert list(mailbox.take_requests()) == [(name, acceptance)]
    assert not mailbox.withdraw(name)
    mailbox.answer(name, Answer(("done",), is_done=True))
    assert mailbox.take_answer(name) == Answer(("done",), is_done=True)
    assert mailbox.take_answer(name) is None


def test_journals_without_acceptances_have_the_lines_that_they_had(place: Place) -> None:
    held_back(place)
    lines = lines_of(place.state, "a")
    assert [b'"by"' in line for line in lines] == [False, False]
    assert [b'"held_back"' in line for line in lines] == [False, True]
    assert [run.held_back for run in place.runs("a")] == [False, True]
