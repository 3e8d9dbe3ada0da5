"""Series -> verdicts -> Board: a pure function of catalogue, rows and instant."""
