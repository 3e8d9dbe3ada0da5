"""Boards, rule tests and backtests as JSON, CSV and text for other programs and the terminal."""
