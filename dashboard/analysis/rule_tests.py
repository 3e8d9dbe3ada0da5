"""Runs the `tests:` of the indicators: the board's own evaluation judges their figures.

Also lists the thresholds that no test exercises. A test exercises the threshold that decides its verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dashboard.catalog import Catalog, ExampleFigure, Indicator, RuleTest, parse_figures
from dashboard.domain import TEXTS, Verdict
from dashboard.domain.dates import end_of_day, parse_day
from dashboard.domain.text import wording as words
from dashboard.evaluation import evaluation_of
from dashboard.ingest import frame
from dashboard.rows import SourceRows
from dashboard.thresholds import Threshold

NOT_ASSESSED = "not assessed"


@dataclass(frozen=True, eq=False)
class Outcome:
    """One test that was run; `file` and `line` say where it stands, `number` counts from 0."""

    indicator: str
    number: int
    file: str
    line: int
    test: RuleTest
    verdict: Verdict

    @property
    def has_passed(self) -> bool:
        """Whether the verdict matches every stated expectation; an expectation left out matches anything."""
        actual = (severity_word(self.verdict), self.verdict.state.value, passed_by_word(self.verdict))
        expected = (self.test.expect, self.test.state, self.test.passed_by)
        return all(one is None or one == other for one, other in zip(expected, actual, strict=True))

    def __str__(self) -> str:
        """`indicators.yaml:12 x.tests[0] as of 2024-03-15: expected critical, found warning, firing, value`."""
        wanted = [word for word in (self.test.expect, self.test.state, self.test.passed_by) if word]
        actual = [severity_word(self.verdict), self.verdict.state.value, passed_by_word(self.verdict)]
        return (
            f"{self.file}:{self.line} {self.indicator}.tests[{self.number}] as of {self.test.as_of}: "
            f"expected {', '.join(wanted)}, found {', '.join(word for word in actual if word)}"
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "indicator": self.indicator,
            "number": self.number,
            "file": self.file,
            "line": self.line,
            "as_of": self.test.as_of,
            "passed": self.has_passed,
            "expected": {
                "severity": self.test.expect,
                "state": self.test.state,
                "passed_by": self.test.passed_by,
            },
            "found": {
                "severity": severity_word(self.verdict),
                "state": self.verdict.state.value,
                "passed_by": passed_by_word(self.verdict),
                "sentence": self.verdict.sentence,
                "problems": [problem.message for problem in self.verdict.problems],
            },
        }


@dataclass(frozen=True)
class Unexercised:
    """A threshold that decides no test of its indicator; `line` is where it stands, `rule` its words in the file."""

    indicator: str
    number: int
    file: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.indicator}.thresholds[{self.number}] {self.rule}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def run_tests(catalog: Catalog, names: Iterable[str]) -> Iterator[Outcome]:
    """Every test of the named indicators, in their order."""
    for name in names:
        for number, test in enumerate(catalog.indicators[name].tests):
            line = catalog.places[f"indicators.{name}.tests[{number}]"][0]
            intake = intake_of(test, catalog.indicators[name], catalog.file, line)
            evaluation = evaluation_of(name, catalog, intake, parse_day(test.as_of))
            yield Outcome(name, number, catalog.file, line, test, evaluation.verdict)


def unexercised(catalog: Catalog, names: Iterable[str], outcomes: Sequence[Outcome]) -> Iterator[Unexercised]:
    """The thresholds of the named indicators that decide no test, failed tests included."""
    decided = {(outcome.indicator, outcome.verdict.decided_by) for outcome in outcomes}
    for name in names:
        indicator = catalog.indicators[name]
        for number, threshold in enumerate(indicator.thresholds):
            if (name, number) not in decided:
                line = catalog.places[f"indicators.{name}.thresholds[{number}]"][0]
                yield Unexercised(name, number, catalog.file, line, _in_the_file(threshold))


def intake_of(test: RuleTest, indicator: Indicator, file: str, line: int) -> SourceRows:
    """The test's figures as rows, as if each had been published when the test says."""
    texts = {indicator.sources[0]: test.figures} if isinstance(test.figures, str) else test.figures
    return SourceRows(
        frame([_row(source, one, file, line) for source, text in texts.items() for one in parse_figures(text)])
    )


def _in_the_file(threshold: Threshold) -> str:
    """`warning, at_percent: 75`"""
    level = getattr(threshold, threshold.key)
    text = f"[{', '.join(map(_level, level))}]" if isinstance(level, list) else _level(level)
    return f"{threshold.severity}, {threshold.key}: {text}"


def _level(level: object) -> str:
    return words.in_full(level) if isinstance(level, float) else str(level)


def _row(source: str, figure: ExampleFigure, file: str, line: int) -> dict[str, Any]:
    """One figure as a record of the frame of rows."""
    published_at = end_of_day(figure.published)
    return {
        **dict.fromkeys(TEXTS, ""),
        "source": source,
        "file": file,
        "line": line,
        "start": figure.period.start,
        "end": figure.period.end,
        "low": figure.low,
        "value": figure.value,
        "high": figure.high,
        "unit": figure.unit,
        "status": "missing" if figure.is_missing else "reported",
        "published": figure.published.isoformat(),
        "published_at": published_at,
        "received_at": None,
        "known_at": published_at,
        "note": "a figure of a test",
    }


def severity_word(verdict: Verdict) -> str:
    return NOT_ASSESSED if verdict.severity is None else verdict.severity.word


def passed_by_word(verdict: Verdict) -> str | None:
    return verdict.passed_by.word if verdict.passed_by else None
