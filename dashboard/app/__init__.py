"""The Streamlit dashboard: it reads, arranges and draws what the core computed, and decides nothing itself."""

from dashboard.app.serving.absence import ABSENCE_VARIABLE, RefresherAbsence
from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE, serve_command
