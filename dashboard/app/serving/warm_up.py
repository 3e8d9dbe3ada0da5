"""Does before the first visit what it would otherwise wait for: imports, the catalogue, and the published board."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module

import streamlit as st

from dashboard.domain import CatalogError

_SLOW_IMPORTS = ("charts", "banners", "evidence.claim_view", "indicator.verdict_view", "sources.overview", "watch")


@asynccontextmanager
async def warmed_up(app: st.App) -> AsyncIterator[dict[str, object]]:
    """The life of the server: nobody is answered before this is done."""
    del app
    warm_up()
    yield {}


def warm_up() -> None:
    """Import what pages draw with, and read what the first of them will show; what cannot be read is said there."""
    for name in _SLOW_IMPORTS:
        import_module(f"dashboard.app.{name}")
    from dashboard.app.page_context import first_visit
    from dashboard.app.watch import board_payload

    with suppress(CatalogError):
        visit = first_visit()
        if visit.files.published is not None:
            board_payload(visit)
