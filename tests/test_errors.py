"""How what is wrong is told: in the system's words without its numbers, and with one mark where a part ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.errors import refused
from dashboard.intake import load_rows
from tests.receiving import TODAY, catalog, reject


def test_what_the_system_refuses_is_told_in_its_words_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as found:
        (tmp_path / "x").read_bytes()
    assert refused(found.value) == f"{tmp_path / 'x'}: No such file or directory"
    assert refused(OSError("x is not a file")) == "x is not a file"


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
