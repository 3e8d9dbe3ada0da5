"""What tests share: none sees what a run before it, or another module of pages, left in a cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples import register_profiles
from tests.refreshing import Place

register_profiles()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Catalogues are kept for this run alone, those that a started process parses too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def _fresh_caches() -> Iterator[None]:
    """Once a module, for a board takes half a second; inside one, keys of the caches hold all that may change."""
    import streamlit as st  # not for every test: it takes a second

    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder to refresh in, by a clock that the test sets."""
    return Place(tmp_path)
