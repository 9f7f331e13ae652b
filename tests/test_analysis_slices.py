"""Slices against the rest of the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from prediction_tables import COLUMNS, table
from scipy import stats
from sklearn.metrics import roc_auc_score

from analysis.errors import AnalysisError
from analysis.predictions import Predictions, check_predictions
from analysis.rates import Rate
from analysis.rule_errors import Contrast, slice_errors
from analysis.rule_errors.auc import Auc


def judged(p_t: npt.ArrayLike, rejected: npt.ArrayLike, **columns: Any) -> Predictions:
    """Sequences of given p^t; the rest of the probability is on the class other."""
    frame = table(len(np.asarray(p_t))).drop(columns=list(COLUMNS))
    p = np.zeros((len(frame), len(COLUMNS)))
    p[:, 0], p[:, -1] = p_t, 1 - np.asarray(p_t)
    labels = np.where(np.asarray(rejected), "S01", "qualified")
    return check_predictions(
        pd.concat([frame, pd.DataFrame(p, columns=list(COLUMNS))], axis=1).assign(label=labels, **columns)
    )


# Mugs: 1 of 4 rejected, and that one is caught. Lamps: 3 of 4 rejected, of which 2 escape at 0.3.
P_T = [0.9, 0.8, 0.7, 0.1, 0.4, 0.6, 0.5, 0.2]
REJECTED = [False, False, False, True, False, True, True, True]
CATEGORY = ["mug"] * 4 + ["lamp"] * 4


def counts(contrast: Contrast) -> list[int]:
    inside, rest = contrast.inside, contrast.rest
    assert isinstance(inside, Rate)
    assert isinstance(rest, Rate)
    return [inside.count, inside.n, rest.count, rest.n]


def test_a_slice_and_its_rest_by_hand() -> None:
    errors = slice_errors(judged(P_T, REJECTED, category=CATEGORY), 0.3, min_support=1)
    lamp, mug = sorted(errors.of_kind("category"), key=lambda part: part.value)
    assert (lamp.value, mug.value, lamp.n, mug.n) == ("lamp", "mug", 4, 4)
    assert counts(lamp.reject_rate) == [3, 4, 1, 4]
    assert counts(mug.reject_rate) == [1, 4, 3, 4]
    assert counts(lamp.escape_rate) == [2, 3, 0, 1]
    assert lamp.auc.inside.value == pytest.approx(1 / 3)
    assert lamp.auc.rest.value == mug.auc.inside.value == 1.0
    assert lamp.reject_rate.p_value == pytest.approx(stats.fisher_exact([[3, 1], [1, 3]]).pvalue)
    assert lamp.auc.p_value is None
    assert "in the slice: no interval: it needs 2 positives and 2 negatives, and there are 1 and 3" in lamp.auc.reason


def many(seed: int = 0, rows: int = 600) -> Predictions:
    """Lamps are rejected more often than the other categories, and nothing else differs."""
    rng = np.random.default_rng(seed)
    category = rng.choice(["lamp", "mug", "chair", "bag"], rows)
    rejected = rng.random(rows) < np.where(category == "lamp", 0.7, 0.2)
    p_t = np.clip(rng.normal(np.where(rejected, 0.4, 0.6), 0.2), 0, 1).round(2)
    months = rng.choice(["2026-01-05", "2026-02-07", "2025-12-31", ""], rows)
    images = rng.choice([2, 3], rows)
    return judged(
        p_t, rejected, category=category, date=months, images=["|".join(["a.jpg"] * count) for count in images]
    )


def test_auc_and_its_test_on_a_slice_and_the_rest() -> None:
    read = many()
    is_lamp = (read.frame["category"] == "lamp").to_numpy()
    lamp = next(part for part in slice_errors(read, 0.3).slices if part.value == "lamp")
    inside, rest = lamp.auc.inside, lamp.auc.rest
    for rows, found in ((is_lamp, inside), (~is_lamp, rest)):
        assert found.value == pytest.approx(roc_auc_score(read.is_qualified[rows], read.p_t[rows]))
    assert isinstance(inside, Auc)
    assert isinstance(rest, Auc)
    assert inside.standard_error
    assert rest.standard_error
    assert inside.value
    assert rest.value
    z = (inside.value - rest.value) / np.hypot(inside.standard_error, rest.standard_error)
    assert lamp.auc.p_value == pytest.approx(2 * stats.norm.sf(abs(z)))


def test_what_truly_differs_is_found_and_adjusted_over_all_slices() -> None:
    errors = slice_errors(many(), 0.3)
    found = errors.worst("reject_rate")
    assert found[0].value == "lamp"
    assert errors.worst("auc") == ()
    p_values = [part.reject_rate.p_value for part in errors.slices]
    made = [p_value for p_value in p_values if p_value is not None]
    wanted = dict(zip(made, stats.false_discovery_control(made), strict=True))
    assert len(made) > 8
    for part in errors.slices:
        if part.reject_rate.p_value is not None:
            assert part.reject_rate.q_value == pytest.approx(wanted[part.reject_rate.p_value])


def test_months_and_numbers_of_images_are_slices_in_order() -> None:
    errors = slice_errors(many(), 0.3)
    assert [part.value for part in errors.of_kind("month")] == ["(none)", "2025-12", "2026-01", "2026-02"]
    assert sorted(part.value for part in errors.of_kind("images")) == ["2", "3"]
    assert sum(part.n for part in errors.of_kind("month")) == 600
    assert errors.left_out == ()


def test_small_slices_and_those_beyond_the_largest_are_counted() -> None:
    category = ["a"] * 3 + ["b"] * 2 + ["c"] * 2 + ["d"]
    errors = slice_errors(judged(P_T, REJECTED, category=category), 0.3, min_support=2, most=2)
    assert [part.value for part in errors.of_kind("category")] == ["a", "b"]
    told = {(one.kind, one.slices, one.sequences): one.reason for one in errors.left_out}
    assert told == {
        ("category", 1, 1): "fewer than 2 reviewed sequences",
        ("category", 1, 2): "beyond the 2 largest",
        ("images", 0, 8): "the table has no column images",
    }


def test_a_slice_that_is_the_whole_table_has_no_rest() -> None:
    (shop,) = slice_errors(judged(P_T, REJECTED), 0.3, min_support=1).of_kind("source")
    assert (shop.reject_rate.p_value, shop.reject_rate.q_value) == (None, None)
    assert shop.reject_rate.reason == "outside it: there is no sequence"
    assert not shop.differs("reject_rate")


def test_an_empty_category_has_a_name() -> None:
    errors = slice_errors(judged(P_T, REJECTED, category=[""] * 8), 0.3, min_support=1)
    assert [part.value for part in errors.of_kind("category")] == ["(none)"]


def test_limits_below_one_are_refused() -> None:
    read = judged(P_T, REJECTED)
    with pytest.raises(AnalysisError, match="min_support is 0; it counts from 1"):
        slice_errors(read, 0.3, min_support=0)
    with pytest.raises(AnalysisError, match="most is -1; it counts from 1"):
        slice_errors(read, 0.3, most=-1)
