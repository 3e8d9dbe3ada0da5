"""Several claimants never become one number; each figure keeps its own claimant, days and publication."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.axes import State
from dashboard.domain.figure import Figure
from dashboard.evaluation.evaluate import evaluate
from dashboard.reporting.board_json import board_as_json
from tests.shorthand import catalog, intake, row, rulebook, verdict


def claimants(**sources: str) -> str:
    """A catalogue with an indicator `x` that keeps claimants apart; each source's keys as YAML."""
    lines = "\n".join(
        f"  {name}: {{title: {name.upper()}, file: {name}.csv, kind: cumulative_claim{', ' + more if more else ''}}}"
        for name, more in sources.items()
    )
    rules = "[{severity: critical, occurs: any, passed_by: lowest, basis: law}, {severity: warning, occurs: any}]"
    return f"""
sources:
{lines}
indicators:
  x: {{title: X, unit: rounds, sources: [{", ".join(sources)}], thresholds: {rules}}}
"""


def claim(source: str, figure: str, published: str, *, span: str = "", **more: Any) -> dict[str, Any]:
    return row(source, span or f"2024-01-01/{published}", figure, published, unit="rounds", **more)


STANDING = [
    claim("a", "5000000", "2024-01-10"),
    claim("a", ">12000000", "2024-03-01"),
    claim("b", "4000000", "2024-02-01"),
    claim("c", "6500000", "2024-03-20"),
]


def test_the_headline_is_the_span_over_standing_claims_one_for_each_claimant() -> None:
    catalogue = catalog(claimants(a="known_by: official", b="known_by: estimate", c="known_by: official"))
    result = verdict(catalogue, intake(STANDING), "2024-03-21")
    assert result.sentence.startswith(
        "4 to 12 million or more rounds · 3 claimants, 2 official · largest 12,000,000 or more, A, 1 Mar 2024 · "
        "newest 6,500,000, C, 20 Mar 2024: forbidden at any number; critical, claimed, 3 claimants"
    )
    (headline,) = result.headlines
    assert (headline.figure.low, headline.figure.high, headline.figure.or_more, headline.claimants) == (
        4e6,
        12e6,
        True,
        3,
    )


def test_a_claim_about_a_part_is_judged_but_no_headline_beside_one_about_the_whole() -> None:
    catalogue = catalog(claimants(a="", b="counts: part, scope: one route"))
    both = [claim("a", "100", "2024-02-01"), claim("b", "30", "2024-02-20")]
    (headline,) = verdict(catalogue, intake(both), "2024-03-01").headlines
    assert (headline.figure.low, headline.figure.high, headline.claimants) == (100, 100, 1)
    (alone,) = verdict(catalogue, intake(both[1:]), "2024-03-01").headlines
    assert (alone.figure.low, alone.claimants) == (30, 1)


def test_the_headline_does_not_fall_because_the_newest_claim_is_about_a_part() -> None:
    catalogue = catalog(claimants(a="", b="counts: part, scope: one route"))
    before = verdict(catalogue, intake([claim("a", "100", "2024-02-01")]), "2024-02-02")
    after = verdict(catalogue, intake([claim("a", "100", "2024-02-01"), claim("b", "30", "2024-02-20")]), "2024-02-21")
    (item,), (other,) = before.headlines, after.headlines
    assert (item.figure.low, item.figure.high, item.largest, item.newest) == (
        other.figure.low,
        other.figure.high,
        other.largest,
        other.newest,
    )


RETOLD = [claim("a", "13000", "2024-01-10"), claim("b", "13000", "2024-03-20")]


def test_a_repeated_figure_neither_freshens_nor_prolongs_nor_counts_as_a_claimant() -> None:
    apart = verdict(catalog(claimants(a="", b="")), intake(RETOLD), "2024-05-01")
    assert (apart.state, apart.support and apart.support.claimants) == (State.FIRING, 1)
    retold = verdict(catalog(claimants(a="", b="repeats: a")), intake(RETOLD), "2024-05-01")
    assert (retold.state.value, retold.data_state.value) == ("on_record", "stale")
    assert [headline.claimants for headline in retold.headlines] == [1]
    assert "10 Jan 2024" in retold.sentence


def test_a_repeating_source_is_judged_where_it_reports_worse_than_its_original() -> None:
    catalogue = catalog(claimants(a="", b="repeats: a"))
    result = verdict(catalogue, intake([claim("a", "0", "2024-01-10"), claim("b", ">50", "2024-03-20")]), "2024-05-01")
    assert (result.severity and result.severity.word, result.state.value) == ("critical", "firing")


def test_a_repeating_source_is_judged_where_its_original_has_no_figure() -> None:
    catalogue = catalog(claimants(a="", b="repeats: a"))
    assert verdict(catalogue, intake(RETOLD[1:]), "2024-05-01").state is State.FIRING


EVENTS = """
sources:
  a: {title: A, file: a.csv, kind: event, exact: true}
  b: {title: B, file: b.csv, kind: event, exact: true}
  t: {title: T, file: t.csv, kind: cumulative_claim}
indicators:
  x: {title: X, unit: calls, sources: [a, b, t], thresholds: [{severity: critical, occurs: any}]}
"""


def test_dated_events_of_different_days_or_ships_add_up_and_an_equal_one_counts_once() -> None:
    calls = [
        row("a", "2024-03-07", "1", subject="Ship One", unit="calls"),
        row("a", "2024-03-09", "1", subject="Ship One", unit="calls"),
        row("b", "2024-03-09", "1", subject="Ship One", unit="calls"),
        row("b", "2024-03-09", "1", subject="Ship Two", unit="calls"),
        row("t", "2024-03-01/2024-03-31", ">43", "2024-04-01", unit="calls"),
    ]
    result = verdict(catalog(EVENTS), intake(calls), "2024-04-02")
    assert result.events is not None
    assert (result.events.count, result.events.since, result.events.claimants) == (3, date(2024, 3, 7), 2)
    assert "3 dated calls since 7 Mar 2024, 2 sources" in result.sentence


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"a": "known_by: press", "b": ""}, "critical if true, claimed, one press report"),
        ({"a": "known_by: official", "b": ""}, "critical, claimed, one official claimant"),
        ({"a": "", "b": ""}, "critical, claimed, one claimant"),
    ],
)
def test_a_single_claim_says_how_it_is_known(more: dict[str, str], expected: str) -> None:
    result = verdict(catalog(claimants(**more)), intake([claim("a", ">5", "2024-02-01")]), "2024-02-02")
    assert f"forbidden at any number; {expected}." in result.sentence


def test_independence_is_stated_and_never_assumed() -> None:
    two = intake([claim("a", ">5", "2024-02-01"), claim("b", ">6", "2024-02-02")])
    unknown = verdict(catalog(claimants(a="known_by: official", b="known_by: estimate")), two, "2024-02-03")
    assert "2 claimants (1 by estimate and 1 official), independence unknown" in unknown.sentence
    stated = verdict(catalog(claimants(a="", b="independent_of: [a]")), two, "2024-02-03")
    assert stated.support is not None
    assert stated.support.is_corroborated
    assert "corroborated" in stated.sentence


def test_an_alert_whose_deciding_figure_is_old_is_open_and_not_current() -> None:
    built = rulebook("severity: critical, above: 60", source="stale_after: 90d")
    given_rows = intake([row("s", "2024-01-01", "70")])
    fresh, old = (verdict(built, given_rows, day) for day in ("2024-03-31", "2024-04-01"))
    assert (fresh.state, fresh.is_current) == (State.FIRING, True)
    assert (old.state, old.is_current) == (State.FIRING, False)
    assert "Open, not current: last known on 1 Jan 2024." in old.sentence
    assert json.loads(board_as_json(evaluate(built, given_rows, date(2024, 4, 1))))["indicators"][0]["current"] is False


CAP = """
sources:
  a: {title: A, file: a.csv, kind: cumulative_claim}
  b: {title: B, file: b.csv, kind: cumulative_claim}
indicators:
  x:
    {title: X, unit: bbl, sources: [a, b], combine: max, accumulate: calendar_year, limit: 500,
     thresholds: [{severity: critical, at_percent: 100}]}
"""


def test_the_largest_claim_keeps_its_own_days_and_publication() -> None:
    claims = [
        row("a", "2024-01-01/2024-02-29", "80~110", "2024-03-05"),
        row("b", "2024-01-01/2024-03-31", "50~90", "2024-04-20"),
    ]
    catalogue = catalog(CAP.replace("limit: 500", "limit: 100"))
    result = verdict(catalogue, intake(claims), "2024-05-01")
    assert result.claim is not None
    assert (result.claim.claimant, str(result.claim.period), str(result.claim.published_at)) == (
        "A", "2024-01-01/2024-02-29", "2024-03-05",
    )  # fmt: skip
    assert "from 1 Jan 2024 to 29 Feb 2024 (A, published 5 Mar 2024)" in result.sentence


def test_the_sentence_names_the_claim_that_passes_where_another_gives_the_number() -> None:
    claims = [
        row("a", "2020-01-01/2020-05-31", ">1600", "2020-07-25"),
        row("b", "2020-01-01/2020-09-30", "4400", "2021-02-15"),
    ]
    (record,) = verdict(catalog(CAP), intake(claims), "2021-03-01").on_record
    assert record.sentence == (
        "2020: 4,400 bbl from 1 Jan 2020 to 30 Sep 2020 (B, published 15 Feb 2021), 880 % of the cap: critical, even "
        "at its lowest by 1,600 bbl or more (A, published 25 Jul 2020). First known 25 Jul 2020: 1,600 or more, A."
    )


def test_a_cap_that_is_reached_exactly_is_not_exceeded() -> None:
    for figure, expected in (("500", "the cap is reached"), ("501", "the cap is exceeded")):
        result = verdict(catalog(CAP), intake([row("a", "2024-01-01/2024-03-01", figure)]), "2024-03-02")
        assert expected in result.sentence


def test_first_known_comes_from_the_whole_history_and_this_alert_from_its_own() -> None:
    catalogue = catalog(claimants(a="", b=""))
    given_rows = intake([claim("a", ">5", "2024-01-10"), claim("b", ">43", "2024-09-01")])
    result = verdict(catalogue, given_rows, "2024-09-02")
    assert "First known 10 Jan 2024: 5 or more, A; this alert since 1 Sep 2024." in result.sentence


def test_a_past_breach_shows_each_figure_with_its_own_publication() -> None:
    """One claimant's episode of two figures: the newest stands with its own publication, the first with its own day."""
    rows = [
        row("a", "2024-06-25", ">11000", "2024-06-30", unit="rounds"),
        row("a", "2024-09-04", ">16400", "2024-10-23", unit="rounds"),
    ]
    catalogue = catalog(claimants(a=""))
    (record,) = verdict(catalogue, intake(rows), "2025-06-01").on_record
    assert record.sentence == (
        "16,400 rounds or more by 4 Sep 2024 (A, published 23 Oct 2024): critical, claimed. "
        "First known 30 Jun 2024: 11,000 or more, A."
    )


def first_known_figures(sentence: str) -> list[tuple[date, str, str]]:
    """Each "First known DAY: FIGURE, CLAIMANT" of a sentence."""
    matches = re.findall(r"First known (\d+ \w+ \d+)(?:, [a-z ]+)?: ([^;.]+?), ([ABT])(?:;|\.)", sentence)
    return [(datetime.strptime(day, "%d %b %Y").date(), figure, claimant) for day, figure, claimant in matches]


def published_of(made: list[dict[str, Any]], figure: str, claimant: str) -> list[date]:
    """When a claimant published a figure, as it is written in words."""
    return [
        stated_row["published_at"].date()
        if isinstance(stated_row["published_at"], datetime)
        else date.fromisoformat(stated_row["published"])
        for stated_row in made
        if stated_row["source"] == claimant.lower()
        and str(Figure.from_cells(stated_row["low"], stated_row["value"], stated_row["high"])) == figure
    ]


SPANS = st.tuples(st.integers(0, 200), st.integers(0, 60), st.integers(0, 90))
ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), SPANS, st.sampled_from(["1", "30", ">70", "60~80", "<90", "0"])), max_size=7
)


@settings(deadline=None)
@given(claims=ROWS, day=st.integers(0, 400), text=st.sampled_from([claimants(a="", b="repeats: a"), CAP]))
def test_no_figure_is_known_before_its_own_publication(
    claims: list[tuple[str, tuple[int, int, int], str]], day: int, text: str
) -> None:
    """Every "first known" of every sentence is compared with the rows that hold that figure."""
    results = []
    for number, (source, (start, length, lag), figure) in enumerate(claims):
        first, last = date.fromordinal(738886 + start), date.fromordinal(738886 + start + length)
        published = date.fromordinal(738886 + start + length + lag)
        unit = "rounds" if "rounds" in text else "bbl"
        results.append(row(source, f"{first}/{last}", figure, str(published), line=number + 2, unit=unit))
    result = verdict(catalog(text), intake(results), str(date.fromordinal(738886 + day)))
    for sentence in (result.sentence, *(record.sentence for record in result.on_record)):
        for stated, figure, claimant in first_known_figures(sentence):
            published_days = published_of(results, figure, claimant)
            assert published_days, f"nobody said {figure}: {sentence}"
            assert stated >= min(published_days), sentence
