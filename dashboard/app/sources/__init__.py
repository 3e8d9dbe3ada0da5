"""The parts of the page Sources: what the archive says, all sources in one table, one source in detail."""
