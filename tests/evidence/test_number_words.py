"""Numbers of documents, in digits and in words."""

import pytest

from dashboard.evidence.number_words import read_number


@pytest.mark.parametrize(
    ("figure", "number"),
    [
        ("13,000", 13_000),
        ("6 million", 6_000_000),
        ("1.5 million", 1_500_000),
        ("two hundred thousand", 200_000),
        ("twenty-four", 24),
        ("Fifty", 50),
        ("24", 24),
        ("60%", 60),
        ("4.5%", 4.5),
        ("-4.5%", -4.5),
        ("thousands", 2_000),
        ("13,00", None),
        ("60-90", None),
        ("all means", None),
        ("million", None),
        ("", None),
    ],
)
def test_a_figure_reads_as_its_number_or_as_none(figure: str, number: float | None) -> None:
    assert read_number(figure) == number
