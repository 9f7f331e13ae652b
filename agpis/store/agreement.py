"""How well reviewers agree on the sequences that two of them judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from agpis.reasons import Reason
from agpis.store.values import Decision

_DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of pairs of verdicts, accepted or rejected.

    Attributes:
        num_items: pairs of verdicts.
        num_agreed: pairs in which both accepted or both rejected.
        num_both_rejected: pairs in which both rejected.
        num_same_rule: of those, pairs that also name the same rule.
        kappa: in [-1, 1]; 1 is full agreement, 0 what chance would give; None when undefined.
        low: lower end of its 95% interval, or None. The interval is that of the four shares of the table of verdicts,
            given the counts and Jeffreys' prior: unlike a standard error it stays wide when few pairs agree fully.
        high: upper end, or None.
        reason: why kappa is undefined, for a person; empty when it is defined.
    """

    num_items: int
    num_agreed: int
    num_both_rejected: int
    num_same_rule: int
    kappa: float | None
    low: float | None
    high: float | None
    reason: str = ""

    @property
    def observed(self) -> float | None:
        """Share of pairs that agree in [0, 1], or None without pairs."""
        return self.num_agreed / self.num_items if self.num_items else None


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two reviewers.

    Attributes:
        first: the one whose name comes first in the alphabet.
        second: the other.
        kappa: how well they agree.
    """

    first: str
    second: str
    kappa: Kappa


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement on the items that were judged twice.

    Attributes:
        overall: over all pairs of verdicts, the earlier opinion against the later.
        pairs: by two reviewers, those with most common items first.
    """

    overall: Kappa
    pairs: tuple[PairAgreement, ...]


def measure_agreement(decisions: Iterable[Decision]) -> Agreement:
    """Compare the standing verdicts that different reviewers gave on the same items.

    Args:
        decisions: in the order of their numbers.
    """
    by_item: dict[int, dict[str, Decision]] = defaultdict(dict)
    for decision in decisions:
        if decision.stands:
            by_item[decision.item_id][decision.reviewer] = decision
    couples = [couple for said in by_item.values() for couple in combinations(said.values(), 2)]
    by_pair: dict[tuple[str, str], list[tuple[Decision, Decision]]] = defaultdict(list)
    for couple in couples:
        first, second = sorted(couple, key=lambda decision: decision.reviewer)
        by_pair[first.reviewer, second.reviewer].append((first, second))
    pairs = [PairAgreement(*names, cohens_kappa(common)) for names, common in by_pair.items()]
    pairs.sort(key=lambda pair: (-pair.kappa.num_items, pair.first, pair.second))
    return Agreement(cohens_kappa(couples), tuple(pairs))


def cohens_kappa(couples: Sequence[tuple[Decision, Decision]]) -> Kappa:
    """Kappa of accepted against rejected, with its interval."""
    said = [(first.verdict, second.verdict) for first, second in couples]
    both_rejected = [(one.rule_id, two.rule_id) for one, two in said if not (one.accepted or two.accepted)]
    table = np.zeros((2, 2))
    for one, two in said:
        table[int(one.accepted), int(two.accepted)] += 1
    counts = len(said), int(np.trace(table)), len(both_rejected), sum(one == two for one, two in both_rejected)
    if not said:
        return Kappa(*counts, None, None, None, Reason.NONE_JUDGED_TWICE)
    if table[1, 1] == len(said) or table[0, 0] == len(said):
        return Kappa(*counts, None, None, None, Reason.BOTH_ACCEPTED if table[1, 1] else Reason.BOTH_REJECTED)
    kappa = float(_kappas(table[None])[0])
    draws = np.random.default_rng(0).dirichlet(table.ravel() + 0.5, _DRAWS).reshape(-1, 2, 2)
    low, high = (float(end) for end in np.quantile(_kappas(draws), (0.025, 0.975)))
    return Kappa(*counts, kappa, min(low, kappa), max(high, kappa))


def _kappas(tables: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Kappa of each of (m, 2, 2) tables: the first reviewer's verdict by row, the second's by column."""
    shares = tables / tables.sum((1, 2), keepdims=True)
    observed = np.trace(shares, axis1=1, axis2=2)
    expected = (shares.sum(2) * shares.sum(1)).sum(1)
    return np.asarray((observed - expected) / (1 - expected), np.float64)
