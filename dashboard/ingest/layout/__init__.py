"""The layout of a publisher's files as the YAML declares it: a step before the checks that all rows go through."""
