"""`feeds`: the ready-made sources of public feeds, and the YAML of each to paste."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.cli.application import Paths, command


@command()
def feeds(
    paths: Paths,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[show NAME]", help="show NAME: the YAML of a feed to paste. Without: all feeds."),
    ] = None,
) -> None:
    """List ready-made sources of public feeds; `feeds show NAME` prints the YAML to paste into indicators.yaml.

    None of them is switched on: what you paste is what is fetched.
    """
    del paths  # the feeds come with the program
    from dashboard.catalog import did_you_mean
    from dashboard.feeds import load_feeds

    known = load_feeds()
    match words or []:
        case []:
            width = max(map(len, known))
            for feed in known.values():
                print(f"{feed.name:{width}}  {feed.card.title}; {feed.card.cadence}")
            print("\nwatchfloor feeds show NAME prints the YAML to paste.")
        case ["show", name] if name in known:
            print(known[name].commented)
        case ["show", name]:
            raise typer.BadParameter(f"no feed {name}{did_you_mean(name, list(known))}; `watchfloor feeds` lists them")
        case _:
            raise typer.BadParameter("write `feeds`, or `feeds show NAME`")
