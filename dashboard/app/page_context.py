"""What one visit of a page is about: the files as they stand, what the address asks for, and its boards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from dashboard.app.address import Address, read_address
from dashboard.app.data import Files, board_of, read_files
from dashboard.evaluation import EvaluatedBoard


@dataclass(frozen=True, eq=False)
class Visit:
    """Files and address; boards are made when a page asks for them."""

    files: Files
    address: Address

    @property
    def board(self) -> EvaluatedBoard:
        return board_of(self.files, self.address.as_of)

    @property
    def before(self) -> EvaluatedBoard:
        """The board to compare with."""
        return board_of(self.files, self.address.since)

    @property
    def newest_published(self) -> date | None:
        """When the newest evidence was published, as known today."""
        return self.files.rows.table.newest_published(self.address.today)


def current_visit() -> Visit:
    """The visit that this run of a page serves; CatalogError where there is no catalogue to speak of."""
    files = read_files()
    return Visit(files, read_address(st.query_params.to_dict(), files.today))
