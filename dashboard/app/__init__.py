"""The Streamlit dashboard: it reads, arranges and draws what the core computed, and decides nothing itself."""

from dashboard.app.serving.absence import VARIABLE, Absence
from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE, serve_command

__all__ = ["CATALOG_VARIABLE", "STATE_VARIABLE", "VARIABLE", "Absence", "serve_command"]
