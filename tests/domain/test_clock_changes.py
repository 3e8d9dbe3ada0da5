"""Schedules where clocks are put forward and back: in every zone of the tz database, over whole years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.schedule import Cron, next_run
from tests.examples import examples

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
YEARS = (2011, 2026)  # in 2011 Samoa had no 30 December


def first_of(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


@cache
def moves(zone: str, year: int) -> tuple[tuple[datetime, timedelta], ...]:
    """When in a year the clock of a zone is put forward, or back, below zero: the half hour before, and how far."""
    own = ZoneInfo(zone)
    results = []
    for number in range(366):
        day = first_of(year) + number * DAY
        if offset(day, own) == offset(day + DAY, own):
            continue
        halves = [day + half * 30 * MINUTE for half in range(49)]
        results += [
            (early, offset(late, own) - offset(early, own))
            for early, late in pairwise(halves)
            if offset(late, own) != offset(early, own)
        ]
    return tuple(results)


def offset(at: datetime, zone: ZoneInfo) -> timedelta:
    result = at.astimezone(zone).utcoffset()
    assert result is not None
    return result


@cache
def zones(year: int) -> tuple[str, ...]:
    """One zone of all those whose clocks go alike in a year, among those that move them."""
    equal_entries = {}
    for zone in sorted(available_timezones()):
        at = first_of(year).astimezone(ZoneInfo(zone)).utcoffset()
        if result := moves(zone, year):
            equal_entries[at, result] = zone
    return tuple(equal_entries.values())


def instants(cron: str, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    result, at = [], begin
    while (at := Cron(cron).after(at, zone)) <= end:
        result.append(at)
    return result


DAILY = ("30 2 * * *", "0 0 * * *", "59 23 * * *")


@pytest.mark.parametrize("year", YEARS)
def test_what_runs_once_a_day_runs_once_a_day_in_every_zone(year: int) -> None:
    assert len(zones(year)) > 10
    for zone in zones(year):
        for moved, by in moves(zone, year):
            for cron in DAILY:
                around = instants(cron, zone, moved - 2 * DAY, moved + 3 * DAY)
                gaps = {later - earlier for earlier, later in pairwise(around)}
                # a day that the calendar skips has none of its own
                assert gaps <= {DAY, DAY - by, DAY + by, *([2 * DAY - by] if by == DAY else [])}, (zone, cron, around)
                assert len(around) >= 4, (zone, cron, around)


@st.composite
def clocks(draw: st.DrawFn) -> tuple[str, str, datetime]:
    """A schedule, a zone, and an instant, mostly near one at which its clock is moved."""
    year = draw(st.sampled_from(YEARS))
    zone = draw(st.sampled_from(zones(year)))
    moved, _ = draw(st.sampled_from(moves(zone, year)))
    minute = draw(st.sampled_from(["*", "*/5", "*/15", "0", "30", "45", "0,30", "7"]))
    hour = draw(st.sampled_from(["*", "*/2", "0", "1", "2", "3", "1-3", "23"]))
    day = draw(st.sampled_from(["* * *", "* * 0", "* * 1-5", "28-31 * *", "1 * *"]))
    around = draw(st.integers(-3000, 3000) | st.integers(-100, 200))
    return f"{minute} {hour} {day}", zone, moved + around * MINUTE + draw(st.sampled_from([0, 1, 59])) * MINUTE / 60


@settings(max_examples=examples(40, 600), deadline=None)
@given(asked=clocks())
def test_the_next_instant_is_later_and_is_the_first_that_the_wall_shows(asked: tuple[str, str, datetime]) -> None:
    cron, zone, at = asked
    following = Cron(cron).after(at, zone)
    assert following > at
    own, shown = ZoneInfo(zone), at.replace(second=0) + MINUTE
    until = min(following, at + DAY)
    repeats = cron[0] == "*" or cron.split()[1][0] == "*"
    while shown < until:  # no minute that the schedule names is left out but one that was shown before
        wall = shown.astimezone(own)
        assert not names(cron, wall) or (wall.fold and not repeats), (cron, zone, at, following, wall)
        shown += MINUTE
    wall = following.astimezone(own)
    is_shown = names(cron, wall) and (repeats or not wall.fold)
    # else it was skipped: as long before the clock was moved it would have shown that
    assert is_shown or any(
        moved - 30 * MINUTE <= following <= moved + 60 * MINUTE + by and names(cron, wall - by)
        for year in YEARS
        for moved, by in moves(zone, year)
        if by > timedelta(0)
    ), (cron, zone, at, following)


@settings(max_examples=examples(15, 200), deadline=None)
@given(asked=clocks())
def test_the_next_instant_never_comes_earlier_for_a_later_one(asked: tuple[str, str, datetime]) -> None:
    cron, zone, at = asked
    following = Cron(cron).after(at, zone)
    assert Cron(cron).after(at + (following - at) / 2, zone) == following
    assert Cron(cron).after(following - timedelta(seconds=1), zone) == following


def names(cron: str, wall: datetime) -> bool:
    """Whether a schedule, read by itself, names a minute of the wall's clock."""
    minute, hour, day, _, weekday = cron.split()
    lines = ((minute, wall.minute), (hour, wall.hour), (day, wall.day), (weekday, wall.isoweekday() % 7))
    return all(any(holds(part, value) for part in field.split(",")) for field, value in lines)


def holds(part: str, value: int) -> bool:
    if part.startswith("*"):
        return value % int(part[2:] or 1) == 0
    first, _, last = part.partition("-")
    return int(first) <= value <= int(last or first)


@pytest.mark.parametrize(
    ("cron", "begin", "fetched"),
    [
        ("*/15 * * * *", "2026-10-25T01:00:01", 4),  # in the hour that comes twice
        ("30 2 * * *", "2026-10-25T01:00:01", 0),  # it ran at 00:30 UTC
        ("30 2 * * *", "2026-10-25T00:00:01", 1),
        ("0 * * * *", "2026-10-25T00:00:01", 1),
    ],
)
def test_a_look_every_five_seconds_fetches_as_often_as_the_schedule_says(cron: str, begin: str, fetched: int) -> None:
    last = now = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    end, count = now + timedelta(hours=1), 0
    while now < end:
        now += timedelta(seconds=5)
        if next_run(Cron.parse(cron), "Europe/Berlin", last, now) <= now:
            last, count = now, count + 1
    assert count == fetched


def test_a_skipped_time_counts_as_long_after_the_move() -> None:
    begin, end = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (28, 30))
    assert instants("30 2 * * *", "Europe/Berlin", begin, end) == [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),  # which is 03:30
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
    ]
