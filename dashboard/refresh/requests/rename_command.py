"""One `archive rename` from the command line: under the refresher's lock, or by the refresher that holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.archive import Archive
from dashboard.domain import WatchfloorError, system_message
from dashboard.refresh.lock import Hold, LostLockError
from dashboard.refresh.repair import sweep_state
from dashboard.refresh.requests.handover import do_or_hand_over
from dashboard.refresh.requests.mailbox import Answer, Mailbox
from dashboard.refresh.requests.rename import expect_renamed, rename
from dashboard.workspace import Workspace

NAME = "watchfloor archive rename"


@dataclass(frozen=True)
class Rename:
    """A request to give the source `new` what was received as `old`."""

    old: str
    new: str


def renames_of(state: Path) -> Mailbox[Rename]:
    def parse(fields: Mapping[str, Any]) -> Rename:
        return Rename(str(fields["old"]), str(fields["new"]))

    return Mailbox(state, "renames", parse)


def run_rename(workspace: Workspace, old: str, new: str, clock: Callable[[], datetime], wait: float) -> str:
    """Give the source `new` what was received as `old`; says what was done.

    wait: seconds for another refresher to end or to answer. Raises BusyError where it does not, and WatchfloorError
    where the archive cannot be renamed so.
    """
    expect_renamed(workspace.catalog, Archive(workspace.state), old, new)

    def rename_here(hold: Hold) -> Answer:
        sweep_state(workspace.state)
        return answer_rename(workspace.reread(), Rename(old, new), hold)

    mailbox = renames_of(workspace.state)
    answer = do_or_hand_over(workspace.state, NAME, rename_here, mailbox, lambda: Rename(old, new), clock, wait)
    if not answer.is_done:
        raise WatchfloorError("\n".join(answer.lines))
    return "\n".join(answer.lines)


def answer_rename(workspace: Workspace, request: Rename, hold: Hold) -> Answer:
    """Do what was asked for, and say so, or why it cannot be done; LostLockError where the lock is lost."""
    try:
        line = rename(workspace.state, workspace.catalog, request.old, request.new, hold.check)
    except LostLockError:
        raise
    except (OSError, WatchfloorError) as error:
        return Answer((system_message(error) if isinstance(error, OSError) else str(error),), is_done=False)
    return Answer((line,), is_done=True)
