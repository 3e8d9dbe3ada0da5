"""One HTTP exchange under a deadline, with limits on everything that a server may send."""
