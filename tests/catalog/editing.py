"""A small catalogue, edits of it, and which definitions are in force after them."""

from __future__ import annotations

from pathlib import Path

from dashboard.catalog.active.active_catalog import ActiveCatalog, load_active_catalog, save_last_good

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
FALLBACKS = {"x": "fallback X", "y": "fallback Y", "z": "fallback Z", "c": "fallback C"}
CLAIMS = {"002.13.d"}
Z = "  z: {title: Z, file: z.csv, thresholds: [{severity: warning, above: 5}]}\n"
X_FALLS_BACK = {"x": "fallback X", "c": "fallback C"}
S_FALLS_BACK = {"x": "fallback X", "y": "fallback Y", "c": "fallback C"}


def load_and_save(path: Path, state: Path, text: str | None = None, claims: set[str] = CLAIMS) -> ActiveCatalog:
    """The catalogue in force after the refresher has read the file, which is written first where a text is given."""
    if text is not None:
        path.write_text(text)
    active = load_active_catalog(path, claims, state)
    save_last_good(active, state)
    return active


def in_force(active: ActiveCatalog) -> dict[str, str]:
    """For each indicator the title in force, and whether it follows from the file or from last good definitions."""
    catalog = active.catalog
    loaded = {
        name: f"{'fallback' if name in catalog.fallbacks else 'live'} {indicator.title}"
        for name, indicator in catalog.indicators.items()
    }
    return loaded | dict.fromkeys(catalog.not_loaded, "not loaded")


def with_edits(*edits: tuple[str, str]) -> str:
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text
