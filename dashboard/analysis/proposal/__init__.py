"""Proposes the YAML of a source for a file that nobody has declared; whatever cannot be known is a comment."""

from dashboard.analysis.proposal.propose import propose
