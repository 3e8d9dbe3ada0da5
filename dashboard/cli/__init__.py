"""The command line: one file a group of commands. It reads the clock, calls the stages, prints, sets the exit code.

What a command needs is imported inside it, so that `--help` answers without loading pandas.
"""

from dashboard.cli import accept, archive, boards, evidence, feeds, inspect, rebuild, refresh, rules, serve
from dashboard.cli.application import app
