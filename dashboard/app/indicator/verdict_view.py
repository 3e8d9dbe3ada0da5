"""A verdict in words and fixed layout: its five axes side by side, its sentence, its rules, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from dashboard.analysis import outlook
from dashboard.app.markup import Markup, element, fact_list, join_markup, table
from dashboard.app.watch.row import DATA_STATES, NOT_ASSESSED, direction
from dashboard.catalog import Catalog, Indicator, Source
from dashboard.domain import State, Verdict
from dashboard.domain.dates import parse_day
from dashboard.domain.text import wording as words
from dashboard.domain.text import written_span
from dashboard.evaluation import Evaluation

STATES = {
    State.INACTIVE: "not in breach",
    State.PENDING: "pending",
    State.FIRING: "firing",
    State.RECOVERING: "recovering",
    State.RESOLVED: "resolved",
    State.ON_RECORD: "on record",
    State.WITHDRAWN: "withdrawn",
}


def heading(verdict: Verdict, indicator: Indicator) -> Markup:
    """The title with its direction, the axes, and the sentence."""
    title = element("h1", verdict.title, " ", element("span", direction(indicator.direction), class_="quiet"))
    return element("div", title, _axes(verdict), element("p", verdict.sentence), class_="page")


def _axes(verdict: Verdict) -> Markup:
    severity = NOT_ASSESSED if verdict.severity is None else verdict.severity.word
    tone = "none" if verdict.severity is None else severity
    doubtful = "" if verdict.data_state.is_trusted else "tone tone-warning"
    state = (
        STATES[verdict.state]
        if verdict.severity is not None or verdict.state in (State.ON_RECORD, State.WITHDRAWN)
        else ""
    )
    axes = [
        ("Severity", severity, f"tone tone-{tone}"),
        ("State", state, ""),
        ("Passed", verdict.passed_phrase, ""),
        ("Data", DATA_STATES[verdict.data_state], doubtful),
        ("Current", "" if verdict.is_current else "no: open, last known long ago", "tone tone-warning"),
        ("First known", _first_known(verdict), ""),
        ("This alert since", _since(verdict), ""),
    ]
    return element("ul", *(_axis(*axis) for axis in axes if axis[1]), class_="words")


def _first_known(verdict: Verdict) -> str:
    first = verdict.first_known
    return words.day_known(first.known_on, is_assumed=first.is_assumed) if first else ""


def _since(verdict: Verdict) -> str:
    """Since when the breach has been known; "" where nothing is assessed."""
    if verdict.known_since is None or not verdict.severity:
        return ""
    return words.day_known(verdict.known_since, is_assumed=verdict.is_assumed)


def _axis(name: str, text: str, class_: str) -> Markup:
    return element("li", element("small", name), text, class_=class_)


def guidance(evaluation: Evaluation, indicator: Indicator) -> Markup:
    """The action, the outlook of a cap, the rules, and the reason for watching."""
    verdict, ahead = evaluation.verdict, outlook(evaluation)
    rules = element("ul", *(element("li", rule) for rule in _rules(verdict, indicator)))
    return element(
        "div",
        element("h2", "What to do"),
        element("p", indicator.action or "The catalogue does not say."),
        *([element("h2", "Outlook"), fact_list(_capitalised(ahead.facts()))] if ahead else []),
        element("h2", "Rules"),
        fact_list(
            [("Thresholds", rules), ("Law", indicator.legal_basis), ("Why", indicator.rationale)], "facts stacked"
        ),
        class_="page",
    )


def _capitalised(facts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, text in facts:
        yield name[:1].upper() + name[1:], text


def _rules(verdict: Verdict, indicator: Indicator) -> Iterator[str]:
    for rule, threshold in zip(verdict.rules, indicator.thresholds, strict=True):
        yield f"{rule} {threshold.note}".strip()
    if not verdict.rules:
        yield "None: it is shown, not judged."


COMBINED = {
    "sum": "Added up; with one missing the total is a lower bound.",
    "max": "The claims overlap: the largest counts, and they are never added.",
    "prefer": "The first whose figures can be trusted counts.",
    "median": "The median counts.",
    "each": "Kept apart: each is judged alone, and none of their numbers stands for all.",
}


def sources_section(verdict: Verdict, indicator: Indicator, catalog: Catalog, as_of: date) -> Markup:
    """A table of the sources: newest figure, age and limits of each; empty for an indicator without any."""
    if not indicator.sources:
        return join_markup([])
    newest = {one.source: one for one in verdict.newest}
    rows = []
    for name in indicator.sources:
        source, newest_figure = catalog.sources[name], newest.get(name)
        figure, date_text, state = "nothing known", "", "no data"
        if newest_figure is not None:
            figure = newest_figure.text
            figure += f", {newest_figure.converted}" if newest_figure.converted else ""
            days = (as_of - newest_figure.date).days
            date_text = words.day(newest_figure.date) + (f", {words.age(days)} old" if days > 0 else ", today")
            state = DATA_STATES[newest_figure.data_state]
        rows.append([source.title, figure, date_text, state, _what_to_know(source, as_of)])
    combined = element("p", COMBINED[indicator.combine], class_="quiet") if len(indicator.sources) > 1 else ""
    header = ["Source", "Newest figure", "About", "Data", "What to know"]
    return element("div", element("h2", "Sources"), combined, table("Sources", header, rows), class_="page")


def _what_to_know(source: Source, as_of: date) -> str:
    """A source's authority and limits, and its end if it had ended by the instant."""
    has_ended = source.end_day is not None and parse_day(source.end_day) <= as_of
    ended = f"Ended {written_span(str(source.end_day))}. {source.end_reason}" if has_ended else ""
    part = f"Speaks of a part: {source.scope}." if source.scope else ""
    repetition = f"Only repeats {source.repeats}." if source.repeats else ""
    delay = source.assumed_delay
    assumed = f"Its first delivery is assumed to be published {delay} after each period." if delay else ""
    parts = [f"{source.how_known}.", part, repetition, assumed, ended, source.limitations]
    return " ".join(part for part in parts if part)


def record_section(verdict: Verdict, rows: list[list[str]]) -> Markup:
    """A table of closed periods or past breaches; empty where there are none."""
    if not rows:
        return join_markup([])
    header = ["Period", "Claimant", "Figure", "Share of the cap", "Published", "Severity", "Passed", "First known"]
    if verdict.limit is None:
        header.remove("Share of the cap")
        rows = [[*row[:3], *row[4:]] for row in rows]
    caption = "Closed periods" if verdict.period is not None else "Past breaches"
    return element("div", element("h2", caption), table(caption, header, rows), class_="page")
