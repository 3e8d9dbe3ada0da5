"""The page Sources and the refresher's age in the bar, on a state folder that the real archive wrote."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.analysis.source_health import Receipts
from dashboard.app import data as boards
from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE
from dashboard.app.sources.quarantine import quarantined_rows
from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import Run
from dashboard.catalog.loader import load_catalog
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.refresh.single_run import refresh
from dashboard.workspace import Workspace
from tests.app.test_pages import HOSTILE, INDICATOR, SOURCES, WATCH, parsed, run_page, shown, words
from tests.archiving import change_lines
from tests.refresh.test_heartbeat import beat

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DELIVERED = NOW - timedelta(hours=3)
WEB = "https://example.org/figures.csv"
GOOD = "date,value,published_at\n2026-11-17,5,2026-11-18\n2026-11-18,7,2026-11-19\n"
BAD = GOOD + "2026-11-19,1_234,2026-11-20\n2026-11-20,=1+1,2026-11-20\n"

pytestmark = pytest.mark.usefixtures("_fresh_caches")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of three sources, of which the refresher has seen two."""
    (tmp_path / "indicators.yaml").write_text(
        f"""version: 1
sources:
  good: {{title: A good one, file: good.csv, publisher: 'The office'}}
  bad: {{title: 'Bad rows {HOSTILE}', file: bad.csv, publisher: '{HOSTILE}', limitations: '{HOSTILE}'}}
  web: {{title: From the web, url: {WEB}, refresh: "15 6 * * *"}}
indicators:
  x:
    title: X
    unit: ships
    sources: [good, bad]
    combine: each
    thresholds: [{{severity: critical, above: 100}}]
"""
    )
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "bad.csv").write_text(BAD)
    monkeypatch.setenv(CATALOG_VARIABLE, str(tmp_path / "indicators.yaml"))
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "var"))
    monkeypatch.setattr(boards, "today", lambda: NOW.date())
    monkeypatch.setattr(boards, "now", lambda: NOW)
    return tmp_path


def deliver(folder: Path, name: str, at: datetime = DELIVERED) -> Run:
    """What the refresher does with a file: its bytes into the archive, its run into the journal."""
    source = load_catalog(folder / "indicators.yaml").sources[name]
    data = (folder / str(source.file)).read_bytes()
    reading = read(data, str(source.file), Dialect.of(source), at.date())
    archive = Archive(folder / "var")
    run = Run(
        at, "received", str(source.file), str(source.file), archive.keep(name, data), len(data),
        rows=len(reading.rows), quarantined=len(reading.quarantined),
    )  # fmt: skip
    archive.record(name, run)
    return run


def refreshed(folder: Path, *names: str, at: datetime) -> None:
    """What the refresher itself makes of files that were left alone for a while."""
    settled = (at - timedelta(minutes=1)).timestamp()
    for path in folder.glob("*.csv"):
        os.utime(path, (settled, settled))
    refresh(Workspace(folder / "indicators.yaml", folder / "var"), names, {}, lambda: at)


def record_run(folder: Path, name: str, outcome: str, message: str = "", at: datetime = NOW) -> None:
    file = WEB if name == "web" else f"{name}.csv"
    Archive(folder / "var").record(name, Run(at, outcome, file, file, message=message))  # type: ignore[arg-type]


def button(app: AppTest, label: str) -> Any:
    return next(one for one in app.button if one.label == label)


# --- all sources ---


def test_every_source_stands_in_one_table_problems_first(folder: Path) -> None:
    deliver(folder, "good")
    deliver(folder, "bad")
    app = run_page(SOURCES)
    assert len([block for block in app.html if "<table" in block.value]) == 1
    order = [words(app).index(title) for title in ("Bad rows", "From the web", "A good one")]
    assert order == sorted(order)
    assert "3 sources: 1 fresh, 2 data error" in words(app)


def test_a_source_shows_its_receipt_its_newest_figure_and_its_rows(folder: Path) -> None:
    deliver(folder, "good")
    row = words(run_page(SOURCES)).split("A good one")[1]
    for said in ("The office", "● fresh", "18 Nov 2026", "3 days ago", "21 Nov 2026 09:00 UTC", "3 h ago", "received"):
        assert said in row, said


def test_a_source_with_a_failed_last_run_says_why_and_stands_before_sound_sources(folder: Path) -> None:
    deliver(folder, "good")
    record_run(folder, "good", "failed", "the disk is gone")
    said = words(run_page(SOURCES))
    assert "failed, just now the disk is gone" in said
    assert "● fresh" in said  # its figures are as good as they were
    assert "1 whose last look failed, or was held back or rejected" in said


def test_without_a_state_folder_the_page_shows_the_files_themselves() -> None:
    said = words(run_page(SOURCES))
    assert "18 Nov 2026" in said
    assert "never" in said
    assert "2 data error" in said


def test_the_page_reports_a_damaged_journal_and_shows_the_other_sources(folder: Path) -> None:
    deliver(folder, "good")
    deliver(folder, "bad")
    change_lines(folder / "var", "bad", lambda lines: [line.replace(b"outcome", b"outcame") for line in lines])
    assert "journal damaged" in words(run_page(SOURCES))
    assert "The journal of its deliveries cannot be read" in words(run_page(SOURCES, source="bad"))


def test_the_page_reports_an_archive_that_belongs_to_no_source(folder: Path) -> None:
    deliver(folder, "good")
    text = (folder / "indicators.yaml").read_text()
    (folder / "indicators.yaml").write_text(text.replace("  good:", "  best:").replace("[good,", "[best,"))
    said = words(run_page(SOURCES))
    assert "good: in the archive, but not in the catalogue" in said
    assert "if it was renamed to best" in said


def test_many_sources_are_cut_after_the_problems_and_can_be_searched(folder: Path) -> None:
    entries = "".join(f"  s{number}: {{title: Generated {number}, file: good.csv}}\n" for number in range(120))
    lost = "indicators: {lost: {title: Lost, file: no.csv, thresholds: [{severity: critical, above: 1}]}}"
    (folder / "indicators.yaml").write_text(f"version: 1\nsources:\n{entries}{lost}\n")
    app = run_page(SOURCES)
    assert shown(app).count("<tr>") == 1 + 1 + 50
    button(app, "Show all (121)").click().run()
    assert shown(app).count("<tr>") == 1 + 121
    app.text_input(key="find_source").set_value("generated 77").run()
    assert app.query_params["find"] == "generated 77"
    assert shown(app).count("<tr>") == 2
    app.text_input(key="find_source").set_value("nonsense").run()
    assert "No source fits “nonsense”" in words(app)


# --- one source ---


def test_a_source_shows_its_quarantined_rows_and_exports_them_harmless(folder: Path) -> None:
    deliver(folder, "bad")
    app = run_page(SOURCES, source="bad")
    rows = app.dataframe[0].value
    assert list(rows["Line"]) == ["4", "5"]
    assert list(rows["Value"]) == ["1_234", "=1+1"]
    assert set(rows["File"]) == {"bad.csv"}
    assert set(rows["Column"]) == {"value"}
    assert "is not a plain number" in rows["Reason"][0]
    assert app.get("download_button")


def test_a_source_says_what_is_assumed_of_the_publication_of_its_history(folder: Path) -> None:
    catalog = folder / "indicators.yaml"
    catalog.write_text(catalog.read_text().replace("file: bad.csv,", "file: bad.csv, published_after: 9d,"))
    deliver(folder, "bad")
    app = run_page(SOURCES, source="bad")
    assert "assumed 9 days after each period, for rows of the first delivery that state none" in words(app)
    assert list(app.dataframe[0].value["Line"]) == ["4", "5"]
    assert words(app).count("is not a plain number") == 0  # the table of rows alone says so


def test_quarantined_rows_are_exported_harmless(folder: Path) -> None:
    deliver(folder, "bad")
    source = load_catalog(folder / "indicators.yaml").sources["bad"]
    came = Receipts.of(Archive(folder / "var").log("bad", source.location))
    text = quarantined_rows(folder / "var", folder, "bad", source, came, NOW.date()).csv().decode()
    assert text.startswith('\ufeff"File","Line","Column","Value","Reason"\r\n')
    assert '"\'=1+1"' in text
    assert '"=1+1' not in text


def test_an_edited_file_shows_its_quarantined_rows_as_the_board_reads_it(folder: Path) -> None:
    deliver(folder, "good")
    assert not run_page(SOURCES, source="good").dataframe
    (folder / "good.csv").write_text(GOOD + "2026-11-20,many,2026-11-20\n")
    app = run_page(SOURCES, source="good")
    assert list(app.dataframe[0].value["Value"]) == ["many"]
    assert "The file was changed since the last look" in words(app)


def test_a_rejected_delivery_says_why_and_what_stays_in_force(folder: Path) -> None:
    deliver(folder, "good")
    record_run(folder, "good", "rejected", "has 2 rows where there were 2,000")
    said = words(run_page(SOURCES, source="good"))
    assert "The delivery of 21 Nov 2026 12:00 UTC was rejected: good.csv: has 2 rows where there were 2,000" in said
    assert "The delivery of 21 Nov 2026 09:00 UTC stays in force." in said


def test_a_held_back_delivery_shows_its_reason_its_date_and_the_action_to_take(folder: Path) -> None:
    deliver(folder, "good")
    run = Run(NOW, "rejected", "good.csv", "good.csv", "0" * 64, 1, message="it shrank", held_back=True)
    for at in (NOW - timedelta(hours=1), NOW):
        Archive(folder / "var").record("good", replace(run, at=at))
    said = words(run_page(SOURCES, source="good"))
    assert "The delivery of 21 Nov 2026 11:00 UTC has been held back since then: good.csv: it shrank" in said
    assert "run `watchfloor accept good --by NAME --because TEXT`." in said
    assert "held back, just now" in words(run_page(SOURCES))


@pytest.mark.parametrize(
    ("outcome", "what"),
    [("received", "2 rows of good.csv"), ("accepted", "that 2 rows no longer delivered had been wrong")],
)
def test_an_accepted_delivery_shows_the_person_the_date_and_the_reason(folder: Path, outcome: str, what: str) -> None:
    deliver(folder, "good")
    sha256 = Archive(folder / "var").runs("good")[-1].sha256 if outcome == "received" else ""
    run = Run(NOW, outcome, "good.csv", "good.csv", sha256, rows=2, message="so <b>it</b> is", by="Kim")  # type: ignore[arg-type]
    Archive(folder / "var").record("good", run)
    app = run_page(SOURCES, source="good")
    assert f"Accepted 21 Nov 2026 12:00 UTC, by Kim: {what}. so <b>it</b> is" in words(app)
    assert "<b>it</b>" not in shown(app)


def test_the_runs_stand_newest_first_and_are_cut(folder: Path) -> None:
    deliver(folder, "good")
    for minute in range(30):
        record_run(folder, "good", "seen again", at=DELIVERED + timedelta(minutes=minute + 1))
    app = run_page(SOURCES, source="good")
    assert "Runs (31)" in words(app)
    assert "21 Nov 2026 09:30:00 UTC" in words(app)
    assert "09:00:00 UTC" not in words(app)
    button(app, "Show all (31)").click().run()
    assert "09:00:00 UTC" in words(app)


def test_the_pages_of_source_and_indicator_report_a_breach_lost_with_a_delivery(folder: Path) -> None:
    (folder / "good.csv").write_text(GOOD + "2026-11-19,500,2026-11-20\n")
    refreshed(folder, "good", at=DELIVERED)
    (folder / "good.csv").write_text(GOOD.replace(",7,", ",6,"))
    refreshed(folder, "good", at=NOW)
    assert "1 revised, 1 no longer there" in words(run_page(SOURCES))
    said = words(run_page(SOURCES, source="good"))
    assert "1 revised, 1 no longer there" in said
    assert "19 Nov 2026 500 no longer among its rows" in said
    said = words(run_page(INDICATOR, id="x"))
    assert "Revised figures (2)" in said
    assert "21 Nov 2026 A good one 19 Nov 2026 500 no longer among its rows" in " ".join(said.split())


def test_the_page_reports_an_unknown_source_and_shows_all_sources() -> None:
    said = words(run_page(SOURCES, source="nonsense"))
    assert "The catalogue has no source “nonsense”" in said
    assert "A good one" in said


def test_choosing_another_source_changes_the_address() -> None:
    app = run_page(SOURCES, source="good")
    app.selectbox(key="chosen_source").select("web").run()
    assert app.query_params["source"] == "web"
    assert "example.org" in words(app)


def test_a_source_without_a_request_in_time_says_when_it_is_due(folder: Path) -> None:
    record_run(folder, "web", "seen again", at=DELIVERED)
    assert "Next look 22 Nov 2026 06:15 UTC" in words(run_page(SOURCES, source="web"))


def test_the_page_shows_the_present_whatever_instant_the_address_names() -> None:
    said = words(run_page(SOURCES, as_of="2024-11-26"))
    assert "AS OF 26 Nov 2024 — but this page is about now, 21 Nov 2026" in said
    assert "nothing published later is shown" not in said
    assert "18 Nov 2026" in said


@pytest.mark.parametrize("source", [None, "bad"])
def test_hostile_text_stays_text(folder: Path, source: str | None) -> None:
    deliver(folder, "bad")
    record_run(folder, "bad", "failed", HOSTILE)
    app = run_page(SOURCES, **({"source": source} if source else {}))
    assert not app.markdown
    assert not {"script", "img", "iframe"} & set(parsed(shown(app)).tags)
    assert words(app).count("![x](https://evil.example/x.png)") >= 2


# --- refresh now ---


def test_refresh_now_leaves_a_request_and_says_so_until_the_run(folder: Path) -> None:
    deliver(folder, "good")
    beat(folder / "var", NOW)
    app = run_page(SOURCES, source="good")
    button(app, "Refresh now").click().run()
    request = folder / "var" / "requests" / "good"
    assert request.is_file()
    os.utime(request, (NOW.timestamp(), NOW.timestamp()))
    app.run()
    assert "Asked for at 21 Nov 2026 12:00:00 UTC" in words(app)
    assert button(app, "Refresh now").disabled
    request.unlink()  # the refresher takes it
    app.run()
    assert "Asked for at 21 Nov 2026 12:00:00 UTC" in words(app)
    record_run(folder, "good", "seen again", at=NOW + timedelta(seconds=1))
    app.run()
    assert "Asked for" not in words(app)
    assert not button(app, "Refresh now").disabled


@pytest.mark.parametrize(
    ("seconds", "why"), [(None, "No refresher is running."), (61, "The refresher is overdue."), (5, "")]
)
def test_no_refresh_can_be_requested_where_no_refresher_would_take_the_request(
    folder: Path, seconds: int | None, why: str
) -> None:
    deliver(folder, "good")
    if seconds is not None:
        beat(folder / "var", NOW - timedelta(seconds=seconds))
    app = run_page(SOURCES, source="good")
    assert button(app, "Refresh now").disabled is bool(why)
    assert why in words(app)


def test_the_page_reports_a_request_that_cannot_be_written(folder: Path) -> None:
    deliver(folder, "good")
    beat(folder / "var", NOW)
    (folder / "var" / "requests").write_text("in the way")
    app = run_page(SOURCES, source="good")
    button(app, "Refresh now").click().run()
    assert "The request cannot be written" in words(app)


# --- the refresher's age, on every page ---


def alarms(app: AppTest) -> str:
    return " ".join(block.value for block in app.html if 'role="alert"' in block.value)


@pytest.mark.parametrize("page", [WATCH, SOURCES])
def test_the_bar_shows_the_age_of_the_heartbeat_without_an_alarm(folder: Path, page: str) -> None:
    (folder / "var").mkdir()
    beat(folder / "var", NOW - timedelta(seconds=8))
    app = run_page(page)
    assert "refresher 8 s ago" in words(app)
    assert "refresher" not in alarms(app)


@pytest.mark.parametrize("page", [WATCH, SOURCES])
def test_a_refresher_that_is_overdue_or_absent_is_an_alarm(folder: Path, page: str) -> None:
    assert "No refresher is running" in alarms(run_page(page))
    (folder / "var").mkdir()
    beat(folder / "var", NOW - timedelta(seconds=61))
    assert "The refresher is overdue" in alarms(run_page(page))
    beat(folder / "var", NOW + timedelta(minutes=5))
    assert "clock lies in the future" in alarms(run_page(page))


def test_single_refreshes_raise_an_alarm_only_when_a_source_is_overdue(folder: Path) -> None:
    text = (folder / "indicators.yaml").read_text()
    (folder / "indicators.yaml").write_text("".join(one for one in text.splitlines(True) if "web:" not in one))
    refreshed(folder, at=NOW - timedelta(minutes=4))
    app = run_page(SOURCES, source="good")
    assert "refreshed by single runs, last 4 min ago" in words(app)
    assert not alarms(app)
    assert button(app, "Refresh now").disabled
    refreshed(folder, at=NOW - timedelta(hours=2))
    assert "The refresher is overdue: it was last seen on 21 Nov 2026 10:00:00 UTC" in alarms(run_page())
    refreshed(folder, at=NOW)
    (folder / "indicators.yaml").write_text(text)  # with an address that nobody has fetched
    assert "The refresher is overdue" in alarms(run_page())


def test_files_alone_need_no_refresher_until_something_was_received(folder: Path) -> None:
    catalog = (folder / "indicators.yaml").read_text()
    (folder / "indicators.yaml").write_text("".join(one for one in catalog.splitlines(True) if "web:" not in one))
    app = run_page()
    assert "no refresher" in words(app)
    assert not alarms(app)
    deliver(folder, "good")
    assert "No refresher is running" in alarms(run_page())


def test_the_state_folder_lies_beside_the_catalogue_unless_it_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert boards.state_folder() == folder / "var"
    monkeypatch.delenv(STATE_VARIABLE)
    assert boards.state_folder() == folder / "var"
    monkeypatch.setenv(STATE_VARIABLE, str(folder / "elsewhere"))
    assert boards.state_folder() == folder / "elsewhere"
