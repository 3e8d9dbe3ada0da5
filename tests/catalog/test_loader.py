"""Sound entries of `indicators.yaml` load, and every problem is reported at once, with its place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.catalog.indicator import json_schema
from dashboard.catalog.loader import load_catalog, parse_catalog
from dashboard.catalog.messages.written_numbers import yaml_number
from dashboard.domain.errors import CatalogError

ROOT = Path(__file__).parents[2]
BAD = sorted((Path(__file__).parents[1] / "bad_catalogs").glob("*.yaml"))
CLAIMS = {"002.11.a", "002.13.d"}


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_mistake_is_reported_with_its_place_and_its_remedy(path: Path) -> None:
    """The first comment of each file is the message, and there is no other."""
    expected = path.read_text().splitlines()[0].removeprefix("# ")
    problems = load_catalog(path, CLAIMS).problems
    assert [str(problem).removeprefix(f"{path.name}:") for problem in problems] == [expected]


def _above(text: str, quotes: bool) -> list[str]:
    level = f'"{text}"' if quotes else text
    thresholds = f"[{{severity: warning, above: {level}}}]"
    text = f"version: 1\nindicators:\n  x: {{title: X, file: x.csv, thresholds: {thresholds}}}\n"
    try:
        catalog = parse_catalog(text, "indicators.yaml", Path())
    except CatalogError as error:
        return [problem.message for problem in error.problems]
    if catalog.problems:
        return [problem.message for problem in catalog.problems]
    return [repr(catalog.indicators["x"].thresholds[0].level.hardness)]


FIGURES = (
    st.floats(allow_nan=False).flatmap(
        lambda number: st.sampled_from([f"{number!r}", f"{number:g}", f"{number:e}", f"{number:.0f}", f"{number:f}"])
    )
    | st.integers(min_value=-(10**30), max_value=10**30).map(str)
    | st.from_regex(r"[-+]?[0-9]{1,12}(\.[0-9]{0,12})?([eE][-+]?[0-9]{1,3})?", fullmatch=True)
    | st.text("0123456789.,eE+-_ '", min_size=1, max_size=12)
)


@given(FIGURES, st.booleans())
def test_the_number_that_a_message_advises_is_accepted_and_is_the_same(text: str, quotes: bool) -> None:
    for message in _above(text, quotes):
        if advised := re.search("; write (\\S+) without quotes", message):
            (taken,) = _above(advised[1], quotes=False)
            assert float(taken) == float(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_has_a_form_that_yaml_reads_back(number: float) -> None:
    written = yaml_number(number)
    assert written is not None
    assert float(_above(written, quotes=False)[0]) == number


def test_all_problems_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = """version: 1
sources:
  s: {title: S, file: ../s.csv, kind: flows}
indicators:
  a: {title: A, file: a.csv, thresholds: [{severity: warning, abov: 5}]}
  b: {title: B, sources: [t]}
  c: {title: C, file: c.csv, limit: 5}
"""
    catalog = parse_catalog(text, "indicators.yaml", Path())
    assert [str(problem).split(":")[1] for problem in catalog.problems] == ["3", "3", "5", "6", "7"]
    assert str(catalog.problems[2]) == (
        'indicators.yaml:5:63 indicators.a.thresholds[0].abov: unknown key; did you mean "above"?'
    )


def test_one_broken_indicator_leaves_the_others_running() -> None:
    text = """version: 1
indicators:
  good: {title: Good, file: g.csv, thresholds: [{severity: warning, above: 5}]}
  bad: {title: Bad, file: b.csv, thresholds: [{severity: warning, abov: 5}]}
"""
    catalog = parse_catalog(text, "indicators.yaml", Path())
    assert list(catalog.indicators) == ["good"]
    assert list(catalog.not_loaded) == ["bad"]


def test_an_indicator_whose_source_is_broken_is_not_loaded_and_says_so() -> None:
    text = """version: 1
sources:
  s: {title: S, file: s.csv, kind: flows}
indicators:
  x: {title: X, sources: [s]}
"""
    catalog = parse_catalog(text, "indicators.yaml", Path())
    assert "source s is not loaded" in catalog.not_loaded["x"][0].message


def test_the_smallest_indicator_works() -> None:
    text = """version: 1
indicators:
  tumangang_railcars:
    title: Freight railcars at Tumangang
    unit: railcars
    file: data/tumangang_railcars.csv
    thresholds:
      - {severity: critical, times_baseline: 2}
"""
    catalog = parse_catalog(text, "indicators.yaml", Path())
    assert catalog.problems == ()
    assert catalog.indicators["tumangang_railcars"].sources == ["tumangang_railcars"]
    assert catalog.sources["tumangang_railcars"].file == "data/tumangang_railcars.csv"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there must be a mapping indicators:"),
        ("- a\n- b", "there must be a mapping indicators:"),
        ("indicators: 5", "there must be a mapping indicators:"),
        ("indicators:\n  x: {title: [", "not YAML"),
        ("a: b: c", "not YAML"),
        ("\tindicators:", "not YAML"),
        ("indicators: {x: {}}\n---\nindicators: {}", "not YAML"),
        ("[" * 5000, "nested deeper than 20 levels"),
        ("indicators: " + "[" * 60_000, "nested deeper than 20 levels"),
        ("a: \x00", "not YAML"),
    ],
)
def test_a_file_that_is_no_catalogue_is_one_clear_error(text: str, message: str) -> None:
    with pytest.raises(CatalogError) as caught:
        parse_catalog(text, "indicators.yaml", Path())
    assert message in str(caught.value)


def test_an_alias_bomb_is_refused_quickly() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    catalog = parse_catalog("version: 1\nindicators: {}\n" + "\n".join(lines), "x.yaml", Path())
    assert any("aliases" in problem.message for problem in catalog.problems)


def test_a_catalogue_that_is_not_text_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "indicators.yaml").write_bytes(b"\xff\xfe\x00bin")
    with pytest.raises(CatalogError, match="cannot be read"):
        load_catalog(tmp_path / "indicators.yaml")
    with pytest.raises(CatalogError, match="no such file"):
        load_catalog(tmp_path / "missing.yaml")


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    text = "\ufeffversion: 1\r\nindicators:\r\n  x: {title: X, file: x.csv}\r\n"
    catalog = parse_catalog(text.removeprefix("\ufeff"), "x.yaml", Path())
    assert catalog.problems == ()


def test_the_committed_schema_is_current_and_the_catalogue_points_at_it() -> None:
    committed = ROOT / "dashboard" / "catalog" / "indicators.schema.json"
    assert json.loads(committed.read_text()) == json_schema()
    first = (ROOT / "indicators.yaml").read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema={committed.relative_to(ROOT).as_posix()}"


def test_the_schema_knows_every_threshold_kind() -> None:
    from dashboard.thresholds.kinds import KINDS

    text = json.dumps(json_schema())
    assert all(f'"{kind.key}"' in text for kind in KINDS)


def test_a_key_that_is_not_written_is_no_part_of_a_definition() -> None:
    """What a source without further keys has always been defined by; a new key needs `exclude_if=is_unwritten`."""
    text = "version: 1\nindicators:\n  x: {title: X, file: x.csv}\n"
    (definition,) = parse_catalog(text, "indicators.yaml", Path()).definitions["sources"].values()
    expected = (
        "allow_private authorization columns counts dates decimal encoding ended exact expect expect_every factors "
        "file final_line_break folder glob holds independent_of kind known_by late_after limitations publisher refresh "
        "repeats scope separator series_break stale_after thousands timezone title url where where_not"
    )
    assert sorted(json.JSONDecoder().raw_decode(definition)[0]) == expected.split()
