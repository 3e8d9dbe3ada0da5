"""What a schema cannot say: whether the parts of a catalogue fit each other.

Each check takes one entry and yields (path below the entry, message); the loader adds where it stands.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import PurePosixPath

from dashboard.catalog.document import Path
from dashboard.catalog.schema import Indicator, RuleTest, Source
from dashboard.catalog.shorthand import parse_given
from dashboard.columns import COLUMNS

Finding = tuple[Path, str]

COURSE = ("lasting", "keep_firing_for", "recover_below", "recover_above")

_ID = re.compile(r"[a-z][a-z0-9_]*")


def did_you_mean(word: str, known: Collection[str]) -> str:
    """`; did you mean "above"?` where something known is near, else nothing."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def check_id(name: str) -> Iterator[Finding]:
    if not _ID.fullmatch(name):
        yield (), "an id is made of small letters, digits and _, and begins with a letter"


def check_source(source: Source) -> Iterator[Finding]:
    yield from _file_stays_inside(source.file)
    for column in source.columns:
        if column not in COLUMNS:
            yield ("columns", column), f"unknown column{did_you_mean(column, COLUMNS)}"
    for column, theirs in source.columns.items():
        if theirs in list(source.columns.values())[: list(source.columns).index(column)]:
            yield ("columns", column), f'"{theirs}" is named for two columns'
    if source.kind == "event" and source.expect_every:
        yield ("expect_every",), "events are not expected at intervals"


def check_indicator(
    indicator: Indicator,
    sources: Mapping[str, Source],
    known_sources: Collection[str],
    claims: Collection[str] | None,
) -> Iterator[Finding]:
    """`sources` are the valid ones, `known_sources` all that the file names; `claims` None skips evidence."""
    yield from _sources_exist(indicator, sources, known_sources)
    yield from _cap_is_whole(indicator)
    yield from _caps_have_no_course(indicator)
    yield from _combination_is_allowed(indicator, sources)
    yield from _baselines_exist(indicator, sources, known_sources)
    yield from _silence_stands_alone(indicator, sources)
    yield from _windows_agree(indicator)
    yield from _severities_are_in_order(indicator)
    if claims is not None:
        for index, claim in enumerate(indicator.evidence):
            if claim not in claims:
                yield ("evidence", index), f"no claim {claim} in seeds/{did_you_mean(claim, claims)}"


def check_tests(name: str, indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Whether the `tests:` of the indicator `name` can be read, and name what the indicator reads."""
    cited = [one.cites for one in indicator.thresholds if one.cites]
    own = indicator.sources or [name]
    for index, test in enumerate(indicator.tests):
        here: Path = ("tests", index)
        if test.certainty and test.expect in ("normal", "not assessed"):
            yield (*here, "certainty"), f"{test.expect} has no certainty; take it out"
        for below, source, text in _texts(test, own):
            if source not in (*own, *cited):
                known = [*own, *cited]
                yield (*here, *below), f"it reads no source {source}{did_you_mean(source, known)}"
                continue
            kind = sources[source].kind if source in sources else indicator.kind
            yield from (((*here, *below), message) for message in _wrong_in(text, counts=kind != "level"))


def _texts(test: RuleTest, own: Sequence[str]) -> list[tuple[Path, str, str]]:
    """For each text of `given:` where it stands, of which source it is, and the text."""
    if isinstance(test.given, str):
        return [(("given",), own[0], test.given)]
    return [(("given", source), source, text) for source, text in test.given.items()]


def _wrong_in(text: str, *, counts: bool) -> Iterator[str]:
    try:
        given = parse_given(text)
    except ValueError as error:
        yield str(error)
        return
    if counts and any(one.is_negative for one in given):
        yield "an amount or a count cannot be negative"


def _file_stays_inside(file: str) -> Iterator[Finding]:
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\\" in file or ":" in file:
        yield ("file",), f'"{file}" must be a path below the catalogue\'s folder'


def _sources_exist(
    indicator: Indicator, sources: Mapping[str, Source], known_sources: Collection[str]
) -> Iterator[Finding]:
    if indicator.file and indicator.sources:
        yield ("file",), "give either file: or sources:, not both"
    if indicator.file:
        yield from _file_stays_inside(indicator.file)
    if not indicator.file and not indicator.sources:
        yield (), "it reads nothing; give file: or sources:"
    for index, name in enumerate(indicator.sources):
        if name not in known_sources:
            yield ("sources", index), f"no source {name}{did_you_mean(name, known_sources)}"
        elif name not in sources:
            yield ("sources", index), f"source {name} is not loaded; see its own problem"
        if name in indicator.sources[:index]:
            yield ("sources", index), f"{name} is listed twice"


def _cap_is_whole(indicator: Indicator) -> Iterator[Finding]:
    if indicator.limit is not None and indicator.accumulate is None:
        yield ("limit",), "a limit runs by period; add accumulate: calendar_year or {anchor: ...}"
    for index, threshold in enumerate(indicator.thresholds):
        if threshold.needs_limit and indicator.limit is None:
            yield ("thresholds", index, threshold.key), "a percentage of what? give the indicator a limit:"


def _caps_have_no_course(indicator: Indicator) -> Iterator[Finding]:
    if indicator.accumulate is None:
        return
    for index, threshold in enumerate(indicator.thresholds):
        for field, entry in type(threshold).model_fields.items():
            if field in COURSE and getattr(threshold, field) is not None:
                key = entry.alias or field
                yield ("thresholds", index, key), "a cap's breach stands until its period ends; this has no effect"


def _combination_is_allowed(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    if indicator.combine in ("median", "prefer") and indicator.accumulate is not None:
        yield ("combine",), f"{indicator.combine} does not go with accumulate; use sum, max or each"
    if indicator.combine != "sum" and not (indicator.accumulate and indicator.combine == "each"):
        return
    for index, name in enumerate(indicator.sources):
        if name in sources and sources[name].kind != "flow":
            yield (
                ("sources", index),
                f"{name} is {sources[name].kind}; only sources of kind flow can be added up (use combine: max)",
            )


def _baselines_exist(
    indicator: Indicator, sources: Mapping[str, Source], known_sources: Collection[str]
) -> Iterator[Finding]:
    for index, threshold in enumerate(indicator.thresholds):
        baseline = threshold.cites
        if baseline is not None and baseline not in sources:
            hint = did_you_mean(baseline, known_sources)
            yield ("thresholds", index, "baseline"), f"no source {baseline}{hint}"


def _silence_stands_alone(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    silent = [index for index, threshold in enumerate(indicator.thresholds) if threshold.silence]
    if not silent:
        return
    here: Path = ("thresholds", silent[0])
    if len(silent) < len(indicator.thresholds):
        yield here, "overdue_after judges days of silence; put it into an indicator of its own"
    if indicator.unit != "days":
        yield ("unit",), "overdue_after judges days of silence; write unit: days"
    if not indicator.sources:
        yield here, "overdue_after needs a source of reports"
    for index, name in enumerate(indicator.sources):
        if name in sources and not sources[name].expect_every:
            yield ("sources", index), f"{name} needs expect_every:, to say when a report is owed"


def _windows_agree(indicator: Indicator) -> Iterator[Finding]:
    """One alert has one window; two would let the milder threshold decide how long the worse one fires."""
    windows = [(index, one.fires_for) for index, one in enumerate(indicator.thresholds) if one.fires_for]
    for index, window in windows[1:]:
        if window != windows[0][1]:
            yield ("thresholds", index), f"give all the same window ({windows[0][1]} in the first, {window} here)"


def _severities_are_in_order(indicator: Indicator) -> Iterator[Finding]:
    levels = [
        (index, threshold, threshold.level())
        for index, threshold in enumerate(indicator.thresholds)
        if threshold.level() is not None
    ]
    for (_, one, one_level), (index, other, other_level) in combinations(levels, 2):
        if one.key != other.key or one.demanded != other.demanded or one.severity == other.severity:
            continue
        worse_first = one.severity_rank > other.severity_rank
        harder_first = one_level > other_level
        if one_level == other_level or worse_first != harder_first:
            worse, milder = (one, other) if worse_first else (other, one)
            yield (
                ("thresholds", index),
                f"severities out of order: {worse.severity} at {getattr(worse, worse.key)} is reached before "
                f"{milder.severity} at {getattr(milder, milder.key)}",
            )
