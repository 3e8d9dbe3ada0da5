"""Every ready-made feed: its YAML is sound, short and switched off, and reads a sample in its publisher's layout.

The samples have the columns and marks of the publishers, and figures that are made up.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboard.catalog import Source
from dashboard.catalog.loader import load_catalog, parse_catalog
from dashboard.cli import app
from dashboard.feeds import Feed, load_feeds
from dashboard.ingest import Dialect, Reading, read
from tests.ingest.readings import words

ROOT, SAMPLES = Path(__file__).parents[2], Path(__file__).parent
TODAY = date(2026, 11, 30)
MOST_LINES = 12

EXPECTED = {
    "acled": ["2026-11-07 1 RUS90001", "2026-11-07 1 RUS90002"],
    "comtrade": ["2024-03 1100.5 271012", "2024-03 2200 271019", "2024-04 3300 271019"],
    "crea_price": ["2026-11-01 61.5", "2026-11-02 61.25"],
    "crea_shipments": ["2026-10-03 30100.5 501", "2026-10-03 20200 502"],
    "eurostat": ["2026-01 1101.5", "2026-02 1002.25 estimated", "2026-03 903 provisional", "2026-04 - missing"],
    "fred": ["2026-11-09 71.1", "2026-11-10 - missing", "2026-11-11 - missing", "2026-11-12 72.35"],
    "gfw_radar": [
        "2026-03-04 1 S1A_MADE_UP_1 · 42.7441 · 133.0702",
        "2026-03-04 1 S1A_MADE_UP_1 · 42.7450 · 133.0710",
    ],
    "gfw_voyages": ["2026-08-09 1 273000001 · t-1", "2026-08-12 1 273000002 · t-2"],
    "jodi": ["2026-01 101.5", "2026-02 - missing", "2026-03 - missing"],
    "opensanctions_ships": ["2024-02-03 1 un-made-up-1", "2024-02-03 1 un-made-up-2"],
    "portwatch": ["2019-07-20 2", "2019-07-21 0"],
    "portwatch_pages": ["2019-07-20 2", "2019-07-21 0"],
    "un_1718_petroleum": [
        "2026-01 1101.5 China",
        "2026-01 2202 Russian Federation",
        "2026-02 - Russian Federation missing",
    ],
    "world_bank": ["2021 29.25", "2022 28.5", "2023 23.125"],
}
FEEDS = load_feeds()


def _source(feed: Feed) -> Source:
    catalog = parse_catalog("version: 1\n" + feed.text, "indicators.yaml", ROOT)
    assert catalog.problems == ()
    (source,) = catalog.sources.values()
    assert len(catalog.indicators) == 1
    return source


def _reading(name: str) -> Reading:
    (sample,) = SAMPLES.glob(f"{name}.*")
    return read(sample.read_bytes(), sample.name, Dialect.of(_source(FEEDS[name])), TODAY)


def test_every_feed_has_a_sample() -> None:
    assert list(FEEDS) == list(EXPECTED)


@pytest.mark.parametrize("name", FEEDS)
def test_a_sample_in_the_layout_of_the_publisher_is_read_by_the_very_yaml(name: str) -> None:
    reading = _reading(name)
    assert (reading.rejected, reading.quarantined, reading.near_misses) == ((), (), ())
    assert words(reading) == EXPECTED[name]


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_is_connected_in_twelve_lines(name: str) -> None:
    source, _, _ = FEEDS[name].text.removeprefix("sources:\n").partition("indicators:\n")
    assert len(source.splitlines()[1:]) <= MOST_LINES


@pytest.mark.parametrize("name", FEEDS)
def test_the_command_prints_what_the_file_holds(name: str) -> None:
    result = CliRunner().invoke(app, ["feeds", "show", name])
    assert result.exit_code == 0
    assert FEEDS[name].text in result.output
    assert all(line.startswith("#") for line in result.output.partition("\nsources:")[0].splitlines() if line)


def test_the_shipped_catalogue_contacts_nobody() -> None:
    catalog = load_catalog(ROOT / "indicators.yaml", None)
    assert not any(source.origin.is_remote for source in catalog.sources.values())


def test_an_unknown_feed_is_named() -> None:
    result = CliRunner().invoke(app, ["feeds", "show", "jodl"])
    assert result.exit_code == 2
    assert 'did you mean "jodi"' in " ".join(result.output.split())
