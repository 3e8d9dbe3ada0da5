"""YAML text parsed strictly into plain values, each with its line and column."""
