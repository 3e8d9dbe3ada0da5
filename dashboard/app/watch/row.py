"""One row of the board, as texts and numbers that are ready to draw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.app.address import Address, indicator_link
from dashboard.app.watch.headline_figure import headline_figure
from dashboard.catalog import Catalog
from dashboard.domain import DataState, State, Verdict
from dashboard.domain.text import wording as words
from dashboard.reporting import BoardSummary, Sparkline

NOT_ASSESSED = "not assessed"
DATA_STATES = {
    DataState.FRESH: "fresh",
    DataState.LATE: "late",
    DataState.STALE: "stale",
    DataState.ENDED: "source ended",
    DataState.NO_DATA: "no data",
    DataState.ERROR: "data error",
}


@dataclass(frozen=True)
class WatchRow:
    """One line of the board. `tone` is the severity that shape and colour show; hollow means "in the past"."""

    id: str
    href: str
    title: str
    direction: str
    tone: str
    hollow: bool
    severity: str
    passed_by: str
    figure: str
    measure: str
    period: str
    sources: str
    data_state: str
    age: str
    is_trusted: bool
    why: str
    spark: Sparkline | None

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "spark": vars(self.spark) if self.spark else None}


def watch_row(verdict: Verdict, summary: BoardSummary, catalog: Catalog, address: Address) -> WatchRow:
    """The row of one verdict of a board."""
    indicator = catalog.indicators[verdict.id]
    figure = headline_figure(verdict, summary.levels.get(verdict.id), indicator, catalog)
    severity = NOT_ASSESSED if figure.severity is None else figure.severity.word
    return WatchRow(
        id=verdict.id,
        href=indicator_link(verdict.id, address),
        title=verdict.title,
        direction=direction(indicator.direction),
        tone="none" if figure.severity is None else severity,
        hollow=verdict.state is State.ON_RECORD,
        severity=severity,
        passed_by=figure.passed_phrase,
        figure=figure.figure,
        measure=figure.measure,
        period=figure.period,
        sources=figure.sources,
        data_state=DATA_STATES[verdict.data_state],
        age="now not assessed" if has_only_record(verdict) else _age(verdict, address.as_of),
        is_trusted=verdict.data_state is DataState.FRESH,
        why="" if has_only_record(verdict) else _why(verdict),
        spark=summary.curves.get(verdict.id),
    )


def has_only_record(verdict: Verdict) -> bool:
    """Whether nothing is known of now, so that the row shows the record, and says so in place of an age."""
    return verdict.state is State.ON_RECORD and verdict.data_state is DataState.NO_DATA


def direction(written: str) -> str:
    """`RU+CN -> KP` with a real arrow."""
    return written.replace("<->", "↔").replace("->", "→").replace("+", " + ")


def _age(verdict: Verdict, as_of: date) -> str:
    """The age of the newest figure, marked "newest" where the row shows another figure."""
    if not verdict.is_current and verdict.claim:
        return "not current"
    if verdict.data_state is DataState.NO_DATA:
        return ""
    newest = max((one.date for one in verdict.newest), default=None)
    if newest is None:
        return ""
    days = (as_of - newest).days
    age = "today" if days <= 0 else f"{words.age(days)} old"
    return age if verdict.date in (newest, None) else f"newest {age}"


def _why(verdict: Verdict) -> str:
    """The reasons why it is not assessed."""
    return f"{'; '.join(verdict.why_not)}." if verdict.why_not else ""
