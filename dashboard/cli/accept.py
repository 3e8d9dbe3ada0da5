"""`accept`: a person lets in what is held back, or says that rows were wrong which are no longer delivered."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from dashboard.cli.application import WRONG, Paths, command, now

_LONGEST = {"--by": 100, "--because": 1000}  # characters


@command()
def accept(
    paths: Paths,
    source: Annotated[str, typer.Argument(help="The source's id.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
    because: Annotated[str, typer.Option(help="Why, in a line.")],
    file: Annotated[str | None, typer.Option(help="Which of several files that are held back. [all]")] = None,
    wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait for another refresher.")] = 60,
) -> None:
    """Let in what is held back of a source, or else say that its missing rows were wrong; exit 1 if it has neither."""
    by, because = line_of_text("--by", by), line_of_text("--because", because)
    from dashboard.refresh import Acceptance, run_acceptance

    acceptance = Acceptance(source, by, because, file or "")
    accepted = run_acceptance(paths.workspace(), acceptance, os.environ, now, wait)
    print("\n".join(accepted.lines))
    if not accepted.is_done:
        raise typer.Exit(WRONG)


def line_of_text(option: str, text: str) -> str:
    """The text without blanks around it; BadParameter unless it is one line of printable text that is short enough."""
    text = text.strip()
    if not text or not text.isprintable() or len(text) > _LONGEST[option]:
        raise typer.BadParameter(f"{option} takes one line of text, of {_LONGEST[option]} characters at most")
    return text
