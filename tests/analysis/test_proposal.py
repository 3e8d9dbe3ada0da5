"""The YAML that is proposed for a file reads it with the real reader, and says what it does not know."""

from __future__ import annotations

import csv
import io
import math
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from dashboard.analysis import propose
from dashboard.catalog import Source
from dashboard.cli import app
from dashboard.ingest import Dialect, Reading, read
from tests.ingest.test_layouts import LAYOUTS

SAMPLES = Path(__file__).parents[1] / "feeds"
TODAY = date(2026, 11, 30)
MOST_LINES = 12


def read_as_proposed(data: bytes, file: str) -> tuple[str, Reading]:
    text = propose(data, file, TODAY)
    (source,) = yaml.safe_load(text)["sources"].values()
    lines = [line for line in text.splitlines()[2:] if not line.strip().startswith("#")]
    assert len(lines) <= MOST_LINES
    return text, read(data, file, Dialect.of(Source.model_validate(source)), TODAY)


# what stands in the proposal for a file whose layout a person declared in the page of layouts, beside that it is read
KNOWN = {
    "Lines above the header": "skip_lines: 3",
    "Lines below the rows": 'until: "^Source',
    "No header": "header: none",
    "Marks for no figure": 'missing: [".", N/A, "-", ""]',
    "Flags behind figures": "flags: {b: reported, p: provisional, e: estimated}",
    "Years as columns": "wide: years",
    "Months by name as columns": 'wide: "%b-%y"',
    "Months as columns, years as rows": 'wide: "%b"',
    "Months as columns, with a compound key": 'split: {"unit,geo\\\\TIME": {by: ",", into: [unit, geo]}}',
    "Names of years in words": 'wide: "%Y [YR%Y]"',
    "Months in six figures": 'dates: "%Y%m"',
    "Detections with a time": 'dates: "%Y-%m-%d %H:%M:%S UTC"',
    "A day in three columns": "columns: {date: [year, month, day]}",
    "Events": "value: 1 # no column holds figures",
    "Events whose number is of something else": "value: 1 # each row counts one; fatalities counts something else",
}


@pytest.mark.parametrize("layout", KNOWN)
def test_the_layout_of_a_file_is_proposed_as_a_person_declares_it(layout: str) -> None:
    data = LAYOUTS[layout][1].encode()
    text, reading = read_as_proposed(data, "x.csv")
    assert KNOWN[layout] in text
    assert (reading.rejected, reading.quarantined) == ((), ())
    assert reading.row_count >= len(LAYOUTS[layout][2])


@pytest.mark.parametrize("path", [path for path in sorted(SAMPLES.glob("*.*")) if path.suffix != ".py"], ids=str)
def test_the_file_of_a_publisher_is_read_as_proposed(path: Path) -> None:
    text, reading = read_as_proposed(path.read_bytes(), path.name)
    if "which column is the figure?" in text and reading.rejected:
        return  # an open question, which the proposal does not answer by itself
    assert (reading.rejected, reading.quarantined) == ((), ())
    assert reading.row_count


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("date,value\n03/04/2024,5\n", '# dates: "%d/%m/%Y" if the day comes first, dates: "%m/%d/%Y" if the month'),
        ("date;value\n2024-01;1,234\n2024-02;2,345\n", 'or decimal: "," if its comma is the decimal mark'),
        ("date,oil,gas\n2024,1,2\n", "which column is the figure? oil, gas; add value: NAME to columns:"),
        ("date,value\n2024-01,5\n2024-02,unknown\n", '"unknown" is no figure; list it here if it means that there'),
        ("date,land,value\n2024,North,1\n2024,South,2\n", "which rows are meant? land: North, South"),
        ("event_date,fatalities\n2026-11-07,2\n2026-11-14,0\n", "fatalities counts something else"),
        ("a,b\nx,y\n", "no column of dates is seen"),
    ],
)
def test_what_cannot_be_known_is_a_comment(text: str, comment: str) -> None:
    assert comment in propose(text.encode(), "x.csv", TODAY)


@pytest.mark.parametrize("text", ["date,value\n03/04/2024,5\n", "date;value\n2024-01;1,234\n2024-02;2,345\n"])
def test_what_could_be_read_in_two_ways_is_not_read(text: str) -> None:
    _, reading = read_as_proposed(text.encode(), "x.csv")
    assert not reading.row_count


def test_a_month_whose_name_is_its_abbreviation_decides_no_form() -> None:
    text, reading = read_as_proposed(b"date,value\nMay 2024,20\nJune 2024,21\n", "x.csv")
    assert ('dates: "%B %Y"' in text, reading.row_count) == (True, 2)


@pytest.mark.parametrize("header", ["date,value\n", ""])
def test_a_first_row_without_a_figure_is_no_header(header: str) -> None:
    _, reading = read_as_proposed(f"{header}01/01/2001,.\n13/01/2001,0\n".encode(), "x.csv")
    assert reading.row_count == 2


@pytest.mark.parametrize("data", [b"\x7f", b"date,a\x0bb\n2024,\x85\n", b'date,"a\nb"\n2024,5\n', b",|"])
def test_signs_of_a_file_end_no_line_of_its_proposal(data: bytes) -> None:
    yaml.safe_load(propose(data, "x.csv", TODAY))


def test_numbers_of_eight_figures_are_no_days() -> None:
    text, _ = read_as_proposed(b"day,tons,eur\n2024-01-02,5,15000000\n2024-01-03,6,10010101\n", "x.csv")
    assert "holds dates too" not in text


FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%d %b %Y", "%Y/%m/%d")


@given(
    st.sampled_from(FORMS),
    st.sampled_from([",", ";", "\t", "|"]),
    st.lists(st.decimals(-9999, 9999, places=2), min_size=3, max_size=12),
    st.sampled_from(["", "-", "N/A", ".."]),
    st.booleans(),
)
def test_a_table_in_any_dialect_is_read_as_proposed(
    form: str, separator: str, figures: list[object], mark: str, has_words: bool
) -> None:
    first = date(2024, 1, 13)
    rows = [[(first + timedelta(days=n)).strftime(form), str(figure)] for n, figure in enumerate(figures)]
    rows[1][1] = mark
    rows = [[*row, *(["North"] if has_words else [])] for row in rows]
    header = ["Day", "Tons", *(["Land"] if has_words else [])]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows([header, *rows])
    _, reading = read_as_proposed(text.getvalue().encode(), "x.csv")
    assert (reading.rejected, reading.quarantined) == ((), ())
    expected = [math.nan if n == 1 else float(str(figure)) for n, figure in enumerate(figures)]
    assert list(reading.rows["value"]) == pytest.approx(expected, nan_ok=True)


def test_the_command_writes_what_may_be_pasted(tmp_path: Path) -> None:
    path = tmp_path / "Some figures 2024.csv"
    path.write_text("day;tons\n21.02.2024;5\n")
    result = CliRunner().invoke(app, ["inspect", str(path), "--propose"])
    assert result.exit_code == 0
    assert "some_figures_2024:" in result.output
    assert 'separator: ";"' in result.output
    assert "with these lines 1 row of it can be used" in result.output


def test_figures_of_events_that_count_something_else_are_told(tmp_path: Path) -> None:
    """Two battles with 2 and 0 dead: the 0 would be read as "looked and saw none"."""
    (tmp_path / "a.csv").write_text("event_date,fatalities\n2026-11-07,2\n2026-11-14,0\n")
    source = "a: {title: A, file: a.csv, kind: event, columns: {date: event_date, value: fatalities}}"
    indicator = "x: {title: X, unit: u, sources: [a], thresholds: [{severity: warning, occurs: any, window: 1y}]}"
    path = tmp_path / "indicators.yaml"
    path.write_text(f"version: 1\nsources:\n  {source}\nindicators:\n  {indicator}\n")
    result = CliRunner().invoke(app, ["inspect", str(tmp_path / "a.csv"), "--source", "a", "--catalog", str(path)])
    assert 'counts 2 events, by the column "fatalities"' in result.output
    assert "write value: 1 instead" in result.output
    path.write_text(path.read_text().replace("value: fatalities}", "note: fatalities}, value: 1"))
    result = CliRunner().invoke(app, ["inspect", str(tmp_path / "a.csv"), "--source", "a", "--catalog", str(path)])
    assert "would be accepted: 2 rows good" in result.output
    assert "write value: 1" not in result.output
