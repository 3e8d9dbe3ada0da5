"""`evidence`: the claims of the source documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dashboard.cli.application import WRONG, Paths, command


@command()
def evidence(
    paths: Paths,
    documents: Annotated[
        Path | None, typer.Option(help="The original documents, to prove every claim against.")
    ] = None,
) -> None:
    """List the claims of seeds/; with the originals, prove that each span holds its figure."""
    from dashboard.evidence import load_cards, prove

    cards = load_cards(paths.catalog.parent / "seeds")
    if documents is None:
        for card in cards:
            for claim in card.claims:
                print(f"{claim.id}  {claim.claim}")
        return
    mismatches = prove(cards, documents)
    for mismatch in mismatches:
        print(f"{mismatch.claim or mismatch.document}: {mismatch.message}")
    claims = sum(len(card.claims) for card in cards)
    if mismatches:
        print(f"{len(mismatches)} mismatches")
        raise typer.Exit(WRONG)
    print(f"{claims} claims in {len(cards)} documents stand where the cards say")
