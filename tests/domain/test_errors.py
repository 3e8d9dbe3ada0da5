"""How what is wrong is told: in the system's words without its numbers, and with one mark where a part ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.domain.errors import Problem, first_of_each_kind, system_message
from dashboard.rows.load import load_rows
from tests.command_line import watchfloor
from tests.receiving import TODAY, catalog, reject


def test_what_the_system_refuses_is_told_in_its_words_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as result:
        (tmp_path / "x").read_bytes()
    assert system_message(result.value) == f"{tmp_path / 'x'}: No such file or directory"
    assert system_message(OSError("x is not a file")) == "x is not a file"


def test_a_file_that_the_system_cannot_open_says_what_to_do(tmp_path: Path) -> None:
    loaded = catalog(tmp_path, f"file: {'x' * 300}.csv")
    (problem,) = load_rows(loaded, TODAY).all_problems(TODAY)
    expected = "cannot be read: File name too long; mend the file, its permissions or the source's path in the YAML"
    assert problem.message.endswith(expected)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("it shrank from 10 rows to 1", "it shrank from 10 rows to 1; the rows before it stand"),
        ('unknown column; did you mean "value"?', 'unknown column; did you mean "value"? the rows before it stand'),
    ],
)
def test_a_question_is_followed_by_no_other_mark(tmp_path: Path, reason: str, told: str) -> None:
    loaded = catalog(tmp_path, "url: 'https://example.org/s.csv'")
    reject(tmp_path, "date,valeu\n", 0, reason)
    assert told in load_rows(loaded, TODAY, state=tmp_path).problems["s"][0].message


def test_of_problems_of_one_kind_the_first_are_printed_and_the_others_counted() -> None:
    keys = [Problem("i.yaml", line, 1, f"key{line}", f'unknown key; did you mean "k{line}"?') for line in range(1, 61)]
    ids = [Problem("i.yaml", 100 + line, 1, f"i{line}", f"no source s{line}; did you mean it?") for line in range(52)]
    few, more = first_of_each_kind([*keys, *ids, Problem("i.yaml", 999, 1, "x", "write version: 1")])
    assert few == [*keys[:50], *ids[:50], Problem("i.yaml", 999, 1, "x", "write version: 1")]
    assert more == ["i.yaml: 10 more like these: unknown key", "i.yaml: 2 more like these: no source ..."]


def test_check_prints_fifty_problems_of_a_kind_and_json_all(tmp_path: Path) -> None:
    keys = "".join(f"key{number}: 5\n" for number in range(2_000))
    (tmp_path / "indicators.yaml").write_text(f"version: 1\nindicators: {{}}\n{keys}")
    printed = watchfloor("check", folder=tmp_path).stdout.splitlines()
    assert printed[50:] == ["indicators.yaml: 1,950 more like these: unknown key", "2000 problems"]
    assert len(json.loads(watchfloor("check", "--json", folder=tmp_path).stdout)) == 2_000


@pytest.mark.parametrize(
    ("source", "key"),
    [("file: gone.csv", "file"), ("folder: in", "folder"), ("url: 'HTTPS://EXAMPLE.org/s.csv'", "url")],
)
def test_a_problem_of_a_source_stands_under_the_key_that_says_where_it_comes_from(
    tmp_path: Path, source: str, key: str
) -> None:
    loaded = catalog(tmp_path, source)
    (problem,) = load_rows(loaded, TODAY, state=tmp_path).all_problems(TODAY)
    assert (problem.path, problem.line) == (f"sources.s.{key}", 4)
