"""The health of each source at an instant: of its figures, and of its receipts, which are two things.

An upstream that is down makes no figure wrong, and a delivery that arrives every hour may hold nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from dashboard.archive import Run, SourceLog
from dashboard.catalog import Catalog
from dashboard.domain import DataState, Problem, RowCounts, Series
from dashboard.domain.dates import day_of
from dashboard.rows import SourceRows
from dashboard.series import (
    gather_inputs,
    known_problems,
    read_source_lines,
    row_counts,
    state_of_several,
    state_of_source,
)


@dataclass(frozen=True)
class Figures:
    """The figures of one source at an instant.

    state: the worst that any indicator finds; newest: the end of its newest period with a figure; rows: how many
    are known; quarantined: how many cannot be used; problems: all problems of its rows; used_by: the indicators that
    read it.
    """

    state: DataState
    newest: date | None
    rows: int
    quarantined: int
    problems: tuple[Problem, ...]
    used_by: tuple[str, ...]


@dataclass(frozen=True)
class Receipts:
    """How the deliveries of one source come in.

    last: its newest run; received: the newest that brought what is in force; failing: newest runs at its place that
    brought nothing to use, one for each file of a folder; accepted: the newest in which a person let something in, or
    said that rows were wrong; damage: why its journal cannot be read; since: by file, when bytes that are rejected came
    first.
    """

    last: Run | None = None
    received: tuple[Run, ...] = ()
    failing: tuple[Run, ...] = ()
    accepted: Run | None = None
    damage: str = ""
    since: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, log: SourceLog) -> Receipts:
        """The receipts in a source's log, newest first. What failed at another location is over."""
        received, failing = tuple(reversed(log.in_force.values())), tuple(log.failing.values())
        return cls(log.last, received, failing, log.accepted, since=log.rejected_since)

    @property
    def newest_received(self) -> Run | None:
        """The delivery that came last."""
        return max(self.received, key=lambda run: run.at, default=None)


@dataclass(frozen=True)
class Health:
    """One source at an instant; next_run: None where it is looked at all the time."""

    id: str
    title: str
    figures: Figures
    receipts: Receipts
    next_run: datetime | None = None

    @property
    def is_problem(self) -> bool:
        """Whether somebody has to look: its figures cannot be trusted, or its deliveries do not come in."""
        is_sound = self.figures.state.is_trusted or self.figures.state is DataState.ENDED
        return not is_sound or bool(self.receipts.failing or self.receipts.damage)

    @property
    def urgency(self) -> tuple[bool, bool, int, bool, str]:
        """Sorts problems first, then the least trusted; a source declared closed asks for nothing, and comes last."""
        is_received = not (self.receipts.failing or self.receipts.damage)
        state = self.figures.state
        return not self.is_problem, state is DataState.ENDED, -state.trust_rank, is_received, self.title


@dataclass(frozen=True)
class Finding:
    """A source as one indicator finds it, or as it stands where none reads it; newest: as in `Figures`."""

    state: DataState
    newest: date | None
    problems: tuple[Problem, ...]


def figures_of_sources(catalog: Catalog, intake: SourceRows, as_of: date) -> dict[str, Figures]:
    """The state of every source's figures, as the board judges them."""
    readers = {id_: findings_of_indicator(id_, catalog, intake, as_of) for id_ in catalog.indicators}
    unread = {name: unread_finding(name, catalog, intake, as_of) for name in unread_sources(catalog)}
    counts = {name: row_counts(name, intake.problems, intake.table, as_of) for name in catalog.sources}
    return combine_findings(counts, unread, readers)


def findings_of_indicator(id_: str, catalog: Catalog, intake: SourceRows, as_of: date) -> dict[str, Finding]:
    """The sources of an indicator as it finds them."""
    inputs = gather_inputs(catalog.indicators[id_], catalog, intake.problems, intake.table, as_of, {})
    return {
        name: _finding(inputs.data_states[name], lines, inputs.source_problems[name])
        for name, lines in inputs.lines.items()
    }


def unread_sources(catalog: Catalog) -> list[str]:
    """The sources that no indicator reads."""
    read = {name for each in catalog.indicators.values() for name in (*each.sources, *each.baselines)}
    return [name for name in catalog.sources if name not in read]


def unread_finding(name: str, catalog: Catalog, intake: SourceRows, as_of: date) -> Finding:
    """A source that no indicator reads; its rows may have any unit."""
    source, known = catalog.sources[name], intake.table.known(name, as_of)
    lines, line_problems = read_source_lines(name, source, intake.table, known, None)
    problems = {*known_problems(intake.problems.get(name, ()), as_of), *line_problems}
    return _finding(state_of_source(source, lines, has_problems=bool(problems), as_of=as_of), lines, problems)


def combine_findings(
    counts: Mapping[str, RowCounts],
    unread: Mapping[str, Finding],
    readers: Mapping[str, Mapping[str, Finding]],
) -> dict[str, Figures]:
    """The figures of every source in `counts`, from its finding by each indicator that reads it."""
    findings = {name: [unread[name]] if name in unread else [] for name in counts}
    used_by: dict[str, list[str]] = {name: [] for name in counts}
    for id_, own in readers.items():
        for name, finding in own.items():
            findings[name].append(finding)
            used_by[name].append(id_)
    return {name: _figures(findings[name], used_by[name], counts[name]) for name in counts}


def _finding(state: DataState, lines: Sequence[Series], problems: Iterable[Problem]) -> Finding:
    ends = [day_of(line.end[line.newest]) for line in lines if line.newest is not None]
    return Finding(state, max(ends, default=None), tuple(sorted(set(problems))))


def _figures(findings: Sequence[Finding], used_by: Sequence[str], counts: RowCounts) -> Figures:
    return Figures(
        state=state_of_several([one.state for one in findings], all_needed=True),
        newest=max((one.newest for one in findings if one.newest), default=None),
        rows=counts.rows,
        quarantined=counts.quarantined,
        problems=tuple(sorted({problem for one in findings for problem in one.problems})),
        used_by=tuple(used_by),
    )


def in_order(healths: Mapping[str, Health]) -> list[Health]:
    """Problems first, the worst of them first of all."""
    return sorted(healths.values(), key=lambda health: health.urgency)
