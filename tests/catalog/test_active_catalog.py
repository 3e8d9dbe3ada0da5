"""Sound edits of `indicators.yaml` go live; in place of broken ones last good definitions stay in force."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.catalog.active import active_catalog
from dashboard.catalog.active.active_catalog import load_active_catalog
from dashboard.catalog.active.last_good import last_good_file
from dashboard.catalog.loader import parse_catalog
from dashboard.domain.errors import CatalogError
from tests.catalog.editing import (
    CLAIMS,
    FALLBACKS,
    LIVE,
    S_FALLS_BACK,
    TEXT,
    X_FALLS_BACK,
    Z,
    in_force,
    load_and_save,
    with_edits,
)
from tests.catalog.test_loader import BAD, ROOT
from tests.examples import examples

EDITS = {
    "a valid edit": (with_edits(("title: X", "title: X2")), {"x": "live X2"}),
    "a new indicator": (with_edits((Z, Z + Z.replace("z", "n").replace("Z", "N"))), {"n": "live N"}),
    "a broken threshold": (with_edits(("title: X,", "title: X2,"), ("[s], thr", "[s], unit: 5, thr")), X_FALLS_BACK),
    "an unknown key beside a valid edit": (
        with_edits(("X, sources: [s], thresholds: [{severity: warning, above",
                    "X2, sources: [s], thresholds: [{severity: warning, abov"), ("title: Y", "title: Y2")),
        X_FALLS_BACK | {"y": "live Y2"}),
    "a duplicate key": (with_edits(("title: X", "title: X2, title: X3")), X_FALLS_BACK),
    "an indicator twice": (TEXT + "  x: {title: X2, sources: [t]}\n", X_FALLS_BACK),
    "a broken source": (with_edits(("title: S, file: s.csv, kind: flow", "title: S2, file: s.csv, kind: flows")),
                        S_FALLS_BACK),
    "a broken source and a sound edit of what reads it": (
        with_edits(("file: s.csv, kind: flow", "file: s2.csv, kind: flows"), ("title: X", "title: X2")),
        S_FALLS_BACK | {"x": "fallback X2"}),
    "a source removed": (with_edits(("  s: {title: S, file: s.csv, kind: flow}\n", "")), S_FALLS_BACK),
    "a source renamed": (with_edits(("  s: {title", "  s2: {title")), S_FALLS_BACK),
    "a source beside which one of its readers cannot load": (
        with_edits(("title: T, file: t.csv, kind: flow", "title: T2, file: t.csv, kind: level")), {"y": "fallback Y"}),
    "a source and its reader edited together": (
        with_edits(("title: T, file: t.csv, kind: flow", "title: T2, file: t.csv, kind: level"),
                   (", combine: sum", "")),
        {}),
    "an indicator deleted that another needs": (with_edits((Z, "")), {"z": "fallback Z", "c": "fallback C"}),
    "an indicator deleted": (with_edits(("  y: {title: Y, sources: [s, t], combine: sum, evidence: [002.13.d]}\n", "")),
                             {"y": ""}),
    "an indicator renamed": (with_edits(("  y: {title: Y", "  y2: {title: Y2")), {"y": "", "y2": "live Y2"}),
    "an indicator renamed and broken": (with_edits(("  y: {title: Y", "  y2: {titl: Y")),
                                        {"y": "", "y2": "not loaded"}),
    "an indicator that never was good": (TEXT + "  n: {title: N, sources: [s], limit: 5}\n", {"n": "not loaded"}),
    "a new indicator beside a broken source": (
        with_edits(("file: t.csv, kind: flow", "file: t.csv, kind: flows")) + "  n: {title: N, sources: [t]}\n",
        {"y": "fallback Y", "n": "fallback N"}),
    "a source that takes an indicator's id": (
        with_edits(("indicators:\n", "  z: {title: Z2, file: z2.csv, kind: flow}\nindicators:\n")),
        {"z": "fallback Z", "c": "fallback C"}),
    "a source that takes an indicator's id, with a reader": (
        with_edits(("indicators:\n", "  z: {title: Z2, file: z2.csv, kind: flow}\nindicators:\n"),
                ("title: Y, sources: [s, t]", "title: Y2, sources: [s, z]")),
        {"z": "fallback Z", "c": "fallback C", "y": "fallback Y"}),
    "an indicator that takes a source's id": (TEXT + Z.replace("z:", "s:"), {"s": "not loaded"}),
    "a circle": (with_edits(("title: X, sources: [s], thresholds: [{severity: warning, above: 5}]",
                          "title: X2, thresholds: [{severity: warning, any_of: [c]}]")), X_FALLS_BACK),
    "a need that never fires": (with_edits(("title: X, sources: [s], thresholds: [{severity: warning",
                                         "title: X2, sources: [s], thresholds: [{severity: info")), X_FALLS_BACK),
    "all indicators deleted": (with_edits().split("indicators:")[0] + "indicators: {}\n", dict.fromkeys(LIVE, "")),
    "indicators: twice": (TEXT + "indicators: {}\n", {}),
    "the first of two indicators: holds less": (
        with_edits((Z, "")) + "indicators:\n" + Z, {"z": "fallback Z", "c": "fallback C"}),
    "sources: twice": ("sources: {}\n" + TEXT, S_FALLS_BACK),
    "sources: is a list": (with_edits(("sources:\n", "sources: []\nothers:\n")), S_FALLS_BACK),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_sound_entries_go_live_and_broken_ones_keep_their_last_good_definition(
    edit: str, path: Path, state: Path
) -> None:
    load_and_save(path, state, TEXT)
    text, changes = EDITS[edit]
    active = load_and_save(path, state, text)
    assert in_force(active) == {name: title for name, title in {**LIVE, **changes}.items() if title}
    assert active.catalog.unreadable == ()
    # a second reading, with the definitions that the first one saved, changes nothing
    assert in_force(load_active_catalog(path, CLAIMS, state)) == in_force(active)
    assert in_force(load_and_save(path, state, TEXT)) == LIVE


TAB = "version: 1\nindicators:\n\tx: {}\n"


def write_nothing(path: Path) -> None:
    path.write_text("")


def write_tabs(path: Path) -> None:
    path.write_text(TAB)


def write_no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")


def write_half(path: Path) -> None:
    path.write_text(TEXT[: TEXT.index("above") + 3])


def delete(path: Path) -> None:
    path.unlink()


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def write_alias(path: Path) -> None:
    path.write_text("a: &a {}\nversion: 1\nindicators: *a\n")


def link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.yaml")


DAMAGES: tuple[Callable[[Path], None], ...] = (
    write_nothing, write_tabs, write_no_text, write_half, delete, replace_by_folder, write_alias, link_to_nowhere,
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_unreadable_file_leaves_all_last_good_definitions_in_force(
    damage: Callable[[Path], None], path: Path, state: Path
) -> None:
    before = load_and_save(path, state, TEXT)
    damage(path)
    active = load_and_save(path, state)
    assert in_force(active) == FALLBACKS
    assert active.catalog.unreadable == active.catalog.fallbacks["x"] == active.catalog.problems
    assert active.catalog.canonical_json == before.catalog.canonical_json
    assert in_force(load_and_save(path, state)) == FALLBACKS


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_never_was_readable_is_an_error(damage: Callable[[Path], None], path: Path, state: Path) -> None:
    path.write_text(TEXT)
    damage(path)
    with pytest.raises(CatalogError):
        load_active_catalog(path, CLAIMS, state)


def test_a_file_without_read_permission_leaves_all_last_good_definitions_in_force(
    path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, for whom every file can be read."""
    load_and_save(path, state, TEXT)
    read_bytes = Path.read_bytes

    def refuse(self: Path) -> bytes:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return read_bytes(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    active = load_active_catalog(path, CLAIMS, state)
    assert in_force(active) == FALLBACKS
    assert "Permission denied" in str(active.catalog.unreadable[0])


def test_each_fallback_names_its_reason_with_the_line(path: Path, state: Path) -> None:
    load_and_save(path, state, TEXT)
    text = with_edits(("severity: warning, above: 5}]}\n  y", "severity: warning, abov: 5}]}\n  y"), (Z, ""))
    fallbacks = load_and_save(path, state, text).catalog.fallbacks
    assert [str(problem).split(" ", 1)[0] for problem in fallbacks["x"]] == ["indicators.yaml:6:64"]
    assert 'did you mean "above"?' in str(fallbacks["x"][0])
    assert [str(problem).split(": ", 1) for problem in fallbacks["z"] if problem.path == "indicators.z"] == [
        ["indicators.yaml:8:3 indicators.z", "gone from the file, but c needs it; its last good definition stands"]
    ]
    assert {*fallbacks["x"], *fallbacks["z"]} <= set(fallbacks["c"])


def test_the_fallback_of_a_source_names_its_reason_to_every_reader(path: Path, state: Path) -> None:
    load_and_save(path, state, TEXT)
    active = load_and_save(
        path, state, with_edits(("title: S, file: s.csv, kind: flow", "title: S, file: s.csv, kind: flows"))
    )
    assert active.catalog.sources["s"].kind == "flow"
    (problem,) = active.catalog.fallbacks["x"]
    assert (problem.line, problem.path) == (3, "sources.s.kind")
    assert active.catalog.fallbacks["y"] == active.catalog.fallbacks["c"] == active.catalog.fallbacks["x"]


def test_a_sound_edit_that_is_held_back_names_the_indicator_that_needs_the_old_one(path: Path, state: Path) -> None:
    load_and_save(path, state, TEXT)
    active = load_and_save(path, state, EDITS["a source beside which one of its readers cannot load"][0])
    assert active.catalog.sources["t"].title == "T"
    reasons = " ".join(map(str, active.catalog.fallbacks["y"]))
    assert "4:3 sources.t: the edit is not live: y would not load with it; its last good definition stands" in reasons
    assert "only sources of kind flow can be added up" in reasons


def test_a_deleted_indicator_that_comes_back_broken_is_not_loaded(path: Path, state: Path) -> None:
    load_and_save(path, state, TEXT)
    load_and_save(path, state, EDITS["an indicator deleted"][0])
    broken = with_edits(("title: Y", "titl: Y"))
    assert in_force(load_and_save(path, state, broken)) == LIVE | {"y": "not loaded"}


def test_a_broken_indicator_stays_in_force_over_any_number_of_edits_of_others(path: Path, state: Path) -> None:
    load_and_save(path, state, TEXT)
    broken = with_edits(("title: X", "titl: X"))
    for number in range(3):
        active = load_and_save(path, state, broken.replace("title: Y", f"title: Y{number}"))
        assert in_force(active) == LIVE | X_FALLS_BACK | {"y": f"live Y{number}"}
    assert in_force(load_and_save(path, state, broken.replace("titl: X", "title: X5"))) == LIVE | {"x": "live X5"}


def test_an_indicator_survives_the_deletion_of_its_claim_from_seeds(path: Path, state: Path) -> None:
    load_and_save(path, state, TEXT)
    active = load_and_save(path, state, claims={"another"})
    assert in_force(active) == LIVE | {"y": "fallback Y"}
    assert "no claim 002.13.d" in str(active.catalog.fallbacks["y"])


def test_the_last_good_definition_of_an_unread_broken_source_is_kept(path: Path, state: Path) -> None:
    load_and_save(path, state, TEXT)
    unread = with_edits(("title: Y, sources: [s, t]", "title: Y, sources: [s]"), ("title: T", "titl: T"))
    assert in_force(load_and_save(path, state, unread)) == LIVE
    read_again = with_edits(("title: T", "titl: T"))
    assert in_force(load_and_save(path, state, read_again)) == LIVE | {"y": "fallback Y"}


def test_without_last_good_definitions_the_file_alone_decides(path: Path, state: Path) -> None:
    path.write_text(with_edits(("title: X", "titl: X")))
    active = load_active_catalog(path, CLAIMS, state)
    assert in_force(active) == {"x": "not loaded", "y": "live Y", "z": "live Z", "c": "not loaded"}
    assert not state.exists()


def test_nothing_writes_to_the_officers_file_or_beside_it(path: Path, state: Path) -> None:
    path.write_text(TEXT)
    path.chmod(0o444)
    before = path.stat()
    for text in (TEXT, with_edits(("title: X", "titl: X")), TAB):
        path.chmod(0o644)
        path.write_text(text)
        before = path.stat()
        load_and_save(path, state)
        assert (path.read_text(), path.stat().st_mtime_ns) == (text, before.st_mtime_ns)
    assert {entry.name for entry in path.parent.iterdir()} == {"indicators.yaml", "var"}
    assert [oct(folder.stat().st_mode & 0o777) for folder in (state, last_good_file(state).parent)] == [
        "0o700",
        "0o700",
    ]


def test_an_unchanged_file_is_not_saved_again(path: Path, state: Path) -> None:
    for text in (TEXT, with_edits(("title: X", "titl: X")), TAB):
        load_and_save(path, state, text)
        before = last_good_file(state).stat()
        active = load_and_save(path, state)
        assert active.is_saved
        assert last_good_file(state).stat().st_ino == before.st_ino


@pytest.mark.parametrize("file", [ROOT / "indicators.yaml", *BAD], ids=lambda file: file.stem)
def test_last_good_definitions_equal_those_that_were_saved(file: Path, path: Path, state: Path) -> None:
    before = load_and_save(path, state, file.read_text()).catalog
    after = load_and_save(path, state, "").catalog
    assert after.canonical_json == before.canonical_json
    assert list(map(repr, after.indicators.values())) == list(map(repr, before.indicators.values()))


REPEATED = """version: 1
sources:
  a: {title: A, file: a.csv, repeats: b}
  b: {title: B, file: b.csv}
  d: {title: D, file: d.csv, independent_of: [b]}
indicators:
  x: {title: X, sources: [a], thresholds: [{severity: warning, above: 5}]}
  y: {title: Y, sources: [d], thresholds: [{severity: warning, above: 5}]}
"""
B = "  b: {title: B, file: b.csv}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (REPEATED.replace(B, ""), {"x": "fallback X", "y": "fallback Y"}),
        (REPEATED.replace(B, B.replace("}", ", repeats: a}")), {"x": "fallback X", "y": "fallback Y"}),
        (REPEATED.replace("repeats: b", "repeats: nobody"), {"x": "fallback X", "y": "live Y"}),
        (REPEATED.replace(B, "").replace("repeats: b", "repeat: b"), {"x": "fallback X", "y": "fallback Y"}),
        (REPEATED.replace("file: b.csv", "fil: b.csv"), {"x": "live X", "y": "live Y"}),
    ],
    ids=["deleted", "a circle", "an unknown source", "deleted, and its repeater broken", "broken"],
)
def test_a_broken_repeated_source_takes_no_indicator_with_it(
    path: Path, state: Path, text: str, expected: dict[str, str]
) -> None:
    load_and_save(path, state, REPEATED)
    active = load_and_save(path, state, text)
    assert in_force(active) == expected
    assert all(active.catalog.fallbacks.values())
    assert set(in_force(load_and_save(path, state, ""))) == {"x", "y"}
    assert in_force(load_and_save(path, state, "")) == {"x": "fallback X", "y": "fallback Y"}


def test_a_source_that_repeats_a_never_good_source_falls_back_alone(path: Path, state: Path) -> None:
    assert in_force(load_and_save(path, state, REPEATED.replace("file: b.csv", "fil: b.csv"))) == {
        "x": "live X",
        "y": "live Y",
    }
    assert in_force(load_and_save(path, state, "")) == {"x": "fallback X", "y": "fallback Y"}


# --- a file that is being written ---


def test_a_file_that_is_still_being_written_deletes_no_indicator(
    path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The half that stands there first is a sound catalogue, with fewer indicators."""
    load_and_save(path, state, TEXT)
    edited = with_edits(("title: X", "title: X2"))
    versions = [edited[: edited.index("  z:")], edited[: edited.index("  c:")], edited]

    def write_more(seconds: float) -> None:
        assert seconds < 1
        if versions:
            path.write_text(versions.pop(0))

    path.write_text(edited[: edited.index("  y:")])
    monkeypatch.setattr(active_catalog, "sleep", write_more)
    assert in_force(load_and_save(path, state)) == LIVE | {"x": "live X2"}


@pytest.mark.parametrize("end", range(0, len(TEXT), 9))
def test_wherever_a_half_written_file_ends_no_indicator_is_lost(
    end: int, path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_and_save(path, state, TEXT)
    edited = with_edits(("title: X", "title: X2"))
    monkeypatch.setattr(active_catalog, "sleep", lambda _: path.write_text(edited))
    active = load_and_save(path, state, edited[:end])
    assert set(active.catalog.indicators) == set(LIVE)
    assert in_force(load_and_save(path, state, edited)) == LIVE | {"x": "live X2"}


# --- all edits together ---

VARIANTS = {
    "s": (
        "{title: S, file: s.csv, kind: flow}",
        "{title: S2, file: s.csv, kind: level}",
        "{title: S, file: s.csv, k: 1}",
    ),
    "t": ("{title: T, file: t.csv, kind: flow}", "{title: T, file: ../t.csv}"),
    "u": ("", "{title: U, file: u.csv, kind: flow}"),
    "x": (
        "{title: X, sources: [s], thresholds: [{severity: warning, above: 5}]}",
        "{title: X2, sources: [u], thresholds: [{severity: info, above: 5}]}",
        "{title: X2, thresholds: [{severity: warning, any_of: [c, z]}]}",
        "{titl: X}",
    ),
    "y": (
        "{title: Y, sources: [s, t], combine: sum, evidence: [002.13.d]}",
        "{title: Y2, sources: [s, t], combine: max}",
        "{title: Y2, sources: [s, u], combine: sum}",
    ),
    "z": (
        "{title: Z, file: z.csv, thresholds: [{severity: warning, above: 5}]}",
        "{title: Z2, sources: [s], thresholds: [{severity: warning, above: 5}]}",
        "{title: Z2, file: z.csv, thresholds: 5}",
    ),
    "c": (
        "{title: C, thresholds: [{severity: critical, any_of: [x, z]}]}",
        "{title: C2, thresholds: [{severity: critical, any_of: [y, z]}]}",
    ),
}


@settings(deadline=None, max_examples=examples(15, 200))
@given(
    st.fixed_dictionaries({name: st.sampled_from(["", *variants]) for name, variants in VARIANTS.items()}), st.randoms()
)
def test_whatever_is_edited_together_every_good_indicator_that_the_file_names_stays_in_force(
    edit: dict[str, str], random: Random
) -> None:
    with TemporaryDirectory() as folder:
        path, state = Path(folder, "indicators.yaml"), Path(folder, "var")
        before = load_and_save(path, state, TEXT).catalog
        names = random.sample(sorted(VARIANTS), len(VARIANTS))
        lines = {name: f"  {name}: {edit[name]}\n" for name in names if edit[name]}
        text = "version: 1\nsources:\n  v: {title: V, file: v.csv}\n"
        text += (
            "".join(line for name, line in lines.items() if name in "stu") + "indicators:\n  v: {title: V, file: v}\n"
        )
        text += "".join(line for name, line in lines.items() if name not in "stu")
        path.write_text(text)
        active = load_active_catalog(path, CLAIMS, state)
        indicators = active.catalog.indicators
        assert {name for name in LIVE if edit[name]} <= set(indicators)
        assert set(active.catalog.not_loaded) == {"v"}
        from_file = parse_catalog(text, "indicators.yaml", path.parent, CLAIMS)
        assert bool(active.catalog.fallbacks) == (set(from_file.not_loaded) != {"v"})
        for name, indicator in indicators.items():
            if name not in active.catalog.fallbacks:
                assert indicator.title == from_file.indicators.get(name, indicator).title
                assert indicator.title != before.indicators[name].title or edit[name] == VARIANTS[name][0]
