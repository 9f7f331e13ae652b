"""Boosted decision trees as plain numbers, so that a small model can lie in a JSON file and be read without pickle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agpis.errors import ModelError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tree:
    """One regression tree; node 0 is its root, and a node whose attribute is -1 is a leaf.

    Attributes:
        attribute: of each node, the index of the value it asks for, or -1.
        limit: of each node; values up to it go to the left.
        left: node that follows on the left.
        right: node that follows on the right.
        value: of each node; only the leaves' count.
    """

    attribute: tuple[int, ...]
    limit: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]

    def __post_init__(self) -> None:
        sizes = {len(part) for part in (self.attribute, self.limit, self.left, self.right, self.value)}
        if len(sizes) != 1 or not self.attribute:
            raise ModelError(f"every node of a tree needs all five numbers, got columns of {sorted(sizes)} nodes")
        for node, attribute in enumerate(self.attribute):
            # Children after their parent: every walk ends.
            if attribute >= 0 and not node < min(self.left[node], self.right[node]) < len(self.attribute):
                raise ModelError(f"node {node} of a tree leads to no later node")

    def answer(self, values: Floats) -> float:
        """The value of the leaf that one example's values (D,) lead to."""
        node = 0
        while self.attribute[node] >= 0:
            goes_left = values[self.attribute[node]] <= self.limit[node]
            node = self.left[node] if goes_left else self.right[node]
        return self.value[node]


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """A binary classifier: the logistic function of a sum of trees.

    Attributes:
        start: log-odds before any tree.
        trees: whose answers are added.
    """

    start: float
    trees: tuple[Tree, ...]

    def probabilities(self, values: Floats) -> Floats:
        """The probability of the positive class for (N, D) values: (N,) in [0, 1]."""
        odds = [self.start + sum(tree.answer(row) for tree in self.trees) for row in values]
        return np.asarray(1 / (1 + np.exp(-np.array(odds, np.float64))))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        columns = ("attribute", "limit", "left", "right", "value")
        return {
            "start": self.start,
            "trees": [{name: list(getattr(tree, name)) for name in columns} for tree in self.trees],
        }


def trees_from_json(stored: Mapping[str, Any]) -> BoostedTrees:
    """What `BoostedTrees.to_json` made.

    Raises:
        ModelError: when a tree is malformed.
        KeyError, TypeError, ValueError: when the values are of another form.
    """
    trees = tuple(
        Tree(
            attribute=tuple(int(value) for value in tree["attribute"]),
            limit=tuple(float(value) for value in tree["limit"]),
            left=tuple(int(value) for value in tree["left"]),
            right=tuple(int(value) for value in tree["right"]),
            value=tuple(float(value) for value in tree["value"]),
        )
        for tree in stored["trees"]
    )
    return BoostedTrees(float(stored["start"]), trees)
