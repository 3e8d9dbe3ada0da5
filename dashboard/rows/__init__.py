"""The rows of all deliveries, derived from the archive: which row was in force from when until when."""
