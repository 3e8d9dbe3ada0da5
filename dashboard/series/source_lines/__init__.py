"""The lines of one source: its known rows in one unit, without contradictions, overlaps and fallen totals."""
