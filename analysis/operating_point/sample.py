"""The reviewed sequences that a threshold is chosen or judged on, and where they come from."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analysis.errors import AnalysisError, SplitError
from analysis.predictions import Bools, Floats, Ints, Predictions


@dataclass(frozen=True, slots=True)
class Source:
    """Where reviewed sequences come from.

    Attributes:
        split: one of train, val, test.
        n: reviewed sequences.
        products: products that they belong to.
        table: name of the file; empty for a table in memory.
        table_sha256: of the file; empty for a table in memory.
        model: what the table's `model` column says, several joined by a comma; empty without one.
    """

    split: str
    n: int
    products: int
    table: str = ""
    table_sha256: str = ""
    model: str = ""

    def in_words(self) -> str:
        """The split and its size."""
        return f"the {self.split} split ({self.n} reviewed sequences of {self.products} products)"


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedSample:
    """Scores and verdicts of the reviewed sequences of one split.

    Attributes:
        p_t: (n,) p^t in [0, 1].
        rejected: (n,) whether the reviewer rejected it.
        products: (n,) number of its product.
        source: where they come from.
    """

    p_t: Floats
    rejected: Bools
    products: Ints
    source: Source

    def __len__(self) -> int:
        return len(self.p_t)

    def from_file(self, name: str, sha256: str) -> ReviewedSample:
        """The same, of a table whose file is known: by its name and its SHA-256 in hexadecimal."""
        return replace(self, source=replace(self.source, table=name, table_sha256=sha256))

    def one_per_product(self, seed: int) -> ReviewedSample:
        """One random sequence of every product: rows that are independent when the products are.

        Args:
            seed: draws them.
        """
        order = np.random.default_rng(seed).permutation(len(self))
        _, first = np.unique(self.products[order], return_index=True)
        rows = np.sort(order[first])
        source = replace(self.source, n=len(rows))
        return ReviewedSample(self.p_t[rows], self.rejected[rows], self.products[rows], source)


def reviewed_sample(
    predictions: Predictions, split: str, table: str | os.PathLike[str] | None = None
) -> ReviewedSample:
    """The reviewed sequences of one split.

    Args:
        predictions: the table.
        split: one of train, val, test.
        table: the file it was read from; its name and SHA-256 are kept with the choice.

    Raises:
        AnalysisError: when the split has no reviewed sequence.
        OSError: when the file cannot be read.
    """
    rows = predictions.is_reviewed & (predictions.frame["split"] == split).to_numpy()
    if not rows.any():
        found = ", ".join(sorted(set(predictions.frame["split"][predictions.is_reviewed]))) or "none"
        raise AnalysisError(f"split {split!r} has no reviewed sequence; splits with reviews: {found}")
    products = predictions.products[rows]
    name, digest = ("", "") if table is None else (Path(table).name, file_sha256(table))
    model = ", ".join(sorted(set(predictions.frame["model"][rows]) - {""})) if "model" in predictions.frame else ""
    source = Source(split, int(rows.sum()), len(np.unique(products)), name, digest, model)
    return ReviewedSample(predictions.p_t[rows], ~predictions.is_qualified[rows], products, source)


def file_sha256(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_unseen(chosen_on: str, judged_on: str, force: bool = False) -> None:
    """Refuse figures that would flatter: of rows that the choice, or the training, has seen.

    Args:
        chosen_on: split of the choice.
        judged_on: split of the judgement.
        force: let it pass.

    Raises:
        SplitError: when both are the same split, or either is the training split.
    """
    if force:
        return
    if chosen_on == judged_on:
        raise SplitError(
            f"chosen and judged on the same split, {chosen_on!r}: the figures would be too good; "
            "choose on val and judge on test, or insist with force=True (--force)"
        )
    if "train" in (chosen_on, judged_on):
        raise SplitError(
            "the train split says nothing about new sequences, for the model has learned it; "
            "choose on val and judge on test, or insist with force=True (--force)"
        )
