"""Questions about many boards, or before one: backtests, changes, outlooks, lint, health."""
