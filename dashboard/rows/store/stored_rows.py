"""The rows of one source with what is recorded about them, and the JSON record of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from dashboard.domain import Problem
from dashboard.domain.dates import Duration
from dashboard.domain.text import mask_addresses
from dashboard.late_imports import pd
from dashboard.rows.row_spans import Span, rows_of

_DAYS = ("known_at", "held_from", "held_until", "usable_from")  # fields of a problem


@dataclass(frozen=True, eq=False)
class StoredRows:
    """The rows of one source after the deliveries received so far.

    batch_rows: its rows as `versions.merge_delivery` returns them, with those of other sources where `span` is their
    slice; `rows` are its own. run_count: the number of journal runs that changed them; newest_run: the name of the last
    of these; fingerprint: how deliveries were read. problems_by_file: the problems of each file's newest delivery;
    past_problems: those that ended earlier, for past boards; unreadable: why deliveries could not be read at all.
    location: where the newest delivery came from; superseded_files: files of an earlier place whose rows are still in
    force until a clean delivery from `location` replaces them. holds: how long a rolling file keeps its rows, None
    where it keeps all. assumed_delay: how long after its period a row of the first delivery is assumed to be published,
    None for no assumption and after that delivery. read_again_on: the newest day on which deliveries were read again
    because rows of theirs had lain in the future, None for no such day.
    """

    batch_rows: pd.DataFrame
    run_count: int
    fingerprint: str
    newest_run: str = ""
    problems_by_file: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    past_problems: tuple[Problem, ...] = ()
    unreadable: tuple[Problem, ...] = ()
    location: str = ""
    superseded_files: tuple[str, ...] = ()
    holds: Duration | None = None
    assumed_delay: Duration | None = None
    read_again_on: date | None = None
    span: tuple[int, int] | None = None

    @cached_property
    def rows(self) -> pd.DataFrame:
        return rows_of(self.place)

    @property
    def place(self) -> Span:
        """Where the rows stand."""
        return self.batch_rows, *(self.span or (0, len(self.batch_rows)))

    @property
    def row_count(self) -> int:
        _, begin, end = self.place
        return end - begin

    def with_rows(self, rows: pd.DataFrame, span: tuple[int, int] | None = None) -> StoredRows:
        """The same with other rows."""
        return replace(self, batch_rows=rows, span=span)

    @property
    def current_problems(self) -> tuple[Problem, ...]:
        """The problems of the deliveries in force."""
        return tuple(problem for problems in self.problems_by_file.values() for problem in problems)

    @property
    def next_usable_on(self) -> date | None:
        """The earliest day on which a row that was refused only for lying in the future becomes usable."""
        return min((one.usable_from for one in self.current_problems if one.usable_from), default=None)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The current problems, and those that ended earlier."""
        return (*self.current_problems, *self.past_problems)


class StoredSummary(NamedTuple):
    """What is recorded about the rows of a source; the fields are those of `StoredRows`."""

    fingerprint: str
    run_count: int
    newest_run: str
    next_usable_on: date | None
    read_again_on: date | None


def as_record(stored: StoredRows) -> dict[str, Any]:
    """Plain values for all but the rows."""
    return {
        "through": stored.run_count,
        "made_of": stored.fingerprint,
        "newest": stored.newest_run,
        "ripens": _text(stored.next_usable_on),
        "read_again_on": _text(stored.read_again_on),
        "wrong": {file: list(map(_plain_problem, problems)) for file, problems in stored.problems_by_file.items()},
        "mended": list(map(_plain_problem, stored.past_problems)),
        "unread": list(map(_plain_problem, stored.unreadable)),
        "place": stored.location,
        "leaving": list(stored.superseded_files),
        "holds": asdict(stored.holds) if stored.holds else None,
    }


def from_record(record: Mapping[str, Any], rows: pd.DataFrame, span: tuple[int, int]) -> StoredRows:
    """The rows of a span with their record. Raises KeyError, TypeError or ValueError where it is none."""
    return StoredRows(
        rows,
        run_count=record["through"],
        fingerprint=record["made_of"],
        newest_run=mask_addresses(record["newest"]),
        problems_by_file={file: tuple(map(_problem, problems)) for file, problems in record["wrong"].items()},
        past_problems=tuple(map(_problem, record["mended"])),
        unreadable=tuple(map(_problem, record["unread"])),
        location=mask_addresses(record["place"]),
        superseded_files=tuple(record["leaving"]),
        holds=Duration(**record["holds"]) if record["holds"] else None,
        read_again_on=_day(record["read_again_on"]),
        span=span,
    )


def summary_of(record: Mapping[str, Any]) -> StoredSummary:
    return StoredSummary(
        record["made_of"],
        record["through"],
        mask_addresses(record["newest"]),
        _day(record["ripens"]),
        _day(record["read_again_on"]),
    )


def _plain_problem(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), **{name: _text(getattr(problem, name)) for name in _DAYS}}


def _problem(plain: dict[str, Any]) -> Problem:
    return Problem(**plain | {name: _day(plain[name]) for name in _DAYS})


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
