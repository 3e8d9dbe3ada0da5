"""What changed between two instants, in words."""

from __future__ import annotations

from datetime import date

from tests.board_changes import changes
from tests.shipped import board


def sentences(since: str, day: str) -> dict[str, str]:
    return {change.indicator_id: change.sentence for change in changes(board(since), board(day))}


def test_nothing_changes_between_an_instant_and_itself() -> None:
    assert changes(board("2024-11-26"), board("2024-11-26")) == ()


def test_a_new_alert_is_a_change_with_its_new_figure() -> None:
    result = sentences("2023-10-05", "2023-10-06")
    assert result["tumangang_railcars"].startswith("not assessed → firing, critical; new figure: 73 railcars")
    assert list(result) == ["tumangang_railcars"]


def test_a_closed_years_breach_is_news_on_the_day_it_becomes_known() -> None:
    result = sentences("2024-03-20", "2024-03-21")
    assert "now on record: 2023: 1,015,588 to 1,523,381 bbl" in result["petroleum_estimated"]


def test_a_source_growing_stale_is_a_change() -> None:
    assert "data now stale" in sentences("2024-09-01", "2025-01-15")["tumangang_railcars"]


def test_the_worst_comes_first() -> None:
    result = changes(board("2024-01-01"), board("2024-11-26"))
    ranks = [-1 if change.severity is None else int(change.severity) for change in result]
    assert ranks == sorted(ranks, reverse=True)
    assert date(2024, 11, 26) == board("2024-11-26").as_of
