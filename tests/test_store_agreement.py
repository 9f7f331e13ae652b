"""Cohen's kappa of reviewers, against values worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agpis.store import Decision, Verdict
from agpis.store.agreement import measure_agreement

YES, NO, OTHER_NO = Verdict(True), Verdict(False, "S01"), Verdict(False, "P01")


def said(item_id: int, reviewer: str, verdict: Verdict, *, retracted: bool = False) -> Decision:
    return Decision(
        id=item_id,
        item_id=item_id,
        product_id="SKU",
        reviewer=reviewer,
        decided_at=datetime(2026, 3, 1, tzinfo=UTC),
        verdict=verdict,
        opinion=1,
        retracts=None,
        retracted=retracted,
        p_qualified=0.5,
        rule_probabilities={},
        feedback="",
        model_version="m1",
        submission_threshold=0.5,
        threshold_version="t1",
    )


def by_two(*verdicts: tuple[Verdict, Verdict]) -> list[Decision]:
    return [
        said(i, name, v) for i, couple in enumerate(verdicts) for name, v in zip(("ana", "ben"), couple, strict=True)
    ]


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    # Observed 35 / 50 = 0.7; ana accepts 25 / 50, ben 30 / 50: by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5; kappa 0.2 / 0.5.
    couples = [(YES, YES)] * 20 + [(YES, NO)] * 5 + [(NO, YES)] * 10 + [(NO, NO)] * 15
    overall = measure_agreement(by_two(*couples)).overall
    assert overall.kappa == pytest.approx(0.4)
    assert overall.observed == 0.7
    assert (overall.num_items, overall.num_agreed, overall.num_both_rejected) == (50, 35, 15)
    assert overall.low is not None
    assert overall.high is not None
    # The large-sample standard error of this textbook table is about 0.126, so that the interval is near 0.15 to 0.65.
    assert overall.low == pytest.approx(0.15, abs=0.03)
    assert overall.high == pytest.approx(0.64, abs=0.03)


def test_full_agreement_on_few_items_keeps_a_wide_interval() -> None:
    few = measure_agreement(by_two((YES, YES), (NO, NO))).overall
    many = measure_agreement(by_two(*[(YES, YES), (NO, NO)] * 100)).overall
    assert few.kappa == few.high == many.kappa == 1
    assert few.low is not None
    assert many.low is not None
    assert few.low < 0.3 < 0.9 < many.low


def test_agreement_on_the_rule_is_counted_among_common_rejections() -> None:
    overall = measure_agreement(by_two((NO, NO), (NO, OTHER_NO), (NO, YES), (YES, YES))).overall
    assert (overall.num_both_rejected, overall.num_same_rule) == (2, 1)


@pytest.mark.parametrize(
    ("decisions", "reason"),
    [
        ([], "no sequence was judged by two"),
        ([said(1, "ana", YES), said(2, "ben", YES)], "no sequence was judged by two"),
        ([said(1, "ana", YES), said(1, "ben", NO, retracted=True)], "no sequence was judged by two"),
        ([said(1, "ana", YES), said(1, "ana", YES)], "no sequence was judged by two"),
        (by_two((YES, YES), (YES, YES)), "both reviewers accepted every sequence"),
        (by_two((NO, NO), (NO, OTHER_NO)), "both reviewers rejected every sequence"),
    ],
)
def test_kappa_is_undefined_with_a_reason(decisions: list[Decision], reason: str) -> None:
    overall = measure_agreement(decisions).overall
    assert (overall.kappa, overall.low, overall.high) == (None, None, None)
    assert reason in overall.reason


def test_every_pair_of_reviewers_on_its_own() -> None:
    decisions = [
        *by_two((YES, YES), (NO, NO)),
        said(0, "cleo", NO),
    ]
    agreement = measure_agreement(decisions)
    assert agreement.overall.num_items == 4
    assert [(pair.first, pair.second, pair.kappa.num_items) for pair in agreement.pairs] == [
        ("ana", "ben", 2),
        ("ana", "cleo", 1),
        ("ben", "cleo", 1),
    ]
    assert agreement.pairs[0].kappa.kappa == 1
    assert agreement.pairs[1].kappa.num_agreed == 0


def test_the_order_of_the_reviewers_does_not_matter() -> None:
    couples = [(YES, NO), (YES, YES), (NO, NO), (NO, YES), (YES, YES)]
    ahead = measure_agreement(by_two(*couples)).pairs[0].kappa
    behind = measure_agreement(by_two(*((b, a) for a, b in couples))).pairs[0].kappa
    assert ahead.kappa == behind.kappa == pytest.approx(1 / 6)
