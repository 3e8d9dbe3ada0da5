"""The web address of a page: the instant, the one to compare with, and the chosen indicator, document or source.

The address is the only memory of a page, so it can be sent to a colleague. A page reports a parameter that it cannot
read, and uses the nearest sound choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from dashboard.domain.dates import parse_day
from dashboard.domain.text import day
from dashboard.reporting import USUAL_SPAN

AS_OF, SINCE, INDICATOR, DOCUMENT = "as_of", "since", "id", "document"
SOURCE, FIND = "source", "find"


@dataclass(frozen=True)
class Address:
    """The instants of a page; `problems` names the parameters that could not be read."""

    today: date
    as_of: date
    since: date
    problems: tuple[str, ...] = ()

    @property
    def is_today(self) -> bool:
        return self.as_of == self.today

    @property
    def is_usual_since(self) -> bool:
        return self.since == self.as_of - USUAL_SPAN

    def query(self, **more: str) -> dict[str, str]:
        """The parameters that carry these instants to another page; an instant that has its default is left out."""
        instants = {} if self.is_today else {AS_OF: self.as_of.isoformat()}
        if not self.is_usual_since:
            instants[SINCE] = self.since.isoformat()
        return {**more, **instants}


def read_address(parameters: Mapping[str, str], today: date) -> Address:
    """Reads the instants from the parameters; they default to today and to 30 days before."""
    problems: list[str] = []
    as_of = _instant(parameters, AS_OF, today, "today, " + day(today), problems)
    usual = as_of - USUAL_SPAN
    since = _instant(parameters, SINCE, as_of, day(usual) + ", 30 days before", problems, usual)
    return Address(today, as_of, since, tuple(problems))


def _instant(
    parameters: Mapping[str, str], name: str, latest: date, instead: str, problems: list[str], usual: date | None = None
) -> date:
    """The day under `name`, at most `latest`; else `usual` (or `latest`), with the reason in `problems`."""
    fallback = latest if usual is None else usual
    text = parameters.get(name)
    if text is None:
        return fallback
    try:
        instant = parse_day(text)
    except ValueError as error:
        problems.append(f"{name} in the address: {error}. Shown instead: {instead}.")
        return fallback
    if instant > latest:
        bound = "lies in the future" if usual is None else f"is later than {day(latest)}, the instant shown"
        problems.append(f"{name} in the address: {day(instant)} {bound}. Shown instead: {instead}.")
        return fallback
    return instant


def indicator_link(indicator_id: str, address: Address) -> str:
    """The address of an indicator's page, relative to the other pages."""
    return "indicator?" + urlencode(address.query(**{INDICATOR: indicator_id}))
