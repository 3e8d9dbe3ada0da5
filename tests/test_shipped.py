"""The shipped catalogue on the shipped figures: what an officer would have read on the days that matter."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.catalog.catalog import Catalog
from dashboard.domain.verdict import PastBreach
from dashboard.evaluation.evaluate import evaluate
from dashboard.evidence.card_files import load_cards
from dashboard.reporting.board_json import board_as_json
from dashboard.rows.source_rows import SourceRows
from tests.shipped import ROOT, board, on, shipped


def word(level: object) -> str | None:
    return getattr(level, "word", None)


def record(day: str, indicator: str, period: str) -> PastBreach:
    return next(one for one in on(day, indicator).on_record if one.period == period)


def test_the_shipped_catalogue_and_its_files_have_no_problem() -> None:
    catalog, intake = shipped()
    assert catalog.problems == ()
    assert intake.problems == {}
    assert [problem for verdict in board("2026-11-21").verdicts for problem in verdict.problems] == []


def reached(catalog: Catalog, intake: SourceRows) -> set[str]:
    """The claims that indicators rest on: named under `evidence:`, or behind a row of one of their sources."""
    sources = {source for indicator in catalog.indicators.values() for source in indicator.sources}
    rows = intake.rows[intake.rows["source"].isin(sources)]
    return {*rows["document"], *(claim for one in catalog.indicators.values() for claim in one.evidence)}


def test_every_claim_that_touches_a_measure_against_the_dprk_is_reachable_from_an_indicator() -> None:
    claims = [claim for card in load_cards(ROOT / "seeds") for claim in card.claims]
    forbidden = {claim.id for claim in claims if claim.un_measure and "NOT DPRK" not in claim.flow}
    assert forbidden - reached(*shipped()) == set()
    assert {"001.6.b", "002.11.f", "002.13.a", "004.11.a"} <= forbidden


def test_an_indicator_reads_each_claim_or_the_claim_says_why_none_does() -> None:
    claims = [claim for card in load_cards(ROOT / "seeds") for claim in card.claims]
    assert {claim.id for claim in claims if not claim.unwatched} <= reached(*shipped())
    assert {claim.id for claim in claims if claim.unwatched} & reached(*shipped()) == set()


def test_every_indicator_states_its_purpose_and_the_action_to_take() -> None:
    for name, indicator in shipped()[0].indicators.items():
        context = all(threshold.severity == "info" for threshold in indicator.thresholds)
        assert indicator.unit, name
        assert indicator.direction, name
        assert indicator.rationale, name
        assert indicator.action, name
        assert indicator.thresholds, name
        assert indicator.legal_basis or context, name


def test_estimated_petroleum_is_critical_and_confirmed_in_november_2024() -> None:
    found = on("2024-11-26", "petroleum_estimated")
    assert (word(found.severity), word(found.passed_by), found.state.value) == ("critical", "lowest", "firing")
    assert (found.figure.low, found.limit, found.share_of_limit) == (1_000_000, 500_000, 2.0)
    assert str(found.known_since) == "2024-11-22"


def test_reported_petroleum_of_2024_is_not_assessed_before_anything_was_published() -> None:
    found = on("2024-03-26", "petroleum_reported")
    assert (found.severity, found.data_state.value, found.figure.value != found.figure.value) == (None, "no_data", True)


def test_reported_petroleum_of_2024_is_at_least_russias_january_in_november_2024() -> None:
    found = on("2024-11-26", "petroleum_reported")
    assert (found.severity, found.figure.value, found.figure.or_more) == (None, 15_279, True)
    assert [word(one.severity) for one in found.on_record if one.severity] == ["warning", "warning"]


@pytest.mark.parametrize(
    ("indicator", "severity", "state"),
    [
        ("russia_report_overdue", "critical", "firing"),
        ("tumangang_railcars", "critical", "firing"),
        ("tanker_calls_vostochny", "critical", "firing"),
        ("munitions_containers", "critical", "firing"),
        ("dprk_troops_in_russia", "critical", "firing"),
        ("air_defence_to_dprk", "warning", "firing"),
        ("crude_oil", None, "inactive"),
        ("partnership_treaty", "info", "inactive"),
    ],
)
def test_what_fires_in_november_2024(indicator: str, severity: str | None, state: str) -> None:
    found = on("2024-11-26", indicator)
    assert (word(found.severity), found.state.value) == (severity, state)


@pytest.mark.parametrize(
    ("day", "days"),
    [("2020-10-02", 2), ("2021-02-15", 15), ("2021-07-22", 22), ("2021-12-04", 4), ("2023-06-14", 14)],
)
def test_russia_is_not_called_overdue_for_want_of_a_press_article(day: str, days: int) -> None:
    found = on(day, "russia_report_overdue")
    assert (word(found.severity), found.figure.high) == ("normal", days)


def test_an_officials_belief_is_likely_not_confirmed() -> None:
    assert word(on("2024-11-26", "air_defence_to_dprk").passed_by) == "value"


def test_estimates_of_2023_were_likely_more_than_reported_once_all_months_had_been_filed() -> None:
    early = on("2024-03-21", "petroleum_estimated_to_reported")
    assert (word(early.severity), word(early.passed_by), early.state.value) == ("warning", "highest", "firing")
    assert "325,265 bbl or more for 2023, not all of it covered" in early.sentence
    late = record("2026-11-21", "petroleum_estimated_to_reported", "2023")
    assert (word(late.passed_by), round(late.figure.low, 1)) == ("value", 2.8)


def test_crude_has_no_data_and_is_never_normal() -> None:
    for day in ("2018-06-01", "2024-11-26", "2026-11-21"):
        found = on(day, "crude_oil")
        assert (found.severity, found.data_state.value) == (None, "no_data")


@pytest.mark.parametrize(
    ("year", "low", "high"),
    [("2018", 0.78, 0.81), ("2019", 0.83, 0.94), ("2023", 0.725, 0.726), ("2024", 0.592, 0.593)],
)
def test_reported_supply_by_year_as_known_today(year: str, low: float, high: float) -> None:
    found = record("2026-11-21", "petroleum_reported", year)
    assert low <= found.figure.low / 500_000 <= found.figure.high / 500_000 <= high
    assert word(found.severity) != "critical"


def test_reported_supply_of_2024_is_at_least() -> None:
    found = record("2026-11-21", "petroleum_reported", "2024")
    assert (found.severity, found.figure.or_more, found.figure.value) == (None, True, 296_207)
    assert "at least 59.2 %" in found.sentence


def test_reported_supply_was_critical_in_no_year() -> None:
    records = on("2026-11-21", "petroleum_reported").on_record
    assert [one.period for one in records] == [str(year) for year in range(2018, 2026)]
    assert all(word(one.severity) != "critical" for one in records)


def test_tumangang_could_not_be_judged_before_its_baseline_was_published() -> None:
    found = on("2023-10-01", "tumangang_railcars")
    assert (found.severity, found.state.value, found.data_state.value) == (None, "inactive", "stale")
    assert "no baseline had been published yet" in found.sentence


def test_tumangang_fires_on_the_day_of_the_report() -> None:
    found = on("2023-10-06", "tumangang_railcars")
    assert (word(found.severity), found.state.value, found.figure.low, found.figure.value) == (
        "critical",
        "firing",
        70,
        73,
    )
    assert "about 20" in found.sentence


def test_vostochny_fires_the_day_after_the_first_report() -> None:
    assert on("2024-03-25", "tanker_calls_vostochny").state.value == "inactive"
    assert on("2024-03-27", "tanker_calls_vostochny").state.value == "firing"


def test_the_breach_of_2023_stands_on_record_since_the_day_it_was_published() -> None:
    found = record("2024-03-21", "petroleum_estimated", "2023")
    assert (word(found.severity), word(found.passed_by)) == ("critical", "lowest")
    assert (found.figure.low, found.figure.high, str(found.known_since)) == (1_015_588, 1_523_381, "2024-03-21")
    day_before = record("2024-03-20", "petroleum_estimated", "2023")
    assert word(day_before.passed_by) == "highest"


@pytest.mark.parametrize(
    ("year", "passed_by", "known_since"),
    [
        ("2018", "lowest", "2018-07-13"),
        ("2020", "lowest", "2020-07-25"),
        ("2022", "lowest", "2023-12-31"),
        ("2023", "lowest", "2024-03-21"),
        ("2024", "lowest", "2024-11-22"),
    ],
)
def test_the_estimated_breaches_stand_on_record_today(year: str, passed_by: str, known_since: str) -> None:
    found = record("2026-11-21", "petroleum_estimated", year)
    assert (word(found.severity), word(found.passed_by), str(found.known_since)) == (
        "critical",
        passed_by,
        known_since,
    )


def test_an_unchecked_figure_puts_no_year_on_record() -> None:
    assert [one.period for one in on("2026-11-21", "petroleum_estimated").on_record] == [
        "2018", "2020", "2022", "2023", "2024",
    ]  # fmt: skip


def test_no_verdict_is_normal_because_its_data_is_old() -> None:
    assert [found.id for found in board("2026-11-21").verdicts if word(found.severity) == "normal"] == []


def test_the_panel_counts_as_ended_only_from_its_end() -> None:
    def state(day: str) -> str:
        newest = on(day, "petroleum_estimated").newest
        return next(one.data_state.value for one in newest if one.source == "petroleum_un_panel")

    assert state("2024-04-29") != "ended"
    assert state("2024-05-01") == "ended"


def test_each_claimant_of_containers_keeps_a_line_of_its_own() -> None:
    found = on("2024-02-27", "munitions_containers")
    told = {one.source: one.figure.value for one in found.newest}
    assert (told["containers_us"], told["containers_rok_mnd"]) == (10_000, 6_700)
    assert found.figure.value != found.figure.value


@pytest.mark.parametrize("day", ["2018-12-31", "2023-10-01", "2024-03-21", "2024-11-26"])
def test_no_date_published_after_the_instant_is_shown(day: str) -> None:
    found = board(day)
    for verdict in found.verdicts:
        assert all(one.date <= found.as_of for one in verdict.newest)
        assert all(one.published_at is None or one.published_at <= found.as_of for one in verdict.newest)
        assert all(one.known_since is None or one.known_since <= found.as_of for one in verdict.on_record)
        for one in (verdict.date, verdict.since, verdict.known_since):
            assert one is None or one <= found.as_of


def test_the_same_input_gives_the_same_bytes() -> None:
    catalog, intake = shipped()
    again = SourceRows(intake.rows.sample(frac=1, random_state=7).reset_index(drop=True))
    assert board_as_json(evaluate(catalog, again, date(2024, 11, 26))) == board_as_json(board("2024-11-26"))


@pytest.mark.parametrize(
    ("day", "indicator", "words"),
    [
        ("2024-03-28", "un_panel_of_experts", "Russia vetoed the renewal of the Panel of Experts' mandate"),
        ("2024-06-19", "partnership_treaty", "Russia and the DPRK signed a partnership treaty with mutual defence"),
        ("2023-10-20", "foreign_ministers_meetings", "1 dated meeting since 19 Oct 2023"),
        ("2024-06-20", "high_level_visits", "Putin visited the DPRK"),
        ("2023-09-14", "high_level_visits", "Kim Jong Un visited Russia"),
        ("2023-07-25", "high_level_visits", "Russia's defence minister visited the DPRK"),
        ("2024-01-04", "ballistic_missiles", "Ballistic missiles and launchers were given to Russia"),
        ("2024-11-26", "air_defence_to_dprk", "Seoul believes that air-defence arms were sent to the DPRK"),
        ("2024-11-26", "dprk_workers_in_russia", "Workers move faster between Russia and the DPRK"),
        ("2024-11-26", "technology_to_dprk", "Seoul believes that satellite and military technology was passed"),
        ("2023-09-14", "technology_to_dprk", "Putin offered the DPRK help with satellites"),
    ],
)
def test_a_statement_in_words_is_shown_from_its_day_of_publication(day: str, indicator: str, words: str) -> None:
    assert words in on(day, indicator).sentence


def test_a_wish_or_an_offer_is_no_transfer_and_a_belief_is_no_claim() -> None:
    def passed_by(day: str) -> str | None:
        return word(on(day, "technology_to_dprk").passed_by)

    assert (passed_by("2023-09-14"), passed_by("2024-07-31"), passed_by("2024-11-26")) == ("highest", "lowest", "value")


def test_howitzers_and_launchers_are_kept_apart_and_never_added() -> None:
    lines = {one.title: one.figure.value for one in on("2024-11-26", "heavy_artillery").newest}
    told = {record.figure.value for record in on("2026-11-21", "heavy_artillery").on_record}
    assert lines["Ukrainian intelligence in the FT, howitzers of 170 mm"] == 50
    assert lines["Ukrainian intelligence in the FT, rocket launchers of 240 mm"] == 20
    assert {20, 50, 120, 200} <= told
    assert 70 not in told


def test_a_source_about_a_part_of_the_troops_names_that_part() -> None:
    sources = shipped()[0].sources
    assert [sources[name].scope for name in ("troops_us_kursk", "troops_border")] == [
        "in Kursk Oblast",
        "guarding near the border",
    ]
    told = {one.source: one.figure.value for one in on("2024-11-26", "dprk_troops_in_russia").newest}
    assert (told["troops_us"], told["troops_us_kursk"]) == (10_000, 8_000)


def test_every_source_says_how_it_knows() -> None:
    assert [name for name, source in shipped()[0].sources.items() if source.known_by is None] == []


def test_a_source_that_retells_another_is_not_a_claimant_of_its_own() -> None:
    told = {name: source.repeats for name, source in shipped()[0].sources.items() if source.repeats}
    assert told == {"containers_sharma": "containers_rok_dia", "shells_sharma": "shells_rok_dia"}


def test_sources_are_independent_only_where_a_text_says_so() -> None:
    assert [name for name, source in shipped()[0].sources.items() if source.independent_of] == []


def test_trips_are_not_counted_as_visitors() -> None:
    assert on("2026-11-21", "russian_trips").figure.unit == "trips"
    assert {one.figure.unit for one in on("2026-11-21", "russian_visitors").newest} == {"visitors"}


def test_a_statement_without_a_number_is_an_event_and_never_a_count() -> None:
    found = next(
        one for one in on("2024-11-26", "ballistic_missiles").on_record if one.source == "missiles_white_house"
    )
    assert (found.figure.value, found.figure.unit) == (1, "event")


def test_past_calls_are_counted_together() -> None:
    found = next(one for one in on("2026-11-21", "tanker_calls_vostochny").on_record if one.source == "vostochny_rusi")
    assert found.sentence.startswith("4 calls from 7 Mar 2024 to 22 Mar 2024")
