"""Choose the weights by which image-pair recognition weighs its evidence, and write them beside the code.

    python -m benchmarks.duplicate_fit --catalogs CATALOGS [--out agpis/stage1/pair_model.json]

Learns from pairs made of the catalogues whose pictures shipped models may learn from, and from rendered products, of
which there are other views; `benchmarks.duplicates` measures on other catalogues. Of the ways to lay one picture over
another, the one that the model itself believes most stands for a pair, so choosing and fitting take turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console
from rich.progress import track
from sklearn.linear_model import LogisticRegression

from agpis.stage1.duplicates import describe, verdicts
from agpis.stage1.pair_model import FEATURES, OUTCOMES, WEIGHTS_FILE, PairModel
from agpis.types import Image
from benchmarks.pairs.made import Kind, MadePair, make_pairs, read_photos
from benchmarks.pairs.rendered import render_pairs

# Catalogue -> made pairs of every kind of copy; small ones give fewer.
LEARNED = {"clothing": 24, "saleor": 10, "solidus": 5}
ALIKE = ("saleor", "solidus")  # their products are variants of one drawing, so that "other" photos repeat one another
ROUNDS = 4
STRENGTH = 3.0  # of the data against small weights
# Log odds by which "nothing" is likelier than among these pairs, of which half are copies; costs 1% of the copies found
# and spares a third of the other views that were called anything.
CAUTION = 0.7
# Where the turns begin: support and agreement speak for a duplicate, kept edges in other colours for a variant.
_START = {
    "nothing": {"bias": 0.0},
    "duplicate": {"bias": -6.0, "support": 3.0, "repeated": 4.0, "overlap": 4.0, "coverage": 1.0},
    "variant": {"bias": -6.0, "support": 3.0, "repeated": 4.0, "kept_structure": 8.0},
}


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One made pair.

    Attributes:
        outcome: index into OUTCOMES.
        features: (ways, len(FEATURES)), one row for every way to lay one picture over the other; at least one.
    """

    outcome: int
    features: npt.NDArray[np.float64]


def main(
    catalogs: Annotated[Path, typer.Option(help="Folder of catalogues.")],
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("agpis/stage1") / WEIGHTS_FILE,
    rendered: Annotated[int, typer.Option(help="Rendered products.")] = 16,
    seed: Annotated[int, typer.Option(help="Draws the pairs.")] = 0,
) -> None:
    """Write the weights and print how the pairs they were fitted to come out."""
    progress = Console(stderr=True)
    pairs = [*_catalog_pairs(catalogs, seed), *render_pairs(rendered, seed)]
    collected = [collect(pair) for pair in track(pairs, "pairs", console=progress)]
    examples = [example for example in collected if example is not None]
    model = fit(examples)
    out.write_text(model.to_json(), encoding="utf-8")
    Console().print(f"{out}: {len(pairs)} pairs, {len(examples)} of them with anything in common")
    for outcome, name in enumerate(OUTCOMES):
        called = [_called(model, example) for example in examples if example.outcome == outcome]
        counts = ", ".join(f"{OUTCOMES[index]} {called.count(index)}" for index in range(len(OUTCOMES)))
        Console().print(f"  truth {name}: called {counts}")


def _catalog_pairs(catalogs: Path, seed: int) -> Iterator[MadePair]:
    for name, copies in LEARNED.items():
        made = make_pairs(read_photos(catalogs / name), copies, seed)
        yield from (pair for pair in made if name not in ALIKE or pair.kind is not Kind.OTHER)


def collect(pair: MadePair) -> Example | None:
    """The evidence on a pair, or None when no way to lay one picture over the other was found."""
    first, second = describe([Image("first", pair.first), Image("second", pair.second)])
    rows = [verdict.features for verdict in verdicts(first, second, model=_start()) if verdict.features.size]
    if not rows:
        return None
    outcome = 1 if pair.is_copy else 2 if pair.kind is Kind.RECOLOURED else 0
    return Example(outcome, np.array(rows))


def fit(examples: Sequence[Example], rounds: int = ROUNDS) -> PairModel:
    """Choose a way for every pair and fit the model to these, in turns.

    Where no way is right all are taken; every pair counts once.
    """
    model = _start()
    for _ in range(rounds):
        chosen = [each.features[_chosen(model, each)] for each in examples]
        outcomes = [np.full(len(rows), each.outcome) for rows, each in zip(chosen, examples, strict=True)]
        weights = [np.full(len(rows), 1 / len(rows)) for rows in chosen]
        fitted = LogisticRegression(C=STRENGTH, max_iter=5000)
        fitted.fit(np.concatenate(chosen), np.concatenate(outcomes), np.concatenate(weights))
        model = PairModel(fitted.intercept_, fitted.coef_)
    return replace(model, bias=model.bias + np.array([CAUTION, 0.0, 0.0]))


def _chosen(model: PairModel, example: Example) -> slice:
    if example.outcome == 0:
        return slice(None)
    best = _best(model, example)
    return slice(best, best + 1)


def _called(model: PairModel, example: Example) -> int:
    """Index into OUTCOMES, at the recommended threshold."""
    probabilities = model.probabilities(example.features[_best(model, example)])
    best = 1 + int(probabilities[1:].argmax())
    return best if probabilities[best] >= 0.5 else 0


def _best(model: PairModel, example: Example) -> int:
    return int(model.probabilities(example.features)[:, 1:].max(axis=1).argmax())


def _start() -> PairModel:
    bias = np.array([_START[outcome]["bias"] for outcome in OUTCOMES])
    return PairModel(bias, np.array([[_START[outcome].get(name, 0.0) for name in FEATURES] for outcome in OUTCOMES]))


if __name__ == "__main__":
    typer.run(main)
