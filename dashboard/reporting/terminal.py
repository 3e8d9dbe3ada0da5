"""Rule tests, backtests and their comparison as people read them in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from dashboard.analysis import AnnouncedEpisode, Difference, History, Outcome, Unexercised
from dashboard.domain.dates import Period
from dashboard.domain.text import wording as words

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def outcomes_as_text(outcomes: Sequence[Outcome], without: Sequence[Unexercised]) -> Iterator[str]:
    """A line of dots for each indicator, what failed and why, the thresholds without an example, and the count."""
    for name, own in groupby(outcomes, key=lambda outcome: outcome.indicator):
        yield f"{name} {''.join('.' if one.has_passed else 'F' for one in own)}"
    failed = [outcome for outcome in outcomes if not outcome.has_passed]
    for outcome in failed:
        yield f"FAILED {outcome}"
        yield f"    {outcome.verdict.sentence}"
        yield from (f"    {problem}" for problem in outcome.verdict.problems)
    if without:
        yield "Thresholds that decide no test:"
        yield from (f"  {one}" for one in without)
    counted = f"{len(outcomes) - len(failed)} passed"
    yield f"{len(failed)} failed, {counted}" if failed else counted


def backtest_as_table(histories: Sequence[History]) -> Table:
    """A line for each episode, the indicators in their order, the oldest announcement first."""
    from rich.box import SIMPLE_HEAD  # here, since most commands draw no table
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("indicator", "who says it", "at best", "is about", "known from", "fired until"):
        table.add_column(heading, overflow="fold")
    for heading in ("days fired", "days after"):
        table.add_column(heading, justify="right")
    table.add_column("now")
    for history in histories:
        for number, episode in enumerate(history.episodes):
            table.add_row(Text("" if number else history.indicator, style="bold"), *_cells(episode))
        if not history.episodes:
            table.add_row(Text(history.indicator, style="bold"), Text("no episode", style="dim"))
    return table


def backtest_as_text(histories: Sequence[History]) -> Iterator[str]:
    """What the table adds up to, and what its columns mean."""
    episodes = [one for history in histories for one in history.episodes]
    withdrawn = sum(history.withdrawn for history in histories)
    counts = f"{words.counted(len(episodes), 'episode')} of {words.counted(len(histories), 'indicator')}"
    yield f"{counts}; {withdrawn} withdrawn later; {sum(len(history.statuses) for history in histories)} evaluations"
    yield "days after: from the end (and the start) of the period it is about to the first publication that supports it"


def differences_as_text(differences: Sequence[Difference]) -> Iterator[str]:
    """A line for each episode that the edited catalogue would have made new, gone or different."""
    for difference in differences:
        episode = difference.after or difference.before
        assert episode is not None
        about = f"{difference.indicator}, {_who(episode.source)}, {_about(episode)}"
        if difference.before is None or difference.after is None:
            yield f"{difference.kind:8}{about}: {_level(episode)}, known from {_shown(episode, 'known_from')}"
        else:
            changes = [
                f"{_field(name)} {_shown(difference.before, name)} → {_shown(difference.after, name)}"
                for name in difference.fields
            ]
            yield f"{difference.kind:8}{about}: {'; '.join(changes)}"
    kinds = [difference.kind for difference in differences]
    yield ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("new", "gone", "changed"))


def _cells(episode: AnnouncedEpisode) -> list[Text]:
    from rich.text import Text

    colour = {"critical": "red", "warning": "yellow"}.get(episode.severity.word, "")
    return [
        Text(_who(episode.source)),
        Text(_level(episode), style=colour),
        Text(_about(episode)),
        Text(_shown(episode, "known_from")),
        Text(_shown(episode, "until")),
        Text(str(episode.fired_days)),
        Text(f"{episode.days_after_end} ({episode.days_after_start})"),
        Text(_shown(episode, "state")),
    ]


def _who(source: str) -> str:
    """A source's id; of several sources combined, how and how many."""
    how, combined, members = source.partition(" of ")
    return f"{how} of {members.count(',') + 1}" if combined else source


def _level(episode: AnnouncedEpisode) -> str:
    return f"{episode.severity.word}, {episode.passed_by.phrase}"


def _about(episode: AnnouncedEpisode) -> str:
    return words.span(Period(episode.began, episode.first))


def _field(name: str) -> str:
    return {"until": "fired until", "fired_days": "days fired", "state": "now"}.get(name, name.replace("_", " "))


def _shown(episode: AnnouncedEpisode, name: str) -> str:
    if name == "until":
        still = "still fires" if episode.state.is_on else "never fired"
        return words.day(episode.until) if episode.until else still
    if name in ("severity", "passed_by"):
        return str(getattr(episode, name).word)
    if name == "known_from":
        return words.day_known(episode.known_from, is_assumed=episode.is_assumed)
    return str(getattr(episode, name)).replace("_", " ")
