"""Parts of a table against the rest of it: product categories, sources, months and numbers of images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from agpis.reasons import Reason
from analysis.errors import AnalysisError
from analysis.predictions import Bools, Ints, Predictions
from analysis.rates import Rate, adjusted_p_values, fisher_p_value, wilson_rate
from analysis.rule_errors.auc import Auc, RankedScores, auc_p_value
from analysis.rule_errors.reviewed import reviewed_rows, submitted

KINDS = ("category", "source", "month", "images")
MEASURES = ("reject_rate", "escape_rate", "auc")
MIN_SUPPORT = 100
MOST = 50
UNKNOWN = "(none)"
"""Name of the slice of rows where the column is empty."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """A figure inside a slice and on all other sequences.

    Attributes:
        inside: on the slice.
        rest: on the others.
        p_value: two-sided, that both are the same: Fisher's exact test of two rates, a z test of two AUC; None where
            one of them is undefined.
        q_value: p_value after Benjamini and Hochberg, over all slices of the analysis.
    """

    inside: Rate | Auc
    rest: Rate | Auc
    p_value: float | None
    q_value: float | None = None

    @property
    def reason(self) -> str:
        """Why there is no p-value; empty where there is one."""
        if self.p_value is not None:
            return ""
        parts = ((Reason.IN_SLICE, self.inside.reason), (Reason.OUTSIDE_SLICE, self.rest.reason))
        return "; ".join(where.format(clause=reason) for where, reason in parts if reason)


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of the table.

    Attributes:
        kind: one of KINDS.
        value: of the column, e.g. "mug", or "2026-03"; UNKNOWN where it is empty.
        n: reviewed sequences.
        reject_rate: rejected sequences, of all.
        escape_rate: rejected sequences with p^t >= th^t, of the rejected ones.
        auc: of p^t, accepted against rejected sequences.
    """

    kind: str
    value: str
    n: int
    reject_rate: Contrast
    escape_rate: Contrast
    auc: Contrast

    def differs(self, measure: str, q: float = 0.05) -> bool:
        """Whether one of MEASURES differs from the rest at a false discovery rate of `q`."""
        q_value = getattr(self, measure).q_value
        return q_value is not None and q_value <= q


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Slices of one kind that are not listed.

    Attributes:
        kind: one of KINDS.
        slices: how many.
        sequences: how many reviewed sequences are in them.
        reason: why.
    """

    kind: str
    slices: int
    sequences: int
    reason: str


@dataclass(frozen=True, slots=True)
class SliceErrors:
    """All slices at one threshold.

    Attributes:
        threshold: th^t.
        min_support: reviewed sequences that a slice must have.
        slices: those listed, kinds in the order of KINDS, months by date, others with most sequences first.
        left_out: what is not listed, counted.
    """

    threshold: float
    min_support: int
    slices: tuple[Slice, ...]
    left_out: tuple[LeftOut, ...]

    def of_kind(self, kind: str) -> tuple[Slice, ...]:
        """The slices of one of KINDS."""
        return tuple(part for part in self.slices if part.kind == kind)

    def worst(self, measure: str = "escape_rate", q: float = 0.05) -> tuple[Slice, ...]:
        """The slices that differ from the rest in one of MEASURES, smallest q-value first."""
        found = [part for part in self.slices if part.differs(measure, q)]
        return tuple(sorted(found, key=lambda part: getattr(part, measure).q_value))


def slice_errors(table: Predictions, threshold: float, min_support: int = MIN_SUPPORT, most: int = MOST) -> SliceErrors:
    """Reject rate, escape rate and AUC of every slice, each against all other sequences.

    Args:
        table: n rows; those without review are left out.
        threshold: th^t in [0, 1].
        min_support: reviewed sequences that a slice must have, at least 1.
        most: list only the largest slices of each kind, at least 1.

    Raises:
        PredictionsError: when no row has a review.
        AnalysisError: when an argument lies outside its range.
    """
    for name, value in (("min_support", min_support), ("most", most)):
        if value < 1:
            raise AnalysisError(f"{name} is {value}; it counts from 1")
    table = reviewed_rows(table)
    rows = _Rows(table, submitted(table, threshold))
    slices: list[Slice] = []
    left_out: list[LeftOut] = []
    for kind in KINDS:
        columns = _codes(table, kind)
        if columns is None:
            left_out.append(LeftOut(kind, 0, len(table), f"the table has no column {kind}"))
            continue
        codes, names = columns
        sizes = np.bincount(codes, minlength=len(names))
        kept = _kept(sizes, min_support, most)
        left_out += _left_out(kind, sizes, kept, min_support, most)
        by_value = sorted(kept, key=lambda code: names[code]) if kind == "month" else kept
        slices += [rows.slice(kind, names[code], np.flatnonzero(codes == code)) for code in by_value]
    return SliceErrors(float(threshold), min_support, _adjusted(slices), tuple(left_out))


def _kept(sizes: Ints, min_support: int, most: int) -> list[int]:
    order = np.argsort(-sizes, kind="stable")
    return [int(code) for code in order if sizes[code] >= min_support][:most]


def _left_out(kind: str, sizes: Ints, kept: list[int], min_support: int, most: int) -> Iterator[LeftOut]:
    small = (sizes > 0) & (sizes < min_support)
    if small.any():
        reason = Reason.SLICES_SMALL.format(least=min_support)
        yield LeftOut(kind, int(small.sum()), int(sizes[small].sum()), reason)
    beyond = sizes >= min_support
    beyond[kept] = False
    if beyond.any():
        yield LeftOut(kind, int(beyond.sum()), int(sizes[beyond].sum()), Reason.SLICES_BEYOND.format(most=most))


def _codes(table: Predictions, kind: str) -> tuple[Ints, list[str]] | None:
    """(n,) place of each row's slice in the list of names, which is sorted; None where the table does not tell."""
    if kind == "images":
        if "images" not in table.frame:
            return None
        values = pd.Series(table.frame["images"].map(len).to_numpy())
        codes, found = pd.factorize(values, sort=True)
        return codes.astype(np.int64), [str(value) if value else UNKNOWN for value in found]
    if kind == "month":
        months = table.dates.to_numpy().astype("datetime64[M]")
        unique, places = np.unique(months, return_inverse=True)
        return places.astype(np.int64), [UNKNOWN if np.isnat(month) else str(month) for month in unique]
    codes, found = pd.factorize(table.frame[kind], sort=True)
    return codes.astype(np.int64), [str(value) or UNKNOWN for value in found]


class _Rows:
    """What the slices are measured on."""

    def __init__(self, table: Predictions, passes: Bools) -> None:
        self.rejected = table.labels != 0
        self.escaped = self.rejected & passes
        self.scores = RankedScores(table.p_t, ~self.rejected)
        self.totals = len(table), int(self.rejected.sum()), int(self.escaped.sum())

    def slice(self, kind: str, value: str, rows: Ints) -> Slice:
        counts = len(rows), int(self.rejected[rows].sum()), int(self.escaped[rows].sum())
        reject, escape = _rates(*counts)
        rest_reject, rest_escape = _rates(*(total - count for total, count in zip(self.totals, counts, strict=True)))
        area, rest_area = self.scores.split(rows)
        return Slice(
            kind=kind,
            value=value,
            n=reject.n,
            reject_rate=Contrast(reject, rest_reject, fisher_p_value(reject, rest_reject)),
            escape_rate=Contrast(escape, rest_escape, fisher_p_value(escape, rest_escape)),
            auc=Contrast(area, rest_area, auc_p_value(area, rest_area)),
        )


def _rates(n: int, rejected: int, escaped: int) -> tuple[Rate, Rate]:
    """Reject rate and escape rate."""
    return wilson_rate(rejected, n, reason=Reason.NO_SEQUENCE), wilson_rate(
        escaped, rejected, reason=Reason.NONE_REJECTED
    )


def _adjusted(slices: list[Slice]) -> tuple[Slice, ...]:
    """The slices with q-values; every measure is one family of tests."""
    families = [_with_q_values([getattr(part, measure) for part in slices]) for measure in MEASURES]
    return tuple(
        replace(part, reject_rate=reject, escape_rate=escape, auc=area)
        for part, reject, escape, area in zip(slices, *families, strict=True)
    )


def _with_q_values(contrasts: list[Contrast]) -> list[Contrast]:
    q_values = adjusted_p_values([contrast.p_value for contrast in contrasts])
    return [replace(contrast, q_value=q) for contrast, q in zip(contrasts, q_values, strict=True)]
