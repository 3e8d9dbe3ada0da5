"""The refresher that goes on: it looks around, again and again, at definitions, requests, files, addresses and day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from dashboard.archive import STEP_BYTES, Verification, describe_orphans
from dashboard.atomic_files import file_stamp
from dashboard.domain import WatchfloorError, system_message
from dashboard.domain.text import wording as words
from dashboard.refresh.heartbeat import HeartbeatWriter
from dashboard.refresh.lock import Hold, LostLockError
from dashboard.refresh.looks.look_result import LookResult, describe_look
from dashboard.refresh.publish import FILE, published_stamp
from dashboard.refresh.refresher import Refresher
from dashboard.refresh.repair import sweep_state
from dashboard.refresh.requests import refresh_requests
from dashboard.refresh.requests.accept import acceptances_of
from dashboard.refresh.requests.archive_changes import thin_and_compact
from dashboard.refresh.requests.archive_command import answer_archive_change, archive_changes_of
from dashboard.workspace import Workspace, definition_stamps

_MOST_NAMED = 3  # sources that the heartbeat names


class Watch:
    """Looks at what a single refresh looks at, each time that `look_around` is called.

    hold: the lock of the state folder. log: called with each line for the log. is_ending: whether to leave off after
    the source that is being looked at.
    """

    def __init__(
        self,
        workspace: Workspace,
        hold: Hold,
        environment: Mapping[str, str],
        clock: Callable[[], datetime],
        log: Callable[[str], None],
        is_ending: Callable[[], bool],
    ) -> None:
        self._workspace, self._state, self._clock = workspace, hold.state, clock
        self._hold, self._log, self._is_ending = hold, log, is_ending
        self.heartbeat = HeartbeatWriter(hold.state, clock, lambda: hold.is_lost)
        self.is_looking = False
        self._refresher = Refresher(workspace, environment, clock, check=hold.check, retries=True)
        self._acceptances, self._archive_changes = acceptances_of(hold.state), archive_changes_of(hold.state)
        self._verification = Verification(hold.state, hold.check)
        self._definition_stamps: object = None
        self._thinned_on: date | None = None
        self._board_key: object = None  # of the published board, as far as this process knows
        self._news_count = 0
        self._troubles: dict[str, str] = {}
        self._logged_orphans: set[str] = set()
        sweep_state(hold.state)

    def look_around(self) -> None:
        """Look at everything once. The next look may mend what cannot be read or written now: that is logged once.

        Raises LostLockError where the state folder is another's now, which no look mends.
        """
        self.is_looking = True
        try:
            self._look_around()
            self._log_trouble("", "")
        except LostLockError:
            raise
        except (OSError, WatchfloorError) as error:
            trouble = system_message(error) if isinstance(error, OSError) else str(error)
            self._log_trouble("", trouble)
            self.heartbeat.doing = f"in trouble: {trouble}"
        finally:
            self.is_looking = False

    def _look_around(self) -> None:
        self._hold.check()
        self._read_definitions()
        self._answer_archive_changes()
        self._thin()
        sources = self._refresher.sources
        self.heartbeat.doing = f"looking at {len(sources)} sources"
        for look in self._refresher.look(sources, refresh_requests.take_requests(self._state, sources)):
            self._log_look(look)
            if self._is_ending():
                return
        self._answer_acceptances()
        for look in self._refresher.arrivals(0):
            self._log_look(look)
        self._publish()
        self._verify()
        self.heartbeat.next_run = self._refresher.next_run(self._clock())
        self.heartbeat.doing = self._present_task()

    def _read_definitions(self) -> None:
        """Adopt the catalogue and the cards where one of their files has changed."""
        path = self._workspace.path
        stamps = definition_stamps(path)
        if stamps == self._definition_stamps:
            return
        self.heartbeat.doing = f"reading {path.name}"
        workspace = self._workspace.reread()
        catalog = workspace.catalog
        workspace.remember_definitions()
        self._refresher.adopt(workspace)
        self._definition_stamps = stamps
        self._news_count += 1
        indicators = words.counted(len(catalog.indicators), "indicator")
        self._log(f"{path.name}: {indicators}, {words.counted(len(catalog.problems), 'problem')}")
        for problem in workspace.claims.problems:
            self._log(f"problem: {problem}; no evidence: is checked until it is mended")
        for line in describe_orphans(catalog, self._state):
            if line not in self._logged_orphans:
                self._log(f"warning: {line}")
            self._logged_orphans.add(line)

    def _answer_archive_changes(self) -> None:
        """Change the archive as commands ask for; the look that follows reads what has changed."""
        for name, request in self._archive_changes.take_requests():
            answer = answer_archive_change(self._refresher.workspace, request, self._clock(), self._hold)
            self._archive_changes.answer(name, answer)
            for line in answer.lines:
                self._log(line)

    def _thin(self) -> None:
        """Once a day, let go of the deliveries that sources with `keep:` no longer need."""
        now = self._clock()
        if self._thinned_on != now.date():
            self._thinned_on = now.date()
            if line := thin_and_compact(self._state, self._refresher.workspace.catalog, now, self._hold.check):
                self._log(line)

    def _answer_acceptances(self) -> None:
        for name, acceptance in self._acceptances.take_requests():
            answer = self._refresher.accept(acceptance)
            self._acceptances.answer(name, answer)
            self._news_count += answer.is_done
            for line in answer.lines:
                self._log(f"{acceptance.source}: {line}")

    def _log_look(self, look: LookResult) -> None:
        self._news_count += look.has_news
        self._news_count += self._log_trouble(look.source, look.trouble)
        if look.runs or look.is_repaired:
            for line in describe_look(look):
                self._log(line)

    def _publish(self) -> None:
        """Publish once for all that came with this look, on a new day, which changes verdicts, and where another
        process has changed the board's file. Each new board changes the file as well."""
        now = self._clock()
        today = now.date()
        # once a minute, since a delivery that is damaged in place is no news of a look
        key = (
            today,
            now.hour,
            now.minute,
            self._news_count,
            file_stamp(self._state / FILE),
            published_stamp(self._state),
        )
        if self._board_key == key:
            return
        self.heartbeat.doing = "publishing the board"
        published = self._refresher.publish()
        self._board_key = key
        if published.is_new:
            self._log(f"board {published.version[:12]} published")

    def _verify(self) -> None:
        """Read on in the stored deliveries; the next look reports what was found."""
        self.heartbeat.doing = "reading stored deliveries again"
        for line in self._verification.read_on(self._clock().date(), STEP_BYTES):
            self._log(line)

    def _log_trouble(self, source: str, trouble: str) -> bool:
        """Log a trouble when it begins and when it ends, not with every look; returns whether it did.

        "" as the source stands for the refresher itself.
        """
        if trouble == self._troubles.get(source, ""):
            return False
        self._troubles[source] = trouble
        self._log(f"{source or 'refresher'}: {trouble or 'all is well again'}")
        return True

    def _present_task(self) -> str:
        under_way = sorted(self._refresher.under_way)
        if not under_way:
            return "waiting for the next change"
        more = len(under_way) - _MOST_NAMED
        named = ", ".join(under_way[:_MOST_NAMED])
        return f"fetching {named}" + (f" and {more} more" if more > 0 else "")
