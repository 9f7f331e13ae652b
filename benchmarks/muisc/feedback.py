"""How good the written feedback is: the rule, the images, and the words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from agpis.data.reviews import ReviewRecord
from agpis.errors import RulesError
from agpis.rules import RuleTaxonomy
from analysis.metrics.bootstrap import Bootstrap, Score
from analysis.metrics.ranking import Floats, mean
from benchmarks.muisc.ordinals import named_images, same_images
from benchmarks.muisc.predictions import Prediction

Pair = tuple[ReviewRecord, Prediction]


def feedback_scores(
    records: Sequence[ReviewRecord],
    predictions: Sequence[Prediction],
    taxonomy: RuleTaxonomy,
    threshold: float,
    boot: Bootstrap,
) -> list[Score]:
    """Scores of the predictions that have feedback.

    Args:
        records: the reviews; their own feedback is the reference.
        predictions: of the model.
        taxonomy: reads the rule off a feedback.
        threshold: th^t; a sequence is rejected correctly when p^t lies below it and the reviewer rejected it.
        boot: how intervals are made.
    """
    pairs = [
        (record, prediction)
        for record, prediction in zip(records, predictions, strict=True)
        if prediction.feedback is not None
    ]
    good = [pair for pair in pairs if pair[0].rule_id == taxonomy.qualified.id]
    bad = [pair for pair in pairs if pair[0].rule_id != taxonomy.qualified.id]
    caught = [pair for pair in bad if pair[1].p_qualified < threshold]
    placed = [pair for pair in caught if named_images(pair[0].feedback)]

    def rule_right(pair: Pair) -> bool:
        return written_rule(pair[1].feedback or "", taxonomy) == pair[0].rule_id

    def images_right(pair: Pair) -> bool:
        return same_images(pair[1].feedback or "", pair[0].feedback, len(pair[0].images))

    def share(name: str, hit: Callable[[Pair], bool], of: Sequence[Pair]) -> Score:
        hits = np.array([float(hit(pair)) for pair in of])
        return boot.score(name, mean, np.zeros(len(of), dtype=np.int64), hits, [pair[0].product_id for pair in of])

    return [
        share("rule named right, of the rejected", rule_right, bad),
        share("rule named right, of the correctly rejected", rule_right, caught),
        share("images named right, of the correctly rejected", images_right, placed),
        share(
            "images named right, of the correctly rejected with the right rule",
            images_right,
            [pair for pair in placed if rule_right(pair)],
        ),
        _corpus("BLEU, of the rejected", BLEU(), bad, boot),
        _corpus("chrF, of the rejected", CHRF(), bad, boot),
        share(
            f'"{taxonomy.qualified.title}" written, of the qualified',
            lambda pair: written_rule(pair[1].feedback or "", taxonomy) == taxonomy.qualified.id,
            good,
        ),
    ]


def written_rule(feedback: str, taxonomy: RuleTaxonomy) -> str:
    """Id of the class that a written feedback names; empty for no text."""
    try:
        return taxonomy.classify_feedback(feedback).id
    except RulesError:
        return ""


def _corpus(name: str, metric: Any, pairs: Sequence[Pair], boot: Bootstrap) -> Score:
    """BLEU or chrF of a corpus, 0 to 100; sacrebleu's statistics of the sentences are weighed like everything here."""
    products = [record.product_id for record, _ in pairs]
    if not pairs:
        return boot.any_score(name, lambda weights: weights[:, 0], products)
    written = [prediction.feedback or "" for _, prediction in pairs]
    # Not public, but the only way to a bootstrap over clusters that does not count all n-grams again every time.
    sentences = np.array(metric._extract_corpus_statistics(written, [[record.feedback for record, _ in pairs]]))

    def scores(weights: Floats) -> Floats:
        totals = (weights @ sentences).round().astype(int)
        return np.array([metric._compute_score_from_stats(row.tolist()).score for row in totals])

    return boot.any_score(name, scores, products)
