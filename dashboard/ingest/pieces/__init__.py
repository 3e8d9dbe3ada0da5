"""Large files, of which only the rows that are needed are in memory."""
