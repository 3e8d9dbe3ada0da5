"""The catalogue: the sources and indicators that are in force, and the problems of the others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel

from dashboard.catalog.checks.dependencies import with_needs
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.source import Source
from dashboard.domain import Problem


@dataclass(frozen=True)
class Catalog:
    """The sources and indicators in force of one `indicators.yaml`, and every problem in it.

    The `file:` of an indicator is a source with the indicator's id. `places` holds the line and column of each source's
    file, by its id, and of each indicator, threshold and test, by its path: `indicators.x.tests[0]`.

    `not_loaded` holds the reasons for each indicator that is left out. `fallbacks` holds the reasons for each indicator
    that does not follow from the file alone, because its last good definition stands, or that of an entry that it reads
    or needs. `unreadable` says why the file as a whole cannot be read; then all indicators are fallbacks.
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
    def _texts(self) -> Mapping[str, Mapping[str, tuple[str, str]]]:
        """Each source and each indicator as JSON with sorted keys, and the order of its mappings, by group and id."""
        groups = {"sources": self.sources, "indicators": self.indicators}
        return {group: {name: _text(entry) for name, entry in entries.items()} for group, entries in groups.items()}

    @cached_property
    def definitions(self) -> Mapping[str, Mapping[str, str]]:
        """A text for each source and each indicator, by group and id; without what no figure follows from. It also has
        the order of mappings such as `where:`, because problems name the first of their keys."""
        return {group: {name: "".join(text) for name, text in texts.items()} for group, texts in self._texts.items()}

    @cached_property
    def canonical_json(self) -> bytes:
        """All definitions as one text, whatever their order in the file."""
        groups = {group: {name: text for name, (text, _) in texts.items()} for group, texts in self._texts.items()}
        joined = {group: _joined(dict(sorted(texts.items()))) for group, texts in groups.items()}
        return _joined(dict(sorted(joined.items()))).encode()

    @cached_property
    def evaluation_order(self) -> tuple[str, ...]:
        """The ids of the indicators, each after those that it needs; the checks refuse circles."""
        return with_needs(self.indicators, self.indicators)

    def with_needs(self, name: str) -> tuple[str, ...]:
        """The ids of an indicator and of all that it needs, each after those that it needs itself; its own is last."""
        return with_needs([name], self.indicators)

    def sources_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The ids of the sources that the verdicts on the named indicators follow from, baselines included."""
        indicators = (self.indicators[name] for name in with_needs(names, self.indicators))
        read = ([*indicator.sources, *indicator.baselines] for indicator in indicators)
        return tuple(dict.fromkeys(source for sources in read for source in sources))

    def original_of(self, source_id: str) -> str:
        """The source whose figures a source repeats, directly or through others; itself where it repeats none."""
        chain = [source_id]
        while (repeated := self.sources[chain[-1]].repeats) and repeated in self.sources and repeated not in chain:
            chain.append(repeated)
        return chain[-1]

    def claimants(self, indicator: Indicator) -> list[str]:
        """The sources of an indicator that repeat no other of its sources; all of them where each repeats another."""
        names = indicator.sources
        claimants = [name for name in names if self.original_of(name) == name or self.original_of(name) not in names]
        return claimants or list(names)

    def problem_of_source(self, source_id: str, message: str) -> Problem:
        """A problem with the deliveries of a source, at the line of the catalogue that says where they come from."""
        line, column = self.places.get(source_id, (0, 0))
        is_own = source_id in self.indicators and self.indicators[source_id].file
        key = self.sources[source_id].origin.key if source_id in self.sources else "file"
        return Problem(self.file, line, column, f"{'indicators' if is_own else 'sources'}.{source_id}.{key}", message)


def _text(entry: BaseModel) -> tuple[str, str]:
    """An entry as JSON with sorted keys, and its mappings as they are written. They all stand directly in it."""
    values = entry.model_dump(mode="json", exclude={"tests", "keep"})
    mappings = [value for value in values.values() if isinstance(value, dict) and value]
    return json.dumps(values, sort_keys=True), json.dumps(mappings) if mappings else ""


def _joined(texts: Mapping[str, str]) -> str:
    """An object of JSON whose values are texts of JSON."""
    return "{" + ", ".join(f"{json.dumps(name)}: {text}" for name, text in texts.items()) + "}"
