"""What became of a source, in plain lines."""

from __future__ import annotations

from dashboard.archive import Run, accept_hint
from dashboard.domain import with_advice
from dashboard.domain.text import wording as words
from dashboard.refresh.refresher import LookResult


def describe_look(looked: LookResult) -> list[str]:
    """One line for most looks; more for a folder that brought several files."""
    if looked.is_repaired:
        return [f"{looked.source}: rows made anew from the archive"]
    if looked.trouble:
        return [f"{looked.source}: failed: {looked.trouble}"]
    if not looked.runs:
        return [f"{looked.source}: unchanged{'' if looked.is_well else ', and not well'}"]
    return [describe_run(looked.source, run) for run in looked.runs]


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
    said = f"{source}: received {', '.join(counts)} ({run.file})"
    return with_advice(said, accept_hint(source, "if what is gone was wrong")) if run.dropped else said
