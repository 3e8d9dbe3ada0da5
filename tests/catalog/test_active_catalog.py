"""An edit of `indicators.yaml` goes live where it is sound; where it is not, what was last good stands and says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.catalog.active import active_catalog as module
from dashboard.catalog.active.active_catalog import ActiveCatalog, last_good_file, load_active_catalog, save_last_good
from dashboard.catalog.loader import parse_catalog
from dashboard.domain.errors import CatalogError
from tests.catalog.test_loader import BAD, ROOT

TEXT = """version: 1
sources:
  s: {title: S, file: s.csv, kind: flow}
  t: {title: T, file: t.csv, kind: flow}
indicators:
  x: {title: X, sources: [s], thresholds: [{severity: warning, above: 5}]}
  y: {title: Y, sources: [s, t], combine: sum, evidence: [002.13.d]}
  z: {title: Z, file: z.csv, thresholds: [{severity: warning, above: 5}]}
  c: {title: C, thresholds: [{severity: critical, any_of: [x, z]}]}
"""
LIVE = {"x": "live X", "y": "live Y", "z": "live Z", "c": "live C"}
KEPT = {"x": "kept X", "y": "kept Y", "z": "kept Z", "c": "kept C"}
CLAIMS = {"002.13.d"}
Z = "  z: {title: Z, file: z.csv, thresholds: [{severity: warning, above: 5}]}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "indicators.yaml"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "var"


def looked(path: Path, state: Path, text: str | None = None, claims: set[str] = CLAIMS) -> ActiveCatalog:
    """What is in force after the refresher has looked at the file, with this text where one is given."""
    if text is not None:
        path.write_text(text)
    found = load_active_catalog(path, claims, state)
    save_last_good(found, state)
    return found


def told(found: ActiveCatalog) -> dict[str, str]:
    """Of each indicator whether it follows from the file, and the title of the definition in force."""
    catalog = found.catalog
    in_force = {
        name: f"{'kept' if name in found.kept else 'live'} {one.title}" for name, one in catalog.indicators.items()
    }
    return in_force | dict.fromkeys(catalog.not_loaded, "not loaded")


def changed(*edits: tuple[str, str]) -> str:
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


X_IS_KEPT = {"x": "kept X", "c": "kept C"}
S_IS_KEPT = {"x": "kept X", "y": "kept Y", "c": "kept C"}

EDITS = {
    "a valid edit": (changed(("title: X", "title: X2")), {"x": "live X2"}),
    "a new indicator": (changed((Z, Z + Z.replace("z", "n").replace("Z", "N"))), {"n": "live N"}),
    "a broken threshold": (changed(("title: X,", "title: X2,"), ("[s], thr", "[s], unit: 5, thr")), X_IS_KEPT),
    "an unknown key beside a valid edit": (
        changed(("X, sources: [s], thresholds: [{severity: warning, above", "X2, sources: [s], thresholds: [{severity: "
                 "warning, abov"), ("title: Y", "title: Y2")), X_IS_KEPT | {"y": "live Y2"}),
    "a duplicate key": (changed(("title: X", "title: X2, title: X3")), X_IS_KEPT),
    "an indicator twice": (TEXT + "  x: {title: X2, sources: [t]}\n", X_IS_KEPT),
    "a broken source": (changed(("title: S, file: s.csv, kind: flow", "title: S2, file: s.csv, kind: flows")),
                        S_IS_KEPT),
    "a broken source and a sound edit of what reads it": (
        changed(("file: s.csv, kind: flow", "file: s2.csv, kind: flows"), ("title: X", "title: X2")),
        S_IS_KEPT | {"x": "kept X2"}),
    "a source removed": (changed(("  s: {title: S, file: s.csv, kind: flow}\n", "")), S_IS_KEPT),
    "a source renamed": (changed(("  s: {title", "  s2: {title")), S_IS_KEPT),
    "a source that one of its readers goes not with": (
        changed(("title: T, file: t.csv, kind: flow", "title: T2, file: t.csv, kind: level")), {"y": "kept Y"}),
    "a source and its reader edited together": (
        changed(("title: T, file: t.csv, kind: flow", "title: T2, file: t.csv, kind: level"), (", combine: sum", "")),
        {}),
    "an indicator deleted that another needs": (changed((Z, "")), {"z": "kept Z", "c": "kept C"}),
    "an indicator deleted": (changed(("  y: {title: Y, sources: [s, t], combine: sum, evidence: [002.13.d]}\n", "")),
                             {"y": ""}),
    "an indicator renamed": (changed(("  y: {title: Y", "  y2: {title: Y2")), {"y": "", "y2": "live Y2"}),
    "an indicator renamed and broken": (changed(("  y: {title: Y", "  y2: {titl: Y")), {"y": "", "y2": "not loaded"}),
    "an indicator that never was good": (TEXT + "  n: {title: N, sources: [s], limit: 5}\n", {"n": "not loaded"}),
    "a new indicator beside a broken source": (
        changed(("file: t.csv, kind: flow", "file: t.csv, kind: flows")) + "  n: {title: N, sources: [t]}\n",
        {"y": "kept Y", "n": "kept N"}),
    "a source that takes an indicator's id": (
        changed(("indicators:\n", "  z: {title: Z2, file: z2.csv, kind: flow}\nindicators:\n")),
        {"z": "kept Z", "c": "kept C"}),
    "a source that takes an indicator's id, with a reader": (
        changed(("indicators:\n", "  z: {title: Z2, file: z2.csv, kind: flow}\nindicators:\n"),
                ("title: Y, sources: [s, t]", "title: Y2, sources: [s, z]")),
        {"z": "kept Z", "c": "kept C", "y": "kept Y"}),
    "an indicator that takes a source's id": (TEXT + Z.replace("z:", "s:"), {"s": "not loaded"}),
    "a circle": (changed(("title: X, sources: [s], thresholds: [{severity: warning, above: 5}]",
                          "title: X2, thresholds: [{severity: warning, any_of: [c]}]")), X_IS_KEPT),
    "a need that never fires": (changed(("title: X, sources: [s], thresholds: [{severity: warning",
                                         "title: X2, sources: [s], thresholds: [{severity: info")), X_IS_KEPT),
    "all indicators deleted": (changed().split("indicators:")[0] + "indicators: {}\n", dict.fromkeys(LIVE, "")),
    "indicators: twice": (TEXT + "indicators: {}\n", {}),
    "the first of two indicators: holds less": (
        changed((Z, "")) + "indicators:\n" + Z, {"z": "kept Z", "c": "kept C"}),
    "sources: twice": ("sources: {}\n" + TEXT, S_IS_KEPT),
    "sources: is a list": (changed(("sources:\n", "sources: []\nothers:\n")), S_IS_KEPT),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_sound_goes_live_and_what_is_not_stays_as_it_was_good(edit: str, path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    text, differs = EDITS[edit]
    found = looked(path, state, text)
    assert told(found) == {name: said for name, said in {**LIVE, **differs}.items() if said}
    assert found.unreadable == ()
    # a second look, with what was remembered at the first one, changes nothing
    assert told(load_active_catalog(path, CLAIMS, state)) == told(found)
    assert told(looked(path, state, TEXT)) == LIVE


TAB = "version: 1\nindicators:\n\tx: {}\n"


def empty(path: Path) -> None:
    path.write_text("")


def tabs(path: Path) -> None:
    path.write_text(TAB)


def no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")


def half_written(path: Path) -> None:
    path.write_text(TEXT[: TEXT.index("above") + 3])


def gone(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def an_alias(path: Path) -> None:
    path.write_text("a: &a {}\nversion: 1\nindicators: *a\n")


def a_dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.yaml")


HARMS: tuple[Callable[[Path], None], ...] = (
    empty, tabs, no_text, half_written, gone, a_folder, an_alias, a_dangling_link,
)  # fmt: skip


@pytest.mark.parametrize("harm", HARMS)
def test_a_file_that_cannot_be_read_leaves_all_last_good_definitions(
    harm: Callable[[Path], None], path: Path, state: Path
) -> None:
    before = looked(path, state, TEXT)
    harm(path)
    found = looked(path, state)
    assert told(found) == KEPT
    assert found.unreadable == found.kept["x"] == found.catalog.problems
    assert found.catalog.canonical_json == before.catalog.canonical_json
    assert told(looked(path, state)) == KEPT


@pytest.mark.parametrize("harm", HARMS)
def test_a_file_that_cannot_be_read_and_never_was_is_an_error(
    harm: Callable[[Path], None], path: Path, state: Path
) -> None:
    path.write_text(TEXT)
    harm(path)
    with pytest.raises(CatalogError):
        load_active_catalog(path, CLAIMS, state)


def test_a_file_without_the_right_to_read_it_leaves_all(
    path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, for whom every file can be read."""
    looked(path, state, TEXT)
    allowed = Path.read_bytes

    def refused(self: Path) -> bytes:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return allowed(self)

    monkeypatch.setattr(Path, "read_bytes", refused)
    found = load_active_catalog(path, CLAIMS, state)
    assert told(found) == KEPT
    assert "Permission denied" in str(found.unreadable[0])


def test_each_kept_indicator_says_why_with_the_line(path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    text = changed(("severity: warning, above: 5}]}\n  y", "severity: warning, abov: 5}]}\n  y"), (Z, ""))
    kept = looked(path, state, text).kept
    assert [str(one).split(" ", 1)[0] for one in kept["x"]] == ["indicators.yaml:6:64"]
    assert 'did you mean "above"?' in str(kept["x"][0])
    assert [str(one).split(": ", 1) for one in kept["z"] if one.path == "indicators.z"] == [
        ["indicators.yaml:8:3 indicators.z", "gone from the file, but c needs it; its last good definition stands"]
    ]
    assert {*kept["x"], *kept["z"]} <= set(kept["c"])


def test_a_kept_source_says_why_to_all_that_read_it(path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    found = looked(path, state, changed(("title: S, file: s.csv, kind: flow", "title: S, file: s.csv, kind: flows")))
    assert found.catalog.sources["s"].kind == "flow"
    (problem,) = found.kept["x"]
    assert (problem.line, problem.path) == (3, "sources.s.kind")
    assert found.kept["y"] == found.kept["c"] == found.kept["x"]


def test_a_sound_edit_that_is_held_back_says_for_whose_sake(path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    found = looked(path, state, EDITS["a source that one of its readers goes not with"][0])
    assert found.catalog.sources["t"].title == "T"
    why = " ".join(map(str, found.kept["y"]))
    assert "4:3 sources.t: the edit is not live: y would not load with it; its last good definition stands" in why
    assert "only sources of kind flow can be added up" in why


def test_a_deleted_indicator_that_comes_back_broken_is_not_loaded(path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    looked(path, state, EDITS["an indicator deleted"][0])
    broken = changed(("title: Y", "titl: Y"))
    assert told(looked(path, state, broken)) == LIVE | {"y": "not loaded"}


def test_a_broken_indicator_is_kept_over_any_number_of_edits_of_others(path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    broken = changed(("title: X", "titl: X"))
    for number in range(3):
        found = looked(path, state, broken.replace("title: Y", f"title: Y{number}"))
        assert told(found) == LIVE | X_IS_KEPT | {"y": f"live Y{number}"}
    assert told(looked(path, state, broken.replace("titl: X", "title: X5"))) == LIVE | {"x": "live X5"}


def test_a_claim_that_left_seeds_takes_no_indicator_away(path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    found = looked(path, state, claims={"another"})
    assert told(found) == LIVE | {"y": "kept Y"}
    assert "no claim 002.13.d" in str(found.kept["y"])


def test_a_broken_source_that_nothing_reads_now_is_not_forgotten(path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    unneeded = changed(("title: Y, sources: [s, t]", "title: Y, sources: [s]"), ("title: T", "titl: T"))
    assert told(looked(path, state, unneeded)) == LIVE
    again = changed(("title: T", "titl: T"))
    assert told(looked(path, state, again)) == LIVE | {"y": "kept Y"}


def test_without_a_memory_everything_is_as_the_file_says(path: Path, state: Path) -> None:
    path.write_text(changed(("title: X", "titl: X")))
    found = load_active_catalog(path, CLAIMS, state)
    assert told(found) == {"x": "not loaded", "y": "live Y", "z": "live Z", "c": "not loaded"}
    assert not state.exists()


def test_nothing_writes_to_the_officers_file_or_beside_it(path: Path, state: Path) -> None:
    path.write_text(TEXT)
    path.chmod(0o444)
    before = path.stat()
    for text in (TEXT, changed(("title: X", "titl: X")), TAB):
        path.chmod(0o644)
        path.write_text(text)
        before = path.stat()
        looked(path, state)
        assert (path.read_text(), path.stat().st_mtime_ns) == (text, before.st_mtime_ns)
    assert {one.name for one in path.parent.iterdir()} == {"indicators.yaml", "var"}
    assert [oct(one.stat().st_mode & 0o777) for one in (state, last_good_file(state).parent)] == ["0o700", "0o700"]


def test_a_file_that_did_not_change_is_not_remembered_again(path: Path, state: Path) -> None:
    for text in (TEXT, changed(("title: X", "titl: X")), TAB):
        looked(path, state, text)
        before = last_good_file(state).stat()
        found = looked(path, state)
        assert found.is_saved
        assert last_good_file(state).stat().st_ino == before.st_ino


@pytest.mark.parametrize("file", [ROOT / "indicators.yaml", *BAD], ids=lambda file: file.stem)
def test_all_that_was_good_comes_back_as_it_was(file: Path, path: Path, state: Path) -> None:
    before = looked(path, state, file.read_text()).catalog
    found = looked(path, state, "").catalog
    assert found.canonical_json == before.canonical_json
    assert [repr(one) for one in found.indicators.values()] == [repr(one) for one in before.indicators.values()]


RETOLD = """version: 1
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
    ("text", "standing"),
    [
        (RETOLD.replace(B, ""), {"x": "kept X", "y": "kept Y"}),
        (RETOLD.replace(B, B.replace("}", ", repeats: a}")), {"x": "kept X", "y": "kept Y"}),
        (RETOLD.replace("repeats: b", "repeats: nobody"), {"x": "kept X", "y": "live Y"}),
        (RETOLD.replace(B, "").replace("repeats: b", "repeat: b"), {"x": "kept X", "y": "kept Y"}),
        (RETOLD.replace("file: b.csv", "fil: b.csv"), {"x": "live X", "y": "live Y"}),
    ],
    ids=["one retold is gone", "a circle", "nobody is retold", "gone, and its reteller broken", "one retold is broken"],
)
def test_what_a_source_retells_takes_no_indicator_with_it(
    path: Path, state: Path, text: str, standing: dict[str, str]
) -> None:
    looked(path, state, RETOLD)
    found = looked(path, state, text)
    assert told(found) == standing
    assert all(why for why in found.kept.values())
    assert set(told(looked(path, state, ""))) == {"x", "y"}
    assert told(looked(path, state, "")) == {"x": "kept X", "y": "kept Y"}


def test_who_retells_a_source_that_never_was_good_comes_back_alone(path: Path, state: Path) -> None:
    assert told(looked(path, state, RETOLD.replace("file: b.csv", "fil: b.csv"))) == {"x": "live X", "y": "live Y"}
    assert told(looked(path, state, "")) == {"x": "kept X", "y": "kept Y"}


# --- the memory ---


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def flipped(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"above": 5', b'"above": 9'))


def no_json(file: Path) -> None:
    file.write_bytes(b"\x00\xff{")


def of_another_version(file: Path) -> None:
    file.write_text(json.dumps({"version": 2, "seal": "", "good": {}}))


def of_another_shape(file: Path) -> None:
    file.write_text("[1]")


def not_a_file(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (cut, "damaged"),
        (emptied, "damaged"),
        (flipped, "damaged"),
        (no_json, "damaged"),
        (of_another_shape, "damaged"),
        (of_another_version, "written by another version of Watchfloor (form 2, not 1)"),
        (not_a_file, "cannot be read"),
    ],
)
def test_a_memory_that_cannot_be_used_is_a_visible_problem(
    harm: Callable[[Path], None], said: str, path: Path, state: Path
) -> None:
    looked(path, state, TEXT)
    harm(last_good_file(state))
    path.write_text(changed(("title: X", "titl: X")))
    found = load_active_catalog(path, CLAIMS, state)
    assert told(found) == LIVE | {"x": "not loaded", "c": "not loaded"}
    (problem,) = [one for one in found.catalog.problems if one.file == str(last_good_file(state))]
    assert problem.message.startswith(said)
    path.write_text("")
    with pytest.raises(CatalogError, match=r"good\.json"):
        load_active_catalog(path, CLAIMS, state)


def test_a_damaged_memory_is_written_anew(path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    cut(last_good_file(state))
    looked(path, state)
    found = looked(path, state, "")
    assert told(found) == KEPT
    assert len(found.catalog.problems) == 1


def test_a_memory_of_another_catalogue_is_none(path: Path, state: Path) -> None:
    looked(path, state, TEXT)
    other = path.with_name("edited.yaml")
    other.write_text("")
    with pytest.raises(CatalogError):
        load_active_catalog(other, CLAIMS, state)


def test_a_memory_goes_with_the_folder_that_holds_it_and_its_catalogue(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    looked(tmp_path / "one" / "indicators.yaml", tmp_path / "one" / "var", TEXT)
    (tmp_path / "one").rename(tmp_path / "two")
    (tmp_path / "link").symlink_to(tmp_path / "two")
    for folder in (tmp_path / "two", tmp_path / "link"):
        assert told(looked(folder / "indicators.yaml", tmp_path / "two" / "var", "")) == KEPT


def test_a_catalogue_behind_a_link_that_is_switched_is_the_same_one(tmp_path: Path) -> None:
    """As Kubernetes mounts a ConfigMap."""
    for name, text in (("1", TEXT), ("2", changed(("title: X", "titl: X")))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "indicators.yaml").write_text(text)
    path, data = tmp_path / "indicators.yaml", tmp_path / "data"
    path.symlink_to("data/indicators.yaml")
    data.symlink_to("1")
    assert told(looked(path, tmp_path / "var")) == LIVE
    data.unlink()
    data.symlink_to("2")
    assert told(looked(path, tmp_path / "var")) == LIVE | X_IS_KEPT


def test_the_cache_of_catalogues_never_takes_one_memory_for_another(path: Path, tmp_path: Path) -> None:
    broken = changed(("title: X", "titl: X"))
    for number in (1, 2, 1):
        state = tmp_path / f"var{number}"
        looked(path, state, changed(("title: X", f"title: X{number}")))
        for _ in range(2):
            assert told(looked(path, state, broken))["x"] == f"kept X{number}"
    assert told(load_active_catalog(path, CLAIMS, tmp_path / "none"))["x"] == "not loaded"


# --- a file that is being written ---


def test_a_file_that_is_still_being_written_deletes_nothing(
    path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The half that stands there first is a sound catalogue, with fewer indicators."""
    looked(path, state, TEXT)
    edited = changed(("title: X", "title: X2"))
    written = [edited[: edited.index("  z:")], edited[: edited.index("  c:")], edited]

    def goes_on(seconds: float) -> None:
        assert seconds < 1
        if written:
            path.write_text(written.pop(0))

    path.write_text(edited[: edited.index("  y:")])
    monkeypatch.setattr(module, "sleep", goes_on)
    assert told(looked(path, state)) == LIVE | {"x": "live X2"}


@pytest.mark.parametrize("end", range(0, len(TEXT), 9))
def test_wherever_a_file_is_cut_while_somebody_writes_it_nobody_is_lost(
    end: int, path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(path, state, TEXT)
    edited = changed(("title: X", "title: X2"))
    monkeypatch.setattr(module, "sleep", lambda _: path.write_text(edited))
    found = looked(path, state, edited[:end])
    assert set(found.catalog.indicators) == set(LIVE)
    assert told(looked(path, state, edited)) == LIVE | {"x": "live X2"}


# --- all edits together ---

WAYS = {
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


@settings(deadline=None, max_examples=50)
@given(st.fixed_dictionaries({name: st.sampled_from(["", *ways]) for name, ways in WAYS.items()}), st.randoms())
def test_whatever_is_edited_together_no_indicator_that_was_good_and_still_stands_in_the_file_is_lost(
    edit: dict[str, str], random: Random
) -> None:
    with TemporaryDirectory() as folder:
        path, state = Path(folder, "indicators.yaml"), Path(folder, "var")
        before = looked(path, state, TEXT).catalog
        names = random.sample(sorted(WAYS), len(WAYS))
        lines = {name: f"  {name}: {edit[name]}\n" for name in names if edit[name]}
        text = "version: 1\nsources:\n  v: {title: V, file: v.csv}\n"
        text += (
            "".join(line for name, line in lines.items() if name in "stu") + "indicators:\n  v: {title: V, file: v}\n"
        )
        text += "".join(line for name, line in lines.items() if name not in "stu")
        path.write_text(text)
        found = load_active_catalog(path, CLAIMS, state)
        in_force = found.catalog.indicators
        assert {name for name in LIVE if edit[name]} <= set(in_force)
        assert set(found.catalog.not_loaded) == {"v"}
        now = parse_catalog(text, "indicators.yaml", path.parent, CLAIMS)
        assert bool(found.kept) == (set(now.not_loaded) != {"v"})
        for name, one in in_force.items():
            if name not in found.kept:
                assert one.title == now.indicators.get(name, one).title
                assert one.title != before.indicators[name].title or edit[name] == WAYS[name][0]
