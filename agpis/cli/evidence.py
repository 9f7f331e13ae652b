"""`agpis train-evidence`: fit the judge of overlaid and printed text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agpis.cli.options import Data, Seed
from agpis.cli.output import print_json


def train_evidence(
    data: Data,
    out: Annotated[
        Path, typer.Option(help="JSON file to write; agpis/stage1/evidence/lines.json is the one that ships.")
    ],
    limit: Annotated[int, typer.Option(min=9, help="At most this many training images.")] = 1500,
    false_alarms: Annotated[
        float, typer.Option(min=0, max=0.99, help="Share of printed validation lines that may be taken for overlays.")
    ] = 0.02,
    seed: Seed = 0,
) -> None:
    """Fit the judge that tells text laid over a photo from text printed on the product."""
    from agpis.training.evidence import fit_judge

    print_json(fit_judge(data, out, limit, false_alarms, seed))
