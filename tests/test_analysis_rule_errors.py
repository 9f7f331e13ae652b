"""Per-rule errors, confusion, mistakes and agreement on tables small enough to count by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prediction_tables import COLUMNS, TAXONOMY, table
from sklearn.metrics import confusion_matrix, roc_auc_score

from agpis.types import to_json
from analysis.errors import AnalysisError, PredictionsError
from analysis.predictions import Predictions, check_predictions
from analysis.rule_errors import (
    agreement,
    analyse_errors,
    category_confusion,
    class_confusion,
    rule_errors,
    worst_mistakes,
)
from analysis.rule_errors.reviewed import predicted_classes

Row = tuple[str, Mapping[str, float]]


def scored(rows: Sequence[Row], **columns: Any) -> Predictions:
    """A table of (review, named class probabilities); what is left goes to the class other."""
    frame = table(len(rows)).drop(columns=list(COLUMNS)).assign(label=[label for label, _ in rows], **columns)
    p = np.array([[named.get(rule_id, 0.0) for rule_id in TAXONOMY.ids] for _, named in rows])
    p[:, -1] += 1 - p.sum(axis=1)
    return check_predictions(pd.concat([frame, pd.DataFrame(p.clip(0, 1), columns=list(COLUMNS))], axis=1))


def q(p: float, rule: str = "S02") -> dict[str, float]:
    """p^t, and the rest on one rule."""
    return {"qualified": p, rule: 1 - p}


# Two sequences break S02, of which one escapes at 0.3; three break P01, of which two do; three are accepted.
ROWS: list[Row] = [
    ("qualified", q(0.9)),
    ("qualified", q(0.6)),
    ("qualified", q(0.2)),
    ("S02", q(0.1)),
    ("S02", q(0.3)),
    ("P01", q(0.8, "P01")),
    ("P01", q(0.7)),
    ("P01", q(0.2)),
]


def random_frame(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """Reviews of few classes, probabilities with ties."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["qualified", "S01", "S02", "P01", "M01", "other", ""], rows)
    p = rng.dirichlet(np.full(len(COLUMNS), 0.2), rows).round(2)
    p[:, -1] += 1 - p.sum(axis=1)
    p[:, 0] += np.minimum(p[:, -1], 0)
    p = np.abs(p) / np.abs(p).sum(axis=1, keepdims=True)
    frame = table(rows).drop(columns=list(COLUMNS)).assign(label=labels)
    return pd.concat([frame, pd.DataFrame(p, columns=list(COLUMNS))], axis=1)


def random_table() -> Predictions:
    return check_predictions(random_frame())


def test_what_each_rule_loses_at_the_threshold() -> None:
    errors = rule_errors(scored(ROWS), 0.3)
    rules = {rule.rule_id: rule for rule in errors.rules}
    assert len(rules) == 44
    assert "qualified" not in rules
    assert (rules["S02"].caught.count, rules["S02"].escaped.count, rules["S02"].support) == (1, 1, 2)  # 0.3 >= 0.3
    assert (rules["P01"].caught.count, rules["P01"].escaped.count, rules["P01"].support) == (1, 2, 3)
    assert rules["P01"].share_of_escapes.value == pytest.approx(2 / 3)
    assert (errors.escaped.count, errors.escaped.n) == (3, 5)
    assert (errors.caught.count, errors.caught.n) == (2, 5)
    assert (errors.rejected_of_submitted.count, errors.rejected_of_submitted.n) == (3, 5)
    assert [rule.rule_id for rule in errors.escaping()] == ["P01", "S02"]


def test_a_rule_that_nobody_broke_is_listed_and_undefined() -> None:
    errors = rule_errors(scored(ROWS), 0.3)
    rule = next(rule for rule in errors.rules if rule.rule_id == "S01")
    assert (rule.support, rule.mean_p, rule.escaped.value, rule.one_vs_rest.value) == (0, None, None, None)
    assert rule.reason == rule.escaped.reason == "no sequence was rejected for S01"
    assert rule.mean_p_rest == 0.0  # it never had any probability, which is defined
    assert len(errors.without_support) == 42
    assert not {"S02", "P01"} & set(errors.without_support)


def test_probabilities_and_auc_of_a_rule_by_hand() -> None:
    rule = next(rule for rule in rule_errors(scored(ROWS), 0.3).rules if rule.rule_id == "S02")
    assert rule.mean_p == pytest.approx((0.9 + 0.7) / 2)
    assert rule.mean_p_rest == pytest.approx((0.1 + 0.4 + 0.8 + 0 + 0.3 + 0.8) / 6)
    # p of S02: its sequences 0.9 and 0.7, the others 0.1, 0.4, 0.8, 0, 0.3, 0.8.
    assert rule.one_vs_rest.value == pytest.approx((6 + 4) / 12)
    # p^t: accepted 0.9, 0.6, 0.2 against 0.1, 0.3.
    assert rule.against_qualified.value == pytest.approx((2 + 2 + 1) / 6)


def test_one_vs_rest_auc_is_that_of_scikit_learn() -> None:
    read = random_table()
    reviewed = read.reviewed()
    for rule in rule_errors(read, 0.3).rules:
        if rule.support:
            index = TAXONOMY.index(rule.rule_id)
            wanted = roc_auc_score(reviewed.labels == index, reviewed.probabilities[:, index])
            assert rule.one_vs_rest.value == pytest.approx(wanted)
            assert rule.one_vs_rest.n == len(reviewed)


def test_caught_and_escaped_are_all_there_is_and_escapes_fall_with_the_threshold() -> None:
    read = random_table()
    before: list[int] | None = None
    for threshold in (0.0, 0.1, 0.3, 0.9, 1.0):
        errors = rule_errors(read, threshold)
        assert all(rule.caught.count + rule.escaped.count == rule.support for rule in errors.rules)
        assert sum(rule.escaped.count for rule in errors.rules) == errors.escaped.count
        now = [rule.escaped.count for rule in errors.rules]
        assert before is None or all(few <= many for few, many in zip(now, before, strict=True))
        before = now
    assert rule_errors(read, 0.0).caught.count == 0


def test_the_order_of_rows_does_not_matter() -> None:
    frame = random_frame().assign(source=["shop", "mall", "fair", "shop"] * 100)
    first, second = (
        analyse_errors(check_predictions(one), 0.1, min_support=5)
        for one in (frame, frame.sample(frac=1, random_state=1))
    )
    for rule, same in zip(first.rules.rules, second.rules.rules, strict=True):
        assert (rule.support, rule.escaped, rule.one_vs_rest) == (same.support, same.escaped, same.one_vs_rest)
    assert first.classes == second.classes
    assert first.slices == second.slices


def test_confusion_is_that_of_scikit_learn() -> None:
    read = random_table()
    reviewed = read.reviewed()
    confusion = class_confusion(read)
    wanted = confusion_matrix(reviewed.labels, predicted_classes(reviewed), labels=range(len(TAXONOMY)))
    assert np.array_equal(np.array(confusion.counts), wanted)
    assert confusion.names == TAXONOMY.ids
    for row, n in zip(confusion.shares, confusion.support, strict=True):
        assert (row is None) == (n == 0)
        assert row is None or sum(row) == pytest.approx(1)


def test_confusion_by_hand() -> None:
    confusion = class_confusion(scored(ROWS))
    assert confusion.share("P01", "qualified").count == 2
    assert confusion.share("P01", "qualified").value == pytest.approx(2 / 3)
    assert confusion.share("P01", "S02").count == 1
    assert confusion.share("S01", "S02").reason == "no sequence is of class S01"
    pairs = confusion.largest(2)
    assert [(pair.true, pair.predicted, pair.share.count) for pair in pairs] == [
        ("P01", "qualified", 2),
        ("qualified", "S02", 1),
    ]
    assert (confusion.accuracy.count, confusion.accuracy.n) == (4, 8)
    assert "S01" in confusion.without_support


def test_categories_hold_the_classes_sums() -> None:
    classes, categories = class_confusion(scored(ROWS)), category_confusion(scored(ROWS))
    assert categories.names == ("qualified", "single", "pair", "multi", "other")
    assert categories.counts == ((2, 1, 0, 0, 0), (0, 2, 0, 0, 0), (2, 1, 0, 0, 0), (0,) * 5, (0,) * 5)
    assert sum(categories.support) == sum(classes.support)


def test_with_a_threshold_the_decision_makes_the_class() -> None:
    read = scored([("S02", {"qualified": 0.35, "S02": 0.4, "S03": 0.25}), ("S03", q(0.2)), ("qualified", q(0.3))])
    assert predicted_classes(read).tolist() == [TAXONOMY.index("S02")] * 3
    assert predicted_classes(read, 0.3).tolist() == [0, TAXONOMY.index("S02"), 0]
    assert class_confusion(read, 0.3).share("S02", "qualified").value == 1.0


def test_of_equally_likely_classes_the_more_severe_is_predicted() -> None:
    read = scored([("S02", {"S05": 0.5, "S03": 0.5})])
    assert predicted_classes(read).tolist() == [TAXONOMY.index("S03")]


def test_the_worst_mistakes_come_first() -> None:
    read = scored(
        [*ROWS, ("", q(0.99))],
        title=[f"mug {row}" for row in range(9)],
        images=[("a.jpg", f"{row}.jpg") for row in range(9)],
        feedback=["no"] * 9,
    )
    mistakes = worst_mistakes(read, 0.3, per_rule=2, most=2)
    assert [(one.row, one.true_rule, one.p_t) for one in mistakes.by_rule] == [
        (5, "S02", 0.3),
        (4, "S02", 0.1),
        (6, "P01", 0.8),
        (7, "P01", 0.7),
    ]
    assert [one.row for one in mistakes.rejected] == [6, 7]
    assert [one.row for one in mistakes.accepted] == [3, 2]
    worst = mistakes.of_rule("P01")[0]
    assert (worst.title, worst.images, worst.feedback, worst.written_feedback) == (
        "mug 5",
        ("a.jpg", "5.jpg"),
        "no",
        None,
    )
    assert (worst.predicted_rule, worst.submitted, worst.rejected) == ("qualified", True, True)
    assert worst.p_predicted == pytest.approx(0.8)
    assert worst.p_true == pytest.approx(0.2)
    assert [one.wrong_decision for one in mistakes.by_rule] == [True, False, True, True]
    assert [one.wrong_decision for one in mistakes.accepted] == [True, False]
    assert mistakes.missing_columns == ("written_feedback",)


def test_mistakes_of_equal_p_come_in_the_order_of_rows() -> None:
    read = scored([("S02", q(0.5)), ("S02", q(0.5)), ("qualified", q(0.5)), ("qualified", q(0.5))])
    mistakes = worst_mistakes(read, 0.3)
    assert [one.row for one in (*mistakes.rejected, *mistakes.accepted)] == [1, 2, 3, 4]


def test_agreement_by_hand() -> None:
    # At 0.5: both right, p^t alone right twice, p^nlg alone right, both wrong; one row without p^nlg.
    rows = [("qualified", q(0.9)), ("qualified", q(0.6)), ("S02", q(0.4)), ("S02", q(0.7)), ("S02", q(0.8))]
    read = scored([*rows, ("S02", q(0.2))], p_nlg=[0.8, 0.2, 0.7, 0.1, 0.9, np.nan])
    found = agreement(read, 0.5)
    assert (found.n, found.without_p_nlg) == (5, 1)
    assert (found.differ.count, found.differ.n) == (3, 5)
    assert (found.p_t_right.count, found.p_nlg_right.count, found.p_t_right.n) == (2, 1, 3)
    assert (found.both_right, found.both_wrong) == (1, 1)
    assert found.p_value == 1.0  # 2 of 3 heads
    x, y = [0.9, 0.6, 0.4, 0.7, 0.8], [0.8, 0.2, 0.7, 0.1, 0.9]
    assert found.pearson == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found.spearman == pytest.approx(1 - 6 * (1 + 0 + 4 + 4 + 1) / (5 * 24))
    assert found.reason == ""


def test_mcnemar_counts_coins() -> None:
    rows = [("qualified", q(0.9))] * 5
    read = scored(rows, p_nlg=[0.1, 0.1, 0.1, 0.1, 0.8])
    assert agreement(read, 0.5).p_value == pytest.approx(2 / 2**4)  # four of four heads, two-sided
    same = agreement(read, 0.95)
    assert same.p_value is None
    assert same.reason == "no correlation: p^t is the same in every sequence; no decision differs"


def test_a_table_without_p_nlg_has_no_agreement_and_says_why() -> None:
    found = agreement(scored(ROWS), 0.3)
    assert (found.n, found.without_p_nlg, found.pearson, found.p_value) == (0, 8, None, None)
    assert found.differ.reason == "no sequence has p_nlg"
    assert "it needs 3" in found.reason


def test_unreviewed_rows_change_nothing_but_their_count() -> None:
    without, with_two = scored(ROWS), scored([("", q(0.7)), *ROWS, ("", q(0.1))])
    first, second = analyse_errors(without, 0.3, 1), analyse_errors(with_two, 0.3, 1)
    assert (first.unreviewed, second.unreviewed) == (0, 2)
    assert first.rules == second.rules
    assert first.slices == second.slices
    assert [one.row + 1 for one in first.mistakes.rejected] == [one.row for one in second.mistakes.rejected]


def test_the_analysis_has_a_json_form() -> None:
    told = to_json(analyse_errors(scored(ROWS), 0.3, 1))
    assert told["rules"]["escaped"]["count"] == 3
    assert told["classes"]["counts"][0][0] == 2
    assert asdict(analyse_errors(scored(ROWS), 0.3, 1).rules.escaped)["n"] == 5


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_that_is_none_is_refused(threshold: float) -> None:
    for analyse in (rule_errors, worst_mistakes, agreement, analyse_errors, class_confusion):
        with pytest.raises(AnalysisError, match=r"threshold th\^t is .*, not a number in \[0, 1\]"):
            analyse(scored(ROWS), threshold)


def test_a_table_without_reviews_is_refused() -> None:
    with pytest.raises(PredictionsError, match="column label is empty in all of the 1 rows"):
        analyse_errors(scored([("", q(0.5))]), 0.3)


def test_counts_below_one_are_refused() -> None:
    with pytest.raises(AnalysisError, match="per_rule is 0; it counts from 1"):
        worst_mistakes(scored(ROWS), 0.3, per_rule=0)
