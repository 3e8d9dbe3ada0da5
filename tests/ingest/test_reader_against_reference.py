"""The reader of whole columns beside one that goes row by row and can be read at a glance: they say the same."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.row_schema import COLUMNS
from dashboard.domain.text.wording import counted
from dashboard.ingest.batch_reader import read_many
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading, concatenate_rows
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.row_rules import BadCellError, validate
from tests.examples import examples

TODAY = date(2026, 11, 21)
LAYOUTS = [
    Dialect(),
    Dialect(separator=";", decimal=",", thousands=".", dates="%d.%m.%Y", encoding="cp949"),
    Dialect(separator="\t", thousands=",", dates="%m/%d/%y", encoding="utf-16"),
    Dialect(separator="|", decimal=",", thousands=" ", dates="%Y%m%d", columns={"value": "bbl", "date": "Tag"}),
]
NAMES = ["date", "value", "low", "high", "status", "published_at", "received_at", "subject", "citation", "note"]


def by_rows(text: str, layout: Dialect) -> tuple[list[tuple[int, Any]], list[tuple[int, str, str]]]:
    """(line, what it says) of the sound rows, those that repeat another left out, and (line, column, reason) of the
    others."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.separator, strict=True)
    names = {layout.columns.get(column, column): column for column in COLUMNS}
    header = [names[name] for name in next(reader)]
    sound, bad, line, before = [], [], reader.line_num + 1, set()
    for cells in reader:
        try:
            if cells and len(cells) != len(header):
                bad.append((line, "", f"{counted(len(cells), 'cell')} under a header of {len(header)}"))
            elif cells:
                one = validate(dict(zip(header, cells, strict=True)), CellFormats(layout), TODAY)
                if one.status == "provisional" or tuple(cells) not in before:
                    sound.append((line, one))
                before.add(tuple(cells))
        except BadCellError as error:
            bad.append((line, layout.columns.get(error.column, error.column), str(error)))
        line = reader.line_num + 1
    return sound, bad


def agree(found: Reading, text: str, layout: Dialect) -> None:
    """What is told of whole rows; of rows beside each other (repeated, contradicting) the reference knows nothing."""
    sound, bad = by_rows(text, layout)
    beside = {one.line: one for one in found.quarantined if "lines" in one.message}
    beside |= {one.line: one for one in found.quarantined if "a thousand times" in one.message}
    judged = [(line, one) for line, one in sound if line not in beside]
    assert [line for line, _ in judged] == list(found.rows["line"])
    for (_, one), row in zip(judged, found.rows.to_dict("records"), strict=True):
        assert (row["start"].date(), row["end"].date(), row["status"]) == (one.period.start, one.period.end, one.status)
        assert [str(row[side]) for side in ("low", "value", "high")] == [
            str(side) for side in (one.low, one.value, one.high)
        ]
        for name in ("published_at", "received_at", "known_at"):
            stated = getattr(one, name)
            assert str(row[name]) == ("NaT" if stated is None else str(stated).replace("T", " "))
    told = [(one.line, one.path, one.message.split(";")[0]) for one in found.quarantined if one.line not in beside]
    assert told == [(line, path, message.split(";")[0]) for line, path, message in bad]


CELLS = {
    "date": ["2024-03-07", "2024-03-08", "2024-03", "2024", "2023-02-29", "", "07.03.2024", "20240307", "3/7/24", "x"],
    "value": ["5", "6", "", "-1", "1.5", "1,5", "1.234", "1,234", "007", "1e5", "1.2.3", " 5", "9" * 17, "١", "-0"],
    "low": ["", "4", "5", "-", "5."], "high": ["", "7", "5", ".5", "nan"],
    "status": ["", "", "reported", "missing", "withdrawn", "provisional", "Reported"],
    "received_at": ["", "", "2024-03-27", "2024", "2026-11", "2022"],
    "published_at": ["", "2024-03-26", "2026-11",  "2024", "2023-01-01", "2027", "26.03.2024", "?"],
    "subject": ["", "A", "B", " A", "A\u00a0", "é", "e\u0301", "a\u202eb"],
    "citation": ["", "https://example.org/a", "https://대한.kr/", "nowhere", "https://a b"],
    "note": ["", "why", 'a "b"', "two\nlines", "two\r\nlines", "comma, and ;", "a\x07"],
}  # fmt: skip
ROWS = st.lists(st.tuples(*(st.sampled_from(CELLS[name]) for name in NAMES)), max_size=8)


def written(rows: list[Any], layout: Dialect, ending: str = "\n") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=layout.separator, lineterminator=ending)
    writer.writerow([layout.columns.get(name, name) for name in NAMES])
    writer.writerows(rows)
    return out.getvalue()


@settings(max_examples=examples(60, 1000), deadline=None)
@given(rows=ROWS, layout=st.sampled_from(LAYOUTS), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_columns_and_rows_are_judged_alike(rows: list[Any], layout: Dialect, ending: str) -> None:
    text = written(rows, layout, ending)
    data = text.encode(layout.encoding, errors="replace")
    agree(read(data, "x.csv", layout, TODAY), data.decode(layout.encoding), layout)


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
def test_lines_of_any_shape_are_counted_alike(lines: list[str], ending: str) -> None:
    text = ending.join(["date,value,note", *lines, ""])
    agree(read(text.encode(), "x.csv", Dialect(), TODAY), text, Dialect())


FIGURE = st.decimals(0, 10**9, places=2)


@settings(max_examples=examples(40, 600), deadline=None)
@given(
    figures=st.lists(FIGURE, max_size=20),
    notes=st.lists(st.text(st.characters(codec="cp949", exclude_categories=["Cc", "Cf", "Zl", "Zp"])), min_size=20),
    layout=st.sampled_from(LAYOUTS),
)
def test_what_is_written_in_a_layout_comes_back(figures: list[Any], notes: list[str], layout: Dialect) -> None:
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(len(figures))]
    rows = [
        (day.strftime(layout.dates or "%Y-%m-%d"), in_layout(figure, layout), *[""] * 7, note)
        for day, figure, note in zip(days, figures, notes, strict=False)
    ]
    found = read(written(rows, layout).encode(layout.encoding), "x.csv", layout, TODAY)
    assert found.outcome == "accept", found.quarantined
    assert [day.date() for day in found.rows["start"]] == days
    assert list(found.rows["value"]) == [float(figure) for figure in figures]
    assert list(found.rows["note"]) == [row[-1] for row in rows]


def in_layout(figure: Any, layout: Dialect) -> str:
    whole, _, part = f"{figure:,.2f}".partition(".")
    return whole.replace(",", layout.thousands) + layout.decimal + part


@settings(max_examples=examples(20, 240), deadline=None)
@given(files=st.lists(ROWS, max_size=5), ending=st.sampled_from(["\n", "\r\n"]), cut=st.integers(0, 40))
def test_files_read_together_are_read_as_each_alone(files: list[Any], ending: str, cut: int) -> None:
    texts = [written(rows, Dialect(), ending).replace('"', "") for rows in files]  # rows of any length come of this
    texts += [text[:-cut] for text in texts if cut]
    given_ = [(f"{number}.csv", text.encode()) for number, text in enumerate(texts)]
    together = read_many(given_, Dialect(), TODAY)
    alone = [read(data, name, Dialect(), TODAY) for name, data in given_]
    for one, other in zip(together, alone, strict=True):
        assert (one.outcome, [*map(str, one.quarantined)]) == (other.outcome, [*map(str, other.quarantined)])
        assert [*map(str, one.rejected)] == [*map(str, other.rejected)]
        assert one.rows.equals(other.rows)
    assert len(concatenate_rows(together)) == sum(len(one.rows) for one in alone)


@pytest.mark.parametrize("size", [1_000, 15_000])
def test_a_long_file_is_read_as_its_rows_are(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than the 1 MB that Arrow cuts at once, and than what one thread takes."""
    for module in ("validate.column_prefilter", "reader"):
        monkeypatch.setattr(f"dashboard.ingest.{module}.MANY_ROWS", 10_000)
    days = [(date(1990, 1, 1) + timedelta(days=number % 12_000)).isoformat() for number in range(size)]
    rows = [f"{day},{number % 977}.{number % 10},{number // 12_000}{80 * ' '}" for number, day in enumerate(days)]
    for place in range(7, size, size // 5):
        rows[place] = rows[place].replace(",", ",x", 1)
    for place in range(13, size, size // 5):
        rows[place] += ",more"
    text = "date,value,subject\n" + "\n".join(rows) + "\n"
    agree(read(text.encode(), "x.csv", Dialect(), TODAY), text, Dialect())
