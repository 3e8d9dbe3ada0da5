"""One `archive` command from the command line: under the refresher's lock, or by the refresher that holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.archive import Archive
from dashboard.domain import WatchfloorError, system_message
from dashboard.refresh.lock import Hold, LostLockError
from dashboard.refresh.repair import sweep_state
from dashboard.refresh.requests.archive_changes import ArchiveChange, carry_out, expect_possible
from dashboard.refresh.requests.handover import do_or_hand_over
from dashboard.refresh.requests.mailbox import Answer, Mailbox
from dashboard.workspace import Workspace

NAME = "watchfloor archive"


def archive_changes_of(state: Path) -> Mailbox[ArchiveChange]:
    def parse(fields: Mapping[str, Any]) -> ArchiveChange:
        return ArchiveChange(**fields)

    return Mailbox(state, "archive", parse)


def run_archive_change(workspace: Workspace, change: ArchiveChange, clock: Callable[[], datetime], wait: float) -> str:
    """Change the archive; says what was done.

    wait: seconds for another refresher to end or to answer. Raises BusyError where it does not, and WatchfloorError
    where the change is impossible.
    """
    expect_possible(change, workspace.catalog, Archive(workspace.state))

    def change_here(hold: Hold) -> Answer:
        sweep_state(workspace.state)
        return answer_archive_change(workspace.reread(), change, clock(), hold)

    mailbox = archive_changes_of(workspace.state)
    command = f"{NAME} {change.action}"
    answer = do_or_hand_over(workspace.state, command, change_here, mailbox, lambda: change, clock, wait)
    if not answer.is_done:
        raise WatchfloorError("\n".join(answer.lines))
    return "\n".join(answer.lines)


def answer_archive_change(workspace: Workspace, change: ArchiveChange, now: datetime, hold: Hold) -> Answer:
    """Do what was asked for, and say so, or why it cannot be done; LostLockError where the lock is lost."""
    try:
        line = carry_out(change, workspace.state, workspace.catalog, now, hold.check)
    except LostLockError:
        raise
    except (OSError, WatchfloorError) as error:
        return Answer((system_message(error) if isinstance(error, OSError) else str(error),), is_done=False)
    return Answer((line,), is_done=True)
