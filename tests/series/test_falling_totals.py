"""A running total cannot fall: the higher figure stands until somebody withdraws it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.shorthand import intake, row, rulebook, verdict

ABOVE = rulebook("severity: warning, above: 300000", kind="cumulative_claim")
FIRST, SECOND = "2024-01-31/2024-07-02", "2024-01-31/2024-07-03"


def claim(period: str, figure: str, published: str, line: int, **more: str) -> dict[str, object]:
    return row("s", period, figure, published, line=line, **more)


@pytest.mark.parametrize(("first", "second"), [(FIRST, SECOND), ("2024-07-02", "2024-07-03"), (FIRST, FIRST)])
def test_a_running_total_that_falls_leaves_the_higher_one_in_force_and_says_what_to_write(
    first: str, second: str
) -> None:
    rows = [claim(first, "313483", "2024-07-02", 2), claim(second, "31500", "2024-07-03", 3)]
    result = verdict(ABOVE, intake(rows), "2024-07-04")
    assert (result.state.value, result.figure.value, result.data_state.value) == ("firing", 313_483, "error")
    (problem,) = result.problems
    assert "lines 2 and 3: the running total falls from 313,483 by 2 Jul 2024 to 31,500 by" in problem.message
    assert f"add a row for {first} with status: withdrawn" in problem.message
    assert verdict(ABOVE, intake(rows), "2024-07-02").problems == ()


def test_a_higher_total_published_later_for_an_earlier_day_overtakes_a_lower_one() -> None:
    """Who says in April "400,000 by February" no longer means the "300,000 by March" that he said in March."""
    rows = [claim("2024-03-01", "300000", "2024-03-02", 2), claim("2024-02-01", "400000", "2024-04-01", 3)]
    assert verdict(ABOVE, intake(rows), "2024-03-10").severity.word == "normal"  # type: ignore[union-attr]
    result = verdict(ABOVE, intake(rows), "2024-04-02")
    assert (result.state.value, result.figure.value, result.problems) == ("firing", 400_000, ())


def test_the_higher_of_totals_published_together_stands() -> None:
    rows = [claim("2024-02-01", "400000", "2024-04-01", 2), claim("2024-03-01", "40000", "2024-04-01", 3)]
    result = verdict(ABOVE, intake(rows), "2024-04-02")
    assert (result.state.value, result.figure.value, len(result.problems)) == ("firing", 400_000, 1)


def test_a_withdrawn_total_gives_way_to_the_lower_one() -> None:
    rows = [
        claim(FIRST, "313483", "2024-07-02", 2),
        claim(SECOND, "31500", "2024-07-03", 3),
        claim(FIRST, "!", "2024-07-05", 4),
    ]
    result = verdict(ABOVE, intake(rows), "2024-07-06")
    assert (result.figure.value, result.problems) == (31_500, ())


@pytest.mark.parametrize("later", ["<313483", ">31500", "300000~320000", "313483"])
def test_a_range_that_reaches_the_older_total_is_no_fall(later: str) -> None:
    rows = [claim(FIRST, "313483", "2024-07-02", 2), claim(SECOND, later, "2024-07-03", 3)]
    assert verdict(ABOVE, intake(rows), "2024-07-04").problems == ()


def test_totals_of_other_subjects_or_since_another_day_are_not_compared() -> None:
    rows = [
        claim(FIRST, "313483", "2024-07-02", 2, subject="shells"),
        claim(SECOND, "50", "2024-07-03", 3, subject="guns"),
        claim("2024-06-01/2024-07-03", "4000", "2024-07-03", 4, subject="shells"),
    ]
    assert verdict(ABOVE, intake(rows), "2024-07-04").problems == ()


def test_a_second_figure_for_a_bare_day_is_a_revision() -> None:
    rows = [claim("2024-07-02", "313483", "2024-07-02", 2), claim("2024-07-02", "31500", "2024-07-03", 3)]
    assert verdict(ABOVE, intake(rows), "2024-07-04").problems == ()


def test_one_slip_upwards_is_one_problem_however_many_totals_follow() -> None:
    rows = [claim("2024-01-01", "9000", "2024-01-01", 2)]
    rows += [claim(f"2024-02-{day:02}", f"{day}", f"2024-02-{day:02}", day + 2) for day in range(1, 29)]
    result = verdict(ABOVE, intake(rows), "2024-03-01")
    assert (result.figure.value, len(result.problems)) == (9000, 1)
    assert "(27 other totals too)" in result.problems[0].message


TOTAL = some.tuples(some.integers(1, 20), some.integers(0, 9), some.integers(0, 9))


@given(totals=some.lists(TOTAL, min_size=2, max_size=8, unique_by=lambda one: one[0]), is_span=some.booleans())
def test_a_later_total_never_ends_the_breach_of_an_earlier_one(
    totals: list[tuple[int, int, int]], is_span: bool
) -> None:
    """Whatever totals follow: once a total surely passed a level, the level stays passed."""
    catalog = rulebook("severity: critical, above: 4", kind="cumulative_claim")
    rows = []
    for number, (day, low, width) in enumerate(sorted(totals)):
        period = f"2024-01-01/2024-02-{day:02}" if is_span else f"2024-02-{day:02}"
        rows.append(claim(period, f"{low}~{low + width}", f"2024-02-{day:02}", number + 2))
    result = verdict(catalog, intake(rows), "2024-02-21")
    passed = [one for one in rows if one["low"] > 4]  # type: ignore[operator]
    assert not passed or result.severity is None or result.severity.word != "normal"
