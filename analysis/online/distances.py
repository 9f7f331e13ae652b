"""How far two samples are apart: population stability index (PSI), Kolmogorov-Smirnov and chi-square.

PSI and its limits: Siddiqi, Credit Risk Scorecards (2006): below 0.1 stable, from 0.25 on a major shift. Without any
shift it is about (B - 1)(1 / n + 1 / m) on average with B bins and samples of n and m (Yurdakul and Naranjo, Journal of
Risk Model Validation 14, 2020), so that small samples exceed the limits by chance: a test belongs beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import AnalysisError
from analysis.predictions import Floats, Ints

PSI_BINS = 10
PSI_MODERATE = 0.1
PSI_MAJOR = 0.25
SMOOTHING = 0.5
"""Added to the count of every bin (Jeffreys' prior), so that an empty one has no infinite logarithm."""
MOST_GROUPS = 100
"""Groups beyond the most frequent ones are counted as one, so that a column of free text stays readable."""
REST = "all others"
_LEAST_EXPECTED = 5.0
_LARGEST_EXACT = 1000  # beyond it, the asymptotic p-value of the KS test is exact enough and much faster


@dataclass(frozen=True, eq=False)
class Groups:
    """Two samples counted in the same B groups.

    Attributes:
        names: B bins or categories.
        reference: (B,) counts of the reference sample.
        current: (B,) counts of the current sample.
    """

    names: tuple[str, ...]
    reference: Ints
    current: Ints


@dataclass(frozen=True, slots=True)
class EqualityTest:
    """A test of equal distributions.

    Attributes:
        name: of the test.
        statistic: its value; None when it could not be made.
        p_value: in [0, 1]; None when it could not be made.
        reason: why it could not be made; empty when it could.
    """

    name: str
    statistic: float | None
    p_value: float | None
    reason: str = ""


def psi_parts(groups: Groups) -> Floats:
    """(B,) the part of each group in the PSI, at least 0; their sum is the PSI.

    (c - r) ln(c / r) for the shares c and r of the current and the reference sample, where SMOOTHING is added to every
    count.

    Raises:
        AnalysisError: when a sample is empty.
    """
    if not groups.reference.sum() or not groups.current.sum():
        raise AnalysisError("the PSI needs two samples; one of them is empty")
    reference, current = (
        (counts + SMOOTHING) / (counts.sum() + SMOOTHING * len(counts)) for counts in (groups.reference, groups.current)
    )
    parts: Floats = (current - reference) * np.log(current / reference)
    return parts


def quantile_groups(reference: Floats, current: Floats, bins: int = PSI_BINS) -> Groups:
    """Numbers in bins with about as many reference values each; what lies outside goes to the outer bins.

    Where the reference has no more than `bins` different values, each is a group, and what is none of them is one more.

    Args:
        reference: (n,) finite, n at least 1.
        current: (m,) finite.
        bins: at least 2.

    Raises:
        AnalysisError: when the reference is empty or `bins` is less than 2.
    """
    if not len(reference) or bins < 2:
        raise AnalysisError(f"bins need a reference and must be 2 or more; got {len(reference)} values and {bins} bins")
    values = np.unique(reference)
    if len(values) <= bins:
        places = [_places(values, sample) for sample in (reference, current)]
        names = (*(f"{value:g}" for value in values), REST)
        counts = [np.bincount(place, minlength=len(names)) for place in places]
        kept = len(names) if counts[1][-1] else len(values)
        return Groups(names[:kept], counts[0][:kept], counts[1][:kept])
    # A value at an edge belongs to the bin below it, in both samples.
    edges = np.unique(np.quantile(reference, np.arange(1, bins) / bins))
    counts = [np.bincount(np.searchsorted(edges, sample), minlength=len(edges) + 1) for sample in (reference, current)]
    limits = [f"{edge:.3g}" for edge in edges]
    middle = (f"{low} to {high}" for low, high in pairwise(limits))
    return Groups((f"up to {limits[0]}", *middle, f"above {limits[-1]}"), counts[0], counts[1])


def _places(values: Floats, sample: Floats) -> Ints:
    """Which of the values each is; their number for none of them."""
    place = np.minimum(np.searchsorted(values, sample), len(values) - 1)
    return np.where(values[place] == sample, place, len(values))


def category_groups(reference: pd.Series[str], current: pd.Series[str], most: int = MOST_GROUPS) -> Groups:
    """Categories of either sample, the most frequent ones first; those beyond `most` are one group.

    Raises:
        AnalysisError: when `most` is less than 1.
    """
    if most < 1:
        raise AnalysisError(f"at least 1 category must be kept, not {most}")
    counts = pd.DataFrame({"r": reference.value_counts(), "c": current.value_counts()}).fillna(0).astype(np.int64)
    # Names decide between equal numbers, so that the order of rows does not.
    counts = counts.assign(all=counts.sum(axis=1), name=counts.index).sort_values(
        ["all", "name"], ascending=[False, True]
    )
    names = tuple(map(str, counts.index[:most]))
    r, c = counts["r"].to_numpy(), counts["c"].to_numpy()
    if len(counts) <= most:
        return Groups(names, r, c)
    return Groups((*names, REST), np.append(r[:most], r[most:].sum()), np.append(c[:most], c[most:].sum()))


def ks_test(reference: Floats, current: Floats) -> EqualityTest:
    """Two-sample Kolmogorov-Smirnov test; with many ties its p-value is too large, never too small."""
    name = "Kolmogorov-Smirnov"
    if not len(reference) or not len(current):
        return EqualityTest(name, None, None, "one of the samples is empty")
    method = "exact" if max(len(reference), len(current)) <= _LARGEST_EXACT else "asymp"
    found = stats.ks_2samp(reference, current, method=method)
    return EqualityTest(name, float(found.statistic), float(np.clip(found.pvalue, 0, 1)))


def chi_square_test(groups: Groups) -> EqualityTest:
    """Pearson's test of equal shares; groups that are too small to be tested alone are tested as one."""
    name = "chi-square"
    table = _without_small(np.stack([groups.reference, groups.current]))
    if not table.sum(axis=1).all():
        return EqualityTest(name, None, None, "one of the samples is empty")
    if table.shape[1] < 2:
        return EqualityTest(name, None, None, "only one group is large enough to be tested")
    found = stats.chi2_contingency(table, correction=False)
    return EqualityTest(name, float(found.statistic), float(found.pvalue))


def _without_small(table: Ints) -> Ints:
    """(2, B') of which each expected count is at least 5, the small groups together and with the next larger one."""
    table = table[:, np.argsort(table.sum(axis=0), kind="stable")]
    smaller = table.sum(axis=1).min() / max(table.sum(), 1)  # share of the smaller sample
    count = int((table.sum(axis=0) * smaller < _LEAST_EXPECTED).sum())
    if not count:
        return table
    pooled = table[:, :count].sum(axis=1)
    if pooled.sum() * smaller < _LEAST_EXPECTED:
        pooled = table[:, : count + 1].sum(axis=1)
        count += 1
    return np.column_stack([pooled, table[:, count:]])
