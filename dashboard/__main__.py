"""`python -m dashboard`: the command line."""

from dashboard.cli.application import app

app()
