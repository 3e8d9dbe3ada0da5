"""Whole columns of days and numbers are parsed like their cells one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.dates import date_form
from dashboard.ingest.dates.periods import parse_periods, parse_stated
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.validate import numbers
from dashboard.ingest.validate.cell_formats import CellFormats
from tests.examples import examples

DAYS = st.one_of(
    st.dates().map(str),
    st.builds("{:04}-{:02}-{:02}".format, st.integers(1898, 2201), st.integers(0, 13), st.integers(0, 32)),
    st.sampled_from(["", "2024", "2024-03", "2024-3-07", "07.03.2024", "2024/03/07", "2024-03-0x", "-024-03-07"]),
    st.just("\u0662\u0660\u0662\u0664-03-07"),
    st.text("0123456789-/:", min_size=10, max_size=10),
)  # fmt: skip


@settings(max_examples=examples(100, 2000), deadline=None)
@given(words=st.lists(DAYS, max_size=12), dates=st.sampled_from([None, None, "%d.%m.%Y"]))
def test_a_column_of_days_is_parsed_like_its_cells(words: list[str], dates: str | None) -> None:
    formats = CellFormats(Dialect(dates=dates))
    first, last = parse_periods(pa.array(["x", *words], pa.string())[1:], formats)
    periods = [formats.period_or_none(word) for word in words]
    assert first.astype("datetime64[D]").tolist() == [period and period.start for period in periods]
    assert last.astype("datetime64[D]").tolist() == [period and period.end for period in periods]


FORMS = [
    "iso", "epoch_s", "epoch_ms", "%Y/%m/%d %H:%M:%S%z", "%d.%m.%Y %H:%M", "%Y%m%d", "%Y-%m-%d %H:%M:%S UTC",
    "%d/%m/%Y", "%Y\u00b7%m\u00b7%d", ("iso", "%d.%m.%Y"), None,
]  # fmt: skip
NEAR_CLOCK_CHANGES = st.datetimes(datetime(2024, 10, 26), datetime(2024, 10, 28)) | st.datetimes(
    datetime(2024, 3, 30), datetime(2024, 4, 1)
)
TIMES = st.builds(
    lambda form, time, mark, place: f"{(cell := date_form(form).write(time))[:place]}{mark}{cell[place + 1 :]}",
    st.sampled_from([form for form in FORMS if isinstance(form, str)]),
    NEAR_CLOCK_CHANGES | st.datetimes(datetime(1890, 1, 1), datetime(2210, 1, 1)),
    st.sampled_from(["", "", "0", "9", "-", "Z", "\u0662"]),
    st.integers(0, 24),
)


@settings(max_examples=examples(100, 1500), deadline=None)
@given(
    words=st.lists(TIMES, max_size=8),
    dates=st.sampled_from(FORMS),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"]),
    fiscal_year=st.sampled_from([(), (), ("04-01", "last")]),
)
def test_a_column_of_times_is_parsed_like_its_cells(
    words: list[str], dates: Any, zone: str, fiscal_year: tuple[str, ...]
) -> None:
    formats = CellFormats(Dialect(dates=dates, zone=zone, fiscal_year=fiscal_year))
    column = pa.array(["x", *words], pa.string())[1:]
    first, last = parse_periods(column, formats)
    periods = [formats.period_or_none(word) for word in words]
    assert first.astype("datetime64[D]").tolist() == [period and period.start for period in periods]
    assert last.astype("datetime64[D]").tolist() == [period and period.end for period in periods]
    begins, ends = parse_stated(column, formats)
    stated = [formats.stated_or_none(word) for word in words]
    assert begins.tolist() == [times and times.begin.tolist() for times in stated]
    assert ends.tolist() == [times and times.end.tolist() for times in stated]


NUMBERS = ["5", "1.5", "", "-1", "-0", "1e5", "x", "1.2.3", "9" * 17, "007", "/", "1,5", "\u0661"]


@settings(max_examples=examples(60, 1000), deadline=None)
@given(
    words=st.lists(st.sampled_from(NUMBERS), min_size=1),
    dialect=st.sampled_from([Dialect(), Dialect(decimal=",", thousands=".")]),
)
def test_a_column_of_few_numbers_is_parsed_like_its_cells(words: list[str], dialect: Dialect) -> None:
    column, formats = pa.array(words * 20, pa.string()), CellFormats(dialect)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "_SAMPLE", 8 * len(words))
        together = numbers.parse_numbers(column, formats)
    for word, number, is_bad in zip(words * 20, *together, strict=True):
        (single,), (is_single_bad,) = numbers.parse_numbers(pa.array([word], pa.string()), formats)
        assert is_bad == is_single_bad
        assert np.array_equal(number, single, equal_nan=True)
        assert np.signbit(number) == np.signbit(single) or np.isnan(number)
