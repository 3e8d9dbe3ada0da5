"""The Watch page draws the board that the refresher published where it is of today's files, and judges it otherwise."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import streamlit as st

from dashboard import workspace
from dashboard.app import data, evaluations
from dashboard.app.address import read_address
from dashboard.app.page_context import Visit
from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE
from dashboard.app.watch.payload import Payload, watch_payload
from dashboard.evaluation.evaluate import evaluate
from dashboard.refresh import publish
from dashboard.refresh.publish import SUMMARY_FILE
from dashboard.reporting.summary.board_summary import USUAL_SPAN, summarize
from dashboard.rows.load import load_rows
from tests.app.test_pages import INDICATOR, board, run_page
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
def judged(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many boards, and how many indicators by themselves, the pages have judged."""
    counts: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def judge(*arguments: object) -> object:
            counts[name] += 1
            return function(*arguments)

        return judge

    monkeypatch.setattr(workspace, "evaluate", counting("boards", workspace.evaluate))
    monkeypatch.setattr(evaluations, "evaluations_of", counting("indicators", evaluations.evaluations_of))
    return counts


def visit(**query: str) -> Visit:
    """What a page learns of the files as they stand."""
    files = data.read_files()
    return Visit(files, read_address(query, files.today))


def payload(of_visit: Visit) -> Payload:
    return watch_payload(of_visit.board.summary, of_visit.catalog, of_visit.address)


def expected(place: Place) -> Payload:
    """The Watch page for a board that is evaluated from the files as they stand."""
    today, files = place.now.date(), visit()
    rows = load_rows(files.catalog, today, state=place.state)
    now, before = (evaluate(files.catalog, rows, day) for day in (today, today - USUAL_SPAN))
    return watch_payload(summarize(now, before, files.catalog), files.catalog, files.address)


def test_the_page_draws_the_published_board_and_judges_nothing(published: Place, judged: Counter[str]) -> None:
    app = run_page()
    assert {row["id"] for row in board(app)["breach"]["rows"]} == {"of_a", "of_b"}
    assert board(app)["breach"]["note"] == "judged by the refresher on 7 Mar 2024 12:00 UTC"
    assert not judged
    assert payload(visit()).as_json == expected(published).as_json


def test_a_published_board_needs_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "load_rows", None)
    assert visit().board.is_published
    assert visit().newest_published == NOON.date()


def test_a_file_that_is_newer_than_the_published_board_is_judged(published: Place, judged: Counter[str]) -> None:
    published.write("a.csv", "2024-02-01,3", "2024-03-01,8")
    app = run_page()
    assert {row["figure"] for row in board(app)["breach"]["rows"]} == {"8", "9"}
    assert board(app)["breach"]["note"].startswith("judged by this page on ")
    assert judged["boards"] == 2  # now, and the instant that it is compared with
    run_page()
    assert judged["boards"] == 2  # once, whoever asks
    published.refresh()
    assert visit().board.is_published


@pytest.mark.parametrize("query", [{"as_of": "2024-03-05"}, {"since": "2024-03-01"}])
def test_another_instant_is_judged(judged: Counter[str], query: dict[str, str]) -> None:
    assert not visit(**query).board.is_published
    assert judged["boards"] == 2


def test_the_next_day_is_judged_until_its_board_is_published(published: Place, judged: Counter[str]) -> None:
    published.later(days=1)
    assert not visit().board.is_published
    published.refresh()
    judged.clear()
    assert visit().board.is_published
    assert not judged


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
    "of other files": lambda text: text.replace(head(text)["fingerprint"], "0" * 64, 1),
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
def test_a_damaged_or_foreign_summary_is_ignored(published: Place, judged: Counter[str], damage: str) -> None:
    file = published.state / SUMMARY_FILE
    whole = file.read_text()
    assert edited(whole) != whole
    file.write_text(DAMAGE[damage](whole))
    assert not visit().board.is_published
    assert payload(visit()).as_json == expected(published).as_json
    assert judged
    published.refresh()  # which publishes it again
    assert visit().board.is_published
    assert payload(visit()).as_json == expected(published).as_json


def test_the_summary_of_another_state_folder_is_ignored(
    published: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Place(tmp_path_factory.mktemp("other"))
    other.catalog.write_bytes(published.catalog.read_bytes())
    other.write("a.csv", "2024-02-01,3", "2024-03-01,1")
    other.write("in/b.csv", "2024-03-01,1")
    other.refresh()
    (published.state / SUMMARY_FILE).write_bytes((other.state / SUMMARY_FILE).read_bytes())
    assert not visit().board.is_published


def test_a_delivery_that_is_recorded_and_not_yet_published_is_judged(published: Place) -> None:
    before = (published.state / SUMMARY_FILE).read_bytes()
    published.write("in/b.csv", "2024-03-01,1")
    published.later(minutes=1).refresh()
    (published.state / SUMMARY_FILE).write_bytes(before)
    assert not visit().board.is_published
    assert payload(visit()).as_json == expected(published).as_json


def truncated_in_place(place: Place) -> None:
    (delivery,) = (place.state / "archive/a/bytes").iterdir()
    delivery.chmod(0o600)
    delivery.write_bytes(delivery.read_bytes()[:10])


def commented(place: Place) -> None:
    place.catalog.write_text("# a remark\n" + place.catalog.read_text())


@pytest.mark.parametrize("change", [truncated_in_place, commented])
def test_no_change_of_files_leaves_the_published_board_in_force(
    published: Place, change: Callable[[Place], None]
) -> None:
    change(published)
    assert not visit().board.is_published
    assert payload(visit()).as_json == expected(published).as_json
    published.refresh()
    assert visit().board.is_published
    assert payload(visit()).as_json == expected(published).as_json


def test_a_delivery_that_was_truncated_leaves_no_all_clear(published: Place) -> None:
    truncated_in_place(published)
    (row,) = [row for section in board(run_page()).values() for row in section["rows"] if row["id"] == "of_a"]
    assert (row["data_state"], row["is_trusted"]) == ("data error", False)


def test_a_new_empty_folder_of_cards_is_noticed(published: Place) -> None:
    before = visit().files.draw_key
    (published.folder / "seeds").mkdir()
    assert visit().files.draw_key != before


def test_an_edited_definition_is_judged(published: Place) -> None:
    published.catalog.write_text(published.catalog.read_text().replace("above: 5", "above: 8"))
    assert not visit().board.is_published
    assert payload(visit()).as_json == expected(published).as_json


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
    assert texts[-1] == "Judging 1 indicator as of 4 Mar 2024 ..."


def test_the_indicator_page_judges_one_indicator_and_those_that_it_needs(
    published: Place, judged: Counter[str]
) -> None:
    text = published.catalog.read_text()
    rule = "thresholds: [{severity: critical, all_of: [of_a, of_b]}]"
    published.catalog.write_text(f"{text}\n  both: {{title: both, unit: indicators, {rule}}}\n")
    instant = visit().files.evaluations(published.now.date())
    assert [instant.missing(name) for name in ("of_a", "both")] == [1, 3]
    first = visit().evaluation("of_a")
    assert [instant.missing(name) for name in ("of_a", "both")] == [0, 2]
    both = visit().evaluation("both")
    assert judged == {"indicators": 2}
    assert visit().evaluation("of_a") is first
    assert both.verdict.severity is not None
    whole = instant.board()
    assert whole.evaluations["of_a"] is first
    assert whole.evaluations["both"] is both
    assert judged == {"indicators": 2, "boards": 1}


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
    assert not visit().board.is_published
    assert payload(visit()).as_json == expected(published).as_json
    published.later(minutes=1).refresh()
    assert visit().board.is_published


def test_the_usual_span_is_thirty_days() -> None:
    assert timedelta(days=30) == USUAL_SPAN
    assert read_address({}, date(2024, 3, 31)).since == date(2024, 3, 1)
