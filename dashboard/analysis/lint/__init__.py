"""Notes on a catalogue: remarks that are no problems, each made by a rule."""

from dashboard.analysis.lint.notes import Note, lint
