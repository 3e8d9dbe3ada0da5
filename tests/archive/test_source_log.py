"""The log of a source: its journal folded once, from the oldest run to the newest."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.archive import source_log
from dashboard.archive.deliveries import Archive
from dashboard.archive.files.index import index_of
from dashboard.archive.journal import ArchiveError, Outcome, Run
from dashboard.archive.source_log import SourceLog
from tests.archiving import lose_delivery, overwrite
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


STEPS = ("received", "rejected", "seen again", "failed", "bytes", "line", "rename", "forget", "thin", "damage", "loss")


@settings(max_examples=examples(30, 1_000), deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from("st"), st.integers(0, 3)), max_size=14))
def test_what_is_continued_as_lines_come_equals_what_is_folded_anew(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int]]
) -> None:
    state = tmp_path_factory.mktemp("archive")
    with patch.object(source_log, "_WORTH_KEEPING", 0):
        archive = Archive(state)
        for minutes, (step, source, number) in enumerate(steps):
            carry_out(archive, step, source, number, AT + timedelta(minutes=minutes))
            index_of.cache_clear()
            for name in "st":
                assert answers(archive, name) == answers(Archive(state), name)


def carry_out(archive: Archive, step: str, source: str, number: int, at: datetime) -> None:
    """What happens to an archive: a look with its bytes, bytes or a line alone, and what takes something back."""
    data, journal = b"%d" % number * 300, archive.journal
    sha256 = hashlib.sha256(data).hexdigest()
    if step in get_args(Outcome) or step == "bytes":
        archive.keep(source, data)
    if step in get_args(Outcome) or step == "line":
        outcome: Outcome = "received" if step == "line" else step  # type: ignore[assignment]
        archive.record(source, Run(at, outcome, "a.csv", "a.csv", sha256, len(data), location="file a.csv"))
    elif step == "rename":
        archive.rename(source, "t" if source == "s" else "s")
    elif step == "forget":
        archive.forget(source, {"by": "x"})
    elif step == "thin":
        with suppress(ArchiveError):
            archive.thin(source, archive.lines(source)[:number], {"rule": "x"})
    elif step == "damage" and journal.exists():
        lines = journal.read_bytes().splitlines(keepends=True)
        lines[number % len(lines)] = lines[number % len(lines)].replace(b'"at":"2', b'"at":"3')
        overwrite(journal, b"".join(lines))
    elif step == "loss" and archive.stored(source):
        lose_delivery(archive.folder.parent, source)


def answers(archive: Archive, source: str) -> tuple[object, ...]:
    """All that an archive says of a source; the log is the caller's, who may continue it."""
    try:
        log = archive.log(source, "file a.csv")
    except ArchiveError as error:
        return str(error), archive.stamps(source)
    told = log.copy()
    log.add(Run(AT, "rejected", "a.csv", "a.csv", "9" * 64, 3, location="file a.csv"))
    return told, archive.discrepancies(source), archive.stamps(source)
