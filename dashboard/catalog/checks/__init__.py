"""Checks across the parts of a catalogue, which a schema alone cannot express."""
