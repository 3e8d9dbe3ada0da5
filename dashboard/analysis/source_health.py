"""The health of each source at an instant: of its figures, and of its receipts, which are two things.

An upstream that is down makes no figure wrong, and a delivery that arrives every hour may hold nothing new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from dashboard.archive import Run, SourceLog
from dashboard.catalog import Catalog
from dashboard.domain import DataState, Problem, Series
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


@dataclass
class _Findings:
    """One source as the indicators that read it find it."""

    states: list[DataState] = field(default_factory=list)
    lines: list[Series] = field(default_factory=list)
    problems: set[Problem] = field(default_factory=set)
    used_by: list[str] = field(default_factory=list)


def figures_of_sources(catalog: Catalog, intake: SourceRows, as_of: date) -> dict[str, Figures]:
    """The state of every source's figures, as the board judges them."""
    findings = {name: _Findings() for name in catalog.sources}
    for id_, indicator in catalog.indicators.items():
        inputs = gather_inputs(indicator, catalog, intake.problems, intake.table, as_of, {})
        for name, lines in inputs.lines.items():
            findings[name].states.append(inputs.data_states[name])
            findings[name].lines += lines
            findings[name].problems |= set(inputs.source_problems[name])
            findings[name].used_by.append(id_)
    for name, source_findings in findings.items():
        if not source_findings.states:
            _assess_unread(source_findings, name, catalog, intake, as_of)
    return {name: _figures(findings[name], name, intake, as_of) for name in catalog.sources}


def _assess_unread(findings: _Findings, name: str, catalog: Catalog, intake: SourceRows, as_of: date) -> None:
    """Fills the findings of a source that no indicator reads; its rows may have any unit."""
    source, known = catalog.sources[name], intake.table.known(name, as_of)
    findings.lines, line_problems = read_source_lines(name, source, intake.table, known, None)
    findings.problems = {*known_problems(intake.problems.get(name, ()), as_of), *line_problems}
    findings.states = [state_of_source(source, findings.lines, has_problems=bool(findings.problems), as_of=as_of)]


def _figures(findings: _Findings, name: str, intake: SourceRows, as_of: date) -> Figures:
    ends = [day_of(line.end[line.newest]) for line in findings.lines if line.newest is not None]
    counts = row_counts(name, intake.problems, intake.table, as_of)
    return Figures(
        state=state_of_several(findings.states, all_needed=True),
        newest=max(ends, default=None),
        rows=counts.rows,
        quarantined=counts.quarantined,
        problems=tuple(sorted(findings.problems)),
        used_by=tuple(findings.used_by),
    )


def in_order(healths: Mapping[str, Health]) -> list[Health]:
    """Problems first, the worst of them first of all."""
    return sorted(healths.values(), key=lambda health: health.urgency)
