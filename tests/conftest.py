"""What tests of the pages share: no module sees what another one left in Streamlit's caches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def _fresh_caches() -> Iterator[None]:
    """Once a module, for a board takes half a second; inside one, keys of the caches hold all that may change."""
    import streamlit as st  # not for every test: it takes a second

    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
