"""The catalogue in force: the file as it stands, with last good definitions for its broken entries."""
