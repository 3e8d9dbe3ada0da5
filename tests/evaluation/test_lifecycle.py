"""`for`, `keep_firing_for`, `recover_below` and `recover_above`: every transition, and every one with a gap in it."""

from __future__ import annotations

import pytest

from tests.shorthand import evaluation, intake, rows, rulebook, states, verdict

WARN = "severity: warning, above: 50"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("0x3 70 _ 70x2", "- - - pending pending pending firing"),
        ("70 70 70 70 0", "pending pending pending firing resolved"),
        ("70 70 0 70", "pending pending - pending"),
        ("70 70 70 70 0 70", "pending pending pending firing resolved pending"),
        ("70 . . 70 0", "pending pending pending firing resolved"),
    ],
)
def test_for_a_duration_fires_at_the_first_figure_that_much_later(words: str, said: str) -> None:
    assert states(words, f"{WARN}, for: 3d") == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("70 70 70 0", "pending firing firing resolved"),
        ("70 _ 70 0", "pending pending firing resolved"),
        ("70 0 70 70", "pending - pending firing"),
    ],
)
def test_for_a_count_fires_at_that_figure_in_a_row(words: str, said: str) -> None:
    assert states(words, f'{WARN}, for: "2 figures"') == said


def test_a_dip_above_the_recovery_level_does_not_begin_the_waiting_anew() -> None:
    said = states("70 70 70 70 45 70 45 70 30", f"{WARN}, for: 3d, recover_below: 40")
    assert said == "pending pending pending firing recovering firing recovering firing resolved"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("70 45 35 45 70", "firing recovering resolved resolved firing"),
        ("70 45 _ 70", "firing recovering recovering firing"),
        ("70 45 45 60", "firing recovering recovering firing"),
        ("45 70 40", "- firing resolved"),
        ("70 30~45 40", "firing recovering resolved"),
    ],
)
def test_a_breach_goes_on_until_the_recovery_level_is_surely_reached(words: str, said: str) -> None:
    assert states(words, f"{WARN}, recover_below: 40") == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("95 85 79", "firing recovering resolved"),
        ("5 15 21", "firing recovering resolved"),
        ("95 85 15 50", "firing recovering recovering resolved"),
    ],
)
def test_with_two_recovery_levels_a_breach_ends_only_between_them(words: str, said: str) -> None:
    threshold = "severity: warning, outside: [10, 90], recover_below: 80, recover_above: 20"
    assert states(words, threshold) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("70 0 0 0 0", "firing recovering recovering resolved resolved"),
        ("70 0 70 0 0 0", "firing recovering firing recovering recovering resolved"),
        ("70 0 _ _ _", "firing recovering recovering resolved resolved"),
        ("70 _ 0 . .", "firing firing recovering recovering resolved"),
    ],
)
def test_a_breach_kept_firing_against_flapping_ends_only_after_a_calm_figure(words: str, said: str) -> None:
    assert states(words, f"{WARN}, keep_firing_for: 2d") == said


def test_flapping_inside_the_keep_firing_time_is_one_episode() -> None:
    flapping = intake(rows("s", "70 0 70 0 0 0"))
    assert len(evaluation(rulebook(f"{WARN}, keep_firing_for: 2d"), flapping, "2024-01-06").episodes) == 1
    assert len(evaluation(rulebook(WARN), flapping, "2024-01-06").episodes) == 2


def test_severities_rise_and_fall_inside_one_episode() -> None:
    rules = f"{WARN} | severity: critical, above: 80"
    given = intake(rows("s", "0 60 90 70 0"))

    def said(day: int) -> tuple[str | None, str, int]:
        result = evaluation(rulebook(rules), given, f"2024-01-0{day}")
        return (
            result.verdict.severity.word if result.verdict.severity else None,
            result.verdict.state.value,
            len(result.episodes),
        )

    assert [said(day) for day in range(1, 6)] == [
        ("normal", "inactive", 0), ("warning", "firing", 1), ("critical", "firing", 1), ("warning", "firing", 1),
        ("normal", "resolved", 1),
    ]  # fmt: skip


def test_a_worse_threshold_that_has_not_lasted_does_not_raise_the_severity_yet() -> None:
    rules = f'{WARN} | severity: critical, above: 80, for: "2 figures"'
    result = verdict(rulebook(rules), intake(rows("s", "60 90")), "2024-01-02")
    assert result.severity is not None
    assert (result.severity.word, result.state.value) == ("warning", "firing")


def test_below_recovers_above() -> None:
    rule = "severity: warning, below: 50, recover_above: 60"
    assert states("40 55 60", rule) == "firing recovering resolved"


def test_a_pending_verdict_states_the_figures_severity_and_is_never_normal() -> None:
    result = verdict(rulebook(f"{WARN}, for: 3d"), intake(rows("s", "70")), "2024-01-01")
    assert result.severity is not None
    assert (result.severity.word, result.state.value) == ("warning", "pending")


def test_the_rule_in_words_names_its_whole_lifecycle() -> None:
    result = verdict(rulebook(f"{WARN}, for: 3d, recover_below: 40, keep_firing_for: 2d"), intake(), "2024-01-01")
    assert result.rules == (
        "Warning when above 50 units, for 3 days; it ends at 40 units or below, and no sooner than 2 days later.",
    )
