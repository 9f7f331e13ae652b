"""The scores of p^t and of the named rule, against reviewers' labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agpis.data.reviews import ReviewRecord, balanced_subset, binary_label
from agpis.errors import CatalogError
from agpis.rules import RuleCategory, RuleTaxonomy
from analysis.metrics.bootstrap import Bootstrap, Score
from analysis.metrics.ranking import Floats, Ints, auc, average_precision, mean, recall_at
from benchmarks.muisc.predictions import Prediction

CATEGORIES = (RuleCategory.SINGLE, RuleCategory.PAIR, RuleCategory.MULTI)
PRECISIONS = (0.8, 0.85, 0.9)


@dataclass(frozen=True, slots=True)
class Scored:
    """Predictions beside the labels that they are held against.

    Attributes:
        taxonomy: the classes.
        records: reviews with the labels to believe, in the order of `predictions`.
        predictions: of the model.
        boot: how intervals are made.
    """

    taxonomy: RuleTaxonomy
    records: Sequence[ReviewRecord]
    predictions: Sequence[Prediction]
    boot: Bootstrap

    @property
    def qualified(self) -> Ints:
        """(n,) 1 for a qualified sequence."""
        return np.array([binary_label(record, self.taxonomy) for record in self.records], dtype=np.int64)

    @property
    def p_qualified(self) -> Floats:
        """(n,) p^t."""
        return np.array([prediction.p_qualified for prediction in self.predictions])

    @property
    def products(self) -> list[str]:
        """The n SKUs."""
        return [record.product_id for record in self.records]

    def of_rules(self, rule_ids: Sequence[str]) -> list[int]:
        """Indices of the qualified sequences and those rejected under one of some rules; none without the latter."""
        wanted = {self.taxonomy.qualified.id, *rule_ids}
        if not any(record.rule_id in rule_ids for record in self.records):
            return []
        return [index for index, record in enumerate(self.records) if record.rule_id in wanted]

    def auc(self, name: str, indices: Sequence[int], p: Floats) -> Score:
        """AUC of some sequences."""
        chosen = np.array(indices, dtype=np.int64)
        products = [self.products[index] for index in indices]
        score = self.boot.score(name, auc, self.qualified[chosen], p[chosen], products)
        return replace(score, rejected=int((self.qualified[chosen] == 0).sum()))


def headline(scored: Scored, seed: int) -> list[Score]:
    """The paper's columns (section 4.4), and top-k rule accuracy among the rejected."""
    y, p, products, boot = scored.qualified, scored.p_qualified, scored.products, scored.boot
    rows = [boot.score("AUC", auc, y, p, products)]
    rows += [boot.score(f"R@P {precision:g}", recall_at(precision), y, p, products) for precision in PRECISIONS]
    rows.append(boot.score("average precision", average_precision, y, p, products))
    for category in CATEGORIES:
        rows.append(scored.auc(f"AUC-{category}", _balanced(scored, category, seed), p))
    for category in CATEGORIES:
        rules = [rule.id for rule in scored.taxonomy.rules if rule.category is category]
        rows.append(scored.auc(f"AUC-{category}, all qualified", scored.of_rules(rules), p))
    rows += [_top(scored, k) for k in (1, 3)]
    return rows


def by_rule(scored: Scored) -> list[Score]:
    """AUC of every rule against all qualified sequences; of no sequence where nothing was rejected under it."""
    return [
        scored.auc(f"{rule.id} {rule.name}", scored.of_rules([rule.id]), scored.p_qualified)
        for rule in scored.taxonomy.rules
    ]


def title_ablation(scored: Scored, rule_ids: Sequence[str]) -> list[Score]:
    """AUC of the rules that compare with the title, pooled and each: as it is, without title, with another's.

    Both kinds of sequences, qualified ones too, get the empty or other title. The last row asks whether p^t falls when
    a qualified sequence gets another product's title.
    """
    known = [rule_id for rule_id in rule_ids if rule_id in scored.taxonomy.ids]
    ways = {
        "with the title": scored.p_qualified,
        "with an empty title": np.array([prediction.p_without_title for prediction in scored.predictions]),
        "with another product's title": np.array([prediction.p_other_title for prediction in scored.predictions]),
    }
    rows = []
    for name, rules in [("title rules", known), *((rule_id, [rule_id]) for rule_id in known)]:
        rows += [scored.auc(f"{name} {way}", scored.of_rules(rules), p) for way, p in ways.items()]
    good = np.flatnonzero(scored.qualified == 1)
    own, other = scored.p_qualified[good], ways["with another product's title"][good]
    products = [scored.products[index] for index in good]
    labels = np.repeat([1, 0], len(good))
    both = np.concatenate([own, other])

    def told_apart(weights: Floats) -> Floats:
        return auc(labels, both, np.concatenate([weights, weights], axis=1))

    rows.append(scored.boot.any_score("qualified: own title against another product's", told_apart, products))
    return rows


def decisions(scored: Scored, threshold: float) -> list[Score]:
    """What comes of p^t at th^t, and how far p^t is a probability."""
    y, p, products, boot = scored.qualified, scored.p_qualified, np.array(scored.products), scored.boot
    rejected = (y == 0).astype(np.float64)
    submitted = p >= threshold

    def share(name: str, values: Floats, of: np.ndarray) -> Score:
        return boot.score(name, mean, y[of], values[of], products[of].tolist())

    everything = np.ones(len(y), dtype=bool)
    return [
        share("mean p^t of the qualified", p, y == 1),
        share("mean p^t of the rejected", p, y == 0),
        share("Brier score", (p + rejected - 1) ** 2, everything),
        share(f"submitted at th^t {threshold:g}", submitted.astype(np.float64), everything),
        share(f"rejected among those submitted at th^t {threshold:g}", rejected, submitted),
        share("rejected among all", rejected, everything),
    ]


def ceiling(clean: Scored, noisy: Scored) -> Score:
    """AUC against the noisy labels of a judge who knows the clean ones: more than this no model can reach."""
    return noisy.boot.score(
        "AUC of a faultless judge", auc, noisy.qualified, clean.qualified.astype(np.float64), noisy.products
    )


def _balanced(scored: Scored, category: RuleCategory, seed: int) -> list[int]:
    place = {id(record): index for index, record in enumerate(scored.records)}
    try:
        return [place[id(record)] for record in balanced_subset(scored.records, scored.taxonomy, category, seed)]
    except CatalogError:
        return []


def _top(scored: Scored, k: int) -> Score:
    hits: list[float] = []
    products: list[str] = []
    for record, prediction in _rejected(scored):
        best = np.argsort(-prediction.probabilities[1:], kind="stable")[:k] + 1
        hits.append(float(scored.taxonomy.index(record.rule_id) in best))
        products.append(record.product_id)
    labels = np.zeros(len(hits), dtype=np.int64)
    return scored.boot.score(f"top-{k} rule accuracy", mean, labels, np.array(hits), products)


def _rejected(scored: Scored) -> Iterator[tuple[ReviewRecord, Prediction]]:
    for record, prediction in zip(scored.records, scored.predictions, strict=True):
        if record.rule_id != scored.taxonomy.qualified.id:
            yield record, prediction
