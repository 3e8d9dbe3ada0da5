"""What a schema cannot say: whether the parts of a catalogue fit each other.

Each check takes one entry and yields (path below the entry, message); the loader adds where it stands.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import PurePosixPath

from dashboard.catalog.checks.dependencies import in_circles, way, with_needs
from dashboard.catalog.indicator import Indicator, RuleTest
from dashboard.catalog.rule_test import parse_figures
from dashboard.catalog.source import Source
from dashboard.catalog.yaml_text.reader import KeyPath
from dashboard.domain import COLUMNS
from dashboard.domain.text import seen_as
from dashboard.thresholds import Threshold

Finding = tuple[KeyPath, str]

_LONGEST_ID = 100
_CHAIN = 4  # indicators of a circle that a message names from each end

COURSE = ("lasting", "keep_firing_for", "recover_below", "recover_above")

_ID = re.compile(r"[a-z][a-z0-9_]*")


def did_you_mean(word: str, known: Collection[str]) -> str:
    """`; did you mean "above"?` where something known is near, or what makes it look like one; else nothing."""
    return _nearest(word, tuple(known)) if len(word) <= _LONGEST_ID else ""


@lru_cache(maxsize=1024)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    """Remembered, since a renamed source is missed by all that read it."""
    if alike := seen_as(word, known):
        return alike
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def check_id(name: str) -> Iterator[Finding]:
    if not _ID.fullmatch(name):
        yield (), "an id is made of small letters, digits and _, and begins with a letter"
    elif len(name) > _LONGEST_ID:
        yield (), f"an id has at most {_LONGEST_ID} letters, for it names files"


def check_source(source: Source) -> Iterator[Finding]:
    yield from _comes_from_one_place(source)
    yield from _leaves_out_what_it_does_not_ask_for(source)
    yield from _marks_differ(source)
    for column in source.columns:
        if column not in COLUMNS:
            yield ("columns", column), f"unknown column{did_you_mean(column, COLUMNS)}"
    for column, theirs in source.columns.items():
        if theirs in list(source.columns.values())[: list(source.columns).index(column)]:
            yield ("columns", column), f'"{theirs}" is named for two columns'
    if source.kind == "event" and source.expect_every:
        yield ("expect_every",), "events are not expected at intervals"


def check_relations(
    name: str, sources: Mapping[str, Source], known_sources: Collection[str] | None
) -> Iterator[Finding]:
    """Whether what a source says of others fits: `known_sources` are all that the file names (None: not checked)."""
    source = sources[name]
    if (source.counts == "part") != bool(source.scope):
        yield ("counts",), "counts: part and scope: go together, as in {counts: part, scope: the sea route only}"
    named: list[tuple[KeyPath, str]] = [(("repeats",), source.repeats)] if source.repeats else []
    named += [(("independent_of", index), other) for index, other in enumerate(source.independent_of)]
    for place, other in named:
        if other == name:
            yield place, "a source cannot name itself here"
        elif known_sources is not None and other not in known_sources:
            yield place, f"no source {other}{did_you_mean(other, known_sources)}"
    if source.repeats in source.independent_of:
        yield ("repeats",), f"it cannot repeat {source.repeats} and be independent of it"
    if name in (circle := _retold(source.repeats, sources)) and name == min(circle):
        yield ("repeats",), "sources repeat each other in a circle"


def _retold(name: str | None, sources: Mapping[str, Source]) -> list[str]:
    """A source and whom it retells, and whom that one does, until the first who repeats nobody."""
    found: list[str] = []
    while name and name not in found:
        found.append(name)
        name = sources[name].repeats if name in sources else None
    return found


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
    yield from _changes_are_of_one_line(indicator, sources)
    yield from _events_are_counted(indicator, sources)
    yield from _baselines_exist(indicator, sources, known_sources)
    yield from _silence_stands_alone(indicator, sources)
    yield from _own_line_stands_alone(indicator)
    yield from _windows_agree(indicator)
    yield from _severities_are_in_order(indicator)
    if claims is not None:
        for index, claim in enumerate(indicator.evidence):
            if claim not in claims:
                yield ("evidence", index), f"no claim {claim} in seeds/{did_you_mean(claim, claims)}"


def check_tests(name: str, indicators: Mapping[str, Indicator], sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Whether the `tests:` of the indicator `name` can be read, and name what the indicator reads."""
    indicator = indicators[name]
    own, cited = _read_by(name, indicators) if indicator.tests else ([], [])
    for index, test in enumerate(indicator.tests):
        here: KeyPath = ("tests", index)
        if indicator.needs and isinstance(test.figures, str):
            yield (*here, "given"), f"figures of which source? give a mapping; it rests on {', '.join([*own, *cited])}"
            continue
        if test.passed_by and test.expect in ("normal", "not assessed"):
            yield (*here, "passed_by"), f"{test.expect} passes nothing; take passed_by: out"
        for below, source, text in figures_of(test, name, indicators):
            if source not in (*own, *cited):
                known = [*own, *cited]
                yield (*here, *below), f"it reads no source {source}{did_you_mean(source, known)}"
                continue
            kind = sources[source].kind if source in sources else indicators.get(source, indicator).kind
            yield from (((*here, *below), message) for message in _wrong_in(text, counts=kind != "level"))


def _read_by(name: str, indicators: Mapping[str, Indicator]) -> tuple[list[str], list[str]]:
    """The sources of an indicator and of those that it needs, and the ones that their thresholds cite."""
    names = indicators_read(name, indicators)
    read = [one for one in names if not indicators[one].needs]
    own = [source for one in read for source in indicators[one].sources or [one]]
    cited = [threshold.cites for one in names for threshold in indicators[one].thresholds if threshold.cites]
    return list(dict.fromkeys(own)), list(dict.fromkeys(cited))


def indicators_read(name: str, indicators: Mapping[str, Indicator]) -> list[str]:
    """An indicator, and all those that it needs."""
    names = {name: None}
    for one in (queue := [name]):
        new = [need for need in indicators[one].needs if need in indicators and need not in names]
        names.update(dict.fromkeys(new))
        queue += dict.fromkeys(new)
    return list(names)


def figures_of(test: RuleTest, name: str, indicators: Mapping[str, Indicator]) -> list[tuple[KeyPath, str, str]]:
    """For each text of `given:` where it stands, of which source it is, and the text."""
    if isinstance(test.figures, str):
        own, _ = _read_by(name, indicators)
        return [] if indicators[name].needs else [(("given",), own[0], test.figures)]
    return [(("given", source), source, text) for source, text in test.figures.items()]


def _wrong_in(text: str, *, counts: bool) -> Iterator[str]:
    try:
        given = parse_figures(text)
    except ValueError as error:
        yield str(error)
        return
    if counts and any(one.is_negative for one in given):
        yield "an amount or a count cannot be negative"


def _leaves_out_what_it_does_not_ask_for(source: Source) -> Iterator[Finding]:
    for name, cells in source.where_not.items():
        if name not in source.where:
            yield ("where_not", name), f"only for a column of where:{did_you_mean(name, list(source.where))}"
            continue
        asked, out = ({one} if isinstance(one, str) else set(one) for one in (source.where[name], cells))
        if both := asked & out:
            yield ("where_not", name), f'"{min(both)[:60]}" is asked for by where: as well; take out one of the two'


def _comes_from_one_place(source: Source) -> Iterator[Finding]:
    given = [key for key in ("file", "folder", "url") if getattr(source, key) is not None]
    if not given:
        yield (), "where does it come from? give file, folder or url"
    if len(given) > 1:
        yield (given[1],), f"a source comes from one place; give one of {' and '.join(given)}"
    for key in ("file", "folder"):
        if path := getattr(source, key):
            yield from _stays_inside(key, path)
    for key, needed in (("glob", "folder"), ("authorization", "url"), ("allow_private", "url")):
        if key in source.model_fields_set and needed not in given:
            yield (key,), f"only with {needed}:"
    if "/" in source.glob or "\\" in source.glob:
        yield ("glob",), "a pattern for names of files in the folder itself, like *.csv"
    if source.timezone != "UTC" and source.refresh is None:
        yield ("timezone",), "only with refresh:"


def _marks_differ(source: Source) -> Iterator[Finding]:
    if source.thousands == source.decimal:
        yield ("thousands",), f'"{source.thousands}" is the decimal mark already'
    if source.separator == source.decimal:
        yield ("decimal",), "the mark that stands between the cells; declare another separator"


def _stays_inside(key: str, file: str) -> Iterator[Finding]:
    path = PurePosixPath(file)
    if "\0" in file:
        yield (key,), "holds a NUL, U+0000, which no path can; take it out"
    elif path.is_absolute() or ".." in path.parts or "\\" in file or ":" in file:
        yield (key,), f'"{file}" must be a path below the catalogue\'s folder'


def _sources_exist(
    indicator: Indicator, sources: Mapping[str, Source], known_sources: Collection[str]
) -> Iterator[Finding]:
    if indicator.file and indicator.sources:
        yield ("file",), "give either file: or sources:, not both"
    if indicator.file:
        yield from _stays_inside("file", indicator.file)
    if indicator.needs:
        if indicator.file or indicator.sources:
            yield (), "it judges other indicators, so it reads no file and no sources of its own"
    elif not indicator.file and not indicator.sources:
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
            yield ("thresholds", index, threshold.key), "a share of what? give the indicator a limit:"


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


def _changes_are_of_one_line(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    mixed = len(indicator.sources) > 1 and indicator.combine in ("max", "median")
    kinds = {sources[name].kind for name in indicator.sources if name in sources} | (
        {indicator.kind} if indicator.file else set()
    )
    for index, threshold in enumerate(indicator.thresholds):
        here: KeyPath = ("thresholds", index, threshold.key)
        if not threshold.needs_one_line:
            continue
        if mixed:
            yield (
                here,
                f"a {indicator.combine} of several sources changes when another one speaks; use each, prefer or sum",
            )
        if indicator.accumulate is not None:
            yield here, "a cap's total only grows, and begins anew with each period; use pace_above"
        if "event" in kinds:
            yield here, "events do not change; count them with occurs"


def _events_are_counted(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    kinds = {name: sources[name].kind for name in indicator.sources if name in sources}
    if indicator.file:
        kinds = {"its file": indicator.kind}
    for index, threshold in enumerate(indicator.thresholds):
        for name, kind in kinds.items():
            if threshold.needs_events and kind != "event":
                yield ("thresholds", index, threshold.key), f"it counts events, but {name} is {kind}"


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
    here: KeyPath = ("thresholds", silent[0])
    if len(silent) < len(indicator.thresholds):
        yield here, "overdue_after judges days of silence; put it into an indicator of its own"
    if indicator.unit != "days":
        yield ("unit",), "overdue_after judges days of silence; write unit: days"
    if not indicator.sources:
        yield here, "overdue_after needs a source of reports"
    for index, name in enumerate(indicator.sources):
        if name in sources and not sources[name].expect_every:
            yield ("sources", index), f"{name} needs expect_every:, to say when a report is owed"


def _own_line_stands_alone(indicator: Indicator) -> Iterator[Finding]:
    if indicator.own_line is None:
        return
    for index, threshold in enumerate(indicator.thresholds):
        if threshold.own_line != indicator.own_line.own_line:
            yield ("thresholds", index), "it judges something else than the others; put it into an indicator of its own"
    unit = indicator.own_line.own_unit
    if unit is not None and indicator.unit != unit:
        yield ("unit",), f"{indicator.own_line.key} judges a number of its own; write unit: {unit}"
    if indicator.combine != "each" or indicator.accumulate is not None:
        yield (), f"{indicator.own_line.key} goes with neither combine nor accumulate"
    if not indicator.needs and len(indicator.sources) < 2:
        yield (), f"{indicator.own_line.key} needs two sources or more"


def check_needs(indicators: Mapping[str, Indicator], broken: Collection[str]) -> Iterator[tuple[str, list[Finding]]]:
    """For each indicator that judges others what is wrong with those; `broken` ones are not loaded."""
    out, circling = set(broken), in_circles(indicators)
    for name in with_needs(indicators, indicators):
        if findings := list(_needs_are_met(name, indicators, out, circling)):
            out.add(name)
            yield name, findings


def _needs_are_met(
    name: str, indicators: Mapping[str, Indicator], broken: Collection[str], circling: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    for index, threshold in enumerate(indicators[name].thresholds):
        for place, need in threshold.needed_at:
            here: KeyPath = ("thresholds", index, *place)
            if need not in indicators:
                yield here, f"no indicator {need}{did_you_mean(need, indicators)}"
            elif name in circling and need in circling and (circle := way(need, name, circling)):
                yield here, f"a circle: {_chain([name, *circle])}"
            elif need in broken:
                yield here, f"indicator {need} is not loaded; see its own problem"
            elif all(one.severity == "info" for one in indicators[need].thresholds):
                yield from () if threshold.needs_caps else ((here, f"{need} never fires; it has no alarm"),)
            if threshold.needs_caps and need in indicators:
                yield from ((here, why) for why in _is_no_partner(indicators[need], indicators, threshold.needs))
        yield from (
            (("thresholds", index, *place), why) for place, why in _only_sources_are_theirs(threshold, indicators)
        )
        if len(set(threshold.needs)) < len(threshold.needs):
            yield ("thresholds", index), "it names an indicator twice"


def _chain(names: Sequence[str]) -> str:
    """`a needs b needs a`, of a long one its ends."""
    shown = [*names[:_CHAIN], f"({len(names) - 2 * _CHAIN} more)", *names[-_CHAIN:]]
    return " needs ".join(names if len(names) <= len(shown) else shown)


def _only_sources_are_theirs(threshold: Threshold, indicators: Mapping[str, Indicator]) -> Iterator[Finding]:
    """The sources that alone count are sources of the indicators compared, of each of them at least one."""
    only = threshold.only_sources
    others = {need: indicators[need].sources for need in threshold.needs if need in indicators}
    if not only or len(others) < len(threshold.needs):
        return
    theirs = [source for sources in others.values() for source in sources]
    for place, source in enumerate(only):
        if source not in theirs:
            yield ("sources", place), f"{source} is no source of {' or '.join(others)}{did_you_mean(source, theirs)}"
    for need, sources in others.items():
        if not set(sources) & set(only):
            yield ("sources",), f"none of them is a source of {need}"


def _is_no_partner(one: Indicator, indicators: Mapping[str, Indicator], needs: Collection[str]) -> Iterator[str]:
    if one.anchor is None or (one.combine == "each" and len(one.sources) > 1):
        yield "only totals of a cap are compared; it needs accumulate: and one total (combine: sum or max)"
    elif one.limit_in:
        yield "it is judged now in one unit, now in another (limit_in), so its totals cannot be compared"
    elif any(indicators[other].anchor not in (None, one.anchor) for other in needs if other in indicators):
        yield "the two run by different periods"
    elif any(indicators[other].unit != one.unit for other in needs if other in indicators):
        yield "the two have different units"


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
        if one.scale != other.scale or one.demanded != other.demanded or one.severity == other.severity:
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
