"""The shipped observations: remade by `data/remake.py`, cited, and free of the traps that their sources hold."""

from __future__ import annotations

import calendar
import csv
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.evidence.card_files import load_cards
from dashboard.evidence.cards import claims_by_id

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
FIGURES = DATA / "published_figures.csv"
HEADER = "date,period_start,period_end,value,low,high,unit,subject,status,published_at,citation,document,note"
FLOWS = (
    "petroleum_reported/russia.csv",
    "petroleum_reported/china.csv",
    "crude/reported.csv",
    "visitors/fsb_trips.csv",
)


Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def shipped(folder: Path = DATA) -> list[tuple[str, Row]]:
    return [(str(p.relative_to(folder)), row) for p in sorted(folder.glob("*/*.csv")) for row in read(p)]


def first_day(point: str) -> str:
    return f"{point}-01-01"[:10]


def last_day(point: str) -> str:
    year, month, day = (*(int(part) for part in point.split("-")), 0, 0)[:3]
    month = month or 12
    return f"{year:04}-{month:02}-{day or calendar.monthrange(year, month)[1]:02}"


def period(row: Row) -> tuple[str, str]:
    return row["period_start"] or first_day(row["date"]), row["period_end"] or last_day(row["date"])


def known(file: str, as_of: str = "9999-12-31") -> dict[tuple[str, str], Row]:
    """The newest vintage of each period that was public on a day."""
    rows = [row for row in read(DATA / file) if last_day(row["published_at"]) <= as_of]
    return {period(row): row for row in sorted(rows, key=lambda row: last_day(row["published_at"]))}


def reported(supplier: str, year: str, column: str = "value", as_of: str = "9999-12-31") -> int:
    """A supplier's barrels of a year; a blank `low` equals the value."""
    rows = known(f"petroleum_reported/{supplier}.csv", as_of)
    return sum(
        int(row[column] or row["value"]) for (start, _), row in rows.items() if start.startswith(year) and row["value"]
    )


def remake(figures: Path, into: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(DATA / "remake.py"), str(figures), "--into", str(into)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def changed_figures(path: Path, change: Callable[[list[Row]], list[Row]]) -> Path:
    rows = change(read(FIGURES))
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


# --- remaking ---


def test_the_committed_files_are_byte_for_byte_what_the_script_makes(tmp_path: Path) -> None:
    command = [sys.executable, str(DATA / "remake.py"), "--into", str(tmp_path)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.glob("*/*.csv")}
    committed = {p.relative_to(DATA): p.read_bytes() for p in DATA.glob("*/*.csv")}
    assert made == committed


def test_the_error_about_an_unexplained_figure_names_the_figure(tmp_path: Path) -> None:
    def add(rows: list[Row]) -> list[Row]:
        return [*rows, {**rows[-1], "series": "rail.brand_new_count", "period": "2026-01"}]

    result = remake(changed_figures(tmp_path / "figures.csv", add), tmp_path / "out")
    assert result.returncode == 1
    assert f"line {len(read(FIGURES)) + 2}: rail.brand_new_count, 2026-01" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "series", ["vostochny_calls_cum", "khasan_railcars", "cn_reported_year"], ids=["shipped", "not", "input"]
)
def test_the_error_about_a_selector_without_matches_names_the_selector(tmp_path: Path, series: str) -> None:
    def drop(rows: list[Row]) -> list[Row]:
        return [row for row in rows if not row["series"].endswith(series)]

    result = remake(changed_figures(tmp_path / "figures.csv", drop), tmp_path / "out")
    assert result.returncode == 1
    assert series in result.stderr
    assert "matches no row" in result.stderr


def test_a_derived_figure_that_does_not_recompute_is_an_error(tmp_path: Path) -> None:
    def slip(rows: list[Row]) -> list[Row]:
        return [{**row, "value": row["value"].replace("153400", "153500")} for row in rows]

    result = remake(changed_figures(tmp_path / "figures.csv", slip), tmp_path / "out")
    assert result.returncode == 1
    assert "says 153500, but 168,679 minus 15,279 is 153400" in result.stderr


def test_every_figure_derived_from_a_recalled_figure_is_provisional(tmp_path: Path) -> None:
    def forget(rows: list[Row]) -> list[Row]:
        return [{**row, "verified": "recalled, unverified; " + row["verified"]} for row in rows]

    assert remake(changed_figures(tmp_path / "figures.csv", forget), tmp_path / "out").returncode == 0
    from_documents_alone = {"workers/author_002.csv", "technology/author_004.csv", "technology/markov.csv"}
    statuses = {row["status"] for path, row in shipped(tmp_path / "out") if path not in from_documents_alone}
    assert statuses == {"provisional", "missing"}


# --- the published figures ---


def test_every_figure_says_who_said_it_and_how_it_was_checked() -> None:
    checked = ("verified", "derived from verified rows", "recalled, unverified")
    assert [row for row in read(FIGURES) if not row["source"] or not row["verified"].startswith(checked)] == []


def test_a_figure_is_cited_by_an_address_unless_it_is_arithmetic_or_a_document_s_or_recalled() -> None:
    bare = [row for row in read(FIGURES) if not row["url"]]
    excused = ("derived", "recalled", "verified (source document)")
    assert [row for row in bare if not row["verified"].startswith(excused)] == []


def test_the_figures_hold_facts_in_a_few_words_and_no_sentences() -> None:
    told = [cell for row in read(FIGURES) for name, cell in row.items() if name != "url"]
    assert max(len(cell.split()) for cell in told) <= 25
    assert [cell for cell in told if any(mark in cell for mark in ('"', "“", "«"))] == []


# --- what every row owes its reader ---


def test_every_file_has_the_same_header() -> None:
    headers = {p.read_text(encoding="utf-8").splitlines()[0] for p in DATA.glob("*/*.csv")}
    assert headers == {HEADER}


def test_every_row_names_its_page_or_its_document() -> None:
    bare = [
        row for _, row in shipped() if not row["citation"].startswith(("http://", "https://")) and not row["document"]
    ]
    assert bare == []


def test_every_row_says_when_it_was_published_and_who_said_it() -> None:
    assert [row for _, row in shipped() if not (row["published_at"] and row["note"] and row["unit"])] == []


def test_no_row_was_published_before_its_period_began() -> None:
    assert [row for _, row in shipped() if last_day(row["published_at"]) < period(row)[0]] == []


def test_a_row_is_about_a_date_or_a_span_and_never_both() -> None:
    for _, row in shipped():
        assert bool(row["date"]) != bool(row["period_start"])
        assert bool(row["period_start"]) == bool(row["period_end"])


def test_a_row_holds_numbers_in_order_unless_it_is_missing() -> None:
    for path, row in shipped():
        numbers = [float(row[name]) for name in ("low", "value", "high") if row[name]]
        assert numbers == sorted(numbers), path
        assert bool(numbers) == (row["status"] != "missing"), path


def test_rows_are_sorted_by_period_then_publication() -> None:
    for path in DATA.glob("*/*.csv"):
        order = [(period(row)[1], period(row)[0], last_day(row["published_at"])) for row in read(path)]
        assert order == sorted(order), path


def test_every_document_named_is_a_claim_of_the_source_documents() -> None:
    claims = set(claims_by_id(load_cards(ROOT / "seeds")))
    assert {row["document"] for _, row in shipped()} - {""} <= claims


@pytest.mark.parametrize(
    ("file", "when"),
    [
        ("petroleum_estimated/us.csv", "2019-10-31"),
        ("petroleum_estimated/msmt.csv", "2024-10-31"),
        ("workers/bbc.csv", "2025-08-31"),
    ],
)
def test_a_figure_from_memory_is_provisional_and_says_so(file: str, when: str) -> None:
    [row] = [row for row in read(DATA / file) if period(row)[1] == when]
    assert row["status"] == "provisional"
    assert "from memory" in row["note"]


def test_a_plan_for_workers_is_not_a_count_of_workers() -> None:
    [row] = read(DATA / "workers/bbc.csv")
    assert (row["value"], row["low"], row["high"]) == ("", "", "50000")


# --- petroleum: periods, vintages, totals ---


@pytest.mark.parametrize("file", FLOWS)
def test_periods_of_a_flow_overlap_only_as_vintages_of_the_same_period(file: str) -> None:
    spans = sorted({period(row) for row in read(DATA / file)})
    assert [(one, two) for one, two in pairwise(spans) if two[0] <= one[1]] == []


def test_no_period_has_two_rows_published_at_the_same_time() -> None:
    seen = defaultdict(list)
    for path, row in shipped():
        seen[path, *period(row), row["published_at"], row["subject"]].append(row)
    assert [key for key, rows in seen.items() if len(rows) > 1] == []


@pytest.mark.parametrize(
    ("year", "value", "low", "percent_of_cap"),
    [
        ("2018", 400_950, 392_699, 80.2),
        ("2019", 466_706, 417_989, 93.3),
        ("2022", 108_225, 108_225, 21.6),
        ("2023", 362_704, 362_704, 72.5),
        ("2024", 296_207, 296_207, 59.2),
        ("2025", 99_218, 99_218, 19.8),
    ],
)
def test_reported_totals_stay_under_the_cap_in_every_year(
    year: str, value: int, low: int, percent_of_cap: float
) -> None:
    assert reported("russia", year) + reported("china", year) == value
    assert reported("russia", year, "low") + reported("china", year, "low") == low
    assert round(value / 5000, 1) == percent_of_cap


def test_reported_totals_agree_with_the_totals_that_were_published() -> None:
    published = {
        row["period"]: float(row["value"]) for row in read(FIGURES) if "reported" in row["series"] and row["value"]
    }
    assert reported("china", "2021") == published["2021"] == 91_909
    assert reported("china", "2025") == pytest.approx(published["2025-01/2025-05"], abs=2)
    for year, total in [("2023", "2023 (China full year)"), ("2024", "2024-01/2024-11")]:
        assert reported("russia", year) + reported("china", year) == pytest.approx(published[total], abs=4)


def test_china_in_2024_is_not_added_up_from_overlapping_totals() -> None:
    assert reported("china", "2024") == 280_928


@pytest.mark.parametrize(
    ("as_of", "both_suppliers_2018"),
    [
        ("2019-09-20", 0),
        ("2019-09-21", 230_996 + 151_585),
        ("2021-10-05", 230_996 + 159_836),
        ("2024-01-30", 241_114 + 159_836),
    ],
)
def test_the_known_total_of_2018_grew_with_each_vintage(as_of: str, both_suppliers_2018: int) -> None:
    total = reported("russia", "2018", as_of=as_of) + reported("china", "2018", as_of=as_of)
    assert total == both_suppliers_2018


def test_the_unexplained_difference_of_russia_in_2019_is_a_range() -> None:
    row = known("petroleum_reported/russia.csv")["2019-01-01", "2019-12-31"]
    assert (row["value"], row["low"], row["high"]) == ("277365", "238422", "277365")
    assert "unexplained" in row["note"]


def test_a_derived_row_is_known_only_when_its_last_input_was() -> None:
    january_to_august_2024 = ("2024-01-01", "2024-08-31")
    assert january_to_august_2024 not in known("petroleum_reported/china.csv", as_of="2025-01-02")
    assert january_to_august_2024 in known("petroleum_reported/china.csv", as_of="2025-01-03")


# --- the traps of the figures ---


def test_tonnes_printed_as_barrels_are_not_shipped_as_barrels() -> None:
    rows = known("petroleum_reported/russia.csv")
    autumn = [
        rows[first_day(month), last_day(month)]["value"] for month in ("2023-08", "2023-09", "2023-11", "2023-12")
    ]
    assert autumn == ["5713", "9482", "4151", "6591"]
    assert {"715", "1188", "520", "825"}.isdisjoint(row["value"] for row in rows.values())


def test_russian_reports_of_zero_are_zero_and_not_missing() -> None:
    rows = known("petroleum_reported/russia.csv")
    months = [f"{year}-{month:02}" for year in (2020, 2021, 2022) for month in range(1, 13)]
    zeros = [m for m in months if "2020-10" <= m <= "2022-11"] + ["2023-10"]
    assert len(zeros) == 27
    for month in zeros:
        row = rows[first_day(month), last_day(month)]
        assert (row["value"], row["status"]) == ("0", "reported"), month


def missing(supplier: str, as_of: str = "9999-12-31") -> list[str]:
    """The months of which the newest row known by a day says that no report was filed."""
    rows = known(f"petroleum_reported/{supplier}.csv", as_of)
    return [row["date"] for row in rows.values() if row["status"] == "missing"]


def test_reports_never_filed_are_missing_and_have_no_number() -> None:
    assert missing("china") == ["2020-10", "2020-11", "2020-12", "2021-01", "2021-02"]
    months_of_2024 = [f"2024-{month:02}" for month in range(2, 13)]
    months_of_2025 = [f"2025-{month:02}" for month in range(1, 9)]
    assert missing("russia") == ["2020-07", "2020-09", *months_of_2024, *months_of_2025]


@pytest.mark.parametrize(
    ("as_of", "first", "last"),
    [("2021-10-05", "2021-07", "2021-08"), ("2025-01-03", "2024-02", "2024-11"), ("2025-09-23", "2024-02", "2025-08")],
)
def test_each_look_at_the_committees_page_says_which_months_it_lacked(as_of: str, first: str, last: str) -> None:
    rows = read(DATA / "petroleum_reported/russia.csv")
    looked = [row["date"] for row in rows if row["status"] == "missing" and row["published_at"] == as_of]
    assert (looked[0], looked[-1]) == (first, last)


def first_told(month: str) -> str:
    """The day on which it was first published that Russia's report for a month had been filed."""
    files = ("petroleum_reported/russia.csv", "petroleum_reported/russia_filings.csv")
    filed = [row for file in files for row in read(DATA / file) if row["value"] or row["low"]]
    about = [row for row in filed if period(row)[0] <= first_day(month) and last_day(month) <= period(row)[1]]
    return min(last_day(row["published_at"]) for row in about)


@pytest.mark.parametrize(
    ("months", "day"),
    [
        ("2018-01 2018-04", "2018-06-28"),
        ("2018-06 2018-07", "2018-10-16"),
        ("2019-10", "2019-12-14"),
        ("2020-06 2020-08", "2020-10-01"),
        ("2020-10 2020-12", "2021-02-13"),
        ("2021-01 2021-05", "2021-07-21"),
        ("2021-06", "2021-10-05"),
        ("2021-07 2021-10", "2021-12-03"),
        ("2021-11 2021-12", "2022-03-23"),
        ("2022-01 2022-05", "2022-08-18"),
        ("2022-06 2022-12 2023-04", "2023-06-13"),
        ("2023-05 2023-07", "2023-09-13"),
        ("2023-08 2023-12", "2024-01-30"),
        ("2024-01", "2024-04-30"),
    ],
)
def test_a_filing_counts_from_the_first_publication_that_says_it_was_made(months: str, day: str) -> None:
    assert {first_told(month) for month in months.split()} == {day}


def test_an_upper_bound_is_never_a_value() -> None:
    row = known("petroleum_estimated/un_panel.csv")["2023-01-01", "2023-05-01"]
    assert (row["value"], row["low"], row["high"]) == ("", "", "781497")


def test_washington_and_seoul_stand_in_files_of_their_own() -> None:
    assert "10000" in [row["value"] for row in read(DATA / "containers/us.csv")]
    assert "6700" in [row["value"] for row in read(DATA / "containers/rok_mnd.csv")]


def test_one_shipment_is_not_a_running_total() -> None:
    assert "300" not in [row["value"] for path, row in shipped() if path.startswith("containers/")]


@pytest.mark.parametrize("file", ["rok_mnd", "rok_dia", "author_002"])
def test_shells_computed_from_containers_say_that_they_confirm_nothing(file: str) -> None:
    assert all("no independent confirmation" in row["note"] for row in read(DATA / f"shells/{file}.csv"))


def test_an_event_says_in_words_what_happened() -> None:
    told = [row["subject"] for _, row in shipped() if row["unit"] == "event"]
    assert len(told) >= 14
    assert [words for words in told if len(words.split()) < 4 or not words[0].isupper() or words.endswith(".")] == []


def test_a_sought_or_offered_amount_has_no_value() -> None:
    notes = ("an offer", "a possibility", "sought, not received")
    sought = [row for path, row in shipped() if path.startswith("technology/") and any(n in row["note"] for n in notes)]
    assert [(row["value"], row["low"], row["high"]) for row in sought] == [("", "0", "1")] * 4


def test_guns_of_two_types_are_two_rows_and_no_sum() -> None:
    rows = {row["subject"]: row["value"] for row in read(DATA / "heavy_artillery/ft.csv")}
    assert rows == {"howitzers of 170 mm": "50", "rocket launchers of 240 mm": "20"}


def test_the_troops_in_kursk_are_a_part_of_those_in_russia() -> None:
    (whole,), (part,) = read(DATA / "troops/us.csv"), read(DATA / "troops/us_kursk.csv")
    assert (whole["value"], part["value"], part["document"]) == ("10000", "8000", "002.11.f")


def test_the_yard_is_counted_without_trains_and_without_metres() -> None:
    rows = [row for path, row in shipped() if path.startswith("tumangang/")]
    assert {row["unit"] for row in rows} == {"railcars"}
    assert sorted(int(row["value"]) for row in rows if row["value"]) == [7, 20, 73, 255]


def test_there_is_no_crude_figure_because_none_is_known() -> None:
    assert read(DATA / "crude/reported.csv") == []
