"""The reader of whole columns agrees with a reference that reads row by row and is easy to check."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.row_schema import COLUMNS
from dashboard.domain.text.wording import counted
from dashboard.ingest.batch_reader import Delivery, read_all
from dashboard.ingest.layout.conditions import Condition
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading, concatenate_rows
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.row_rules import BadCellError, validate
from tests.examples import examples

TODAY = date(2026, 11, 21)
DIALECTS = [
    Dialect(),
    Dialect(separator=";", decimal=",", thousands=".", dates="%d.%m.%Y", encoding="cp949"),
    Dialect(separator="\t", thousands=",", dates="%m/%d/%y", encoding="utf-16"),
    Dialect(separator="|", decimal=",", thousands=" ", dates="%Y%m%d", columns={"value": "bbl", "date": "Tag"}),
]
DATED = [  # with dates of several forms, and with times
    Dialect(dates="iso", zone="Asia/Seoul"),
    Dialect(dates="epoch_s", zone="America/New_York"),
    Dialect(dates="%Y-%m-%d %H:%M:%S", zone="Europe/Berlin"),
    Dialect(dates=("iso", "%d.%m.%Y %H:%M", "%b %Y"), zone="Asia/Seoul"),
    Dialect(dates=("epoch_s", "%Y-%m-%d", "%d.%m.%Y"), zone="America/New_York"),
    Dialect(fiscal_year=("04-01", "last")),
    Dialect(fiscal_year=("10-01", ""), dates=("%Y%m%d", "%Y-%m-%d")),
]
NAMES = ["date", "value", "low", "high", "status", "published_at", "received_at", "subject", "citation", "note"]


def read_by_rows(text: str, dialect: Dialect) -> tuple[list[tuple[int, Any]], list[tuple[int, str, str]]]:
    """The (line, values) of the valid rows without repetitions, and the (line, column, reason) of the bad rows."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.separator, strict=True)
    names = {dialect.columns.get(column, column): column for column in COLUMNS}
    header = [names[name] for name in next(reader)]
    valid, bad, line, seen = [], [], reader.line_num + 1, set()
    for cells in reader:
        try:
            if cells and len(cells) != len(header):
                bad.append((line, "", f"{counted(len(cells), 'cell')} under a header of {len(header)}"))
            elif cells:
                values = validate(dict(zip(header, cells, strict=True)), CellFormats(dialect), TODAY)
                if values.status == "provisional" or tuple(cells) not in seen:
                    valid.append((line, values))
                seen.add(tuple(cells))
        except BadCellError as error:
            bad.append((line, dialect.columns.get(error.column, error.column), str(error)))
        line = reader.line_num + 1
    return valid, bad


def assert_agrees(reading: Reading, text: str, dialect: Dialect) -> None:
    """Compares the rows and problems, but for problems between rows, which the reference does not know."""
    valid, bad = read_by_rows(text, dialect)
    between_rows = {one.line: one for one in reading.quarantined if "lines" in one.message}
    between_rows |= {one.line: one for one in reading.quarantined if "a thousand times" in one.message}
    kept = [(line, values) for line, values in valid if line not in between_rows]
    assert [line for line, _ in kept] == list(reading.rows["line"])
    for (_, values), row in zip(kept, reading.rows.to_dict("records"), strict=True):
        assert (row["start"].date(), row["end"].date(), row["status"]) == (
            values.period.start, values.period.end, values.status,
        )  # fmt: skip
        assert [str(row[side]) for side in ("low", "value", "high")] == [
            str(side) for side in (values.low, values.value, values.high)
        ]
        for name in ("published_at", "received_at", "known_at"):
            stated = getattr(values, name)
            assert str(row[name]) == ("NaT" if stated is None else str(stated).replace("T", " "))
    problems = [problem for problem in reading.quarantined if problem.line not in between_rows]
    listed = [(problem.line, problem.path, problem.message.split(";")[0]) for problem in problems]
    assert listed == [(line, path, message.split(";")[0]) for line, path, message in bad]


TIMES = [
    "2024-03-06T23:30:00Z", "2024-03-07T09:31+09:00", "2024-03-08 00:10:59", "07.03.2024 09:31", "1709803872",
    "2026-11-21T21:00:00Z", "2026-11-22T08:00:00+09:00", "2026-11-22T10:00:00+09:00",
]  # fmt: skip
CELLS = {
    "date": ["2024-03-07", "2024-03-08", "2024-03", "2024", "2023-02-29", "", "07.03.2024", "20240307", "3/7/24", "x",
             *TIMES, "2024-Q1", "2024-W10", "2026-W47", "2023/24", "FY2024", "2023/25", "2024-03-07/2024-03-09",
             "Mar 2024"],
    "value": ["5", "6", "", "-1", "1.5", "1,5", "1.234", "1,234", "007", "1e5", "1.2.3", " 5", "9" * 17, "١", "-0"],
    "low": ["", "4", "5", "-", "5."], "high": ["", "7", "5", ".5", "nan"],
    "status": ["", "", "reported", "missing", "withdrawn", "provisional", "Reported"],
    "received_at": ["", "", "2024-03-27", "2024", "2026-11", "2022", *TIMES],
    "published_at": ["", "2024-03-26", "2026-11",  "2024", "2023-01-01", "2027", "26.03.2024", "?", *TIMES, "2024Q1"],
    "subject": ["", "A", "B", " A", "A\u00a0", "é", "e\u0301", "a\u202eb"],
    "citation": ["", "https://example.org/a", "https://대한.kr/", "nowhere", "https://a b"],
    "note": ["", "why", 'a "b"', "two\nlines", "two\r\nlines", "comma, and ;", "a\x07"],
}  # fmt: skip
ROWS = st.lists(st.tuples(*(st.sampled_from(CELLS[name]) for name in NAMES)), max_size=8)


def csv_text(rows: list[Any], dialect: Dialect, ending: str = "\n") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=dialect.separator, lineterminator=ending)
    writer.writerow([dialect.columns.get(name, name) for name in NAMES])
    writer.writerows(rows)
    return out.getvalue()


@settings(max_examples=examples(60, 1000), deadline=None)
@given(rows=ROWS, dialect=st.sampled_from([*DIALECTS, *DATED]), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_column_reader_agrees_with_the_row_rules(rows: list[Any], dialect: Dialect, ending: str) -> None:
    text = csv_text(rows, dialect, ending)
    data = text.encode(dialect.encoding, errors="replace")
    assert_agrees(read(data, "x.csv", dialect, TODAY), data.decode(dialect.encoding), dialect)


@settings(max_examples=examples(40, 600), deadline=None)
@given(
    lines=st.lists(
        st.sampled_from(
            ["2024,5,", "2023-01,6,n", "", "2022", "2021,1,2,3", 'x,7,"q"', '2020,8,"a\nb"', '2019,9,a"b', " "]
        ),
        max_size=8,
    ),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_lines_of_any_shape_are_counted_equally(lines: list[str], ending: str) -> None:
    text = ending.join(["date,value,note", *lines, ""])
    assert_agrees(read(text.encode(), "x.csv", Dialect(), TODAY), text, Dialect())


BOUNDS = st.sampled_from(
    ["", "2024", "2024-03", "2024-Q1", "2024-03-07", "2024-04-01", "2023/24", "FY2024", "07.03.2024", "2026-12", *TIMES]
)


@settings(max_examples=examples(40, 600), deadline=None)
@given(
    bounds=st.lists(st.tuples(BOUNDS, BOUNDS, st.sampled_from(["", "", "2024-03"]), BOUNDS), max_size=8),
    dialect=st.sampled_from([Dialect(), *DATED]),
)
def test_periods_of_two_bounds_agree_with_the_row_rules(bounds: list[Any], dialect: Dialect) -> None:
    rows = "".join(f"{','.join(cells)},{number}\n" for number, cells in enumerate(bounds))
    text = f"period_start,period_end,date,published_at,value\n{rows}"
    assert_agrees(read(text.encode(), "x.csv", dialect, TODAY), text, dialect)


FIGURE = st.decimals(0, 10**9, places=2)


@settings(max_examples=examples(40, 600), deadline=None)
@given(
    figures=st.lists(FIGURE, max_size=20),
    notes=st.lists(st.text(st.characters(codec="cp949", exclude_categories=["Cc", "Cf", "Zl", "Zp"])), min_size=20),
    dialect=st.sampled_from(DIALECTS),
)
def test_rows_written_in_a_dialect_are_read_back(figures: list[Any], notes: list[str], dialect: Dialect) -> None:
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(len(figures))]
    rows = [
        (day.strftime(dialect.dates or "%Y-%m-%d"), in_dialect(figure, dialect), *[""] * 7, note)
        for day, figure, note in zip(days, figures, notes, strict=False)
    ]
    reading = read(csv_text(rows, dialect).encode(dialect.encoding), "x.csv", dialect, TODAY)
    assert reading.outcome == "accept", reading.quarantined
    assert [day.date() for day in reading.rows["start"]] == days
    assert list(reading.rows["value"]) == [float(figure) for figure in figures]
    assert list(reading.rows["note"]) == [row[-1] for row in rows]


def in_dialect(figure: Any, dialect: Dialect) -> str:
    whole, _, part = f"{figure:,.2f}".partition(".")
    return whole.replace(",", dialect.thousands) + dialect.decimal + part


def assert_reads_like_one_by_one(deliveries: list[Delivery]) -> list[Reading]:
    readings = read_all(deliveries, TODAY)
    for delivery, together in zip(deliveries, readings, strict=True):
        alone = read(delivery.data, delivery.file, delivery.dialect, TODAY)
        for kind in ("quarantined", "rejected", "near_misses", "notes"):
            assert [*map(repr, getattr(together, kind))] == [*map(repr, getattr(alone, kind))], delivery
        assert together.rows.equals(alone.rows), delivery
        assert together.row_count == len(alone.rows)
    return readings


@settings(max_examples=examples(20, 240), deadline=None)
@given(files=st.lists(ROWS, max_size=5), ending=st.sampled_from(["\n", "\r\n"]), cut=st.integers(0, 40))
def test_a_batch_is_read_like_its_files_one_by_one(files: list[Any], ending: str, cut: int) -> None:
    texts = [csv_text(rows, Dialect(), ending).replace('"', "") for rows in files]  # this makes rows of any length
    texts += [text[:-cut] for text in texts if cut]
    readings = assert_reads_like_one_by_one(
        [Delivery(f"{number}.csv", text.encode(), Dialect()) for number, text in enumerate(texts)]
    )
    assert len(concatenate_rows(readings)) == sum(len(reading.rows) for reading in readings)


LINES = [
    "2024-03-07,5,", "2024-03-08,6,n", "2024-03-08,7,n", "2024-02,1.234,", "2024-01,1.5,", '2023,"1,5",', "2022,x,",
    "2021,1,2,3", "2020", "", " ", "2019,-0,A", '2018,8,"a\nb"', '2017,8,"a ""b"""', '2016,9,a"b', '2015,9,"a',
    '"b"c,,', "2027-03-07,5,", "2014,4,é", "2013,4,e\u0301", "2012,4,a\x07", "2011,4,a\0", "2010,1,\r", "2009,\r,1",
    "2008,1.200.000,", "2007;5;", "2019-02,1,N", "07.03.2024,5,", "2006,1,\x1a", "2005,1,a\u2028b", "2004,9,\ufeff",
]  # fmt: skip
HEADERS = ["date,value,subject", 'date,value,"subject"', "date,value,note", "subject,date,value", "", "x", "date,value"]
ODD_FILES = st.builds(
    lambda header, lines, ending, prefix, suffix, cut: (
        (prefix + ending.join([header, *lines, ""]) + suffix).encode()[: -cut or None]
    ),
    st.sampled_from([HEADERS[0], *HEADERS]), st.lists(st.sampled_from([*LINES[:5], *LINES]), max_size=6),
    st.sampled_from(["\n", "\n", "\r\n", "\r"]), st.sampled_from(["", "", "", "\ufeff", "\n", "<", "PK\x03\x04"]),
    st.sampled_from(["", "", "", "\x1a", " ", "\r", '"']), st.sampled_from([0, 0, 0, 1, 2, 3, 9]),
)  # fmt: skip
ODD_DIALECTS = [
    Dialect(), Dialect(), Dialect(columns={}, counts=True), Dialect(marks_are_declared=True), Dialect(encoding="cp949"),
    Dialect(final_line_break=False), Dialect(where={"subject": Condition(("n", "A"))}),
    Dialect(where={"subject": Condition(("n", "A"))}),
    Dialect(where={"note": Condition(("a",))}, where_not={"note": ("A",)}), Dialect(separator=";"),
    Dialect(dates="%d.%m.%Y"), Dialect(decimal=",", thousands="."),
]  # fmt: skip


@settings(max_examples=examples(60, 1500), deadline=None)
@given(
    files=st.lists(st.tuples(st.sampled_from(["a.csv", "b.csv"]), ODD_FILES, st.sampled_from(ODD_DIALECTS)), max_size=9)
)
def test_odd_files_of_many_sources_are_read_like_one_by_one(files: list[tuple[str, bytes, Dialect]]) -> None:
    assert_reads_like_one_by_one([Delivery(name, data, replace(dialect)) for name, data, dialect in files])


def test_an_odd_file_does_not_keep_its_batch_from_being_read_together() -> None:
    sound = [f'date,value,note\n20{number},5,"n"\n'.encode() for number in range(10, 27)]
    odd = [b'date,value,note\n2024,5,a"b"\n', b'date,value,note\n2024,5,"a"b"\n"\n', b'date,value,note\n2024,5,\0""\n']
    files = [*sound[:5], odd[0], *sound[5:9], odd[1], odd[2], *sound[9:]]
    readings = assert_reads_like_one_by_one([Delivery("a.csv", data, Dialect()) for data in files])
    read_together = [reading.span is not None for data, reading in zip(files, readings, strict=True) if data in sound]
    assert all(read_together)


@pytest.mark.parametrize("size", [1_000, 15_000])
def test_a_long_file_is_read_like_its_rows(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is longer than a block of Arrow, 1 MB, and long enough for threads."""
    for module in ("validate.column_prefilter", "reader"):
        monkeypatch.setattr(f"dashboard.ingest.{module}.MANY_ROWS", 10_000)
    days = [(date(1990, 1, 1) + timedelta(days=number % 12_000)).isoformat() for number in range(size)]
    rows = [f"{day},{number % 977}.{number % 10},{number // 12_000}{80 * ' '}" for number, day in enumerate(days)]
    for place in range(7, size, size // 5):
        rows[place] = rows[place].replace(",", ",x", 1)
    for place in range(13, size, size // 5):
        rows[place] += ",more"
    text = "date,value,subject\n" + "\n".join(rows) + "\n"
    assert_agrees(read(text.encode(), "x.csv", Dialect(), TODAY), text, Dialect())
