"""The weights behind a verdict: their file, their sums, and what speaks for what."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from agpis.errors import ModelError
from agpis.stage1.agreement import Agreement
from agpis.stage1.geometry import Alignment
from agpis.stage1.pair_model import FEATURES, OUTCOMES, PairModel, features_of, shipped_model, weigh
from agpis.types import PairRelation

ALIGNMENT = Alignment(np.eye(2, 3), np.zeros((40, 2), np.float32), support=40, repeated=0.6)
SAME = Agreement(
    core=0.97,
    overlap=0.97,
    recoloured=0.0,
    shape=0.9,
    structure=0.9,
    beyond=0.0,
    region=np.ones((4, 4), bool),
)
RECOLOURED = replace(SAME, core=0.0, overlap=0.0, recoloured=0.95, structure=0.85)  # the whole product
BY_CHANCE = replace(SAME, core=0.3, overlap=0.2, shape=0.1, structure=0.1, recoloured=0.4)


def test_the_weights_file_is_read_back() -> None:
    model = PairModel(np.array([0.5, -1.25]), np.arange(2.0 * len(FEATURES)).reshape(2, -1))
    again = PairModel.from_json(model.to_json())
    assert np.array_equal(again.bias, model.bias)
    assert np.array_equal(again.weights, model.weights)


@pytest.mark.parametrize("change", ["drop", "feature", "outcome"])
def test_weights_that_do_not_fit_are_refused(change: str) -> None:
    rows = json.loads(shipped_model().to_json())
    if change == "drop":
        del rows["in two colours"]["support"]
    elif change == "feature":
        rows["in two colours"]["fur"] = 1.0
    else:
        rows["mirror"] = rows["shared"]
    with pytest.raises(ModelError, match=r"do not fit: each question needs \['beyond', 'bias', 'core'"):
        PairModel.from_json(json.dumps(rows))


def test_probabilities_by_hand() -> None:
    model = PairModel(np.log([3.0, 0.5]), np.zeros((2, len(FEATURES))))
    assert model.probabilities(np.zeros(len(FEATURES))).tolist() == pytest.approx([0.25, 0.5, 0.25])
    relation, similarity = weigh(np.zeros(len(FEATURES)), model)
    assert relation is PairRelation.DUPLICATE
    assert similarity == pytest.approx(0.5)


def test_features_by_hand() -> None:
    found = dict(
        zip(FEATURES, features_of(ALIGNMENT, replace(RECOLOURED, recoloured=0.25, structure=0.8)), strict=True)
    )
    assert found["support"] == pytest.approx(np.log(4))
    assert found["recoloured"] == pytest.approx(np.log(126) / np.log(501))  # the share over 0.002, plus 1
    assert found["kept_structure"] == pytest.approx(0.8 * found["recoloured"])
    assert found["covered_up"] == pytest.approx(0.2 * found["recoloured"])
    covered = features_of(ALIGNMENT, replace(RECOLOURED, recoloured=0.25, beyond=0.6))
    assert covered[FEATURES.index("beyond")] == pytest.approx(0.6 * found["recoloured"])
    more = features_of(replace(ALIGNMENT, support=1000), SAME)
    assert more[0] == pytest.approx(np.log(6))  # support beyond 60 counts no more


def test_the_shipped_weights_tell_clear_cases() -> None:
    assert weigh(features_of(ALIGNMENT, SAME))[0] is PairRelation.DUPLICATE
    assert weigh(features_of(ALIGNMENT, SAME))[1] > 0.9
    resaved = replace(SAME, core=0.99, overlap=0.99, shape=0.95, structure=0.95)
    whole = replace(ALIGNMENT, support=60, repeated=0.95)
    assert weigh(features_of(whole, resaved))[0] is PairRelation.DUPLICATE
    assert weigh(features_of(whole, resaved))[1] > 0.9
    assert weigh(features_of(ALIGNMENT, RECOLOURED))[0] is PairRelation.VARIANT
    assert weigh(features_of(ALIGNMENT, RECOLOURED))[1] > 0.9
    assert weigh(features_of(replace(ALIGNMENT, support=6, repeated=0.1), BY_CHANCE))[1] < 0.1
    assert OUTCOMES[0] == "nothing"
