"""Which thresholds keep the true reject rate at most alpha, with confidence 1 - delta, whatever the data is like.

Learn-then-Test (Angelopoulos et al., 2021, arXiv:2110.01052) with the fallback procedure (Wiens, 2003) as its
fixed-sequence test. It goes beyond the paper, which picks th^t = 0.3 without saying how.

Setting: the reviewed sequences are independent draws from the sequences to come. R(t) is the reject rate of those with
p^t >= t. For every t of a grid, "R(t) > alpha" is tested, from the strictest threshold down.

One test. Given how many sequences are submitted at t, how many of these are rejected is binomial with chance R(t). So
the chance of so few rejections at a rate of alpha is a valid p-value, and it is at most a level exactly where the
Clopper-Pearson upper bound at that level is at most alpha. This needs no large sample: at 0 of n rejected the bound is
1 - level^(1/n), so that fewer than log(level) / log(1 - alpha) submitted sequences never prove anything. Nor do ties
matter: sequences of equal p^t are submitted together at every t.

All tests. Grid and starts are declared before the data is seen. Every start holds an equal part of delta. A test may
use the level that its predecessor passed on, and its own part where it is a start; when it succeeds it passes on all of
it, when it fails it passes on nothing. With one start this is the plain fixed-sequence test. Several keep a strictest
threshold that submits nearly nothing, and so proves nothing, from ending the search. To skip it because of its count
would be another matter: then the data would say where the search begins.

Why it holds: an error is a success where R(t) > alpha. Consider the first one. All thresholds of that kind before it
failed and passed on nothing, so its level is made only of the parts of starts that lie after the last of these. Such
parts do not overlap for different thresholds, so the chances of a first error sum to at most delta. Dependence between
the tests does not matter. All thresholds that succeed keep the promise together, hence also the lowest of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import AnalysisError
from analysis.operating_point.bounds import at_most_p_values
from analysis.predictions import Bools, Floats, Ints

# Models are often too sure, so that what matters lies close to 1.
_GRID = tuple(
    step / parts
    for parts, steps in ((10000, range(9999, 9990, -1)), (1000, range(999, 990, -1)), (100, range(99, 0, -1)))
    for step in steps
)
_STARTS = (0.9999, 0.999, 0.99, 0.95, 0.85, 0.7, 0.5, 0.3)


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What is tested in which order, declared before the data is seen.

    Attributes:
        thresholds: (m,) falling, in [0, 1].
        starts: thresholds among these, falling, that hold an equal part of delta; what lies above the first is not
            tested.
    """

    thresholds: tuple[float, ...] = _GRID
    starts: tuple[float, ...] = _STARTS

    def __post_init__(self) -> None:
        if not self.thresholds or any(not 0 <= threshold <= 1 for threshold in self.thresholds):
            raise AnalysisError(f"the grid needs thresholds in [0, 1], got {self.thresholds}")
        if any(after >= before for before, after in zip(self.thresholds, self.thresholds[1:], strict=False)):
            raise AnalysisError("the grid must fall from the strictest threshold down, each once")
        if not self.starts or self.starts != tuple(t for t in self.thresholds if t in self.starts):
            raise AnalysisError(f"the starts must be thresholds of the grid, falling, each once, got {self.starts}")

    def parts(self, delta: float) -> Floats:
        """(m,) the part of delta that every threshold holds of its own."""
        return np.where(np.isin(self.thresholds, self.starts), delta / len(self.starts), 0.0)


def counts_on_grid(p_t: Floats, rejected: Bools, plan: SearchPlan) -> tuple[Ints, Ints]:
    """How many sequences every threshold of the plan submits, and how many of these were rejected; (m,) each."""

    def at_least(scores: Floats) -> Ints:
        return len(scores) - np.searchsorted(np.sort(scores), np.array(plan.thresholds), side="left")

    return at_least(p_t).astype(np.int64), at_least(p_t[rejected]).astype(np.int64)


def proven_levels(submitted: Ints, rejected: Ints, alpha: float, parts: Floats) -> Floats:
    """Run the test, for R samples at once.

    Args:
        submitted: (R, m) or (m,) by threshold, in the plan's order.
        rejected: the same, of the submitted.
        alpha: largest reject rate, in (0, 1).
        parts: (m,) of delta, see `SearchPlan.parts`.

    Returns:
        Of the shape of `submitted`: the level at which a threshold was proven to keep alpha; 0 where it was not.
    """
    p_values = at_most_p_values(rejected, submitted, alpha)
    levels: Floats = np.zeros(p_values.shape)
    passed_on = np.zeros(p_values.shape[:-1])
    for step, part in enumerate(parts):
        level = passed_on + part
        passed_on = np.where(p_values[..., step] <= level, level, 0.0)
        levels[..., step] = passed_on
    return levels
