"""Lines that several sources make together: combined figures, totals of caps, and overdue reports."""
