"""The worst mistakes, one by one: rejected sequences that the model likes, accepted ones that it does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import AnalysisError
from analysis.predictions import Bools, Ints, Predictions
from analysis.rule_errors.reviewed import submitted

PER_RULE = 5
MOST = 50
SHOWN_COLUMNS = ("images", "title", "feedback", "written_feedback")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One sequence on which reviewer and model do not agree.

    Attributes:
        row: of the table that was read, without what was excluded; from 1.
        product_id: its product.
        images: files relative to the table; empty where the table has none.
        title: of the product; None where the table has no such column.
        feedback: what the reviewer wrote; None where the table has no such column.
        written_feedback: what the model wrote; None where the table has no such column.
        p_t: p^t.
        rejected: whether the reviewer rejected it.
        submitted: whether p^t reaches th^t.
        true_rule: class id that the reviewer gave.
        predicted_rule: the likeliest class.
        p_predicted: its p^mcc.
        p_true: p^mcc of the reviewer's class.
    """

    row: int
    product_id: str
    images: tuple[str, ...]
    title: str | None
    feedback: str | None
    written_feedback: str | None
    p_t: float
    rejected: bool
    submitted: bool
    true_rule: str
    predicted_rule: str
    p_predicted: float
    p_true: float

    @property
    def wrong_decision(self) -> bool:
        """Whether th^t decides wrongly: rejected but submitted, or accepted but withheld."""
        return self.submitted == self.rejected


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The worst mistakes of a table.

    Attributes:
        threshold: th^t.
        rejected: rejected sequences with the highest p^t, highest first, whatever their rule.
        accepted: accepted sequences with the lowest p^t, lowest first.
        by_rule: rejected sequences with the highest p^t, some of every rule; rules in class order, highest first.
        missing_columns: what the table does not have, so that no mistake shows it.
    """

    threshold: float
    rejected: tuple[Mistake, ...]
    accepted: tuple[Mistake, ...]
    by_rule: tuple[Mistake, ...]
    missing_columns: tuple[str, ...]

    def of_rule(self, rule_id: str) -> tuple[Mistake, ...]:
        """Those of `by_rule` that were rejected for one rule, highest p^t first."""
        return tuple(mistake for mistake in self.by_rule if mistake.true_rule == rule_id)


def worst_mistakes(table: Predictions, threshold: float, per_rule: int = PER_RULE, most: int = MOST) -> Mistakes:
    """Rejected sequences with the highest p^t and accepted ones with the lowest; of equal p^t the earlier row.

    Args:
        table: n rows; those without review are never mistakes.
        threshold: th^t in [0, 1]; it chooses nothing, every mistake says on which side it is.
        per_rule: how many of every rule, at least 1.
        most: how many of the rejected ones whatever their rule, and of the accepted ones, at least 1.

    Raises:
        AnalysisError: when an argument lies outside its range.
    """
    for name, value in (("per_rule", per_rule), ("most", most)):
        if value < 1:
            raise AnalysisError(f"{name} is {value}; it counts from 1")
    passes = submitted(table, threshold)
    rejected, accepted = np.flatnonzero(table.labels > 0), np.flatnonzero(table.labels == 0)
    rejected = rejected[np.argsort(-table.p_t[rejected], kind="stable")]
    by_rule = rejected[np.argsort(table.labels[rejected], kind="stable")]
    classes = table.labels[by_rule]
    place = np.arange(len(classes)) - np.searchsorted(classes, classes)  # within the rule
    accepted = accepted[np.argsort(table.p_t[accepted], kind="stable")]
    missing = tuple(name for name in SHOWN_COLUMNS if name not in table.frame)
    return Mistakes(
        threshold=float(threshold),
        rejected=_mistakes(table, rejected[:most], passes),
        accepted=_mistakes(table, accepted[:most], passes),
        by_rule=_mistakes(table, by_rule[place < per_rule], passes),
        missing_columns=missing,
    )


def _mistakes(table: Predictions, rows: Ints, passes: Bools) -> tuple[Mistake, ...]:
    frame, ids = table.frame.iloc[rows], table.taxonomy.ids
    p = table.probabilities[rows]
    text = {name: list(frame[name]) if name in frame else [None] * len(rows) for name in SHOWN_COLUMNS}
    predicted = p.argmax(axis=1)
    return tuple(
        Mistake(
            row=int(row) + 1,
            product_id=str(frame["product_id"].iloc[place]),
            images=text["images"][place] or (),
            title=text["title"][place],
            feedback=text["feedback"][place],
            written_feedback=text["written_feedback"][place],
            p_t=float(table.p_t[row]),
            rejected=bool(table.labels[row]),
            submitted=bool(passes[row]),
            true_rule=ids[table.labels[row]],
            predicted_rule=ids[predicted[place]],
            p_predicted=float(p[place, predicted[place]]),
            p_true=float(p[place, table.labels[row]]),
        )
        for place, row in enumerate(rows)
    )
