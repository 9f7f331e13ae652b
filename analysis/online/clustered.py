"""Two reject rates compared where products have many sequences: each product is one draw.

A rate over clusters of unequal size is a ratio of two sums over clusters; its variance by linearisation is that of
Cochran, Sampling Techniques (3rd ed. 1977), section 6.4. A product on both sides of the border adds to both rates, so
that its parts are subtracted before they are squared. Student's t with one degree of freedom less than the products of
the side that has fewer keeps small samples honest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.predictions import Bools, Floats, Ints
from analysis.rates import LEVEL, check_level

LEAST_PRODUCTS = 5
"""With fewer products on a side their scatter is not known well enough for an interval."""


@dataclass(frozen=True, slots=True)
class ClusteredChange:
    """The difference of two rates with an interval that counts products.

    Attributes:
        difference: after minus before, in [-1, 1]; None when a side is empty.
        low: lower end of the interval, at least -1; None when there is no interval.
        high: upper end, at most 1.
        p_value: two-sided, of the hypothesis that both rates are equal; None when there is no interval.
        products_before: products on the first side.
        products_after: products on the second side.
        level: confidence level of the interval.
        reason: why there is no difference or no interval; empty when there are both.
    """

    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    products_before: int
    products_after: int
    level: float
    reason: str = ""

    @property
    def is_shown(self) -> bool:
        """Whether chance alone is refused as an explanation, at 1 - level."""
        return self.p_value is not None and self.p_value <= 1 - self.level


def clustered_change(products: Ints, rejected: Bools, after: Bools, level: float = LEVEL) -> ClusteredChange:
    """Compare the share of rejected rows of two sides.

    Args:
        products: (n,) which product a row belongs to, from 0.
        rejected: (n,) whether it was rejected.
        after: (n,) whether it lies on the second side.
        level: confidence level in (0, 1).

    Raises:
        AnalysisError: when the arrays differ in length or the level is out of range.
    """
    check_level(level)
    if not len(products) == len(rejected) == len(after):
        raise AnalysisError(
            f"products, rejected and after have {len(products)}, {len(rejected)} and {len(after)} rows; each row needs "
            "all three"
        )
    clusters = np.unique(products, return_inverse=True)[1]
    sides = [_residuals(clusters, rejected, side) for side in (~after, after)]
    (before_rate, before_parts, n_before), (after_rate, after_parts, n_after) = sides
    if not n_before or not n_after:
        reason = Reason.NONE_AFTER if n_before else Reason.NONE_BEFORE
        return ClusteredChange(None, None, None, None, n_before, n_after, level, reason)
    difference = after_rate - before_rate
    fewest = min(n_before, n_after)
    if fewest < LEAST_PRODUCTS:
        told = Reason.FEW_PRODUCTS.format(count=fewest, least=LEAST_PRODUCTS)
        return ClusteredChange(difference, None, None, None, n_before, n_after, level, told)
    count = len(before_parts)
    error = float(np.sqrt(count / (count - 1) * ((after_parts - before_parts) ** 2).sum()))
    if error == 0:
        return ClusteredChange(difference, None, None, None, n_before, n_after, level, Reason.NO_SCATTER)
    student = stats.t(fewest - 1)
    reach = float(student.isf((1 - level) / 2)) * error
    p_value = float(2 * student.sf(abs(difference) / error))
    low, high = max(-1.0, difference - reach), min(1.0, difference + reach)
    return ClusteredChange(difference, low, high, p_value, n_before, n_after, level)


def _residuals(clusters: Ints, rejected: Bools, side: Bools) -> tuple[float, Floats, int]:
    """Rate of a side, (products,) what each product's rejects lie above it over the rows, and products with rows."""
    size = int(clusters.max()) + 1 if len(clusters) else 0
    rows = np.bincount(clusters[side], minlength=size)
    rejects = np.bincount(clusters[side], weights=rejected[side], minlength=size)
    total = int(rows.sum())
    if not total:
        return float("nan"), np.zeros(size), 0
    rate = float(rejects.sum()) / total
    return rate, (rejects - rate * rows) / total, int((rows > 0).sum())
