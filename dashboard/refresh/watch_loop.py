"""One look around, taken again and again: the catalogue, requests, files, what the web has brought, the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from dashboard.archive import STEP_BYTES, Verification, describe_orphans
from dashboard.atomic_files import file_stamp
from dashboard.domain import WatchfloorError, system_message
from dashboard.domain.text import wording as words
from dashboard.refresh.heart import HeartbeatWriter
from dashboard.refresh.lock import Hold, LostLockError
from dashboard.refresh.looks.look_result import describe_look
from dashboard.refresh.publish import FILE
from dashboard.refresh.refresher import LookResult, Refresher
from dashboard.refresh.repair import sweep_state
from dashboard.refresh.requests import acceptance_requests as acceptances
from dashboard.refresh.requests import refresh_requests as requests
from dashboard.refresh.requests import rename_requests as renames
from dashboard.refresh.requests.rename import rename
from dashboard.workspace import Workspace, definition_stamps

_MOST_NAMED = 3  # sources that the heartbeat names


class Watch:
    """Asks what a single refresh asks, as often as it is told to look around.

    hold: the lock of the state folder; tell: takes a line for whoever reads the log; is_ending: whether to leave off
    after what is being written.
    """

    def __init__(
        self,
        workspace: Workspace,
        hold: Hold,
        environment: Mapping[str, str],
        clock: Callable[[], datetime],
        tell: Callable[[str], None],
        is_ending: Callable[[], bool],
    ) -> None:
        state = hold.state
        self._workspace, self._state, self._clock = workspace, state, clock
        self._hold, self._tell, self._is_ending = hold, tell, is_ending
        self.heart = HeartbeatWriter(state, clock, lambda: hold.is_lost)
        self.is_looking = False
        self._refresher = Refresher(workspace, environment, clock, check=hold.check, goes_on=True)
        self._verification = Verification(state, hold.check)
        self._defined: object = None
        self._published: object = None
        self._looks_with_news = 0
        self._troubles: dict[str, str] = {}
        self._unclaimed: set[str] = set()
        sweep_state(state)

    def look_around(self) -> None:
        """What cannot be read or written now may be mended by the next look; it is told once, and the heart says it.

        LostLockError where the state folder is another's now, which no look mends.
        """
        self.is_looking = True
        try:
            self._look_around()
            self._troubled("", "")
        except LostLockError:
            raise
        except (OSError, WatchfloorError) as error:
            said = system_message(error) if isinstance(error, OSError) else str(error)
            self._troubled("", said)
            self.heart.doing = f"in trouble: {said}"
        finally:
            self.is_looking = False

    def _look_around(self) -> None:
        self._hold.check()
        self._take_catalogue()
        self._rename()
        sources = self._refresher.sources
        self.heart.doing = f"looking at {len(sources)} sources"
        for looked in self._refresher.look(sources, requests.take(self._state, sources)):
            self._note(looked)
            if self._is_ending():
                return
        self._accept_what_is_asked()
        while (arrived := self._refresher.arrived(0)) is not None:
            self._note(arrived)
        self._publish()
        self._verify()
        self.heart.next_run = self._refresher.next_run(self._clock())
        self.heart.doing = self._waiting_for()

    def _accept_what_is_asked(self) -> None:
        for name, asked in acceptances.take(self._state):
            accepted = self._refresher.accept(asked)
            acceptances.answer(self._state, name, accepted)
            self._looks_with_news += accepted.is_done
            for line in accepted.lines:
                self._tell(f"{asked.source}: {line}")

    def _take_catalogue(self) -> None:
        path = self._workspace.path
        defined = definition_stamps(path)
        if defined == self._defined:
            return
        self.heart.doing = f"reading {path.name}"
        workspace = self._workspace.reread()
        catalog = workspace.catalog
        workspace.remember_definitions()
        self._refresher.adopt(workspace)
        self._defined = defined
        self._looks_with_news += 1
        indicators = words.counted(len(catalog.indicators), "indicator")
        self._tell(f"{path.name}: {indicators}, {words.counted(len(catalog.problems), 'problem')}")
        for problem in workspace.claims.problems:
            self._tell(f"problem: {problem}; no evidence: is checked until it is mended")
        for line in describe_orphans(catalog, self._state):
            if line not in self._unclaimed:
                self._tell(f"warning: {line}")
            self._unclaimed.add(line)

    def _rename(self) -> None:
        """Do what `archive rename` asks of whoever has the lock; the look that follows reads what was changed."""
        for old, new in renames.asked(self._state):
            try:
                said, is_done = rename(self._state, self._refresher.catalog, old, new, self._hold.check), True
            except LostLockError:
                raise
            except (OSError, WatchfloorError) as error:
                said, is_done = system_message(error) if isinstance(error, OSError) else str(error), False
            renames.answer(self._state, old, said, is_done=is_done)
            self._tell(said)

    def _note(self, looked: LookResult) -> None:
        self._looks_with_news += looked.has_news
        self._looks_with_news += self._troubled(looked.source, looked.trouble)
        if looked.runs or looked.is_repaired:
            for line in describe_look(looked):
                self._tell(line)

    def _publish(self) -> None:
        """Once for all that came with this look; when the day has changed, for verdicts then do; and when the file has,
        which after each new board it has."""
        today = self._clock().date()
        follows_from = today, self._looks_with_news, file_stamp(self._state / FILE)
        if self._published == follows_from:
            return
        self.heart.doing = "publishing the board"
        published = self._refresher.publish(today)
        self._published = follows_from
        if published.is_new:
            self._tell(f"board {published.version[:12]} published")

    def _verify(self) -> None:
        """Read on in the stored deliveries; the next look tells of what was found."""
        self.heart.doing = "reading stored deliveries again"
        for line in self._verification.read_on(self._clock().date(), STEP_BYTES):
            self._tell(line)

    def _troubled(self, about: str, trouble: str) -> bool:
        """Told when it begins and when it is over, not with every look; whether it did."""
        if trouble == self._troubles.get(about, ""):
            return False
        self._troubles[about] = trouble
        self._tell(f"{about or 'refresher'}: {trouble or 'all is well again'}")
        return True

    def _waiting_for(self) -> str:
        under_way = sorted(self._refresher.under_way)
        if not under_way:
            return "waiting for the next change"
        more = len(under_way) - _MOST_NAMED
        named = ", ".join(under_way[:_MOST_NAMED])
        return f"fetching {named}" + (f" and {more} more" if more > 0 else "")
