"""Cron expressions: the next time, time zones, what was missed, clocks that were moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from dashboard.catalog.source import Source
from dashboard.domain.schedule import Cron, is_due, is_overdue, next_due, next_run


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "following"),
    [
        ("15 6 * * *", "UTC", "2024-03-07T06:14:59", "2024-03-07T06:15:00"),
        ("15 6 * * *", "UTC", "2024-03-07T06:15:00", "2024-03-08T06:15:00"),
        ("15 6 * * *", "Asia/Seoul", "2024-03-07T00:00:00", "2024-03-07T21:15:00"),
        ("0 0 29 2 *", "UTC", "2024-03-01T00:00:00", "2028-02-29T00:00:00"),
        ("0 6 * * 0", "UTC", "2024-03-07T00:00:00", "2024-03-10T06:00:00"),  # a Sunday
        ("0 6 * * 7", "UTC", "2024-03-07T00:00:00", "2024-03-10T06:00:00"),
        ("0 6 * * 1-5", "UTC", "2024-03-08T07:00:00", "2024-03-11T06:00:00"),  # Friday to Monday
        ("*/20 * * * *", "UTC", "2024-03-07T00:01:00", "2024-03-07T00:20:00"),
        ("30 2 * * *", "Europe/Berlin", "2024-03-30T02:00:00", "2024-03-31T01:30:00"),  # no 02:30 then, so 03:30
    ],
)
def test_the_next_time_of_a_cron_expression(cron: str, zone: str, after: str, following: str) -> None:
    assert Cron.parse(cron).after(at(after), zone) == at(following)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("15 6 * *", "has 4 fields"),
        ("61 6 * * *", "is not a cron expression"),
        ("a b * d *", "is not a cron expression"),
        ("0 0 31 2 *", "it never comes"),
        ("0 0 * * 8", "8 is not a day of the week"),
        ("0 0 1 * 1", "leave one of them *"),
        ("@daily", "has 1 fields"),
    ],
)
def test_what_is_no_cron_expression_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("*", r"\*")):
        Cron.parse(text)


@pytest.mark.parametrize(
    ("last", "now", "following"),
    [
        (None, "2024-03-07T12:00:00", "2024-03-07T12:00:00"),  # never ran
        ("2024-03-07T06:15:00", "2024-03-07T12:00:00", "2024-03-08T06:15:00"),
        ("2024-03-05T06:15:00", "2024-03-07T12:00:00", "2024-03-07T12:00:00"),  # missed
        ("2024-03-09T06:15:00", "2024-03-07T12:00:00", "2024-03-07T12:00:00"),  # the clock was moved back
    ],
)
def test_a_missed_run_is_due_at_once(last: str | None, now: str, following: str) -> None:
    assert next_run(Cron.parse("15 6 * * *"), "UTC", at(last) if last else None, at(now)) == at(following)


@dataclass(frozen=True)
class Last:
    """What became of a source the last time."""

    at: datetime
    outcome: str = "received"
    headers: Mapping[str, str] = field(default_factory=dict)
    file: str = "https://example.org/x.csv"


WEB = Source(title="", url="https://example.org/x.csv")
DAILY = Source(title="", url="https://example.org/x.csv", refresh="15 6 * * *")


@pytest.mark.parametrize(
    ("source", "last", "now", "following"),
    [
        (WEB, None, "2024-03-07T12:00:10", "2024-03-07T12:00:10"),
        (WEB, Last(at("2024-03-07T12:00:00")), "2024-03-07T12:00:10", "2024-03-07T13:00:00"),
        (WEB, Last(at("2024-03-07T12:59:59")), "2024-03-07T13:00:00", "2024-03-07T13:00:00"),
        (WEB, Last(at("2024-03-07T03:00:00")), "2024-03-07T12:00:10", "2024-03-07T12:00:10"),  # missed
        (WEB, Last(at("2030-01-01T00:00:00")), "2024-03-07T12:00:10", "2024-03-07T12:00:10"),  # the clock moved back
        (DAILY, Last(at("2024-03-07T06:15:00")), "2024-03-07T12:00:00", "2024-03-08T06:15:00"),
        (DAILY, Last(at("2024-03-07T06:15:00"), "rejected"), "2024-03-07T12:00:00", "2024-03-08T06:15:00"),
        (DAILY, Last(at("2024-03-07T06:15:00"), "failed"), "2024-03-07T06:16:00", "2024-03-07T06:30:00"),
        (DAILY, Last(at("2024-03-07T06:14:00"), "failed"), "2024-03-07T06:14:30", "2024-03-07T06:15:00"),
        (DAILY, Last(at("2024-03-07T06:15:00"), "failed", {"Retry-After": "7200"}), "2024-03-07T06:40:00",
         "2024-03-07T08:15:00"),
        (DAILY, Last(at("2024-03-07T06:15:00"), "failed", {"Retry-After": "9e9"}), "2024-03-07T06:40:00",
         "2024-03-08T06:15:00"),
        # the address was edited since
        (DAILY, Last(at("2024-03-07T06:15:00"), file="https://example.org/y.csv"), "2024-03-07T12:00:00",
         "2024-03-07T12:00:00"),
        (DAILY, Last(at("2024-03-07T06:15:00"), "failed", {"Retry-After": "7200"}, "x.csv"), "2024-03-07T06:16:00",
         "2024-03-07T06:16:00"),
        (Source(title="", file="x.csv"), Last(at("2024-03-07T11:59:59")), "2024-03-07T12:00:00", "2024-03-07T12:00:00"),
        (Source(title="", file="x.csv", refresh="15 6 * * *"), Last(at("2024-03-07T06:15:00")), "2024-03-07T12:00:00",
         "2024-03-08T06:15:00"),
    ],
)  # fmt: skip
def test_when_a_source_is_due(source: Source, last: Last | None, now: str, following: str) -> None:
    assert next_due(source, last, at(now)) == at(following)
    assert is_due(source, last, at(now)) == (following == now)


ALWAYS = Source(title="", folder="drop")


@pytest.mark.parametrize(
    ("source", "last", "looked_at", "now", "overdue"),
    [
        (DAILY, Last(at("2024-03-07T06:16:00")), "2024-03-07T06:16:00", "2024-03-08T06:29:00", False),
        (DAILY, Last(at("2024-03-07T06:16:00")), "2024-03-07T06:16:00", "2024-03-08T06:30:00", True),
        # another single refresh has looked, and not at this one
        (DAILY, Last(at("2024-03-07T06:16:00")), "2024-03-08T12:00:00", "2024-03-08T12:00:00", True),
        (DAILY, Last(at("2024-03-07T06:16:00"), "failed"), "2024-03-07T06:16:00", "2024-03-07T06:45:00", False),
        (DAILY, Last(at("2024-03-07T06:16:00"), "failed"), "2024-03-07T06:16:00", "2024-03-07T06:46:00", True),
        (DAILY, None, "2024-03-07T06:16:00", "2024-03-07T06:17:00", True),
        (DAILY, Last(at("2030-03-07T06:16:00")), "2024-03-07T06:16:00", "2024-03-07T06:17:00", True),
        (WEB, Last(at("2024-03-07T12:00:00")), "2024-03-07T12:00:00", "2024-03-07T13:14:59", False),
        (WEB, Last(at("2024-03-07T12:00:00")), "2024-03-07T12:00:00", "2024-03-07T13:15:00", True),
        # what has no schedule is looked at by every one, and what it finds unchanged stands in no journal
        (ALWAYS, None, "2024-03-07T12:00:00", "2024-03-07T13:15:00", False),
        (ALWAYS, Last(at("2024-03-07T12:00:00")), "2024-03-07T12:00:00", "2024-03-07T13:15:01", True),
    ],
)
def test_when_single_refreshes_are_overdue(
    source: Source, last: Last | None, looked_at: str, now: str, overdue: bool
) -> None:
    assert is_overdue(source, last, at(looked_at), at(now)) is overdue
