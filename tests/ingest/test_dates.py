"""Dates as publishers write them: declared forms, times of day and their zone, spans, fiscal years, and the advice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.catalog.source import Source
from dashboard.ingest import Dialect
from dashboard.ingest.dates.form_advice import lines_to_write
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading
from tests.command_line import watchfloor
from tests.ingest.test_layouts import TODAY, words

APRIL = 'fiscal_year: {begins: "04-01", named_by: last}'


def read_text(keys: str, text: str) -> Reading:
    source = Source.model_validate(yaml.safe_load(f"{{title: S, file: x.csv, {keys}}}"))
    return read(text.encode(), "x.csv", Dialect.of(source), TODAY)


def days(keys: str, *cells: str) -> list[str]:
    """The period of each cell of a column of dates."""
    rows = "".join(f'"{cell}",{number}\n' for number, cell in enumerate(cells))
    reading = read_text(keys, f"date,value\n{rows}")
    assert (reading.rejected, reading.quarantined) == ((), ())
    return [word.split()[0] for word in words(reading)]


def problem(keys: str, cell: str) -> str:
    (bad,) = read_text(keys, f'date,value\n"{cell}",1\n').quarantined
    return bad.message


@pytest.mark.parametrize("keys", ["kind: flow", 'dates: "%d.%m.%Y"', "dates: [iso, epoch_s]"])
def test_periods_of_statistical_offices_are_read_in_every_dialect(keys: str) -> None:
    assert days(keys, "2024", "2023-03", "2024M03", "2025-M03") == ["2024", "2023-03", "2024-03", "2025-03"]
    assert days(keys, "2024-Q1", "2023Q4") == ["2024-01-01/2024-03-31", "2023-10-01/2023-12-31"]
    assert days(keys, "2024-H2", "2023-S1") == ["2024-07-01/2024-12-31", "2023-01-01/2023-06-30"]
    assert days(keys, "2024-W05", "2020W53") == ["2024-01-29/2024-02-04", "2020-12-28/2021-01-03"]


@pytest.mark.parametrize(
    ("keys", "cell", "day"),
    [
        ('dates: "%b %Y"', "Jan 2024", "2024-01"),
        ('dates: "%B %Y"', "March 2024", "2024-03"),
        ('dates: "%b-%y"', "Jan-24", "2024-01"),
        ('dates: "%Y%m"', "202403", "2024-03"),
        ('dates: "%m/%Y"', "3/2024", "2024-03"),
        ('dates: "%d %b %Y"', "7 Mar 2024", "2024-03-07"),
        ('dates: "Q%q %Y"', "Q1 2024", "2024-01-01/2024-03-31"),
        ('dates: "%qQ%y"', "1Q24", "2024-01-01/2024-03-31"),
        ('dates: "W%V %G"', "W05 2024", "2024-01-29/2024-02-04"),
        ('dates: "%b-%b %Y"', "Jan-Mar 2024", "2024-01-01/2024-03-31"),
        ('dates: "%Y-%m-%d - %Y-%m-%d"', "2024-01-01 - 2024-01-31", "2024-01"),
        ("kind: flow", "2024-01-01/2024-01-31", "2024-01"),
        ('dates: ["%b %Y", "%Y-%m-%d"]', "2024-03-07", "2024-03-07"),
        ('fiscal_year: "04-01"', "2023/24", "2023-04-01/2024-03-31"),
        ('fiscal_year: "04-01"', "2023-2024", "2023-04-01/2024-03-31"),
        ('fiscal_year: "04-01"', "2010-11", "2010-04-01/2011-03-31"),
        ('fiscal_year: "04-01"', "2024-03-07", "2024-03-07"),
        (APRIL, "FY2024", "2023-04-01/2024-03-31"),
        (APRIL, "FY24", "2023-04-01/2024-03-31"),
        ('fiscal_year: "04-01"', "FY23/24", "2023-04-01/2024-03-31"),
        (APRIL, "2024", "2023-04-01/2024-03-31"),
        (f'{APRIL}, dates: "ending %Y"', "ending 2024", "2023-04-01/2024-03-31"),
        (f'{APRIL}, dates: "%b %Y"', "Mar 2024", "2024-03"),
        ('fiscal_year: {begins: "10-01", named_by: first}', "FY 2023", "2023-10-01/2024-09-30"),
    ],
)
def test_a_period_is_read_as_declared(keys: str, cell: str, day: str) -> None:
    assert days(keys, cell) == [day]


@pytest.mark.parametrize(
    ("dates", "zone", "cell", "day"),
    [
        ("%Y/%m/%d %H:%M:%S%z", "UTC", "2019/07/20 00:00:00+00", "2019-07-20"),
        ("%Y/%m/%d %H:%M:%S%z", "America/New_York", "2019/07/20 00:00:00+00", "2019-07-19"),
        ("%Y-%m-%d %H:%M:%S UTC", "Asia/Seoul", "2026-03-04 15:31:12 UTC", "2026-03-05"),
        ("%d/%m/%Y %H:%M:%S", "Asia/Seoul", "01/09/2025 00:00:00", "2025-09-01"),
        ("iso", "UTC", "2024-03-07T23:59:59.999Z", "2024-03-07"),
        ("iso", "Europe/Berlin", "2024-03-07T23:30Z", "2024-03-08"),
        ("iso", "Europe/Berlin", "2024-03-07 23:30", "2024-03-07"),
        ("epoch_ms", "UTC", "1563580800000", "2019-07-20"),
        ("epoch_s", "America/New_York", "1563580800", "2019-07-19"),
    ],
)
def test_the_day_of_a_time_is_that_in_the_time_zone_of_the_source(dates: str, zone: str, cell: str, day: str) -> None:
    assert days(f'dates: "{dates}", timezone: {zone}', cell) == [day]


@pytest.mark.parametrize(
    ("keys", "cell", "reason"),
    [
        ('dates: "%b %Y"', "2024-03-07", 'nor a month or a year; write dates: ["%b %Y", "%Y-%m-%d"]'),
        ("kind: flow", "Jan 2024", 'write dates: "%b %Y" if that is how the file writes its dates'),
        ("kind: flow", "2019/07/20 00:00:00+00", 'write dates: "%Y/%m/%d %H:%M:%S%z" if the year comes first'),
        ("kind: flow", "2026-03-04 09:31:12 UTC", 'dates: "%Y-%m-%d %H:%M:%S UTC"'),
        ("kind: flow", "01/09/2025 00:00", 'dates: "%d/%m/%Y %H:%M" if the day comes first, dates: "%m/%d/%Y %H:%M"'),
        ("kind: flow", "9/13/2025 1:05:09 PM", 'dates: "%m/%d/%Y %I:%M:%S %p"'),
        ("kind: flow", "2024-03-07T09:31:12.5+09:00", "write dates: iso"),
        ("kind: flow", "202403", 'write dates: "%Y%m"'),
        ("kind: flow", "1563580800000", "write dates: epoch_ms if it counts the milliseconds since 1970"),
        ("kind: flow", "Q1 2024", 'write dates: "Q%q %Y"'),
        ("kind: flow", "1Q24", 'write dates: "%qQ%y"'),
        ("kind: flow", "Jan-Mar 2024", 'write dates: "%b-%b %Y"'),
        ("kind: flow", "2024-01-01 - 2024-01-31", 'write dates: "%Y-%m-%d - %Y-%m-%d"'),
        ("kind: flow", "2023/24", 'write fiscal_year: {begins: "04-01"} if'),
        ("kind: flow", "FY2024", 'write fiscal_year: {begins: "04-01", named_by: last} if'),
        ('fiscal_year: "04-01"', "2024", 'write fiscal_year: {begins: "04-01", named_by: last}, or first'),
        (APRIL, "2023/25", "do not follow each other"),
        (APRIL, "2024-Q1", "is not a fiscal year like 2023/24, a day, or a date as dates: declares"),
        ("dates: epoch_ms", "1563580800", "is not a date like 1709803872000"),
        ('dates: ["%y%%", "%Y-%m-%d"]', "2024-02-30", "is not in the calendar"),
    ],
)  # fmt: skip
def test_a_date_in_another_form_is_refused_with_the_line_to_write(keys: str, cell: str, reason: str) -> None:
    assert reason in problem(keys, cell)


@pytest.mark.parametrize(
    "cell",
    ["7 March 2024", "Mar 7, 2024", "07MAR2024", "2024 Jan", "3.2024", "2024/3", "2024 Q1", "H1 2024", "Week 05 2024",
     "1 Jan 2024 - 15 Feb 2024", "2024-3-7 9:31", "20240307T093112Z", "7.3.2024 09:31 GMT", "2023-24",
     "FY23/24", "2024 JAN-MAR", "Thu, 07 Mar 2024 09:31:12 GMT", "2024M1", "07-MAR-24", "2024\ub144 3\uc6d4",
     "2024\u5e743\u67087\u65e5"],
)  # fmt: skip
def test_the_advised_line_reads_the_cell(cell: str) -> None:
    advice = lines_to_write(cell, Dialect())
    line = advice.removeprefix("; write ").split(" if ")[0]
    assert days(line, cell), line


def published(keys: str, cell: str, date: str = "2024-03-07") -> Any:
    reading = read_text(keys, f"date,value,published_at\n{date},1,{cell}\n")
    assert reading.quarantined == ()
    return [str(reading.rows[name][0]) for name in ("published", "published_at", "known_at")]


@pytest.mark.parametrize(
    ("keys", "cell", "text"),
    [
        ("dates: iso", "2024-03-08T09:31:12Z", "2024-03-08T09:31:12"),
        ("dates: iso, timezone: Asia/Seoul", "2024-03-08 09:31", "2024-03-08T00:31:00"),
        ("dates: iso, timezone: Asia/Seoul", "2024-03-08T09:31:12.9+01:00", "2024-03-08T08:31:12"),
        ("dates: iso, timezone: Europe/Berlin", "2024-10-27T02:30", "2024-10-27T01:30:00"),
        ("dates: [epoch_s, iso]", "1709890272", "2024-03-08T09:31:12"),
    ],
)
def test_a_time_of_publication_is_kept_to_the_second(keys: str, cell: str, text: str) -> None:
    second = text.replace("T", " ")
    assert published(keys, cell) == [f"{text}Z", second, second]


def test_a_publication_without_a_time_counts_as_the_end_of_its_days() -> None:
    assert published("dates: iso", "2024-03-08") == ["2024-03-08", "2024-03-08 23:59:59", "2024-03-08 23:59:59"]
    assert published('dates: ["%b %Y", iso]', "Mar 2024")[:2] == ["2024-03", "2024-03-31 23:59:59"]


def test_a_day_that_begins_earlier_in_its_own_zone_may_be_published_on_it() -> None:
    keys = "dates: iso, timezone: Asia/Seoul"
    stated = published(keys, "2024-03-06T23:31:12Z", date="2024-03-07T08:00")
    assert stated == ["2024-03-06T23:31:12Z", "2024-03-06 23:31:12", "2024-03-07 00:00:00"]
    (bad,) = read_text(keys, "date,value,published_at\n2024-03-07T08:00,1,2024-03-06T14:31Z\n").quarantined
    assert "before its period began" in bad.message


def test_later_today_is_published_and_tomorrow_is_not_yet() -> None:
    keys = "dates: iso"
    assert published(keys, "2026-11-21T23:00Z")[1] == "2026-11-21 23:00:00"
    (bad,) = read_text(keys, "date,value,published_at\n2024-03-07,1,2026-11-22T00:00Z\n").quarantined
    assert "not used before 2026-11-22" in bad.message


def test_a_second_publication_of_a_day_replaces_the_first_instead_of_contradicting_it() -> None:
    text = "date,value,published_at\n2024-03-07,1,2024-03-08T09:00Z\n2024-03-07,2,2024-03-08T17:00Z\n"
    reading = read_text("dates: iso", text)
    assert (reading.quarantined, len(reading.rows)) == ((), 2)


def test_bounds_may_be_months_and_years() -> None:
    text = "period_start,period_end,value\n2024-01,2024-03,1\n2023,2023-06-30,2\n2022-05-01,2022-Q2,3\n"
    expected = ["2024-01-01/2024-03-31 1", "2023-01-01/2023-06-30 2", "2022-05-01/2022-06-30 3"]
    assert words(read_text("kind: flow", text)) == expected
    (bad,) = read_text("kind: flow", "period_start,period_end,value\n2024-03,2024-01,1\n").quarantined
    assert bad.message == "2024-01-31 lies before 2024-03-01"


@pytest.mark.parametrize(
    ("wide", "names"),
    [
        ("%b %Y", "Jan 2024,Feb 2024"),
        ("%Y%m", "202401,202402"),
        ("months", "2024M01,2024-02"),
        ("%b-%b %y", "Jan-Jan 24,Feb-Feb 24"),
    ],
)
def test_the_names_of_wide_columns_are_read_like_cells(wide: str, names: str) -> None:
    text = f"subject,{names},published_at\nN,1,2,03.04.2024\n"
    reading = read_text(f'wide: "{wide}", dates: "%d.%m.%Y"', text)
    assert (reading.rejected, words(reading)) == ((), ["2024-01 1 N", "2024-02 2 N"])


def test_wide_quarters_halves_and_weeks_are_read() -> None:
    for wide, name, days_of_name in (
        ("quarters", "2024Q1", "2024-01-01/2024-03-31"), ("halves", "2024-S1", "2024-01-01/2024-06-30"),
        ("weeks", "2024-W05", "2024-01-29/2024-02-04"), ("days", "2024-03-07", "2024-03-07"),
    ):  # fmt: skip
        reading = read_text(f'wide: {wide}, dates: "%d.%m.%Y"', f"subject,{name}\nN,1\n")
        assert words(reading) == [f"{days_of_name} 1 N"]
        assert read_text(f"wide: {wide}", "subject,2024x\nN,1\n").rejected


def test_a_year_that_stands_twice_in_a_name_is_the_same_twice() -> None:
    text = "subject,2014 [YR2014],2015 [YR2016]\nN,1,2\n"
    (problem_of_name,) = read_text('wide: "%Y [YR%Y]"', text).rejected
    assert "2015 [YR2016]" in str(problem_of_name)


def test_wide_fiscal_years_are_read_as_declared() -> None:
    reading = read_text(f"wide: fiscal_years, {APRIL}", "subject,2022/23,FY2024\nN,1,2\n")
    assert words(reading) == ["2022-04-01/2023-03-31 1 N", "2023-04-01/2024-03-31 2 N"]
    assert words(read_text("wide: years", "subject,2024\nN,1\n")) == ["2024 1 N"]


@pytest.mark.parametrize(
    ("keys", "header", "cells", "day"),
    [
        ('columns: {date: [y, q]}, dates: "%Y %q"', "y,q", "2024,1", "2024-01-01/2024-03-31"),
        ("columns: {date: [y, part]}", "y,part", "2024,Q1", "2024-01-01/2024-03-31"),
        ('columns: {date: [y, m]}, dates: "%Y %B"', "y,m", "2024,January", "2024-01"),
        (
            'columns: {date: [d, t]}, dates: "%Y-%m-%d %H:%M", timezone: Asia/Seoul',
            "d,t",
            "2024-03-07,9:31",
            "2024-03-07",
        ),
    ],
)
def test_a_date_in_several_columns_is_read_as_declared(keys: str, header: str, cells: str, day: str) -> None:
    assert words(read_text(keys, f"{header},value\n{cells},5\n")) == [f"{day} 5"]


def test_a_month_by_name_in_a_column_of_its_own_is_refused_with_the_line_to_write() -> None:
    (bad,) = read_text("columns: {date: [y, m]}", "y,m,value\n2024,January,5\n").quarantined
    assert 'write dates: "%Y %B"' in bad.message


def test_a_cell_that_two_forms_read_differently_is_refused() -> None:
    source = Source.model_validate({"title": "S", "file": "x.csv", "dates": ["%y-%m-%d %H", "%Y-%m-%d"]})
    dialect = Dialect(dates=("%d/%m/%Y", "%m/%d/%Y"))
    assert Dialect.from_json(Dialect.of(source).as_json()) == Dialect.of(source)
    reading = read(b"date,value\n01/02/2024,1\n13/02/2024,2\n02/02/2024,3\n", "x.csv", dialect, TODAY)
    assert words(reading) == ["2024-02-13 2", "2024-02-02 3"]
    assert "is 2024-02-01 as" in reading.quarantined[0].message


def test_a_dialect_keeps_its_forms_zone_and_fiscal_years_in_the_journal() -> None:
    keys = {"dates": ["iso", "%b %Y"], "timezone": "Asia/Seoul", "fiscal_year": "04-01"}
    dialect = Dialect.of(Source.model_validate({"title": "S", "file": "x.csv", **keys}))
    assert Dialect.from_json(dialect.as_json()) == dialect
    plain = Dialect.of(Source.model_validate({"title": "S", "file": "x.csv"}))
    assert not {"zone", "fiscal_year"} & set(plain.as_json())
    local = Dialect.of(Source.model_validate({"title": "S", "file": "x.csv", "timezone": "Asia/Seoul"}))
    assert local.zone == "UTC"


def test_officers_see_the_second_of_a_publication(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("ts,v,pub\n2024-03-07T23:31:12Z,60,2024-03-08T09:31:12Z\n")
    source = "title: S, file: s.csv, dates: iso, timezone: Asia/Seoul, columns: {date: ts, value: v, published_at: pub}"
    thresholds = "[{severity: critical, above: 50}]"
    (tmp_path / "indicators.yaml").write_text(
        f"version: 1\nsources:\n  s: {{{source}}}\nindicators:\n"
        f"  x: {{title: X, unit: u, sources: [s], thresholds: {thresholds}}}\n"
    )
    explanation = watchfloor("explain", "x", folder=tmp_path).stdout
    assert "60 u on 8 Mar 2024 (S, published 8 Mar 2024 09:31:12 UTC)" in explanation
    run = watchfloor("inspect", "s.csv", "--source", "s", "--json", folder=tmp_path)
    assert json.loads(run.stdout)["rows"][0]["published_at"] == "2024-03-08T09:31:12Z"
