"""Which rows are known from an assumed publication: their source declares how long after their period it came."""

from __future__ import annotations

import numpy as np

from dashboard.late_imports import pd


def are_assumed(rows: pd.DataFrame) -> np.ndarray:
    """bool: which rows state neither publication nor receipt, and are known before they were received all the same."""
    published, received, known, held = (
        rows[name].to_numpy("datetime64[s]").view(np.int64)
        for name in ("published_at", "received_at", "known_at", "held_from")
    )
    is_early = known < held  # NaT is the least of all
    if not is_early.any():
        return is_early
    never = np.iinfo(np.int64).min
    return np.asarray(is_early & (published == never) & (received == never))
