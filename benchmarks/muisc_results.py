"""Write docs/results.md from two reports of `benchmarks.muisc_evaluation`.

    python -m benchmarks.muisc_results --a runs/market.json --b runs/magento.json --out docs/results.md

What stands below the marker of an existing page was written by hand and is kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.muisc.document import render
from benchmarks.muisc.report import read_report


def main(
    a: Annotated[Path, typer.Option("--a", help="Report on the simulated test split.")],
    b: Annotated[Path, typer.Option("--b", help="Report on real photos.")],
    out: Annotated[Path, typer.Option(help="Page to write.")] = Path("docs/results.md"),
) -> None:
    """Write the page."""
    before = out.read_text(encoding="utf-8") if out.is_file() else ""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(render(read_report(a), read_report(b), before), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
