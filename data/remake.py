"""Remakes every observation below this folder from the published figures beside it: `python data/remake.py`.

Which figure goes where stands in the tables that `shipped.py` puts together, what stays out and why in
`not_shipped.py`; they are written in the words of `recipes.py`. Every row of the figures must be accounted for:
as an observation, as a factor or other input of a derivation, or as not shipped. The output depends on the figures
file alone.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import astuple
from pathlib import Path

from figures import Figures, FiguresError
from not_shipped import NOT_SHIPPED
from recipes import COLUMNS, Observation
from shipped import SHIPPED

HERE = Path(__file__).parent


def observations(figures: Figures) -> tuple[dict[str, list[Observation]], list[str]]:
    """Each file's observations by period, then publication; and every problem found on the way."""
    made: dict[str, list[Observation]] = {}
    problems = []
    for path, file in SHIPPED.items():
        made[path] = []
        for recipe in file.recipes:
            try:
                made[path] += recipe.observe(figures, file.unit, file.status)
            except FiguresError as problem:
                problems.append(f"{path}: {problem}")
        made[path].sort(key=lambda observation: observation.order)
    return made, problems


def account(figures: Figures) -> list[str]:
    """Mark what is not shipped, on purpose; return the rows that nothing accounts for, and empty selectors."""
    problems = []
    for selector, reason in NOT_SHIPPED:
        try:
            figures.find(selector, "not shipped")
        except FiguresError as problem:
            problems.append(f"not shipped ({reason}): {problem}")
    unaccounted = [f"{row}: neither shipped, nor an input, nor not shipped" for row in figures.unaccounted()]
    return problems + unaccounted


def write(path: Path, rows: list[Observation]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(astuple(row) for row in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description="Remake the shipped observations from published figures.")
    parser.add_argument("figures", type=Path, nargs="?", default=HERE / "published_figures.csv", help="a CSV file")
    parser.add_argument("--into", type=Path, default=HERE, help="folder (default: this one)")
    arguments = parser.parse_args()

    figures = Figures.read(arguments.figures)
    made, problems = observations(figures)
    problems += account(figures)
    if problems:
        print("\n".join(f"{arguments.figures.name}: {problem}" for problem in problems), file=sys.stderr)
        return 1
    for path, rows in made.items():
        write(arguments.into / path, rows)
    print(f"{sum(map(len, made.values()))} observations in {len(made)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
