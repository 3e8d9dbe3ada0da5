"""The Streamlit dashboard: it reads, arranges and draws what the core computed, and decides nothing itself."""
