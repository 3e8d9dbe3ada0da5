"""Merging: rows of successive deliveries become rows with the instants from and until which each was held."""
