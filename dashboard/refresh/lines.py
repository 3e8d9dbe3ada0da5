"""What became of a source, in one plain line."""

from __future__ import annotations

from dashboard.archive import Run

REPAIRED = "rows made anew from the archive"


def line_of(source: str, run: Run) -> str:
    """`imports: received 12 rows, 1 quarantined, 3 revised (data/imports.csv)`."""
    if run.outcome == "failed":
        return f"{source}: failed: {run.message}"
    if run.outcome == "rejected":
        return f"{source}: rejected: {run.message} ({run.file}); the last good delivery stays in force"
    if run.outcome == "seen again":
        return f"{source}: seen again{f': {run.message}' if run.message else ''} ({run.file})"
    counts = [f"{run.rows} row{'' if run.rows == 1 else 's'}"]
    counts += [f"{run.quarantined} quarantined"] if run.quarantined else []
    counts += [f"{run.revised} revised"] if run.revised else []
    return f"{source}: received {', '.join(counts)} ({run.file})"
