"""`evidence`: the claims of the source documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dashboard.cli.application import WRONG, CatalogOption, StateOption, app, catalog_path, plain_errors


@app.command()
def evidence(
    context: typer.Context,
    documents: Annotated[
        Path | None, typer.Option(help="The original documents, to prove every claim against.")
    ] = None,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """List the claims of seeds/; with the originals, prove that each span holds its figure."""
    with plain_errors():
        from dashboard.evidence import load_cards, prove

        cards = load_cards(catalog_path(context, catalog, state).parent / "seeds")
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
