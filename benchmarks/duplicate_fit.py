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
from agpis.stage1.pair_model import ASKED, FEATURES, OUTCOMES, QUESTIONS, WEIGHTS_FILE, PairModel
from agpis.types import Image, PairRelation
from benchmarks.pairs.made import RECOLOURINGS, Kind, MadePair, make_pairs, read_photos
from benchmarks.pairs.rendered import render_pairs

# Catalogue -> made pairs of every kind of copy; small ones give fewer.
LEARNED = {"clothing": 90, "saleor": 10, "solidus": 5}
ALIKE = ("saleor", "solidus")  # their products are variants of one drawing, so that "other" photos repeat one another
ROUNDS = 4
STRENGTH = 10.0  # of the data against small weights
PRECISION = 0.95  # on pairs that were not fitted, at the recommended threshold
CAUTIONS = np.arange(0.0, 3.01, 0.1)  # log odds by which "nothing" is made likelier until that precision is reached
UNSEEN = 1000  # added to the seed: other pairs of the same catalogues, other rendered products
# Where the turns begin: support and agreement speak for a shared part, kept edges in other colours for two colours.
_START = {
    "shared": {"bias": -6.0, "support": 3.0, "repeated": 4.0, "shape": 4.0},
    "in two colours": {"overlap": -4.0, "kept_structure": 8.0},
}
_COLUMNS = [[FEATURES.index(name) for name in names] for names in ASKED.values()]


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
    rendered: Annotated[int, typer.Option(help="Rendered products.")] = 40,
    seed: Annotated[int, typer.Option(help="Draws the pairs.")] = 0,
) -> None:
    """Write the weights and print how the pairs they were fitted to come out."""
    progress = Console(stderr=True)
    parts = []
    for name, start in (("fitted", seed), ("unseen", seed + UNSEEN)):
        pairs = [*_catalog_pairs(catalogs, start), *render_pairs(rendered, start)]
        collected = [collect(pair) for pair in track(pairs, name, console=progress)]
        parts.append([example for example in collected if example is not None])
        Console().print(f"{name}: {len(pairs)} pairs, {len(parts[-1])} of them with anything in common")
    fitted = fit(parts[0])
    caution = choose_caution(fitted, parts[1])
    model = cautious(fitted, caution)
    out.write_text(model.to_json(), encoding="utf-8")
    Console().print(f"{out}: caution {caution:.1f}")
    for name, examples in zip(("fitted", "unseen"), parts, strict=True):
        for outcome, truth in enumerate(OUTCOMES):
            called = [_called(model, example) for example in examples if example.outcome == outcome]
            counts = ", ".join(f"{OUTCOMES[index]} {called.count(index)}" for index in range(len(OUTCOMES)))
            Console().print(f"  {name}, truth {truth}: called {counts}")


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
    outcome = 1 if pair.is_copy else 2 if pair.kind in RECOLOURINGS else 0
    return Example(outcome, np.array(rows))


def fit(examples: Sequence[Example], rounds: int = ROUNDS) -> PairModel:
    """Choose a way for every pair and fit the model to these, in turns.

    Where no way is right all are taken; every pair counts once.
    """
    model = _start()
    for _ in range(rounds):
        chosen = [each.features[_chosen(model, each)] for each in examples]
        outcomes = np.concatenate(
            [np.full(len(rows), each.outcome) for rows, each in zip(chosen, examples, strict=True)]
        )
        each_pair_once = np.concatenate([np.full(len(rows), 1 / len(rows)) for rows in chosen])
        rows, found = np.concatenate(chosen), outcomes > 0
        shared = _answer(0, rows, found, each_pair_once)
        coloured = _answer(1, rows[found], outcomes[found] == OUTCOMES.index(PairRelation.VARIANT))
        model = PairModel(*(np.array(part) for part in zip(shared, coloured, strict=True)))
    return model


def _answer(
    question: int,
    rows: npt.NDArray[np.float64],
    answers: npt.NDArray[np.bool_],
    counts: npt.NDArray[np.float64] | None = None,
) -> tuple[float, npt.NDArray[np.float64]]:
    """Bias and weights of the model for one question."""
    columns = _COLUMNS[question]
    fitted = LogisticRegression(C=STRENGTH, max_iter=5000).fit(rows[:, columns], answers, counts)
    weights = np.zeros(len(FEATURES))
    weights[columns] = fitted.coef_[0]
    return float(fitted.intercept_[0]), weights


def choose_caution(model: PairModel, examples: Sequence[Example]) -> float:
    """The least of CAUTIONS at which PRECISION of what is called duplicate is; the most when none reaches it."""
    for caution in CAUTIONS:
        called = [each.outcome for each in examples if _called(cautious(model, caution), each) == 1]
        if called and called.count(1) / len(called) >= PRECISION:
            return float(caution)
    return float(CAUTIONS[-1])


def cautious(model: PairModel, caution: float) -> PairModel:
    """The model with that much more in favour of "nothing"."""
    return replace(model, bias=model.bias - np.array([caution, 0.0]))


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
    rows = [_START[question] for question in QUESTIONS]
    weights = np.array([[row.get(name, 0.0) for name in FEATURES] for row in rows])
    return PairModel(np.array([row.get("bias", 0.0) for row in rows]), weights)


if __name__ == "__main__":
    typer.run(main)
