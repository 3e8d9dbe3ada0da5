"""The web server of the dashboard: its options, its gate and its headers."""
