"""What holds for any rows: the future leaves no trace, order does not matter, silence resolves nothing."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from dashboard.domain.axes import Severity, State
from dashboard.domain.dates.periods import end_of_day
from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.frame import frame
from dashboard.reporting.board_json import board_as_json
from dashboard.reporting.history_csv import history_as_csv
from dashboard.rows.source_rows import SourceRows
from tests.shorthand import catalog

CATALOG = catalog(
    """
sources:
  level: {title: Level, file: a.csv}
  flow: {title: Flow, file: b.csv, kind: flow}
  other: {title: Other, file: c.csv, kind: flow}
  claim: {title: Claim, file: d.csv, kind: cumulative_claim}
  event: {title: Event, file: e.csv, kind: event}
  base: {title: Base, file: f.csv}
  broken: {title: Broken, file: h.csv, series_break: [2024-03-01]}
  reports: {title: Reports, file: g.csv, kind: flow, expect_every: 1mo}
  mixed: {title: Mixed, file: i.csv, kind: flow, factors: [
          {from: t, to: bbl, value: 2, low: 1, high: 3, until: 2024-03-31, document: 002.11.a},
          {from: t, to: bbl, value: 3, low: 3, high: 3, since: 2024-04-01, document: 002.11.a}]}
indicators:
  converted: {title: U, unit: bbl, sources: [mixed], thresholds: [{severity: critical, above: 100},
              {severity: warning, change_above: 50}]}
  two_units: {title: V, unit: bbl, sources: [mixed], accumulate: calendar_year, limit: 300, limit_in: {t: 100},
              thresholds: [{severity: critical, at_percent: 100}, {severity: warning, pace_above: 1}]}
  above: {title: A, sources: [level], thresholds: [{severity: critical, above: 50}, {severity: warning, above: 20}]}
  below: {title: B, sources: [level, claim], combine: prefer, thresholds: [{severity: warning, below: 30}]}
  times: {title: C, sources: [level], thresholds: [{severity: critical, times_baseline: 2, baseline: base}]}
  occurs: {title: D, sources: [event, claim], thresholds: [{severity: critical, occurs: any, passed_by: lowest}]}
  summed: {title: E, sources: [flow, other], combine: sum, accumulate: calendar_year, limit: 200,
           thresholds: [{severity: critical, at_percent: 100}]}
  largest: {title: F, sources: [claim], combine: max, accumulate: {anchor: "12-22"}, limit: 80,
            thresholds: [{severity: critical, at_percent: 100, passed_by: value}]}
  overdue: {title: G, unit: days, sources: [reports], thresholds: [{severity: warning, overdue_after: 30d}]}
  outside: {title: I, sources: [level], thresholds: [{severity: critical, outside: [20, 60]}]}
  change: {title: J, sources: [level, other], thresholds: [{severity: critical, change_above: 50}]}
  year: {title: K, sources: [broken], thresholds: [
         {severity: warning, change_above: 5, against: same_period_last_year, in: absolute}]}
  course: {title: U, sources: [level], thresholds: [
           {severity: warning, above: 40, for: 20d, keep_firing_for: 60d, recover_below: 30}]}
  grown: {title: L, sources: [flow, other], combine: sum, thresholds: [{severity: critical, change_above: 50}]}
  pace: {title: M, sources: [flow, other], combine: sum, accumulate: calendar_year, limit: 300,
         thresholds: [{severity: critical, pace_above: 1.5}, {severity: warning, pace_above: 1, at_least: 1}]}
  third: {title: N, sources: [event], thresholds: [{severity: critical, occurs: 3, within: 90d}]}
  first: {title: O, sources: [event], thresholds: [{severity: warning, occurs: first, since: 200d, window: 20d}]}
  sources_apart: {title: P, unit: times, sources: [flow, other], thresholds: [
                  {severity: warning, disagree_above: 1.5}]}
  caps_apart: {title: Q, unit: times, thresholds: [
               {severity: warning, disagree_above: 1.5, between: [summed, pace]}]}
  both: {title: R, thresholds: [{severity: critical, all_of: [above, occurs]}]}
  any: {title: S, thresholds: [{severity: warning, any_of: [third, summed, overdue], within: 10d}]}
  two: {title: T, thresholds: [{severity: critical, n_of: {n: 2, of: [both, below, largest, times]}, within: 200d}]}
  median: {title: H, sources: [level, claim], combine: median, thresholds: [{severity: warning, above: 40}]}
"""
)
SOURCES = ("level", "flow", "other", "claim", "event", "base", "reports", "broken", "mixed")
START = date(2023, 6, 1)


@some.composite
def a_row(draw: some.DrawFn) -> dict[str, object]:
    start = START + timedelta(days=draw(some.integers(0, 700)))
    end = start + timedelta(days=draw(some.sampled_from([0, 0, 0, 30, 200])))
    published = start + timedelta(days=draw(some.integers(0, 400)))
    figures = sorted(draw(some.lists(some.integers(0, 100), min_size=3, max_size=3)))
    low, value, high = (number if draw(some.booleans()) else float("nan") for number in figures)
    status = draw(some.sampled_from(["reported", "reported", "estimated", "provisional", "withdrawn", "missing"]))
    if status == "missing":
        low = value = high = float("nan")
    elif low != low and value != value and high != high:
        value = figures[1]
    source = draw(some.sampled_from(SOURCES))
    unit = draw(some.sampled_from(["t", "t", "bbl", "kg", ""])) if source == "mixed" else ""
    return {
        "source": source, "file": "x.csv", "line": draw(some.integers(2, 500)),
        "start": start, "end": end, "low": low, "value": value, "high": high, "unit": unit, "status": status,
        "subject": draw(some.sampled_from(["", "ship"])),
        "published": "", "published_at": end_of_day(published), "received_at": None,
        "known_at": end_of_day(published), "citation": "", "document": "", "note": "",
    }  # fmt: skip


SOME_ROWS = some.lists(a_row(), max_size=25)
SOME_DAY = some.integers(0, 1200).map(lambda days: START + timedelta(days=days))


@given(rows=SOME_ROWS, later=SOME_ROWS, day=SOME_DAY)
def test_rows_published_after_an_instant_never_change_its_verdicts(
    rows: list[dict[str, object]], later: list[dict[str, object]], day: date
) -> None:
    future = [row for row in later if row["known_at"] > end_of_day(day)]  # type: ignore[operator]
    before, after = (evaluate(CATALOG, SourceRows(frame(given)), day) for given in (rows, [*future, *rows]))
    assert board_as_json(before) == board_as_json(after)
    assert history_as_csv(before.evaluations.values()) == history_as_csv(after.evaluations.values())
    assert [len(one.rows) for one in before.evaluations.values()] == [
        len(one.rows) for one in after.evaluations.values()
    ]


@given(rows=SOME_ROWS, day=SOME_DAY, shuffle=some.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[dict[str, object]], day: date, shuffle: object) -> None:
    shuffled = list(rows)
    shuffle.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (board_as_json(evaluate(CATALOG, SourceRows(frame(given)), day)) for given in (rows, shuffled))
    assert one == other


@given(rows=SOME_ROWS, days=some.lists(SOME_DAY, min_size=2, max_size=6))
def test_earlier_evaluations_of_the_same_rows_do_not_matter(rows: list[dict[str, object]], days: list[date]) -> None:
    """What is remembered of one instant says nothing of another that does not follow from the same things."""
    one_intake = SourceRows(frame(rows))
    for day in days:
        again, afresh = (evaluate(CATALOG, intake, day) for intake in (one_intake, SourceRows(frame(rows))))
        assert board_as_json(again) == board_as_json(afresh)
        assert history_as_csv(again.evaluations.values()) == history_as_csv(afresh.evaluations.values())
        for evaluation, other in zip(again.evaluations.values(), afresh.evaluations.values(), strict=True):
            assert (evaluation.episodes, evaluation.rests_on) == (other.episodes, other.rests_on)


@given(rows=SOME_ROWS, day=SOME_DAY, silence=some.integers(1, 400))
def test_silence_never_resolves_and_never_calms(rows: list[dict[str, object]], day: date, silence: int) -> None:
    known = [row for row in rows if row["known_at"] <= end_of_day(day)]  # type: ignore[operator]
    then = evaluate(CATALOG, SourceRows(frame(known)), day)
    later = evaluate(CATALOG, SourceRows(frame(known)), day + timedelta(days=silence))
    for before, after in zip(then.verdicts, later.verdicts, strict=True):
        if before.state in (State.FIRING, State.ON_RECORD):
            assert after.state in (State.FIRING, State.ON_RECORD)
        if before.severity is None:
            assert after.severity is not Severity.NORMAL


@given(rows=SOME_ROWS, day=SOME_DAY)
def test_a_verdict_is_normal_only_with_trusted_data(rows: list[dict[str, object]], day: date) -> None:
    for verdict in evaluate(CATALOG, SourceRows(frame(rows)), day).evaluations.values():
        if verdict.verdict.severity is Severity.NORMAL:
            assert verdict.verdict.data_state.value in ("fresh", "late")
            assert verdict.verdict.problems == ()
        assert verdict.verdict.state is not State.RESOLVED or verdict.episodes
        if verdict.verdict.data_state.value == "no_data":
            assert verdict.verdict.severity is None
