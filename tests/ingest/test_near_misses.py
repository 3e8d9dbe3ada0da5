"""Rows that `where:` leaves out although they may be meant, and subjects that look alike."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.domain.axes import DataState, Severity
from dashboard.domain.text.folding import appearance_keys, name_keys, normalized_spaces
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.layout.conditions import Condition
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading
from dashboard.rows.load import load_rows
from tests.receiving import catalog
from tests.refreshing import Place

TODAY = date(2026, 11, 21)
HEAD = "date,value,port\n"
VOSTOCHNY = Dialect(where={"port": Condition(("Vostochny",))})


def read_text(text: str, dialect: Dialect = VOSTOCHNY) -> Reading:
    return read((HEAD + text).encode(), "x.csv", dialect, TODAY)


def verdict(folder: Path, text: str, source: str = "file: s.csv, where: {port: Vostochny}") -> Verdict:
    (folder / "s.csv").write_text(text)
    definitions = catalog(folder, source)
    return evaluate(definitions, load_rows(definitions, TODAY), TODAY).verdicts[0]


@pytest.mark.parametrize(
    ("cell", "difference"),
    [
        ("Vostochny ", "its blanks"),
        (" Vostochny", "its blanks"),
        ("Vostochny\u00a0", "its blanks"),
        ("VOSTOCHNY", "its case"),
        ("vostochny", "its case"),
        ("Vostóchny", "U+00F3"),
        ("Vost\u043echny", "U+043E"),
        ("V0stochny", "letters that look alike"),
        ("\uff36ostochny", "U+FF36"),
        ("Vosto\u200bchny", "U+200B"),
        ("\u0412\u041e\u0421\u0422\u041e\u0427\u041dY", ""),
    ],
)
def test_a_look_alike_of_a_where_word_is_never_left_out_silently(cell: str, difference: str, tmp_path: Path) -> None:
    text = f"2026-10-31,5,Vostochny\n2026-11-15,900,{cell}\n2026-11-15,3,Rason\n2026-10-31,3,Rason\n"
    reading = read_text(text)
    if difference:
        (problem,) = reading.quarantined
        assert (problem.line, problem.path, problem.value, difference in problem.message) == (3, "port", cell, True)
    else:
        assert [one.path for one in reading.near_misses] == ["port"]
    shown = verdict(tmp_path, HEAD + text)
    assert (shown.severity, shown.data_state) == (None, DataState.ERROR)
    assert any("where:" in str(problem) for problem in shown.problems)


def test_words_of_where_and_where_not_are_no_problem(tmp_path: Path) -> None:
    text = "2026-11-14,5,Vostochny\n2026-11-15,900,VOSTOCHNY\n"
    both = Dialect(where={"port": Condition(("Vostochny", "VOSTOCHNY"))})
    assert (read_text(text, both).outcome, len(read_text(text, both).rows)) == ("accept", 2)
    excluding = Dialect(where={"port": Condition(("Vostochny",))}, where_not={"port": ("VOSTOCHNY",)})
    assert (read_text(text, excluding).outcome, len(read_text(text, excluding).rows)) == ("accept", 1)
    source = "file: s.csv, where: {port: Vostochny}, where_not: {port: VOSTOCHNY}"
    assert verdict(tmp_path, HEAD + text, source).severity is Severity.NORMAL
    assert Dialect.from_json(excluding.as_json()) == excluding
    assert "where_not" not in both.as_json()


def test_a_near_miss_is_near_in_every_column_of_where() -> None:
    dialect = Dialect(where={"port": Condition(("Vostochny",)), "value": Condition(("5",))})
    reading = read_text("2026-11-14,5,Vostochny\n2026-11-15,7,VOSTOCHNY\n2026-11-15,5,vostochny\n", dialect)
    assert [one.line for one in reading.quarantined] == [4]


RENAMED = "2026-03-08,2,Mainland C\n2026-03-09,3,Mainland C\n2026-03-10,90,C\n2026-03-20,95,C\n"


@pytest.mark.parametrize(
    ("text", "problem", "note"),
    [
        (RENAMED, "newest row is of 2026-03-09", False),
        # the other ports are the usual ones, and the selected port is still there
        ("2026-03-08,2,Mainland C\n2026-03-08,2,D\n2026-03-09,9,E\n2026-03-09,3,Mainland C\n", "", False),
        # the selected port stopped, and no new one came
        ("2026-03-08,2,Mainland C\n2026-03-08,2,D\n2026-03-20,9,D\n", "", False),
        # new ports come all the time
        (
            "2026-03-01,1,A\n2026-03-02,1,B\n2026-03-03,1,D\n2026-03-04,1,E\n2026-03-05,1,Mainland C\n2026-03-20,9,F\n",
            "", True,
        ),
        ("2026-03-08,2,A\n2026-03-09,3,B\n", '"Mainland C", and the rows of the file have "A", "B"', False),
        ("", "", False),
    ],
)  # fmt: skip
def test_a_new_word_after_the_last_selected_row_is_a_problem(text: str, problem: str, note: bool) -> None:
    reading = read_text(text, Dialect(where={"port": Condition(("Mainland C",))}))
    assert len(reading.near_misses) == bool(problem)
    assert problem in " ".join(one.message for one in reading.near_misses)
    assert reading.notes == (('where: leaves out what is new in port: "F"',) if note else ())
    assert reading.outcome == ("quarantine" if problem else "accept")


def test_a_renamed_port_is_an_error_until_where_names_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(s='file: s.csv, where: {port: "Mainland C"}')
    place.put("s.csv", HEAD + RENAMED.replace("2026-", "2024-").replace("-03-20", "-03-11").replace("-03-1", "-02-1"))
    place.refresh()
    assert (place.verdict("s")["severity"], place.verdict("s")["data_state"]) == (None, "error")
    place.define(s='file: s.csv, where: {port: ["Mainland C", C]}')
    place.refresh()
    assert (place.verdict("s")["value"], place.verdict("s")["data_state"]) != (None, "error")


def test_a_subject_is_stored_in_one_form() -> None:
    cells = ["Tanker A", "Tanker A ", " Tanker\u00a0 A", "Tanker\u2003A"]
    rows = [f"2026-0{number},50,{cell}" for number, cell in enumerate(cells, 1)] + [
        "2026-05,50,Caf\u00e9",
        "2026-06,50,Cafe\u0301",
    ]
    reading = read(("date,value,subject\n" + "\n".join(rows) + "\n").encode(), "x.csv", Dialect(), TODAY)
    assert list(reading.rows["subject"]) == ["Tanker A"] * 4 + ["Caf\u00e9"] * 2
    repeated = "date,value,subject\n2026-09,50,Tanker A\n2026-09,50,Tanker A \n"
    assert len(read(repeated.encode(), "x.csv", Dialect(), TODAY).rows) == 1
    differ = repeated.replace("50,Tanker A ", "51,Tanker A ")
    assert [one.line for one in read(differ.encode(), "x.csv", Dialect(), TODAY).quarantined] == [2, 3]


@pytest.mark.parametrize("other", ["TANKER A", "Tanker \u0410", "Tanker \uff21", "Tank\u200ber A", "TankerA"])
def test_subjects_that_look_alike_are_a_problem_of_the_source(other: str, tmp_path: Path) -> None:
    text = f"date,value,subject\n2026-10-31,5,Tanker A\n2026-11-01,5,{other}\n2026-11-01,5,Tanker B\n"
    reading = verdict(tmp_path, text, "file: s.csv")
    assert (reading.severity, reading.data_state) == (None, DataState.ERROR)
    (problem,) = reading.problems
    assert "(lines 2 and 3) differ only in" in problem.message
    assert verdict(tmp_path, text.replace(other, "Tanker C"), "file: s.csv").severity is Severity.NORMAL


def test_a_line_break_in_a_quoted_note_may_be_of_either_kind() -> None:
    text = 'date,value,note\r\n2024,5,"two\r\nlines"\r\n2023,5,"two\nlines"\r\n2022,5,"two\rlines"\r\n'
    reading = read(text.encode(), "x.csv", Dialect(), TODAY)
    assert list(reading.rows["note"]) == ["two\nlines", "two\nlines"]
    assert [(one.line, "U+000D" in one.message) for one in reading.quarantined] == [(6, True)]


@given(some.text(max_size=12))
def test_normalizing_spaces_is_idempotent_and_keeps_the_appearance(word: str) -> None:
    assert normalized_spaces(normalized_spaces(word)) == normalized_spaces(word)
    assert appearance_keys(normalized_spaces(word)) == appearance_keys(word)
    assert name_keys([normalized_spaces(word), "a"]) == [*name_keys([normalized_spaces(word)]), "a"]
