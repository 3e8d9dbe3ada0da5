"""The runs of figures that a line joins."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
from hypothesis import given

from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.frame import frame
from dashboard.reporting.summary.joined_runs import joined_runs
from dashboard.rows.source_rows import SourceRows
from tests.evaluation.test_properties import CATALOG, SOME_DAY, SOME_ROWS


@given(rows=SOME_ROWS, day=SOME_DAY)
def test_a_run_joins_each_two_figures_that_two_alone_would_join(rows: list[dict[str, object]], day: date) -> None:
    for name, evaluation in evaluate(CATALOG, SourceRows(frame(rows)), day).evaluations.items():
        anchor = CATALOG.indicators[name].anchor
        for series in (each.series for each in evaluation.assessments):
            runs = joined_runs(series, anchor)
            assert [place for run in runs for place in run] == [*range(len(series))]
            pairs = {tuple(pair) for run in runs for pair in pairwise(run)}
            for pair in pairwise(range(len(series))):
                assert (pair in pairs) == (len(joined_runs(series.take(np.array(pair)), anchor)) == 1)
