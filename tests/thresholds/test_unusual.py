"""`unusual` as an officer writes and reads it; what it promises of chance is in test_detection."""

from __future__ import annotations

from tests.shorthand import intake, rows, rulebook, states, verdict

UNUSUAL = "severity: warning, unusual: high"


def test_five_earlier_figures_are_too_little_history_and_never_normal() -> None:
    result = verdict(rulebook(UNUSUAL), intake(rows("s", "18 20 19 15 12 73", step=30)), "2024-05-30")
    assert (result.severity, result.state.value) == (None, "inactive")
    assert "too little history: 5 earlier values, 15 are needed" in result.sentence


def test_calls_after_quiet_months_are_unusual_and_the_sentence_says_how_rare() -> None:
    result = verdict(rulebook(UNUSUAL), intake(rows("s", "0x47 5", step=7)), "2024-11-25")
    assert result.state.value == "firing"
    assert "unusual, 2 in a row together, since the 44 figures of 11 months before had 0 on average" in result.sentence
    assert "by chance this would come less than once in 5 years; warning, " in result.sentence


def test_an_ordinary_figure_after_an_ordinary_history_is_normal() -> None:
    assert states("4 6 5 3 7 5 4 6 5 4 6 5 7 3 5 6 4 5 6", UNUSUAL, step=7).split()[-1] == "-"


def test_later_figures_do_not_change_which_figures_were_unusual() -> None:
    inputs = rows("s", "4 6 5 3 7 5 4 6 5 4 6 5 7 3 5 6 4 5 40 6 5", step=7)
    then = verdict(rulebook(UNUSUAL), intake(inputs[:19]), "2024-05-06")
    later = verdict(rulebook(UNUSUAL), intake(inputs), "2024-05-06")
    assert then.sentence == later.sentence
    assert then.state.value == "firing"


def test_missing_weeks_are_not_zeros() -> None:
    assert states("50x20 . . . 50", UNUSUAL, step=7).split()[-1] == "-"
