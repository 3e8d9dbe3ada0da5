"""Where a quicker way to judge stands beside a general one, both find the same."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as some

from dashboard.evaluation.breaches.episodes import _Course
from dashboard.evaluation.breaches.spells import _Line
from dashboard.evaluation.evaluation import Evaluation
from tests.shorthand import days, evaluation, expanded, intake, rows, rulebook

WORDS = some.lists(some.sampled_from(["0", "30", "60", "90", "20~70", ">40", "<50", "_", "."]), min_size=1, max_size=40)
RULES = some.sampled_from([
    "severity: warning, above: 50",
    "severity: warning, above: 50, for: 3d | severity: critical, above: 80",
    "severity: warning, above: 20, passed_by: value | severity: warning, above: 50, for: 2 figures",
    "severity: warning, above: 50, recover_below: 25 | severity: critical, times_baseline: 2",
    "severity: warning, above: 50, keep_firing_for: 3d | severity: info, above: 10 | severity: critical, below: 10",
])  # fmt: skip


def judged(words: list[str], rules: str, lag: int = 0) -> Evaluation:
    text = " ".join(words)
    return evaluation(rulebook(rules), intake(rows("s", text, lag=lag)), days(len(expanded(text)) + lag)[-1])


@given(words=WORDS, rules=RULES)
def test_episodes_that_are_over_are_made_together_as_each_would_be_by_itself(words: list[str], rules: str) -> None:
    together = judged(words, rules).episodes
    with patch.object(_Course, "_is_over", lambda *_: False):
        assert judged(words, rules).episodes == together


@given(words=WORDS, rules=RULES)
def test_the_ends_of_all_spells_are_found_at_once_as_one_by_one(words: list[str], rules: str) -> None:
    at_once = judged(words, rules).episodes
    with patch.object(_Line, "_first_ends", lambda line, stretches: [*map(line._to_its_end, stretches)]):
        assert judged(words, rules).episodes == at_once


@given(words=WORDS, rules=RULES)
def test_the_threshold_behind_one_figure_is_that_of_the_whole_series(words: list[str], rules: str) -> None:
    for assessment in judged(words, rules).assessments:
        assert [assessment.decided_at(at) for at in range(len(assessment.series))] == assessment.decided_by.tolist()
