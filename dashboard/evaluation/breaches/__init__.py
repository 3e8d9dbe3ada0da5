"""Breaches over time: the spells of each threshold, and the episodes that they form."""
