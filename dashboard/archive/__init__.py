"""The facts: every delivery byte for byte, and the journal of what each run of a source brought."""
