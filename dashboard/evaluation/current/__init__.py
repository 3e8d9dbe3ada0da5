"""The current state of an indicator: which sources and which figure decide it now, and how far they are trusted."""
