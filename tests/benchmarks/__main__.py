"""`make bench`: every benchmark, a table each, with ratios to a reference timed in the same run."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tests.benchmarks import archive, backtest, commands, engine, intake, large_file, many, pages, refresh, whole_way

# the engine first: its memory is that of this process
BENCHMARKS = (engine, commands, many, intake, large_file, archive, refresh, whole_way, backtest, pages)


def main() -> None:
    console = Console()
    for benchmark in BENCHMARKS:
        table = Table(title=(benchmark.__doc__ or "").splitlines()[0], title_justify="left")
        for heading in ("what", "measured", "beside"):
            table.add_column(heading)
        for what, measured, beside in benchmark.run():
            table.add_row(what, measured, beside)
        console.print(table)


main()
