"""The banners over verdicts that follow from last good definitions, since an edit cannot be used."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.app.address import Address, indicator_link
from dashboard.app.markup import Markup, alert, element, join_markup, show
from dashboard.app.page_context import DrawnBoard
from dashboard.catalog import Catalog
from dashboard.domain import Board, Problem, Verdict
from dashboard.domain.text import counted
from dashboard.domain.text import wording as words
from dashboard.workspace import EvidenceCards

FIRST = 5  # reasons that stand open in the banner of the Watch page; the rest is folded away


def file_banner(catalog: Catalog) -> None:
    """Warns on every page that the catalogue cannot be read, so all verdicts follow from last good definitions."""
    if catalog.unreadable:
        count = counted(len(catalog.indicators), "indicator")
        alert(f"The catalogue cannot be read. Last good definitions stand, of {count}:", *map(str, catalog.unreadable))


def cards_banner(claims: EvidenceCards) -> None:
    """Warns on every page that a card of `seeds/` is broken, so no claim can be shown and no `evidence:` is checked."""
    if claims.problems:
        alert(
            "The cards of the source documents cannot be read, so no evidence: is checked:", *map(str, claims.problems)
        )


def outdated_banner(board: DrawnBoard, catalog: Catalog) -> None:
    """Says that the board on the page is of older files, until one of the files as they stand can be drawn."""
    if board.is_current:
        return
    count = counted(len(catalog.indicators), "indicator")
    state = f"{count} could not be judged again: {board.trouble}." if board.trouble else f"Judging {count} again ..."
    what = f"Files changed after this board was judged on {words.instant(board.judged_at, seconds=True)}."
    show(element("p", what, element("span", f" It may miss an alert. {state}"), class_="past", role="status"))


def board_banner(board: Board, address: Address) -> None:
    """Lists the indicators that are judged by last good definitions, as links, with the reasons."""
    if not board.fallbacks or board.unreadable:
        return
    verdicts_by_problems: dict[tuple[Problem, ...], list[Verdict]] = {}
    for verdict in board.verdicts:
        if problems := board.fallbacks.get(verdict.id):
            verdicts_by_problems.setdefault(problems, []).append(verdict)
    lines = [_line(verdicts, problems, address) for problems, verdicts in verdicts_by_problems.items()]
    rest = lines[FIRST:]
    folded = element("details", element("summary", f"{len(rest)} more"), *(element("p", line) for line in rest))
    alert(
        "Judged by last good definitions, because an edit cannot be used:", *lines[:FIRST], *([folded] if rest else [])
    )


def verdict_banner(catalog: Catalog, verdict: Verdict) -> None:
    """Says why one indicator is judged by last good definitions, its own or those of an indicator that it needs."""
    if catalog.unreadable or not (problems := catalog.fallbacks.get(verdict.id)):
        return
    alert("Judged by its last good definition, because an edit cannot be used:", *map(str, problems))


def _line(verdicts: Iterable[Verdict], problems: Iterable[Problem], address: Address) -> Markup:
    links = [element("a", one.title, href=indicator_link(one.id, address)) for one in verdicts]
    between = element("span", ", ")
    titles = join_markup(part for link in links for part in (between, link))
    return join_markup([Markup(titles.removeprefix(between)), element("span", ": " + " · ".join(map(str, problems)))])
