"""What one `indicators.yaml` defines, as all other rooms know it, and all that is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dashboard.catalog.checks.dependencies import with_needs
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.source import Source
from dashboard.domain import Problem


@dataclass(frozen=True)
class Catalog:
    """The sound sources and indicators of one file, and all that is wrong with it.

    `places` knows the line and column of each source's file, by its id, and of each indicator, threshold and test,
    by its path: `indicators.x.tests[0]`. `not_loaded` names each indicator that is left out, with the reasons. A
    `file:` of an indicator has become a source that bears the indicator's id.

    `kept` names each indicator that does not follow from the file as it stands, but from last good definitions, its
    own or of what it reads or needs, with the reasons; all of them where the file as a whole is `unreadable`.
    """

    folder: Path
    file: str
    sources: Mapping[str, Source]
    indicators: Mapping[str, Indicator]
    problems: tuple[Problem, ...] = ()
    not_loaded: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    fallbacks: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    unreadable: tuple[Problem, ...] = ()

    @cached_property
    def canonical_json(self) -> bytes:
        """All that was defined, in one text that does not depend on its order in the file; examples define nothing."""
        groups = {"sources": self.sources, "indicators": self.indicators}
        dumped = {
            group: {name: entry.model_dump(mode="json", exclude={"tests"}) for name, entry in entries.items()}
            for group, entries in groups.items()
        }
        return json.dumps(dumped, sort_keys=True).encode()

    @cached_property
    def evaluation_order(self) -> tuple[str, ...]:
        """The indicators' ids, each after those that it needs; checks have refused circles."""
        return with_needs(self.indicators, self.indicators)

    def with_needs(self, name: str) -> tuple[str, ...]:
        """The ids of all indicators that one needs, each after those that it needs itself; its own last."""
        return with_needs([name], self.indicators)

    def sources_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The ids of the sources that the verdicts on the named indicators follow from, those of baselines too."""
        judged = (self.indicators[name] for name in with_needs(names, self.indicators))
        read = ([*one.sources, *(each.cites for each in one.thresholds if each.cites)] for one in judged)
        return tuple(dict.fromkeys(source for each in read for source in each))

    def original_of(self, source_id: str) -> str:
        """The source whose figures another one retells, through whoever retells in between; else the source itself."""
        seen = [source_id]
        while (told_by := self.sources[seen[-1]].repeats) and told_by in self.sources and told_by not in seen:
            seen.append(told_by)
        return seen[-1]

    def claimants(self, indicator: Indicator) -> list[str]:
        """The sources of an indicator that speak for themselves: without those that retell another one of them."""
        names = indicator.sources
        own = [name for name in names if self.original_of(name) == name or self.original_of(name) not in names]
        return own or list(names)

    def problem_of_source(self, source_id: str, message: str) -> Problem:
        """A problem of a source's file, at the line of the catalogue that names the file."""
        line, column = self.places.get(source_id, (0, 0))
        own = source_id in self.indicators and self.indicators[source_id].file
        key = self.sources[source_id].origin.key if source_id in self.sources else "file"
        return Problem(self.file, line, column, f"{'indicators' if own else 'sources'}.{source_id}.{key}", message)
