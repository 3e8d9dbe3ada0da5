"""What would have been announced live: episodes, their dates, delays and withdrawals, and what an edit changes."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.analysis.backtest import AnnouncedEpisode, History, backtest, compare, replay
from dashboard.catalog.catalog import Catalog
from dashboard.domain.axes import Severity, State
from dashboard.evaluation.evaluate import evaluate
from dashboard.rows.source_rows import SourceRows
from tests.command_line import watchfloor
from tests.examples import examples
from tests.shipped import TODAY, board, shipped
from tests.shorthand import catalog, intake, row, rows, rulebook

ABOVE = "severity: warning, above: 10 | severity: critical, above: 50"
UNTIL = date(2024, 12, 31)
CAP = """
sources:
  s: {title: S, file: s.csv, kind: flow}
indicators:
  x:
    title: X
    sources: [s]
    accumulate: calendar_year
    limit: 100
    thresholds: [{severity: critical, at_percent: 100}]
"""


def history(of: Catalog, known: SourceRows, until: date = UNTIL) -> History:
    (result,) = backtest(of, known, ["x"], until)
    return result


def episodes_in_short(words: str, thresholds: str = ABOVE, *, kind: str = "level", lag: int = 0) -> list[str]:
    """Each episode in short: `critical confirmed 2024-01-02 to 2024-01-03, 2 days, resolved`."""
    known = intake(rows("s", words, lag=lag))
    return [_short(episode) for episode in history(rulebook(thresholds, kind=kind), known, date(2024, 1, 31)).episodes]


def _short(episode: AnnouncedEpisode) -> str:
    best = f"{episode.severity.word} {episode.passed_by.word}"
    return f"{best} {episode.known_from} to {episode.until}, {episode.fired_days} days, {episode.state.value}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("0 0 0", []),
        ("0 70 70 0", ["critical value 2024-01-02 to 2024-01-03, 2 days, resolved"]),
        ("0 70 _ . 0", ["critical value 2024-01-02 to 2024-01-04, 3 days, resolved"]),
        ("20 70 20 0", ["critical value 2024-01-01 to 2024-01-03, 3 days, resolved"]),
        ("5~20 70 0", ["critical value 2024-01-01 to 2024-01-02, 2 days, resolved"]),
        ("5~20 0", ["warning highest 2024-01-01 to 2024-01-01, 1 days, resolved"]),
        ("70 . . .", ["critical value 2024-01-01 to None, 31 days, firing"]),
        (
            "70 0 70 0",
            [
                "critical value 2024-01-01 to 2024-01-01, 1 days, resolved",
                "critical value 2024-01-03 to 2024-01-03, 1 days, resolved",
            ],
        ),
    ],
)
def test_an_episode_is_announced_once_with_its_dates_and_its_worst(words: str, said: list[str]) -> None:
    assert episodes_in_short(words) == said


def test_a_late_publication_is_announced_on_its_own_day() -> None:
    (episode,) = history(rulebook(ABOVE), intake(rows("s", "70 0", lag=10))).episodes
    assert (str(episode.known_from), str(episode.published)) == ("2024-01-11", "2024-01-11")
    assert (episode.days_after_end, episode.days_after_start) == (10, 10)


def test_delays_count_from_both_ends_of_the_period_it_is_about() -> None:
    known = intake([row("s", "2024-01", "60", "2024-01-31"), row("s", "2024-02", "50", "2024-03-21")])
    (episode,) = history(catalog(CAP), known).episodes
    assert (str(episode.began), str(episode.first)) == ("2024-01-01", "2024-02-29")
    assert (episode.days_after_start, episode.days_after_end) == (80, 21)


@pytest.mark.parametrize(
    ("words", "thresholds", "said"),
    [
        ("70 70 0", "severity: critical, above: 50, for: 3 figures", []),
        (
            "70 70 70 0",
            "severity: critical, above: 50, for: 3 figures",
            ["critical value 2024-01-03 to 2024-01-03, 1 days, resolved"],
        ),
        (
            "70 0",
            "severity: critical, above: 50, keep_firing_for: 5d",
            ["critical value 2024-01-01 to 2024-01-06, 6 days, resolved"],
        ),
    ],
)
def test_a_pending_breach_is_not_announced_and_a_recovering_breach_goes_on(
    words: str, thresholds: str, said: list[str]
) -> None:
    assert episodes_in_short(words, thresholds) == said


def test_a_window_ends_on_its_own_day_without_any_row() -> None:
    occurs = "severity: critical, occurs: any, window: 5d"
    assert episodes_in_short("1 . .", occurs, kind="event") == [
        "critical lowest 2024-01-01 to 2024-01-06, 6 days, on_record"
    ]


def test_only_an_occurrence_inside_the_window_prolongs_the_episode() -> None:
    occurs = "severity: critical, occurs: any, window: 2d"
    assert episodes_in_short("1 . 1 . . . 1", occurs, kind="event") == [
        "critical lowest 2024-01-01 to 2024-01-05, 5 days, on_record",
        "critical lowest 2024-01-07 to 2024-01-09, 3 days, on_record",
    ]


def test_a_breach_published_after_its_window_never_fired() -> None:
    occurs = "severity: critical, occurs: any, window: 2d"
    assert episodes_in_short("1", occurs, kind="event", lag=9) == [
        "critical lowest 2024-01-10 to None, 0 days, on_record"
    ]


def test_a_cap_breach_goes_on_record_when_its_year_ends() -> None:
    result = history(catalog(CAP), intake([row("s", "2024-11", "120", "2024-12-10")]), date(2025, 6, 1))
    assert [_short(episode) for episode in result.episodes] == [
        "critical value 2024-12-10 to 2024-12-31, 22 days, on_record"
    ]


def test_an_overdue_report_is_announced_on_the_day_it_becomes_overdue() -> None:
    of = rulebook("severity: warning, overdue_after: 30d", kind="flow", unit="days", source="expect_every: 1mo")
    result = history(of, intake([row("s", "2024-01", "5"), row("s", "2024-02", "5", "2024-04-10")]), date(2024, 4, 20))
    assert [_short(episode) for episode in result.episodes] == [
        "warning highest 2024-03-31 to 2024-04-09, 10 days, resolved"
    ]


def test_a_breach_that_a_revision_takes_back_is_withdrawn_and_not_resolved() -> None:
    known = intake([row("s", "2024-01-05", "70"), row("s", "2024-01-05", "7", "2024-01-20")])
    result = history(rulebook(ABOVE), known)
    assert [_short(episode) for episode in result.episodes] == [
        "critical value 2024-01-05 to 2024-01-19, 15 days, withdrawn"
    ]
    assert result.withdrawn == 1


def test_a_breach_that_its_source_withdraws_is_withdrawn() -> None:
    known = intake([row("s", "2024-01-05", "70"), row("s", "2024-01-05", "!", "2024-01-20")])
    assert history(rulebook(ABOVE), known).withdrawn == 1


def test_a_breach_of_a_closed_year_that_is_revised_away_is_withdrawn() -> None:
    known = intake([row("s", "2024", "120", "2025-03-01"), row("s", "2024", "90", "2026-03-01")])
    (episode,) = history(catalog(CAP), known, date(2026, 6, 1)).episodes
    assert (episode.state, episode.fired_days, episode.until) == (State.WITHDRAWN, 0, None)


def test_a_breach_that_returns_after_its_withdrawal_is_announced_anew() -> None:
    known = intake(
        [
            row("s", "2024-01-05", "70"),
            row("s", "2024-01-05", "7", "2024-01-20"),
            row("s", "2024-01-05", "80", "2024-01-25"),
        ]
    )
    assert [_short(episode) for episode in history(rulebook(ABOVE), known, date(2024, 1, 31)).episodes] == [
        "critical value 2024-01-05 to 2024-01-19, 15 days, withdrawn",
        "critical value 2024-01-25 to None, 7 days, firing",
    ]


def test_a_later_revision_does_not_withdraw_a_resolved_breach() -> None:
    known = intake(
        [row("s", "2024-01-05", "70"), row("s", "2024-01-08", "0"), row("s", "2024-01-05", "7", "2024-01-20")]
    )
    (episode,) = history(rulebook(ABOVE), known).episodes
    assert episode.state is State.RESOLVED


def test_two_announced_episodes_stay_apart_when_a_late_figure_joins_them() -> None:
    known = intake(
        [
            row("s", "2024-01-05", "70"),
            row("s", "2024-01-06", "0"),
            row("s", "2024-01-07", "70"),
            row("s", "2024-01-06", "70", "2024-01-20"),
        ]
    )
    result = history(rulebook(ABOVE), known)
    assert [(str(episode.known_from), episode.state.value) for episode in result.episodes] == [
        ("2024-01-05", "firing"),
        ("2024-01-07", "firing"),
    ]


TWO = """
sources:
  a: {title: A, file: a.csv}
  b: {title: B, file: b.csv}
indicators:
  x:
    title: X
    sources: [a, b]
    combine: prefer
    thresholds: [{severity: critical, above: 50}]
"""


def test_a_breach_whose_source_is_no_longer_the_preferred_one_is_not_withdrawn() -> None:
    known = intake([row("b", "2024-01-05", "70"), row("a", "2024-01-20", "5")])
    (episode,) = history(catalog(TWO), known).episodes
    assert (episode.source, episode.state, str(episode.until)) == ("b", State.ON_RECORD, "2024-01-19")


def test_a_newer_breach_of_a_less_preferred_source_is_announced_when_it_is_published() -> None:
    known = intake([row("a", "2024-01-05", "5"), row("b", "2024-03-01", "70")])
    (episode,) = history(catalog(TWO), known).episodes
    assert (str(episode.known_from), str(episode.published)) == ("2024-03-01", "2024-03-01")


def test_a_source_is_not_normal_from_the_day_of_its_end() -> None:
    of = rulebook(ABOVE, source="ended: 2024-01-20")
    result = history(of, intake(rows("s", "0")), date(2024, 1, 31))
    assert [(str(status.day), status.severity) for status in result.statuses] == [
        ("2024-01-01", Severity.NORMAL),
        ("2024-01-20", None),
    ]


def test_a_line_that_gets_a_second_subject_keeps_its_episode() -> None:
    known = intake(
        [row("s", "2024-01-05", "70", subject="north"), row("s", "2024-01-20", "5", subject="south")],
    )
    (episode,) = history(rulebook(ABOVE), known).episodes
    assert (episode.state, episode.known_from) == (State.FIRING, date(2024, 1, 5))


def test_each_indicator_is_evaluated_only_where_its_own_sources_change() -> None:
    of = catalog(
        """
indicators:
  x: {title: X, file: x.csv, thresholds: [{severity: warning, above: 5}]}
  y: {title: Y, file: y.csv, thresholds: [{severity: warning, above: 5}]}
"""
    )
    known = intake([row("x", "2024-01-05", "7")], rows("y", "1x20"))
    assert [str(day) for day, _, _ in replay("x", of, known, date(2024, 1, 31))] == ["2024-01-05"]


def test_a_mistake_in_a_file_counts_from_the_day_on_which_it_became_known() -> None:
    from dashboard.domain.errors import Problem

    wrong = Problem("s.csv", 3, 0, "value", "unreadable", date(2024, 1, 9))
    known = SourceRows(intake(rows("s", "0")).rows, {"s": (wrong,)})
    result = history(rulebook(ABOVE), known, date(2024, 1, 31))
    assert [(str(status.day), status.severity) for status in result.statuses] == [
        ("2024-01-01", Severity.NORMAL),
        ("2024-01-09", None),
    ]


def test_without_known_figures_the_history_is_empty() -> None:
    assert history(rulebook(ABOVE), intake()) == History("x", "X", (), ())


def test_eight_years_of_shipped_boards_agree_with_the_backtest() -> None:
    result = backtest(*shipped(), shipped()[0].indicators, TODAY)
    count = examples(20, 60)
    for number in range(count):
        day = date(2018, 5, 1) + timedelta(days=3060 // count * number)
        whole = board(str(day))
        for one_history in result:
            verdict, said = whole.verdict(one_history.indicator), one_history.status_on(day)
            assert verdict is not None
            expected = (verdict.severity, verdict.passed_by, verdict.state)
            inactive = (None, None, State.INACTIVE)
            told = (said.severity, said.passed_by, said.state) if said else inactive
            assert told == expected, (one_history.indicator, day)


figures = st.tuples(
    st.integers(0, 300), st.integers(0, 120), st.sampled_from(["0", "20", "70", "5~20", "40~80", "<60", ">5", "_", "!"])
)


@settings(max_examples=examples(20, 240), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(figures, min_size=1, max_size=8), st.sampled_from(["level", "event"]))
def test_the_backtest_of_any_rows_agrees_with_the_board_of_every_day(
    given: list[tuple[int, int, str]], kind: str
) -> None:
    first = date(2024, 1, 1)
    made = [
        row("s", str(first + timedelta(days=day)), figure, str(first + timedelta(days=day + lag)), line=number)
        for number, (day, lag, figure) in enumerate(given, start=2)
    ]
    lasting = "severity: warning, above: 10, for: 2 figures, keep_firing_for: 30d | severity: critical, above: 50"
    more = "severity: critical, occurs: any, window: 20d" if kind == "event" else lasting
    of, known = rulebook(more, kind=kind), intake(made)
    result = history(of, known, first + timedelta(days=600))
    for number in range(0, 600, 11):
        day = first + timedelta(days=number)
        verdict, said = evaluate(of, known, day).verdicts[0], result.status_on(day)
        told = (said.severity, said.passed_by, said.state) if said else (None, None, State.INACTIVE)
        assert told == (verdict.severity, verdict.passed_by, verdict.state), day


def test_the_shipped_breaches_were_announced_when_they_were_published() -> None:
    (result,) = backtest(*shipped(), ["petroleum_estimated"], TODAY)
    assert [(str(one.known_from), str(one.until), one.days_after_end, one.state.value) for one in result.episodes] == [
        ("2018-07-13", "2018-12-31", 44, "on_record"),
        ("2020-07-25", "2020-12-31", 56, "on_record"),
        ("2023-10-31", "2023-12-31", 183, "on_record"),
        ("2023-12-31", "None", 487, "on_record"),
        ("2024-11-22", "2024-12-31", 17, "on_record"),
    ]


def test_an_edited_catalogue_adds_removes_and_changes_episodes() -> None:
    known = intake(rows("s", "0 60 0 20 0 80 0"))
    before = [history(rulebook("severity: critical, above: 50"), known)]
    lower = [history(rulebook("severity: critical, above: 10"), known)]
    higher = [history(rulebook("severity: warning, above: 70"), known)]
    assert compare(before, before) == ()
    assert [(result.kind, result.fields) for result in compare(before, lower)] == [("new", ())]
    assert [(result.kind, result.fields) for result in compare(before, higher)] == [
        ("gone", ()),
        ("changed", ("severity",)),
    ]


def test_episodes_of_two_lines_are_compared_line_by_line() -> None:
    each = TWO.replace("combine: prefer", "combine: each")
    a, b = [row("a", "2024-01-05", "70")], [row("b", "2024-01-05", "70")]
    before, after = [history(catalog(each), intake(a, b))], [history(catalog(each), intake(b))]
    (result,) = compare(before, after)
    assert result.before is not None
    assert (result.kind, result.before.source) == ("gone", "a")


def test_all_episodes_of_an_indicator_in_only_one_catalogue_are_added_or_removed() -> None:
    own = [history(rulebook(ABOVE), intake(rows("s", "70 0 70")))]
    assert [result.kind for result in compare(own, [])] == ["gone", "gone"]
    assert [result.kind for result in compare([], own)] == ["new", "new"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entry = "title: X, file: x.csv, thresholds: [{severity: critical, above: 50}]"
    (tmp_path / "indicators.yaml").write_text(f"version: 1\nindicators:\n  x: {{{entry}}}\n")
    lines = [
        "date,value,published_at",
        "2024-01-01,70,2024-01-03",
        "2024-02-01,5,2024-02-01",
        "2024-03-01,60,2024-03-02",
    ]
    (tmp_path / "x.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "elsewhere").mkdir()
    edited = f"version: 1\nindicators:\n  x: {{{entry.replace('50', '65')}}}\n"
    (tmp_path / "elsewhere" / "edited.yaml").write_text(edited)
    return tmp_path


def test_the_command_prints_a_table_with_a_line_for_each_episode(folder: Path) -> None:
    result = watchfloor("backtest", folder=folder)
    assert result.returncode == 0, result.stderr
    (resolved, fires) = (line for line in result.stdout.splitlines() if "critical, at its stated value" in line)
    assert resolved.split()[-3:] == ["2", "(2)", "resolved"]
    assert "still fires" in fires
    assert "2 episodes of 1 indicator; 0 withdrawn later" in result.stdout
    assert "|" not in result.stdout


def test_the_command_prints_json_with_stable_keys(folder: Path) -> None:
    result = json.loads(watchfloor("backtest", "x", "--json", folder=folder).stdout)
    assert set(result) == {"as_of", "indicators", "differences"}
    assert result["differences"] is None
    assert set(result["indicators"][0]) == {"id", "title", "evaluations", "episodes", "withdrawn"}
    assert result["indicators"][0]["episodes"][0] == {
        "source": "x", "severity": "critical", "passed_by": "value", "period_start": "2024-01-01",
        "period_end": "2024-01-01", "known_from": "2024-01-03", "until": "2024-01-31", "fired_days": 29,
        "first_published": "2024-01-03", "days_after_start": 2, "days_after_end": 2, "state": "resolved",
    }  # fmt: skip


def test_an_edited_catalogue_lies_anywhere_and_reads_the_same_files(folder: Path) -> None:
    result = watchfloor("backtest", "--with", "elsewhere/edited.yaml", folder=folder)
    assert result.returncode == 0, result.stderr
    assert "gone    x, x, 1 Mar 2024: critical, at its stated value, known from 2 Mar 2024" in result.stdout
    assert result.stdout.splitlines()[-1] == "0 new, 1 gone, 0 changed"
    as_json = json.loads(
        watchfloor(
            "backtest", "--with", "elsewhere/edited.yaml", "--from", "2024-02-01", "--json", folder=folder
        ).stdout
    )
    assert [one["kind"] for one in as_json["differences"]] == ["gone"]
    assert [one["known_from"] for one in as_json["indicators"][0]["episodes"]] == ["2024-03-02"]


def test_an_edited_catalogue_with_a_mistake_is_refused_with_its_place(folder: Path) -> None:
    (folder / "edited.yaml").write_text(
        "version: 1\nindicators:\n  x: {title: X, file: x.csv, thresholds: [{abov: 5}]}\n"
    )
    result = watchfloor("backtest", "--with", "edited.yaml", folder=folder)
    assert result.returncode == 2
    assert "edited.yaml:3" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backtest", "y"), "no indicator y"),
        (("backtest", "--from", "yesterday"), '--from "yesterday" is not a day'),
        (("backtest", "--with", "nowhere.yaml"), "no such file"),
    ],
)
def test_a_backtest_that_cannot_run_prints_one_clear_line(folder: Path, words: tuple[str, ...], said: str) -> None:
    result = watchfloor(*words, folder=folder)
    assert (result.returncode, said in result.stderr, "Traceback" in result.stderr) == (2, True, False)
