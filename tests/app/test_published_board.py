"""The Watch page draws the board that the refresher published today at once, and says so where files are newer.

What the published board does not answer is judged by a process of its own: nothing here replaces it.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import streamlit as st

from dashboard import workspace
from dashboard.app import data, page_context
from dashboard.app.address import read_address
from dashboard.app.judging import Answers, JudgingProcess, Question, Snapshot
from dashboard.app.judging import process as judging_process
from dashboard.app.page_context import Visit
from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE
from dashboard.app.serving.warm_up import warm_up
from dashboard.app.sources import health_cache
from dashboard.app.watch import payload_cache
from dashboard.app.watch.payload import Payload, watch_payload
from dashboard.evaluation.evaluate import evaluate
from dashboard.refresh import publish
from dashboard.refresh.publish import SOURCES_FILE, SUMMARY_FILE
from dashboard.reporting.summary.board_summary import USUAL_SPAN, summarize
from dashboard.rows.load import load_rows
from tests.app.test_pages import INDICATOR, SOURCES, board, run_page, words
from tests.archiving import overwrite, record_of, segments_of
from tests.refresh.test_heartbeat import beat
from tests.refreshing import NOON, Place

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture(autouse=True)
def _no_caches_of_other_tests() -> None:
    st.cache_resource.clear()


@pytest.fixture
def published(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A catalogue whose board was just published: `a` and `b` are in breach."""
    place.define(a="file: a.csv", b="folder: in")
    place.write("a.csv", "2024-02-01,3", "2024-03-01,7")
    place.write("in/b.csv", "2024-03-01,9")
    place.refresh()
    monkeypatch.setenv(CATALOG_VARIABLE, str(place.catalog))
    monkeypatch.setenv(STATE_VARIABLE, str(place.state))
    monkeypatch.setattr(data, "today", lambda: place.now.date())
    return place


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many questions of each kind the pages have put to the process that judges."""
    counts: Counter[str] = Counter()
    ask = JudgingProcess.ask

    def counting(process: JudgingProcess, snapshot: Snapshot, question: Question[Any]) -> object:
        counts[type(question).__name__] += 1
        return ask(process, snapshot, question)

    monkeypatch.setattr(JudgingProcess, "ask", counting)
    return counts


@pytest.fixture
def nothing_is_evaluated_here(published: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no row is read and nothing is evaluated in the process of the pages, which is that of the test."""
    del published  # whose refresh evaluates, and has to come first
    for name in ("evaluate", "evaluation_of", "load_rows"):
        monkeypatch.setattr(workspace, name, None)


def visit(**query: str) -> Visit:
    """What a page learns of the files as they stand."""
    files = data.read_files()
    return Visit(files, read_address(query, files.today))


def settled_visit() -> Visit:
    """A visit after the files that are newer than the published board were judged."""
    answer = visit().newer_answer()
    assert answer is not None
    answer.result()
    return visit()


def payload(of_visit: Visit) -> Payload:
    return watch_payload(of_visit.board.summary, of_visit.catalog, of_visit.address)


def expected(place: Place) -> Payload:
    """The Watch page for a board that is evaluated from the files as they stand."""
    today, files = place.now.date(), visit()
    rows = load_rows(files.catalog, today, state=place.state)
    now, before = (evaluate(files.catalog, rows, day) for day in (today, today - USUAL_SPAN))
    return watch_payload(summarize(now, before, files.catalog), files.catalog, files.address)


def test_the_page_draws_the_published_board_and_judges_nothing(published: Place, asked: Counter[str]) -> None:
    app = run_page()
    assert "before files changed" not in words(app)
    assert {row["id"] for row in board(app)["breach"]["rows"]} == {"of_a", "of_b"}
    assert board(app)["breach"]["note"] == "judged by the refresher on 7 Mar 2024 12:00 UTC"
    assert not asked
    assert payload(visit()).as_json() == expected(published).as_json()


def test_sources_draws_the_published_figures_and_asks_nothing(published: Place, asked: Counter[str]) -> None:
    drawn = words(run_page(SOURCES))
    assert "fresh" in drawn
    assert not asked
    (published.state / SOURCES_FILE).write_bytes((published.state / SOURCES_FILE).read_bytes() + b"\n")
    health_cache._published_figures.clear()
    assert words(run_page(SOURCES)) == drawn
    assert asked["FiguresQuestion"] == 1


def test_sources_never_draws_figures_of_older_files(published: Place, asked: Counter[str]) -> None:
    run_page(SOURCES)
    published.write("a.csv", "2024-02-01,3", "2024-03-01,8", "2024-03-02,8")
    drawn = run_page(SOURCES)
    assert asked["FiguresQuestion"] == 1
    assert "2 Mar 2024" in words(drawn)


@pytest.mark.usefixtures("nothing_is_evaluated_here")
def test_nothing_is_evaluated_in_the_process_of_the_pages(published: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert visit().board.is_published
    assert visit().newest_published == NOON.date()
    assert "breach" in board(run_page(as_of="2024-03-05"))
    assert "Rows known (2)" in words(run_page(INDICATOR, id="of_a"))
    assert "fresh" in words(run_page(SOURCES))
    monkeypatch.setattr(page_context, "MOMENT", 60)
    published.write("a.csv", "2024-02-01,3", "2024-03-01,8")
    assert {row["figure"] for row in board(run_page())["breach"]["rows"]} == {"8", "9"}


@pytest.mark.usefixtures("published")
def test_the_first_visit_finds_the_board_read_and_arranged(monkeypatch: pytest.MonkeyPatch) -> None:
    warm_up()
    monkeypatch.setattr(data, "read_published", None)
    monkeypatch.setattr(payload_cache, "watch_payload", None)
    assert board(run_page())["breach"]["rows"]


def put_together(published: Place, seed: int) -> None:
    """Publish a board of other figures at the same instant, and change what the catalogue says of it."""
    published.write("a.csv", f"2024-03-01,{seed % 10}")
    if seed % 3 == 0:
        text = published.catalog.read_text()
        published.catalog.write_text(text.replace("title: a", f"title: a{seed}"))
    if seed % 4:
        published.refresh()


@pytest.mark.parametrize("seed", range(3))
def test_the_page_is_that_of_the_board_whenever_it_was_judged(
    published: Place, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_context, "MOMENT", 0)
    for step in range(8):
        put_together(published, 7 * seed + 5 * step)
        a_visit = visit()
        board, note = a_visit.board, payload_cache.board_payload(a_visit).sections["breach"].note
        drawn = watch_payload(board.summary, a_visit.catalog, a_visit.address, note, is_current=board.is_current)
        assert payload_cache.board_payload(a_visit).as_json() == drawn.as_json()
        assert note.endswith(" 7 Mar 2024 12:00 UTC") == (board.is_current and board.is_published)


LINE = "Files changed after this board was judged on 7 Mar 2024 12:00:00 UTC."


def test_a_published_board_of_older_files_is_drawn_at_once_and_says_so(
    published: Place, asked: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_context, "MOMENT", 0)
    published.write("a.csv", "2024-02-01,3", "2024-03-01,8")
    app = run_page()
    assert f"{LINE} It may miss an alert. Judging 2 indicators again ..." in words(app)
    assert {row["figure"] for row in board(app)["breach"]["rows"]} == {"7", "9"}
    assert board(app)["breach"]["note"] == "judged by the refresher on 7 Mar 2024 12:00 UTC, before files changed"
    assert settled_visit().has_newer_answer
    app = run_page()
    assert LINE not in words(app)
    assert {row["figure"] for row in board(app)["breach"]["rows"]} == {"8", "9"}
    assert board(app)["breach"]["note"].startswith("judged by this page on ")
    run_page()
    assert asked == {"BoardQuestion": 1}  # once, whoever asks
    published.refresh()
    assert visit().board.is_published
    assert not visit().has_newer_answer


def test_a_board_of_older_files_is_never_an_all_clear(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write("a.csv", "2024-03-01,1")
    place.write("in/b.csv", "2024-03-07,1")
    place.later(days=1).refresh()
    monkeypatch.setattr(page_context, "MOMENT", 0)
    assert board(run_page())["breach"]["empty"].startswith("No alert is open on what is known")
    place.write("a.csv", "2024-03-01,9")
    sections = board(run_page())
    assert sections["breach"]["empty"] == "No alert was open before files changed; they are being judged."
    assert {section["note"] for section in sections.values() if section["key"] == "normal"} <= {"before files changed"}
    settled_visit()
    assert len(board(run_page())["breach"]["rows"]) == 1


def test_what_changes_in_a_moment_is_drawn_without_a_line_about_older_files(
    published: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_context, "MOMENT", 60)
    published.write("a.csv", "2024-02-01,3", "2024-03-01,8")
    assert "Files changed" not in words(run_page())


def test_a_refresher_at_work_has_time_to_publish_changed_files(
    published: Place, asked: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(published.state, published.now)
    monkeypatch.setattr(data, "now", lambda: published.now)
    published.write("a.csv", "2024-02-01,3", "2024-03-01,8")
    assert LINE in words(run_page())
    assert not asked
    monkeypatch.setattr(data, "GRACE", 0)
    assert settled_visit().board.is_current
    assert asked == {"BoardQuestion": 1}


def test_a_board_with_an_indicator_that_the_catalogue_lacks_is_not_drawn(published: Place) -> None:
    text = published.catalog.read_text()
    published.catalog.write_text("\n".join(line for line in text.splitlines() if "of_b" not in line))
    assert not visit().board.is_published
    assert payload(visit()).as_json() == expected(published).as_json()


def test_a_page_says_why_newer_files_cannot_be_judged(published: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "ANSWERS", Answers(JudgingProcess([sys.executable, "-c", "raise SystemExit(3)"])))
    monkeypatch.setattr(page_context, "MOMENT", 60)
    published.write("a.csv", "2024-02-01,3", "2024-03-01,8")
    text = words(run_page())
    assert f"{LINE} It may miss an alert. 2 indicators could not be judged again: the process that judges ended" in text
    assert "This page cannot be drawn: the process that judges ended with 3" in words(run_page(as_of="2024-03-05"))


def test_a_fault_of_judging_leaves_the_published_board(published: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_context, "MOMENT", 60)
    for number, error in enumerate([OSError(12, "Cannot allocate memory"), MemoryError(), RuntimeError("no thread")]):
        for place, name in ((subprocess, "Popen"), (pickle, "dumps"), (judging_process, "Thread")):
            published.write("a.csv", "2024-02-01,3", f"2024-03-01,{8 + number}")
            with monkeypatch.context() as patch:
                patch.setattr(data, "ANSWERS", Answers(JudgingProcess()))
                patch.setattr(place, name, Mock(side_effect=error))
                board = visit().board
            assert board.is_published
            assert not board.is_current
            assert board.trouble


def test_definitions_that_break_while_they_are_judged_are_a_reason(
    published: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_context, "MOMENT", 60)
    monkeypatch.setattr(data, "ANSWERS", Answers(JudgingProcess()))
    sound = published.catalog.read_text()
    published.catalog.write_text(sound + "\n# 1")
    a_visit = visit()
    shutil.rmtree(published.state / "definitions")
    published.catalog.write_text("version: 1\nindicators: [\n")
    assert "indicators.yaml:" in a_visit.board.trouble
    published.catalog.write_text(sound + "\n# 2")
    assert visit().board.is_current


@pytest.mark.parametrize("query", [{"as_of": "2024-03-05"}, {"since": "2024-03-01"}])
def test_another_instant_is_judged(asked: Counter[str], query: dict[str, str]) -> None:
    assert not visit(**query).board.is_published
    assert asked == {"BoardQuestion": 1}


def test_the_next_day_is_judged_until_its_board_is_published(published: Place, asked: Counter[str]) -> None:
    published.later(days=1)
    assert not visit().board.is_published
    published.refresh()
    asked.clear()
    assert visit().board.is_published
    assert not asked


def test_a_run_without_news_leaves_the_published_board(published: Place) -> None:
    published.later(minutes=5).refresh("a", "b")
    assert published.outcomes("a") == ["received", "seen again"]
    assert visit().board.is_published
    assert visit().board.judged_at == NOON


def edited(text: str) -> str:
    """The same board, calmer."""
    return text.replace('"severity": 2', '"severity": 0').replace('"state": "firing"', '"state": "inactive"')


DAMAGE: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "head alone": lambda text: text.partition("\n")[0],
    "truncated": lambda text: text[:-50],
    "edited": edited,
    "no JSON": lambda _: "{",
    "head of another form": lambda text: '{"fingerprint": "x"}\n' + text.partition("\n")[2],
    "of other code": lambda text: text.replace(head(text)["code"], "0" * 64, 1),
    "of another form": lambda text: with_body(text, '{"board": {}}'),
    "a list": lambda text: with_body(text, "[]"),
    "of no text": lambda text: with_body(text, "\x00"),
    "judged later": lambda text: text.replace(head(text)["judged_at"], "2030-01-01T00:00:00+00:00", 1),
}


def head(text: str) -> dict[str, str]:
    values: dict[str, str] = json.loads(text.partition("\n")[0])
    return values


def with_body(text: str, body: str) -> str:
    """A summary with a sound head over another body, as another version of this code may have written it."""
    checked = f"{head(text)['judged_at']}\n{body}".encode()
    return json.dumps({**head(text), "summary_sha256": hashlib.sha256(checked).hexdigest()}) + "\n" + body


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_summary_is_ignored(published: Place, asked: Counter[str], damage: str) -> None:
    file = published.state / SUMMARY_FILE
    whole = file.read_text()
    assert edited(whole) != whole
    file.write_text(DAMAGE[damage](whole))
    assert not visit().board.is_published
    assert payload(visit()).as_json() == expected(published).as_json()
    assert asked
    published.refresh()  # which publishes it again
    assert visit().board.is_published
    assert payload(visit()).as_json() == expected(published).as_json()


def test_a_summary_of_other_files_counts_as_one_of_older_files(published: Place) -> None:
    file = published.state / SUMMARY_FILE
    whole = file.read_text()
    file.write_text(whole.replace(head(whole)["fingerprint"], "0" * 64, 1))
    drawn = settled_visit()
    assert not drawn.board.is_published
    assert payload(drawn).as_json() == expected(published).as_json()


def test_the_summary_of_another_state_folder_counts_as_one_of_older_files(
    published: Place, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_context, "MOMENT", 0)
    other = Place(tmp_path_factory.mktemp("other"))
    other.catalog.write_bytes(published.catalog.read_bytes())
    other.write("a.csv", "2024-02-01,3", "2024-03-01,1")
    other.write("in/b.csv", "2024-03-01,1")
    other.refresh()
    (published.state / SUMMARY_FILE).write_bytes((other.state / SUMMARY_FILE).read_bytes())
    assert not visit().board.is_current
    assert payload(settled_visit()).as_json() == expected(published).as_json()


def test_a_delivery_that_is_recorded_and_not_yet_published_is_judged(published: Place) -> None:
    before = (published.state / SUMMARY_FILE).read_bytes()
    published.write("in/b.csv", "2024-03-01,1")
    published.later(minutes=1).refresh()
    (published.state / SUMMARY_FILE).write_bytes(before)
    assert payload(settled_visit()).as_json() == expected(published).as_json()


def truncated_in_place(place: Place) -> None:
    (segment,) = segments_of(place.state)
    overwrite(segment, segment.read_bytes()[: record_of(place.state, "a").end - 1])


def commented(place: Place) -> None:
    place.catalog.write_text("# a remark\n" + place.catalog.read_text())


@pytest.mark.parametrize("change", [truncated_in_place, commented])
def test_no_change_of_files_leaves_the_published_board_in_force(
    published: Place, change: Callable[[Place], None]
) -> None:
    change(published)
    drawn = settled_visit()
    assert not drawn.board.is_published
    assert payload(drawn).as_json() == expected(published).as_json()
    published.refresh()
    assert visit().board.is_published
    assert payload(visit()).as_json() == expected(published).as_json()


def test_a_delivery_that_was_truncated_leaves_no_all_clear(published: Place) -> None:
    truncated_in_place(published)
    settled_visit()
    (row,) = [row for section in board(run_page()).values() for row in section["rows"] if row["id"] == "of_a"]
    assert (row["data_state"], row["is_trusted"]) == ("data error", False)


def test_a_new_empty_folder_of_cards_is_noticed(published: Place) -> None:
    before = visit().files.draw_key
    (published.folder / "seeds").mkdir()
    assert visit().files.draw_key != before


def test_an_edited_definition_is_judged(published: Place) -> None:
    published.catalog.write_text(published.catalog.read_text().replace("above: 5", "above: 8"))
    drawn = settled_visit()
    assert not drawn.board.is_published
    assert payload(drawn).as_json() == expected(published).as_json()


def test_a_board_of_another_version_of_the_code_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "catalog_fingerprint", lambda *_: "another version")
    st.cache_resource.clear()
    assert not visit().board.is_published


def test_code_of_unknown_version_trusts_no_board(published: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "catalog_fingerprint", lambda *_: None)
    st.cache_resource.clear()
    assert not visit().board.is_published
    published.refresh()
    assert not visit().board.is_published


def test_an_open_page_is_drawn_anew_when_a_board_is_published(published: Place) -> None:
    published.write("a.csv", "2024-03-01,8")
    before = data.read_files().draw_key
    assert data.read_files().draw_key == before
    published.refresh()
    assert data.read_files().draw_key != before


def test_a_page_says_what_it_judges_during_the_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    spinner = st.spinner

    def saying(text: str) -> object:
        texts.append(text)
        return spinner(text)

    monkeypatch.setattr(st, "spinner", saying)
    run_page(as_of="2024-03-05")
    assert "Judging 2 indicators as of 5 Mar 2024 ..." in texts
    run_page(INDICATOR, id="of_a", as_of="2024-03-04")
    assert "Judging 1 indicator as of 4 Mar 2024 ..." in texts


def test_a_kill_between_the_two_files_leaves_no_wrong_board(published: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed_at_summary(path: Path, content: bytes) -> None:
        if path.name == SUMMARY_FILE:
            raise KeyboardInterrupt
        whole(path, content)

    whole = publish.write_atomic
    published.write("a.csv", "2024-03-01,8")
    published.later(minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(publish, "write_atomic", killed_at_summary)
        with pytest.raises(KeyboardInterrupt):
            published.refresh()
    drawn = settled_visit()
    assert not drawn.board.is_published
    assert payload(drawn).as_json() == expected(published).as_json()
    published.later(minutes=1).refresh()
    assert visit().board.is_published


def test_the_usual_span_is_thirty_days() -> None:
    assert timedelta(days=30) == USUAL_SPAN
    assert read_address({}, date(2024, 3, 31)).since == date(2024, 3, 1)
