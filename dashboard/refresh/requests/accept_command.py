"""One acceptance from the command line: under the refresher's lock, or by the refresher that holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from dashboard.archive import Archive
from dashboard.domain import WatchfloorError
from dashboard.domain.text import wording as words
from dashboard.refresh.lock import Hold
from dashboard.refresh.refresher import Refresher
from dashboard.refresh.repair import sweep_state
from dashboard.refresh.requests.accept import (
    MOST_NAMED,
    Acceptance,
    acceptances_of,
    checksums_of,
    missing_rows,
    rejections_in_force,
)
from dashboard.refresh.requests.handover import do_or_hand_over
from dashboard.refresh.requests.mailbox import Answer
from dashboard.workspace import Workspace, expect_sources

NAME = "watchfloor accept"


def run_acceptance(
    workspace: Workspace,
    acceptance: Acceptance,
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
    wait: float,
) -> Answer:
    """Let in what is held back of a source, or account for its missing rows as wrong.

    wait: seconds for another refresher to end or to answer. Raises BusyError where it does not, CatalogError and
    UnknownSourceError.
    """
    expect_sources(workspace.catalog, [acceptance.source])

    def accept_here(hold: Hold) -> Answer:
        return _accept_here(workspace.reread(), acceptance, environment, clock, hold)

    def request() -> Acceptance:
        source = workspace.reread().catalog.sources[acceptance.source]
        rejections = rejections_in_force(acceptance.source, source, Archive(workspace.state), acceptance.file)
        return replace(acceptance, held_back_checksums=checksums_of(rejections))

    mailbox = acceptances_of(workspace.state)
    return do_or_hand_over(workspace.state, NAME, accept_here, mailbox, request, clock, wait)


def _accept_here(
    workspace: Workspace,
    acceptance: Acceptance,
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
    hold: Hold,
) -> Answer:
    """Look at the source, since the pages may hold back a file that was not received yet; then accept and publish.

    An address is not fetched. Rows that only this look found to be missing were shown to nobody: then nothing is
    accepted, and the answer names them.
    """
    sweep_state(hold.state)
    workspace.remember_definitions()
    expect_sources(workspace.catalog, [acceptance.source])
    name, source, archive = acceptance.source, workspace.catalog.sources[acceptance.source], Archive(hold.state)
    refresher = Refresher(workspace, environment, clock, check=hold.check)
    today = clock().date()
    rejections = rejections_in_force(name, source, archive, acceptance.file)
    known_missing = missing_rows(name, source, archive, refresher.store, today)
    if not source.origin.is_remote:
        for look in refresher.look([name]):
            if look.trouble:
                raise WatchfloorError(f"{name}: {look.trouble}")
    missing = missing_rows(name, source, archive, refresher.store, today)
    newly_missing = [row for row in missing if row not in known_missing]
    if newly_missing and not rejections_in_force(name, source, archive, acceptance.file):
        message = f"{name}: {words.counted(len(newly_missing), 'row')} went missing only now, and nothing was accepted"
        lines = (f"{message}; look at it and run the command again", *newly_missing[:MOST_NAMED])
        answer = Answer(lines, is_done=False)
    else:
        answer = refresher.accept(replace(acceptance, held_back_checksums=checksums_of(rejections)))
    refresher.publish()
    return answer
