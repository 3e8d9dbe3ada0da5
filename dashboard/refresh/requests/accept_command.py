"""One acceptance from the command line: under the refresher's lock, or by the refresher that holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from dashboard.archive import Archive
from dashboard.domain import WatchfloorError
from dashboard.domain.text import wording as words
from dashboard.fetch import Deadline
from dashboard.refresh.lock import WATCHING, BusyError, Hold, sole_refresher
from dashboard.refresh.refresher import Refresher
from dashboard.refresh.repair import sweep_state
from dashboard.refresh.requests import acceptance_requests as acceptances
from dashboard.refresh.requests.accept import (
    MOST_NAMED,
    Acceptance,
    AcceptanceResult,
    checksums_of,
    missing_rows,
    rejections_in_force,
)
from dashboard.workspace import Workspace, expect_sources

NAME = "watchfloor accept"
_LONGEST_DOING = 60.0  # seconds that a refresher may take for what it has begun
_PAUSE = 0.1  # seconds between two looks for an answer, or for the lock


def run_acceptance(
    workspace: Workspace,
    asked: Acceptance,
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
    wait: float,
) -> AcceptanceResult:
    """Accept what is held back of a source, or that rows of it were wrong; `wait`: seconds for another refresher to
    end, or to answer. Raises BusyError where it does not, CatalogError, UnknownSourceError."""
    deadline = Deadline(wait)
    expect_sources(workspace.catalog, [asked.source])
    while True:
        try:
            with sole_refresher(workspace.state, NAME, clock()) as hold:
                return _alone(workspace.reread(), asked, environment, clock, hold)
        except BusyError as error:
            if error.holder and error.holder.name == WATCHING:
                found = _by_asking(workspace.reread(), asked, deadline)
                if found is not None:
                    return found
            if deadline.has_passed:
                raise
        deadline.wait(_PAUSE)


def _alone(
    workspace: Workspace, asked: Acceptance, environment: Mapping[str, str], clock: Callable[[], datetime], hold: Hold
) -> AcceptanceResult:
    """Look at what is on this machine, for what the pages hold back may not have been received yet; then accept, and
    publish the board. What this look itself brings nobody has seen: then nothing is accepted, and it is told."""
    sweep_state(hold.state)
    catalog = workspace.catalog
    workspace.remember_definitions()
    expect_sources(catalog, [asked.source])
    source, archive = catalog.sources[asked.source], Archive(hold.state)
    refresher = Refresher(workspace, environment, clock, check=hold.check)
    today = clock().date()
    before = rejections_in_force(asked.source, source, archive, asked.file)
    lost = missing_rows(asked.source, source, archive, refresher.store, today)
    if not source.origin.is_remote:
        for looked in refresher.look([asked.source]):
            if looked.trouble:
                raise WatchfloorError(f"{asked.source}: {looked.trouble}")
    new = [one for one in missing_rows(asked.source, source, archive, refresher.store, today) if one not in lost]
    if new and not rejections_in_force(asked.source, source, archive, asked.file):
        said = f"{asked.source}: {words.counted(len(new), 'row')} went missing only now, and nothing was accepted"
        accepted = AcceptanceResult((f"{said}; look at it and run the command again", *new[:MOST_NAMED]), is_done=False)
    else:
        accepted = refresher.accept(replace(asked, seen=checksums_of(before)))
    refresher.publish(today)
    return accepted


def _by_asking(workspace: Workspace, asked: Acceptance, deadline: Deadline) -> AcceptanceResult | None:
    """What the refresher that goes on made of it; None where it has not taken it in time, and now never will."""
    source, state = workspace.catalog.sources[asked.source], workspace.state
    seen = checksums_of(rejections_in_force(asked.source, source, Archive(state), asked.file))
    name = acceptances.ask(state, replace(asked, seen=seen))
    try:
        found = _answer(state, name, deadline)
    finally:
        was_taken = not acceptances.withdraw(state, name)
    if found is None and was_taken:
        found = _answer(state, name, Deadline(_LONGEST_DOING))
        if found is None:
            raise WatchfloorError(
                f"{asked.source}: the refresher has taken it on and has not answered yet; the page Sources tells what "
                "was accepted"
            )
    return found


def _answer(state: Path, name: str, deadline: Deadline) -> AcceptanceResult | None:
    while (found := acceptances.answer_to(state, name)) is None and not deadline.has_passed:
        deadline.wait(_PAUSE)
    return found
