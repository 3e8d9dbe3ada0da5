"""`refresh --watch`: a look around every second, by APScheduler, until a signal ends it."""

from __future__ import annotations

import logging
import os
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from dashboard.cli.application import Paths, now
from dashboard.cli.processes import EndSignal

if TYPE_CHECKING:
    from dashboard.refresh import Watch

EVERY = 1.0  # seconds from look to look: an edit is to be on the board within five
NOTICE = 0.1  # seconds until a signal is noticed
PATIENCE = 1.5  # seconds that a look may take once a signal has come


def keep_watching(paths: Paths, wait: float) -> None:
    """Return when a signal has ended it; raise an error that no further look could mend."""
    from dashboard.refresh import WATCHING, Watch, sole_refresher
    from dashboard.workspace import Workspace

    ending = EndSignal()
    with sole_refresher(paths.state, WATCHING, now(), wait, lambda: ending.is_asked) as hold:
        watch = Watch(Workspace(paths.catalog, paths.state), hold, os.environ, now, _tell, lambda: ending.is_asked)
        with watch.heartbeat.beating():
            _tell(f"watching {paths.catalog}; state in {paths.state}")
            _look_around_until(ending, watch)
        _tell("ended")


def _tell(line: str) -> None:
    print(f"{now():%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)


def _look_around_until(ending: EndSignal, watch: Watch) -> None:
    from apscheduler.events import EVENT_JOB_ERROR
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a look took longer than a second is no news
    failures: list[BaseException] = []

    def failed(event: Any) -> None:
        failures.append(event.exception)

    # one look at a time; those that a long one kept from beginning are not made up for
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(1)}, timezone="UTC")
    scheduler.add_listener(failed, EVENT_JOB_ERROR)
    scheduler.add_job(
        watch.look_around, "interval", seconds=EVERY, max_instances=1, coalesce=True, misfire_grace_time=None,
        next_run_time=now(),
    )  # fmt: skip
    scheduler.start()
    # in the main thread, which signals interrupt; the looks are in another
    while not ending.is_asked and not failures:
        sleep(NOTICE)
    scheduler.shutdown(wait=False)
    if failures:
        raise failures[0]
    _leave_within(PATIENCE, watch)


def _leave_within(seconds: float, watch: Watch) -> None:
    """Let the look come to its end; one that takes longer, as with a large board, is left at once.

    That harms nothing: whatever is written is written whole, and the next start goes on from there. The lock goes with
    the process, not before.
    """
    until = monotonic() + seconds
    while watch.is_looking:
        if monotonic() > until:
            watch.heartbeat.stop()
            _tell("ended in the middle of a look")
            os._exit(0)
        sleep(NOTICE)
