"""The log of a source: its journal folded once, from the oldest run to the newest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import Outcome, Run
from dashboard.archive.source_log import SourceLog
from tests.examples import examples

AT = datetime(2026, 3, 1, 6, tzinfo=UTC)
FILE, FOLDER = "file a.csv", "folder in (*.csv)"
LOCATIONS = (FILE, FOLDER, "url https://example.org/a.csv", "")


@st.composite
def journals(draw: st.DrawFn) -> list[Run]:
    """Runs of any outcome, from any location, oldest first."""
    outcomes = draw(st.lists(st.sampled_from(get_args(Outcome)), max_size=20))
    locations = draw(st.lists(st.sampled_from(LOCATIONS), min_size=1, max_size=2))
    runs = []
    for hours, outcome in enumerate(outcomes):
        location = draw(st.sampled_from(locations))
        file = draw(st.sampled_from(["in/a.csv", "in/b.csv"])) if location == FOLDER else "a.csv"
        run = Run(
            AT + timedelta(hours=hours), outcome, file, file, draw(st.sampled_from("AB")), location=location,
            headers={"ETag": draw(st.sampled_from("12"))}, quarantined=draw(st.integers(0, 1)),
            by="analyst" if outcome == "accepted" else "",
        )  # fmt: skip
        runs.append(run)
    return runs


@settings(max_examples=examples(60, 800), deadline=None)
@given(runs=journals(), here=st.sampled_from(LOCATIONS[:-1]), count=st.integers(0, 20))
def test_a_log_that_is_continued_equals_the_log_of_all_runs(runs: list[Run], here: str, count: int) -> None:
    log = SourceLog.of(here, runs[:count])
    for run in runs[count:]:
        log.add(run)
    assert log == SourceLog.of(here, runs)


@settings(max_examples=examples(20, 240), deadline=None)
@given(runs=journals(), here=st.sampled_from(LOCATIONS[:-1]))
def test_the_archive_folds_every_run_that_adds_to_the_log(
    tmp_path_factory: pytest.TempPathFactory, runs: list[Run], here: str
) -> None:
    archive = Archive(tmp_path_factory.mktemp("journal"))
    for run in runs:
        archive.record("s", run)
    assert archive.log("s", here) == SourceLog.of(here, runs)


def test_only_the_ends_of_a_long_series_of_unchanged_runs_are_parsed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    first = Run(AT, "seen again", "a.csv", "a.csv", "A")
    stretch = [replace(first, at=AT + timedelta(hours=hours)) for hours in range(100)]
    other = replace(first, at=AT + timedelta(hours=200), headers={"ETag": "2"})
    for run in (*stretch, other):
        archive.record("s", run)
    lines = archive._index.lines_with("s", None)
    assert [Run.of_line(line) for line in lines] == [stretch[0], stretch[-1], other]
    assert archive.runs("s") == (*stretch, other)


def test_a_run_requested_by_a_person_is_not_the_last_scheduled_run() -> None:
    rejected = Run(AT, "rejected", "a.csv", "a.csv", "A", held_back=True)
    let_in = replace(rejected, at=AT + timedelta(hours=1), outcome="received", held_back=False, by="analyst")
    log = SourceLog.of(FILE, [rejected, let_in])
    assert (log.last, log.accepted, log.last_received) == (rejected, let_in, let_in)
