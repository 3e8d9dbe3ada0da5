"""The result of one look at a source, and its lines for the log and the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.archive import Run, accept_hint
from dashboard.domain import with_advice
from dashboard.domain.text import wording as words


@dataclass(frozen=True)
class LookResult:
    """One look at a source.

    runs: the recorded runs, none where nothing changed. is_well: whether the newest runs of its files were neither
    rejected nor failed. is_repaired: whether its rows were made anew from the archive. was_touched: whether another
    process changed its stored files. trouble: why nothing could be recorded.
    """

    source: str
    runs: tuple[Run, ...] = ()
    is_well: bool = True
    is_repaired: bool = False
    was_touched: bool = False
    trouble: str = ""

    @property
    def has_news(self) -> bool:
        """Whether the board may change; also bytes that are seen again may have ended a rejection."""
        return self.is_repaired or self.was_touched or bool(self.runs)


def describe_look(look: LookResult) -> list[str]:
    """One line for most looks; more for a folder that brought several files."""
    if look.is_repaired:
        return [f"{look.source}: rows made anew from the archive"]
    if look.trouble:
        return [f"{look.source}: failed: {look.trouble}"]
    if not look.runs:
        return [f"{look.source}: unchanged{'' if look.is_well else ', and not well'}"]
    return [describe_run(look.source, run) for run in look.runs]


def describe_run(source: str, run: Run) -> str:
    """`imports: received 12 rows, 1 quarantined, 3 revised, 2 no longer there (data/imports.csv)`."""
    if run.outcome == "failed":
        return f"{source}: failed: {run.message}"
    if run.held_back:
        stands = with_advice(f"{run.message} ({run.file})", "the last good delivery stays in force")
        return f"{source}: held back: {with_advice(stands, accept_hint(source))}"
    if run.outcome == "rejected":
        return f"{source}: rejected: {run.message} ({run.file}); the last good delivery stays in force"
    if run.outcome == "seen again":
        return f"{source}: seen again{f': {run.message}' if run.message else ''} ({run.file})"
    counts = [words.counted(run.rows, "row")]
    counts += [f"{run.quarantined} quarantined"] if run.quarantined else []
    counts += [f"{run.revised} revised"] if run.revised else []
    counts += [f"{run.dropped} no longer there"] if run.dropped else []
    line = f"{source}: received {', '.join(counts)} ({run.file})"
    return with_advice(line, accept_hint(source, "if what is gone was wrong")) if run.dropped else line
