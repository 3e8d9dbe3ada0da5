"""A task of a command that needs the refresher's lock: done here, or by the refresher that goes on and holds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from dashboard.domain import WatchfloorError
from dashboard.fetch import Deadline
from dashboard.refresh.lock import WATCHING, BusyError, Hold, sole_refresher
from dashboard.refresh.requests.mailbox import Answer, Mailbox, Request

_LONGEST_TASK = 60.0  # seconds that a refresher may take for what it has begun
_PAUSE = 0.1  # seconds between two looks for an answer, or for the lock


def do_or_hand_over(
    state: Path,
    command: str,
    do: Callable[[Hold], Answer],
    mailbox: Mailbox[Request],
    request: Callable[[], Request],
    clock: Callable[[], datetime],
    wait: float,
) -> Answer:
    """Do it under the lock, as `command`, or send the request to the refresher that goes on.

    wait: seconds for a single refresh to end, or for the refresher to answer; BusyError after that.
    """
    deadline = Deadline(wait)
    while True:
        try:
            with sole_refresher(state, command, clock()) as hold:
                return do(hold)
        except BusyError as error:
            if error.holder and error.holder.name == WATCHING:
                answer = _ask(mailbox, request(), deadline)
                if answer is not None:
                    return answer
            if deadline.has_passed:
                raise
        deadline.wait(_PAUSE)


def _ask(mailbox: Mailbox[Request], request: Request, deadline: Deadline) -> Answer | None:
    """The refresher's answer; None where it has not taken the request in time, which is then withdrawn."""
    name = mailbox.send(request)
    try:
        answer = _wait_for_answer(mailbox, name, deadline)
    finally:
        was_taken = not mailbox.withdraw(name)
    if answer is None and was_taken:
        answer = _wait_for_answer(mailbox, name, Deadline(_LONGEST_TASK))
        if answer is None:
            raise WatchfloorError(
                "the refresher has begun it and has not answered yet; the page Sources shows what became of it"
            )
    return answer


def _wait_for_answer(mailbox: Mailbox[Request], name: str, deadline: Deadline) -> Answer | None:
    while (answer := mailbox.take_answer(name)) is None and not deadline.has_passed:
        deadline.wait(_PAUSE)
    return answer
