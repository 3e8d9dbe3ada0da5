"""The pages, run without a browser on the shipped catalogue and on a small one with everything wrong in it."""

from __future__ import annotations

import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.app import data as boards
from dashboard.app.address import read_address
from dashboard.app.evidence.claim_view import is_known
from dashboard.app.markup import Markup, element
from dashboard.app.serving.server import CATALOG_VARIABLE, MAIN, STATE_VARIABLE
from dashboard.domain.text import written_span
from dashboard.evidence.card_files import load_cards

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
DAYS = ("2023-10-01", "2023-10-06", "2024-03-21", "2024-11-26", "2026-11-21")
WATCH, INDICATOR, EVIDENCE, SOURCES = (f"app_pages/{name}.py" for name in ("watch", "indicator", "evidence", "sources"))
HOSTILE = "![x](https://evil.example/x.png) <script>alert(1)</script> :red-badge[fake] $x$"

pytestmark = pytest.mark.usefixtures("_fresh_caches")


@pytest.fixture(scope="module")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One state folder for all tests, so that a board of the shipped catalogue is evaluated once a module."""
    return tmp_path_factory.mktemp("state") / "var"


@pytest.fixture(autouse=True)
def _on_the_shipped_catalogue(empty_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CATALOG_VARIABLE, str(ROOT / "indicators.yaml"))
    monkeypatch.setenv(STATE_VARIABLE, str(empty_state))
    monkeypatch.setattr(boards, "today", lambda: TODAY)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue with a sound indicator full of hostile text, and one that cannot be loaded."""
    (tmp_path / "indicators.yaml").write_text(
        f"""version: 1
indicators:
  sound:
    title: '{HOSTILE}'
    unit: ships
    direction: '{HOSTILE}'
    rationale: '{HOSTILE}'
    action: '{HOSTILE}'
    file: sound.csv
    thresholds:
      - {{severity: critical, above: 1}}
  broken:
    title: Broken
    file: sound.csv
    thresholds:
      - {{severity: critical, abov: 1}}
"""
    )
    (tmp_path / "sound.csv").write_text(f"date,value,published_at,note\n2024-01-01,5,2024-01-02,'{HOSTILE}'\n")
    monkeypatch.setenv(CATALOG_VARIABLE, str(tmp_path / "indicators.yaml"))
    return tmp_path


def run_page(page: str = WATCH, **query: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    if page != WATCH:
        app.run()
        app.switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def shown(app: AppTest) -> str:
    """All markup of the page."""
    return "".join(block.value for block in app.html if "<style>" not in block.value)


def words(app: AppTest) -> str:
    """All text of the page, as a reader sees it."""
    return " ".join(" ".join(parsed(shown(app)).text).split())


def board(app: AppTest) -> dict[str, Any]:
    """What the component was given, by section."""
    data = json.loads(app.get("bidi_component")[0].proto.json)
    return {section["key"]: section for column in data["columns"] for section in column}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)


def text_of(markup: str) -> str:
    return "".join(parsed(markup).text)


def parsed(markup: str) -> _Text:
    parser = _Text()
    parser.feed(markup)
    parser.close()
    return parser


# --- Watch ---


def test_watch_shows_the_breaches_of_november_2024() -> None:
    rows = {row["id"]: row for row in board(run_page(as_of="2024-11-26"))["breach"]["rows"]}
    petroleum = rows["petroleum_estimated"]
    assert (petroleum["severity"], petroleum["passed_by"]) == ("critical", "even at its lowest")
    assert petroleum["figure"] == "1,000,000 bbl or more"
    assert {"tumangang_railcars", "tanker_calls_vostochny", "munitions_containers"} <= set(rows)


def test_watch_shows_indicators_that_cannot_be_judged_with_the_reason() -> None:
    unknown = {row["id"]: row for row in board(run_page(as_of="2024-11-26"))["unknown"]["rows"]}
    assert unknown["crude_oil"]["severity"] == "not assessed"
    assert "was known by 26 Nov 2024" in unknown["crude_oil"]["why"]


def test_no_indicator_is_normal_today_because_its_data_is_old() -> None:
    assert "normal" not in board(run_page())
    assert "petroleum_estimated" in {row["id"] for row in board(run_page())["record"]["rows"]}


def test_watch_lists_the_changes_and_their_period() -> None:
    changed = board(run_page(as_of="2023-10-06", since="2023-10-01"))["changes"]
    assert changed["title"] == "Changed since 1 Oct 2023"
    assert [line["id"] for line in changed["lines"]] == ["tumangang_railcars"]


def test_watch_says_that_there_are_no_changes() -> None:
    assert board(run_page(as_of="2023-10-01", since="2023-10-01"))["changes"]["lines"] == []


# --- The bar ---


def test_the_bar_is_loud_in_the_past_and_silent_today() -> None:
    assert "AS OF 26 Nov 2024 — nothing published later is shown" in words(run_page(as_of="2024-11-26"))
    assert "AS OF" not in words(run_page())


def test_back_to_today_clears_the_instant() -> None:
    app = run_page(as_of="2024-11-26")
    next(button for button in app.button if button.label == "Back to today").click().run()
    assert "as_of" not in app.query_params
    assert "AS OF" not in words(app)


def test_latest_evidence_goes_to_the_day_of_the_newest_publication() -> None:
    app = run_page()
    next(button for button in app.button if button.label.startswith("Latest evidence")).click().run()
    assert app.query_params["as_of"] == "2026-02-10"


def test_the_picker_changes_the_address() -> None:
    app = run_page()
    app.date_input(key="pick_as_of").set_value(date(2024, 6, 14)).run()
    assert app.query_params["as_of"] == "2024-06-14"
    assert "AS OF 14 Jun 2024" in words(app)


def test_links_to_other_pages_keep_the_instants() -> None:
    links = run_page(as_of="2024-11-26", since="2024-10-01").get("page_link")
    assert {link.proto.query_string for link in links} == {"as_of=2024-11-26&since=2024-10-01"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("as_of", "yesterday", '"yesterday" is not a day like 2024-03-07. Shown instead: today'),
        ("as_of", "2024-02-30", '"2024-02-30" is not in the calendar. Shown instead: today'),
        ("as_of", "2031-01-01", "1 Jan 2031 lies in the future. Shown instead: today"),
        ("since", "2027-01-01", "1 Jan 2027 is later than 21 Nov 2026, the instant shown"),
    ],
)
def test_the_page_reports_an_invalid_address_and_ignores_it(name: str, value: str, said: str) -> None:
    app = run_page(**{name: value})
    assert said in words(app)
    assert board(app)


# --- Indicator ---


@pytest.mark.parametrize("day", [*DAYS[3:], *(pytest.param(day, marks=pytest.mark.long) for day in DAYS[:3])])
def test_every_indicator_can_be_opened_on_the_days_that_matter(day: str) -> None:
    app = run_page(INDICATOR, as_of=day)
    for name in app.selectbox(key="chosen_indicator").options and list(_indicators()):
        app.query_params["id"] = name
        app.run()
        assert not app.exception, f"{name} on {day}: {app.exception}"


def _indicators() -> dict[str, str]:
    from dashboard.catalog.loader import load_catalog

    return {name: one.title for name, one in load_catalog(ROOT / "indicators.yaml").indicators.items()}


def test_an_indicator_shows_its_verdict_and_its_rows() -> None:
    app = run_page(INDICATOR, id="tumangang_railcars", as_of="2023-10-06")
    assert "73 railcars (70 to 73)" in words(app)
    assert "Critical when above 2 times the baseline" in words(app)
    rows = app.dataframe[0].value
    assert "data/tumangang/beyond_parallel.csv:2" in set(rows["File and line"])
    assert app.get("vega_lite_chart")


def test_a_cap_shows_its_closed_periods() -> None:
    app = run_page(INDICATOR, id="petroleum_estimated", as_of="2024-03-21")
    assert "Closed periods" in words(app)
    assert "1,015,588 to 1,523,381 bbl" in words(app)


def test_a_cap_shows_its_projection() -> None:
    said = words(run_page(INDICATOR, id="petroleum_reported", as_of="2020-07-08"))
    assert "Outlook Period 2020, up to 31 May 2020 (42 % of it) Used 86,000 bbl" in said
    assert "Projected to the period's end 207,079 bbl" in said
    assert "Outlook" not in words(run_page(INDICATOR, id="tumangang_railcars"))


def test_no_figure_published_after_the_instant_is_on_the_page() -> None:
    app = run_page(INDICATOR, id="petroleum_estimated", as_of="2024-03-20")
    assert "1,015,588" not in words(app)
    assert "1,015,588" not in app.dataframe[0].value.to_string()


def test_a_composite_has_a_page_without_sources(small: Path) -> None:
    one = "title: One, file: sound.csv, thresholds: [{severity: warning, above: 1}]"
    both = "title: Both, unit: indicators, thresholds: [{severity: critical, any_of: [one, other]}]"
    entries = f"  one: {{{one}}}\n  other: {{{one}}}\n  both: {{{both}}}\n"
    (small / "indicators.yaml").write_text(f"version: 1\nindicators:\n{entries}")
    said = words(run_page(INDICATOR, id="both"))
    assert "Critical when any of" in said
    assert "Newest figure" not in said.split("Rules")[1]


def test_choosing_another_indicator_changes_the_address() -> None:
    app = run_page(INDICATOR, id="crude_oil")
    app.selectbox(key="chosen_indicator").select("munitions_containers").run()
    assert app.query_params["id"] == "munitions_containers"


def test_an_unknown_indicator_is_named_and_the_worst_shown_instead() -> None:
    app = run_page(INDICATOR, id="nonsense")
    assert "The catalogue has no indicator “nonsense”" in words(app)
    assert app.get("vega_lite_chart")


# --- Evidence ---


def test_evidence_shows_all_documents_today_with_their_users() -> None:
    said = words(run_page(EVIDENCE))
    for card in load_cards(ROOT / "seeds"):
        assert card.sha256 in said
        assert card.title in said
    assert "Containers of munitions" in said


def test_a_claim_that_no_indicator_reads_says_why() -> None:
    said = words(run_page(EVIDENCE, document="004"))
    assert "none: drones of Iran, under other measures" in said
    assert "none: a forecast" in said


def test_evidence_hides_documents_not_known_to_have_appeared() -> None:
    said = words(run_page(EVIDENCE, as_of="2024-07-31"))
    assert "Not shown, since not known to have appeared by 31 Jul 2024: 000" in said
    assert "003.9.b" in said
    assert "13,000" not in said  # document 002 says so in November; the cautions of older claims repeat it
    assert "November 2024" not in said


def test_evidence_of_one_indicator_holds_only_its_claims() -> None:
    said = words(run_page(EVIDENCE, id="munitions_containers"))
    assert "002.11.a" in said
    assert "002.7.a" not in said.replace("Caution", "")


def test_the_page_says_that_an_indicator_has_no_claims() -> None:
    assert "No claim of a document that is shown here fits this choice" in words(run_page(EVIDENCE, id="crude_oil"))


def test_the_page_reports_an_unknown_document() -> None:
    assert "there is no “999”" in words(run_page(EVIDENCE, document="999"))


def test_a_document_is_known_from_the_end_of_its_latest_date() -> None:
    cards = {card.id: card for card in load_cards(ROOT / "seeds")}
    assert is_known(cards["003"], date(2024, 7, 31), TODAY)
    assert not is_known(cards["003"], date(2024, 7, 30), TODAY)
    assert not is_known(cards["000"], date(2026, 11, 20), TODAY)
    assert is_known(cards["000"], TODAY, TODAY)


# --- What is wrong, and what is hostile ---


@pytest.mark.usefixtures("small")
def test_a_broken_indicator_is_named_with_its_place_and_the_others_run() -> None:
    sections = board(run_page())
    (line,) = sections["problems"]["lines"]
    assert line["title"] == "broken is not loaded"
    assert line["text"].startswith("indicators.yaml:16:30")
    assert 'did you mean "above"?' in line["text"]
    assert [row["id"] for row in sections["aged"]["rows"]] == ["sound"]


@pytest.mark.usefixtures("small")
def test_the_page_of_a_broken_indicator_says_why_it_is_not_loaded() -> None:
    assert "broken is not loaded: indicators.yaml:16:30" in words(run_page(INDICATOR, id="broken"))


def test_a_row_that_cannot_be_read_is_named_with_its_line_on_the_board(small: Path) -> None:
    (small / "sound.csv").write_text("date,value,published_at\n2024-01-01,5,2024-01-02\n2024-01-02,1_234,2024-01-03\n")
    sections = board(run_page())
    said = [line["text"] for line in sections["problems"]["lines"]]
    assert any(text.startswith("data not used: sound.csv:3:") for text in said)
    assert sections["aged"]["rows"][0]["data_state"] == "data error"


@pytest.mark.usefixtures("small")
def test_without_cards_evidence_says_so() -> None:
    assert "There are no cards of source documents" in words(run_page(EVIDENCE))


def test_the_page_reports_a_catalogue_that_is_no_yaml_without_a_traceback(small: Path) -> None:
    (small / "indicators.yaml").write_text("a: [\n")
    app = run_page()
    assert "Watchfloor cannot read its catalogue" in words(app)
    assert "indicators.yaml:1:4: not YAML: the [ that opens here is not closed" in words(app)


def test_the_page_reports_a_missing_catalogue(small: Path) -> None:
    (small / "indicators.yaml").unlink()
    assert "no such file" in words(run_page())


def test_a_changed_file_is_read_again(small: Path) -> None:
    assert board(run_page())["aged"]["rows"][0]["figure"] == "5 ships"
    (small / "sound.csv").write_text("date,value,published_at\n2024-01-01,17,2024-01-02\n")
    assert board(run_page())["aged"]["rows"][0]["figure"] == "17 ships"


@pytest.mark.usefixtures("small")
def test_hostile_text_stays_text_on_every_page() -> None:
    for app in (run_page(), run_page(INDICATOR, id="sound"), run_page(EVIDENCE), run_page(SOURCES)):
        assert not app.markdown
        assert not {"script", "img", "iframe"} & set(parsed(shown(app)).tags)
    page = run_page(INDICATOR, id="sound")
    assert HOSTILE.split(" ", 1)[0] in words(page)
    assert HOSTILE in page.dataframe[0].value["Note"][0]


@given(st.text(), st.text())
def test_text_between_tags_and_in_attributes_stays_text(text: str, value: str) -> None:
    markup = element("p", text, title=value)
    assert parsed(markup).tags == ["p"]
    # a parser reads the two line ends of old as one, and nothing else differently
    assert text_of(markup) == text
    assert isinstance(element("div", markup), Markup)
    assert parsed(element("div", markup)).tags == ["div", "p"]


# --- Small things ---


def test_the_address_keeps_only_values_that_differ_from_the_default() -> None:
    assert read_address({}, TODAY).query() == {}
    assert read_address({"as_of": "2024-11-26"}, TODAY).query(id="x") == {"id": "x", "as_of": "2024-11-26"}
    assert read_address({"as_of": "2024-11-26", "since": "2024-10-27"}, TODAY).query() == {"as_of": "2024-11-26"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2024", "2024"),
        ("2024-03", "Mar 2024"),
        ("2024-03-07/2024-11-05", "7 Mar to 5 Nov 2024"),
        ("2023-12-22/2024-12-21", "22 Dec 2023 to 21 Dec 2024"),
    ],
)
def test_periods_are_written_in_words(text: str, said: str) -> None:
    assert written_span(text) == said
