"""Drift: inputs and scores of now against those of the training window (section 5.1: the past three months)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
import pandas as pd

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.online.distances import (
    PSI_BINS,
    PSI_MAJOR,
    PSI_MODERATE,
    EqualityTest,
    Groups,
    category_groups,
    chi_square_test,
    ks_test,
    psi_parts,
    quantile_groups,
)
from analysis.online.rate_change import two_proportion_test
from analysis.predictions import Bools, Floats, Predictions
from analysis.rates import adjusted_p_values


class DriftLevel(StrEnum):
    """How far a feature moved: a PSI of 0.1 is moderate, 0.25 major, and the test must refuse chance as well."""

    STABLE = "stable"
    MODERATE = "moderate"
    MAJOR = "major"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class DriftWindows:
    """Which rows are compared.

    Attributes:
        reference: (n,) rows of the training window.
        current: (n,) rows of now.
        told: what they are, in words.
        outside: rows that are in neither.
        reference_until: last day of the reference; None when its rows have no dates.
        current_until: last day of the current rows; None when they have no dates.
        notes: what makes the comparison doubtful.
    """

    reference: Bools
    current: Bools
    told: str
    outside: int
    reference_until: date | None
    current_until: date | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShareShift:
    """One category, class or bin.

    Attributes:
        name: of the group.
        reference: its share of the reference rows, in [0, 1].
        current: its share of the current rows.
        psi: its part in the PSI.
        p_value: two-sided, of the hypothesis that both shares are equal.
        adjusted_p: the same among all shares of the feature (Benjamini-Hochberg).
    """

    name: str
    reference: float
    current: float
    psi: float
    p_value: float
    adjusted_p: float


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """One feature in both windows.

    Attributes:
        name: of the feature.
        n_reference: reference rows that have it.
        n_current: current rows that have it.
        missing: rows of both windows that do not have it.
        psi: at least 0; None when the feature could not be compared.
        psi_by_chance: what the PSI is on average without any drift, with samples of these sizes.
        test: Kolmogorov-Smirnov for numbers, chi-square for categories.
        adjusted_p: its p-value among those of all features (Benjamini-Hochberg).
        level: how far the feature moved.
        shares: of each group, largest part in the PSI first.
        reason: why it could not be compared; empty when it could.
    """

    name: str
    n_reference: int
    n_current: int
    missing: int
    psi: float | None
    psi_by_chance: float | None
    test: EqualityTest
    adjusted_p: float | None
    level: DriftLevel
    shares: tuple[ShareShift, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DriftReport:
    """All features in both windows.

    Attributes:
        told: which rows were compared, in words.
        n_reference: rows of the training window.
        n_current: rows of now.
        outside: rows that are in neither.
        reference_until: last day of the reference rows; None when they have no dates.
        current_until: last day of the current rows; None when they have no dates.
        features: one entry a feature.
        alpha: the false discovery rate of the tests.
        notes: what makes the comparison doubtful.
    """

    told: str
    n_reference: int
    n_current: int
    outside: int
    reference_until: date | None
    current_until: date | None
    features: tuple[FeatureDrift, ...]
    alpha: float
    notes: tuple[str, ...]

    def of_level(self, level: DriftLevel) -> tuple[FeatureDrift, ...]:
        """The features that moved this far."""
        return tuple(feature for feature in self.features if feature.level is level)


def windows_by_date(predictions: Predictions, reference_until: date) -> DriftWindows:
    """Reference rows up to this day, it included; current rows from the day after it. Rows without date are outside.

    Raises:
        AnalysisError: when one of both is empty.
    """
    days = predictions.dates.dt.normalize()
    reference = (days <= pd.Timestamp(reference_until)).to_numpy()
    current = (days > pd.Timestamp(reference_until)).to_numpy()
    told = f"rows up to {reference_until} against later ones"
    return _windows(predictions, reference, current, told, ())


def windows_by_split(predictions: Predictions, split: str = "train") -> DriftWindows:
    """Reference rows of one split; current rows of all others.

    Raises:
        AnalysisError: when one of both is empty.
    """
    reference = (predictions.frame["split"] == split).to_numpy()
    notes: tuple[str, ...] = ()
    if split == "train":
        notes = (Reason.LEARNED_FROM_REFERENCE.format(),)
    return _windows(predictions, reference, ~reference, f"rows of split {split} against all others", notes)


def _windows(
    predictions: Predictions, reference: Bools, current: Bools, told: str, notes: tuple[str, ...]
) -> DriftWindows:
    for name, rows in (("reference", reference), ("current", current)):
        if not rows.any():
            raise AnalysisError(f"{told}: none of the {len(predictions)} rows is a {name} row; choose another border")
    ends = [predictions.dates[rows].max() for rows in (reference, current)]
    last = [None if pd.isna(end) else end.date() for end in ends]
    return DriftWindows(reference, current, told, int((~reference & ~current).sum()), last[0], last[1], notes)


def drift(predictions: Predictions, windows: DriftWindows, alpha: float = 0.05, bins: int = PSI_BINS) -> DriftReport:
    """Compare every input and score of both windows.

    p^t, p^nlg, number of images, length of the title in characters, product category, source, class of the label
    (reviewed rows only) and predicted class. Rows of one product count as independent, so that the tests find too much
    where products have many rows; the limits of the PSI then decide.

    Args:
        predictions: n rows.
        windows: which of them are compared.
        alpha: false discovery rate, in (0, 1).
        bins: of the PSI of numbers, at least 2.

    Raises:
        AnalysisError: when alpha or bins are out of range.
    """
    if not 0 < alpha < 1:
        raise AnalysisError(f"alpha {alpha} is not between 0 and 1; the usual one is 0.05")
    found = [
        _numbers(name, values, windows, bins) if values is not None else _unknown(name, reason, windows)
        for name, values, reason in _number_features(predictions)
    ]
    found += [_categories(name, values, windows) for name, values in _category_features(predictions)]
    ranked = adjusted_p_values([feature.test.p_value for feature in found])
    judged = (
        replace(feature, adjusted_p=p, level=_level(feature.psi, p, alpha))
        for feature, p in zip(found, ranked, strict=True)
    )
    return DriftReport(
        windows.told,
        int(windows.reference.sum()),
        int(windows.current.sum()),
        windows.outside,
        windows.reference_until,
        windows.current_until,
        tuple(judged),
        alpha,
        windows.notes,
    )


def _number_features(predictions: Predictions) -> Iterator[tuple[str, Floats | None, str]]:
    """Name, (n,) values with NaN for missing ones, and why there are none."""
    frame = predictions.frame
    yield "p_t", predictions.p_t, ""
    has_nlg = not np.isnan(predictions.p_nlg).all()
    yield "p_nlg", predictions.p_nlg if has_nlg else None, Reason.COLUMN_EMPTY.format(column="p_nlg")
    for name, column in (("num_images", "images"), ("title_length", "title")):
        lengths = np.asarray(frame[column].map(len), np.float64) if column in frame else None
        yield name, lengths, Reason.COLUMN_LACKING.format(column=column)


def _category_features(predictions: Predictions) -> Iterator[tuple[str, pd.Series[str]]]:
    """Name and (n,) values, empty for missing ones."""
    yield "category", predictions.frame["category"]
    yield "source", predictions.frame["source"]
    yield "label", predictions.frame["label"]
    ids = np.array(predictions.taxonomy.ids, dtype=object)
    yield "predicted_class", pd.Series(ids[predictions.probabilities.argmax(axis=1)])


def _numbers(name: str, values: Floats, windows: DriftWindows, bins: int) -> FeatureDrift:
    known = np.isfinite(values)
    reference, current = values[windows.reference & known], values[windows.current & known]
    if not len(reference) or not len(current):
        return _unknown(name, Reason.WINDOW_EMPTY, windows, len(reference), len(current))
    groups = quantile_groups(reference, current, bins)
    return _feature(name, groups, ks_test(reference, current), windows)


def _categories(name: str, values: pd.Series[str], windows: DriftWindows) -> FeatureDrift:
    known = (values != "").to_numpy()
    reference, current = values[windows.reference & known], values[windows.current & known]
    if not len(reference) or not len(current):
        return _unknown(name, Reason.WINDOW_EMPTY, windows, len(reference), len(current))
    groups = category_groups(reference, current)
    return _feature(name, groups, chi_square_test(groups), windows)


def _unknown(name: str, reason: str, windows: DriftWindows, n: int = 0, m: int = 0) -> FeatureDrift:
    test = EqualityTest("none", None, None, reason)
    missing = _rows(windows) - n - m
    return FeatureDrift(name, n, m, missing, None, None, test, None, DriftLevel.UNKNOWN, (), reason)


def _rows(windows: DriftWindows) -> int:
    return int(windows.reference.sum() + windows.current.sum())


def _feature(name: str, groups: Groups, test: EqualityTest, windows: DriftWindows) -> FeatureDrift:
    n, m = int(groups.reference.sum()), int(groups.current.sum())
    parts = psi_parts(groups)
    return FeatureDrift(
        name,
        n,
        m,
        _rows(windows) - n - m,
        float(parts.sum()),
        (len(groups.names) - 1) * (1 / n + 1 / m),
        test,
        None,
        DriftLevel.UNKNOWN,
        _shares(groups, parts),
    )


def _shares(groups: Groups, parts: Floats) -> tuple[ShareShift, ...]:
    n, m = int(groups.reference.sum()), int(groups.current.sum())
    counts = list(zip(groups.reference.tolist(), groups.current.tolist(), strict=True))
    p_values = [two_proportion_test(r, n, c, m)[0] for r, c in counts]
    ranked = [1.0 if p is None else p for p in adjusted_p_values(p_values)]
    rows = zip(groups.names, counts, parts.tolist(), p_values, ranked, strict=True)
    shifts = [ShareShift(name, r / n, c / m, part, p, adjusted_p) for name, (r, c), part, p, adjusted_p in rows]
    return tuple(sorted(shifts, key=lambda shift: (-shift.psi, shift.name)))


def _level(psi: float | None, adjusted_p: float | None, alpha: float) -> DriftLevel:
    if psi is None:
        return DriftLevel.UNKNOWN
    # A PSI that chance explains says nothing; where no test could be made, the PSI decides alone.
    if psi < PSI_MODERATE or (adjusted_p is not None and adjusted_p > alpha):
        return DriftLevel.STABLE
    return DriftLevel.MAJOR if psi >= PSI_MAJOR else DriftLevel.MODERATE
