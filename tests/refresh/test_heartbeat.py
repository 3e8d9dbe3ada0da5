"""What the refresher's heartbeat says, and what it cannot say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from dashboard.refresh.heartbeat import FILE, Life, read_pulse

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def beat(state: Path, at: datetime, **more: object) -> None:
    fields = {"pid": 7, "host": "desk", "at": at.isoformat(), "next_run": None, "doing": "waiting", **more}
    (state / FILE).write_text(json.dumps(fields))


@pytest.mark.parametrize(
    ("seconds", "life", "message"),
    [
        (0, Life.WELL, "refresher just now"),
        (8, Life.WELL, "refresher 8 s ago"),
        (60, Life.WELL, "refresher 60 s ago"),
        (61, Life.OVERDUE, "The refresher is overdue: it was last seen on 21 Nov 2026 11:58:59 UTC."),
        (86400 * 3, Life.OVERDUE, "last seen on 18 Nov 2026 12:00:00 UTC"),
        (-4, Life.WELL, "refresher just now"),
        (-6, Life.AHEAD, "clock lies in the future: it says 21 Nov 2026 12:00:06 UTC"),
    ],
)
def test_a_heartbeat_is_judged_by_its_age(tmp_path: Path, seconds: int, life: Life, message: str) -> None:
    beat(tmp_path, NOW - timedelta(seconds=seconds))
    pulse = read_pulse(tmp_path, NOW)
    assert pulse.life is life
    assert message in pulse.describe(NOW)


def test_without_a_heartbeat_nothing_new_will_come(tmp_path: Path) -> None:
    pulse = read_pulse(tmp_path, NOW)
    assert pulse.life is Life.ABSENT
    assert pulse.describe(NOW).startswith("No refresher is running: what you see is as of each source's last receipt")


def test_an_alarm_keeps_its_words_while_it_lasts(tmp_path: Path) -> None:
    """A screen reader would read it out again whenever it changes."""
    beat(tmp_path, NOW - timedelta(minutes=5))
    assert read_pulse(tmp_path, NOW).describe(NOW) == read_pulse(tmp_path, NOW + timedelta(hours=1)).describe(
        NOW + timedelta(hours=1)
    )


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"pid": 1}', '{"pid": 1, "host": "x", "at": "soon", "next_run": null, "doing": ""}',
     '{"pid": 1, "host": "x", "at": "2026-11-21T12:00:00", "next_run": null, "doing": ""}', "\xff"],
)  # fmt: skip
def test_an_unreadable_heartbeat_is_an_alarm(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_bytes(text.encode("latin-1"))
    pulse = read_pulse(tmp_path, NOW)
    assert pulse.life is Life.UNREADABLE
    assert not pulse.is_well


def test_a_heartbeat_of_another_zone_is_the_same_instant(tmp_path: Path) -> None:
    seoul = timezone(timedelta(hours=9))
    beat(tmp_path, NOW.astimezone(seoul), next_run=(NOW + timedelta(hours=1)).astimezone(seoul).isoformat())
    pulse = read_pulse(tmp_path, NOW)
    assert pulse.beat is not None
    assert (pulse.life, pulse.beat.next_run) == (Life.WELL, NOW + timedelta(hours=1))


def test_a_single_refresh_is_neither_well_nor_overdue_by_its_age_alone(tmp_path: Path) -> None:
    beat(tmp_path, NOW - timedelta(hours=3), single=True)
    pulse = read_pulse(tmp_path, NOW)
    assert (pulse.life, pulse.is_well, pulse.describe(NOW)) == (
        Life.SINGLE,
        False,
        "refreshed by single runs, last 3 h ago",
    )
    assert "The refresher is overdue: it was last seen on 21 Nov 2026 09:00:00 UTC" in pulse.overdue().describe(NOW)
    beat(tmp_path, NOW + timedelta(minutes=1), single=True)
    assert read_pulse(tmp_path, NOW).life is Life.AHEAD
