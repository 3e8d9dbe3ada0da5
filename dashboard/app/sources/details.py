"""One source in words and fixed layout: its states side by side, its receipts, runs and problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from dashboard.analysis import Health, Receipts, Revision
from dashboard.app.address import Address, indicator_link
from dashboard.app.markup import Markup, element, fact_list, join_markup, table_of_cards
from dashboard.app.sources.overview import (
    changes_text,
    newest_figure_text,
    next_look_text,
    outcome_word,
    run_text,
    state_mark,
)
from dashboard.archive import Run, accept_hint
from dashboard.catalog import Catalog, Source
from dashboard.domain import Problem
from dashboard.domain.text import wording as words

RUN_COLUMNS = ("When", "Outcome", "File", "Rows", "Quarantined", "Revised", "No longer there", "Size", "SHA-256", "Why")
_MOST_PROBLEMS = 20


def heading(health: Health, now: datetime) -> Markup:
    """The title, and two groups of facts: the state of its figures, and that of its receipts."""
    figures, receipts = health.figures, health.receipts
    received = receipts.newest_received
    axes = [
        ("Data", state_mark(figures.state)),
        ("Newest figure", newest_figure_text(figures.newest, now.date())),
        ("Last receipt", run_text(received, now) if received else "never"),
        ("Last look", outcome_text(receipts.last, now)),
        ("Next look", next_look_text(health, now)),
        ("Rows", f"{figures.rows:,}"),
        ("Quarantined", f"{health.figures.quarantined:,}"),
        ("Changed by the last receipt", changes_text(received)),
    ]
    title = element("h1", health.title, " ", element("span", health.id, class_="quiet"))
    items = (element("li", element("small", name), text) for name, text in axes)
    return element("div", title, element("ul", *items, class_="words"), class_="page")


def outcome_text(run: Run | None, now: datetime) -> Markup:
    if run is None:
        return element("span", "never")
    return join_markup([element("span", outcome_word(run)), element("small", words.ago(now - run.at))])


def source_facts(health: Health, source: Source) -> Markup:
    """The origin of a source, its schedule and its limits."""
    received = health.receipts.newest_received
    bytes_ = f"{received.file}, {received.size:,} bytes, SHA-256 {received.sha256}" if received else ""
    ended = f"{source.end_day}. {source.end_reason}".rstrip() if source.end_day else ""
    return fact_list(
        [
            (source.origin.label, source.origin.description),
            ("Publisher", source.publisher),
            ("Schedule", _schedule_text(source)),
            (
                "Late, stale after",
                f"{source.late_age}, {source.stale_age} from the end of the newest period with a figure",
            ),
            ("Publication", _assumption_text(source)),
            ("Ended", ended),
            ("Last receipt", bytes_),
            ("Keeps", _kept_text(source)),
            ("Accepted", acceptance_text(health.receipts.accepted)),
            ("Limitations", source.limitations),
        ]
    )


def _schedule_text(source: Source) -> str:
    if source.refresh:
        return f"{source.refresh} ({source.timezone})"
    return source.origin.default_rhythm


def _assumption_text(source: Source) -> str:
    """What is assumed of the publication of its history; "" where nothing is."""
    if source.assumed_delay is None:
        return ""
    return f"assumed {source.assumed_delay} after each period, for rows of the first delivery that state none"


def _kept_text(source: Source) -> str:
    """For how long all deliveries are kept; "" for good."""
    if source.kept_span is None:
        return ""
    return f"all deliveries of {source.kept_span}; of older days those whose rows a later one of the day does not have"


def acceptance_text(run: Run | None) -> str:
    """Describes the last acceptance: who, when, what and why."""
    if run is None:
        return ""
    rows = words.counted(run.rows, "row")
    subject = (
        f"{rows} of {run.file}" if run.outcome == "received" else f"that {rows} no longer delivered had been wrong"
    )
    return f"{words.instant(run.at)}, by {run.by}: {subject}. {run.message}"


def failure_lines(receipts: Receipts, source: str) -> list[str]:
    """Lines for looks that brought nothing usable: the reason, the delivery in force instead, and what to do."""
    if receipts.damage:
        return ["The journal of its deliveries cannot be read:", receipts.damage]
    deliveries = {run.file: run for run in receipts.received}
    only_delivery = receipts.newest_received if len(deliveries) == 1 else None
    lines = [
        line
        for run in receipts.failing
        for line in _failure_text(run, deliveries.get(run.file, only_delivery), receipts.since.get(run.file, run.at))
    ]
    is_held_back = any(run.held_back for run in receipts.failing)
    return [*lines, as_sentence(accept_hint(source))] if is_held_back else lines


def _failure_text(run: Run, delivery: Run | None, since: datetime) -> tuple[str, str, str]:
    when = words.instant(since if run.outcome == "rejected" else run.at)
    fate = "has been held back since then" if run.held_back else "was rejected"
    what = f"The delivery of {when} {fate}:" if run.outcome == "rejected" else f"The look at {when} failed:"
    consequence = (
        f"The delivery of {words.instant(delivery.at)} stays in force."
        if delivery
        else "Nothing was received before it."
    )
    return what, run.message if run.file in run.message else f"{run.file}: {run.message}", consequence


def other_problems(problems: Sequence[Problem], quarantined: Iterable[Problem]) -> list[str]:
    """The problems of a source without those of quarantined rows, which have a table of their own."""
    in_table = set(quarantined)
    rest = [str(problem) for problem in problems if problem not in in_table]
    count = len(rest) - _MOST_PROBLEMS
    return [*rest[:_MOST_PROBLEMS], f"… and {count:,} more; `watchfloor check` names all."] if count > 0 else rest


def changes_table(changes: Sequence[Revision]) -> Markup:
    """A table of the figures that the last delivery revised or removed."""
    header = ["Period", "Subject", "Before", "Now"]
    rows = [[words.span(one.period), one.subject, one.old, one.new or "withdrawn"] for one in changes]
    if not any(one.subject for one in changes):
        header.remove("Subject")
        rows = [[row[0], *row[2:]] for row in rows]
    return table_of_cards("Changed by the last receipt", header, rows)


def runs_table(runs: Sequence[Run], now: datetime) -> Markup:
    """A table of the runs, in their order."""
    return table_of_cards("Runs, newest first", RUN_COLUMNS, (_run_cells(run, now) for run in runs), "runs")


def _run_cells(run: Run, now: datetime) -> list[str]:
    is_bad = run.outcome in ("rejected", "failed")
    mark = element("span", "✕ ", aria_hidden="true") if is_bad else ""
    has_rows = run.outcome == "received"
    return [
        join_markup([element("span", words.instant(run.at, seconds=True)), element("small", words.ago(now - run.at))]),
        element("span", mark, outcome_word(run), class_="state tone-critical" if is_bad else ""),
        run.file,
        *(f"{count:,}" if has_rows else "" for count in (run.rows, run.quarantined, run.revised, run.dropped)),
        f"{run.size:,}" if run.size else "",
        element("code", run.sha256[:12], title=run.sha256) if run.sha256 else "",
        f"{run.by}: {run.message}" if run.by else run.message,
    ]


def as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def reader_links(health: Health, catalog: Catalog, address: Address) -> Markup:
    """Links to the indicators that read it."""
    titles = catalog.indicators
    names = health.figures.used_by
    links = (element("li", element("a", titles[name].title, href=indicator_link(name, address))) for name in names)
    body = element("ul", *links) if names else element("p", "No indicator reads it.")
    return element("div", element("h2", f"Read by {words.counted(len(names), 'indicator')}"), body, class_="page")
