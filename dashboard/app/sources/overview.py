"""All sources in one table, problems first: one element of the page, however many sources there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from urllib.parse import urlencode

from dashboard.analysis import Health
from dashboard.app.address import SOURCE, Address
from dashboard.app.markup import Markup, element, join_markup, table_of_cards
from dashboard.app.watch.row import DATA_STATES
from dashboard.archive import Run
from dashboard.catalog import Source
from dashboard.domain import DataState
from dashboard.domain.text import wording as words

COLUMNS = (
    "Source", "Data", "Newest figure", "Last receipt", "Last look", "Rows", "Quarantined", "Changed", "Next look",
)  # fmt: skip
OUTCOMES = {
    "received": "received",
    "seen again": "nothing new",
    "rejected": "rejected",
    "failed": "failed",
    "accepted": "accepted",
}
# a state is a word, a shape and a colour
SHAPES = {
    DataState.FRESH: ("●", "normal"),
    DataState.LATE: ("◐", "warning"),
    DataState.STALE: ("▲", "warning"),
    DataState.ENDED: ("■", "none"),
    DataState.NO_DATA: ("○", "warning"),
    DataState.ERROR: ("✕", "critical"),
}


def outcome_word(run: Run) -> str:
    """The outcome of a run in a word or two."""
    if run.by:
        return "accepted"
    return "held back" if run.held_back else OUTCOMES[run.outcome]


def source_link(name: str, address: Address) -> str:
    """The address of one source's details, relative to the other pages."""
    return "sources?" + urlencode(address.query(**{SOURCE: name}))


def overview_table(healths: Sequence[Health], sources: Mapping[str, Source], address: Address, now: datetime) -> Markup:
    """The table of sources, in the order of `healths`."""
    rows = (_cells(one, sources[one.id], address, now) for one in healths)
    return element("div", table_of_cards("Sources, problems first", COLUMNS, rows, "sources"), class_="page")


def _cells(health: Health, source: Source, address: Address, now: datetime) -> tuple[str, ...]:
    figures, receipts = health.figures, health.receipts
    title = element("a", health.title, href=source_link(health.id, address))
    received = receipts.newest_received
    return (
        join_markup([title, element("small", source.publisher)]) if source.publisher else title,
        state_mark(figures.state),
        newest_figure_text(figures.newest, now.date()),
        run_text(received, now) if received else "never",
        _last_look(health, now),
        f"{figures.rows:,}",
        element("b", f"{count:,}") if (count := health.figures.quarantined) else "0",
        changes_text(received),
        next_look_text(health, now),
    )


def state_mark(state: DataState) -> Markup:
    """The data state as a word and a shape in its colour."""
    shape, tone = SHAPES[state]
    return element("span", *_with_shape(shape, DATA_STATES[state]), class_=f"state tone-{tone}")


def _with_shape(shape: str, text: str) -> tuple[str, str]:
    return element("span", f"{shape} ", aria_hidden="true"), text


def newest_figure_text(newest: date | None, today: date) -> Markup:
    """The end of the newest period with a figure, and how long ago that is."""
    if newest is None:
        return element("span", "none")
    days = (today - newest).days
    return _two_lines(words.day(newest), f"{words.age(days)} ago" if days > 0 else "today" if days == 0 else "")


def run_text(run: Run, now: datetime) -> Markup:
    return _two_lines(words.instant(run.at), words.ago(now - run.at))


def changes_text(received: Run | None) -> Markup:
    """The number of figures that the last receipt revised, and of those that it no longer holds."""
    if received is None:
        return element("span", "–")
    counts = [f"{received.revised:,} revised"] if received.revised else []
    counts += [f"{received.dropped:,} no longer there"] if received.dropped else []
    return element("b" if received.dropped else "span", ", ".join(counts) or "0")


def next_look_text(health: Health, now: datetime) -> Markup:
    if health.next_run is None:
        return element("span", "all the time")
    return _two_lines("due now" if health.next_run <= now else words.instant(health.next_run), "")


def _last_look(health: Health, now: datetime) -> Markup:
    receipts = health.receipts
    if receipts.damage:
        return _failure_mark("journal damaged", receipts.damage)
    if receipts.last is None:
        return element("span", "never")
    if receipts.failing:
        run = receipts.failing[0]
        return _failure_mark(f"{outcome_word(run)}, {words.ago(now - run.at)}", run.message)
    return _two_lines(outcome_word(receipts.last), words.ago(now - receipts.last.at))


def _failure_mark(text: str, reason: str) -> Markup:
    mark = element("span", *_with_shape("✕", text), class_="state tone-critical")
    return join_markup([mark, element("small", _shortened(reason))])


def _shortened(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _two_lines(text: str, detail: str) -> Markup:
    return join_markup([element("span", text), element("small", detail)]) if detail else element("span", text)


def summary(healths: Iterable[Health]) -> str:
    """The number of sources in each state: `64 sources: 2 with problems; 3 fresh, 61 stale`."""
    all_healths = list(healths)
    states = [one.figures.state for one in all_healths]
    parts = [f"{states.count(state)} {DATA_STATES[state]}" for state in SHAPES if state in states]
    failing = sum(bool(one.receipts.failing or one.receipts.damage) for one in all_healths)
    if failing:
        parts.append(f"{failing} whose last look failed, or was held back or rejected")
    return (
        f"{words.counted(len(all_healths), 'source')}: {', '.join(parts)}."
        if all_healths
        else "The catalogue has no source."
    )


def matches(health: Health, source: Source, search: str) -> bool:
    """Whether its names, its publisher or its states contain all words of the search."""
    last = health.receipts.last
    outcomes = [OUTCOMES[run.outcome] for run in (last, *health.receipts.failing) if run]
    text = " ".join([health.id, health.title, source.publisher, DATA_STATES[health.figures.state], *outcomes])
    return all(word in text.casefold() for word in search.casefold().split())
