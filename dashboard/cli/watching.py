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

EVERY = 1.0  # seconds from look to look: an edit is on the board within five
NOTICE = 0.1  # seconds until a signal is noticed
PATIENCE = 1.5  # seconds that a look may still take after a signal


def keep_watching(paths: Paths, wait: float) -> None:
    """Return when a signal has ended it; raise an error that no further look could mend."""
    from dashboard.refresh import WATCHING, Watch, sole_refresher
    from dashboard.workspace import Workspace

    ending = EndSignal()
    with sole_refresher(paths.state, WATCHING, now(), wait, lambda: ending.has_come) as hold:
        watch = Watch(Workspace(paths.catalog, paths.state), hold, os.environ, now, _log, lambda: ending.has_come)
        with watch.heartbeat.beating():
            _log(f"watching {paths.catalog}; state in {paths.state}")
            _look_around_until(ending, watch)
        _log("ended")


def _log(line: str) -> None:
    print(f"{now():%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)


def _look_around_until(ending: EndSignal, watch: Watch) -> None:
    from apscheduler.events import EVENT_JOB_ERROR
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a look may take longer than a second
    failures: list[BaseException] = []

    def failed(event: Any) -> None:
        failures.append(event.exception)

    # one look at a time; looks that a long one has prevented are left out
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(1)}, timezone="UTC")
    scheduler.add_listener(failed, EVENT_JOB_ERROR)
    scheduler.add_job(
        watch.look_around, "interval", seconds=EVERY, max_instances=1, coalesce=True, misfire_grace_time=None,
        next_run_time=now(),
    )  # fmt: skip
    scheduler.start()
    # in the main thread, which signals interrupt; the looks are in another
    while not ending.has_come and not failures:
        sleep(NOTICE)
    scheduler.shutdown(wait=False)
    if failures:
        raise failures[0]
    _leave_within(PATIENCE, watch)


def _leave_within(seconds: float, watch: Watch) -> None:
    """Wait for the look to end; leave one that takes longer, as with a large board, in its middle.

    Files are written atomically, so the next start goes on from there. The lock is held until the process ends.
    """
    until = monotonic() + seconds
    while watch.is_looking:
        if monotonic() > until:
            watch.heartbeat.stop()
            _log("ended in the middle of a look")
            os._exit(0)
        sleep(NOTICE)
