"""DeLong's test: by hand, against a slow version of the papers' sums, and laws of clustered rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from analysis.metrics.delong import delong_test, place_scores, win_shares
from analysis.rule_errors.auc import auc

Array = npt.NDArray[np.float64]
LABELS = np.array([True, True, False, False])
FIRST, SECOND = np.array([0.9, 0.6, 0.5, 0.7]), np.array([0.8, 0.3, 0.4, 0.6])


def made(rows: int, seed: int = 0) -> tuple[npt.NDArray[np.bool_], Array, Array]:
    """Two models of different skill whose scores tie often."""
    rng = np.random.default_rng(seed)
    labels = rng.random(rows) < 0.4
    signal = labels + rng.normal(0, 1, rows)
    return labels, np.round(signal + rng.normal(0, 0.5, rows), 1), np.round(signal + rng.normal(0, 1.5, rows), 1)


def slow_components(labels: npt.NDArray[np.bool_], scores: Array) -> tuple[Array, Array]:
    """V10 and V01 of all pairs."""
    x, y = scores[labels][:, None], scores[~labels][None]
    above = (x > y) + 0.5 * (x == y)
    return above.mean(axis=1), above.mean(axis=0)


def slow_variance(labels: npt.NDArray[np.bool_], *models: Array) -> float:
    """Of the difference, from the 2 x 2 covariance matrix of DeLong, DeLong and Clarke-Pearson."""
    v10, v01 = zip(*(slow_components(labels, scores) for scores in models), strict=True)
    covariance = np.cov(v10) / labels.sum() + np.cov(v01) / (~labels).sum()
    return float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])


def slow_clustered_covariance(
    labels: npt.NDArray[np.bool_], first: Array, second: Array, products: npt.NDArray[np.int64]
) -> float:
    """Obuchowski's covariance of two AUCs, product by product."""
    m, n, units = int(labels.sum()), int((~labels).sum()), len(np.unique(products))
    models = []
    for scores in (first, second):
        v10, v01 = slow_components(labels, scores)
        theta = v10.mean()
        positive = [(v10[products[labels] == one] - theta).sum() for one in np.unique(products)]
        negative = [(v01[products[~labels] == one] - theta).sum() for one in np.unique(products)]
        models.append((np.array(positive), np.array(negative)))
    (p, q), (r, s) = models
    i10, i01 = len(np.unique(products[labels])), len(np.unique(products[~labels]))
    s10, s01 = i10 / (i10 - 1) / m * (p @ r), i01 / (i01 - 1) / n * (q @ s)
    s11, s11_other = (units / (units - 1) * (one @ other) for one, other in ((p, s), (r, q)))
    return float(s10 / m + s01 / n + (s11 + s11_other) / (m * n))


def test_four_rows_by_hand() -> None:
    # V10 differ by (0, 1/2), V01 by (1/2, 0): variance 1/16 + 1/16.
    found = delong_test(LABELS, FIRST, SECOND)
    assert (found.first, found.second, found.difference) == (0.75, 0.5, 0.25)
    assert found.z == pytest.approx(0.25 / np.sqrt(0.125))
    assert found.p_value == pytest.approx(0.4795001)
    assert found.low == pytest.approx(0.25 - 1.959964 * np.sqrt(0.125))
    assert (found.positives, found.negatives, found.clusters, found.reason) == (2, 2, None, "")


def test_places_and_shares_of_pairs_by_hand() -> None:
    # Ones score 2, 4 and 4; zeros lie below 2, on 4 and above 4.
    scores, is_one = np.array([4.0, 1.0, 2.0, 4.0, 4.0, 5.0]), np.array([True, False, True, True, False, False])
    places, num_values = place_scores(scores, is_one)
    assert (places.tolist(), num_values) == ([1, 0, 0, 1, 3, 4], 2)
    of_ones, of_zeros = win_shares(np.array([1, 2]), np.array([1, 0, 0, 1, 1]))
    assert of_ones.tolist() == pytest.approx([1 / 3, 1.5 / 3])
    assert of_zeros.tolist() == pytest.approx([1, 2.5 / 3, 2 / 3, 1 / 3, 0])


@pytest.mark.parametrize("rows", [20, 200, 700])
def test_against_a_model_that_tells_nothing_the_error_is_that_of_one_auc(rows: int) -> None:
    labels, first, _ = made(rows, rows)
    alone = auc(first[labels], first[~labels])
    found = delong_test(labels, first, np.zeros(rows))
    assert alone.value is not None
    assert alone.standard_error is not None
    assert found.first == pytest.approx(alone.value, rel=1e-14)
    assert found.z == pytest.approx((alone.value - 0.5) / alone.standard_error, rel=1e-12)


@pytest.mark.parametrize("rows", [20, 200, 700])
def test_the_fast_sums_are_the_slow_ones(rows: int) -> None:
    labels, first, second = made(rows, rows)
    found = delong_test(labels, first, second)
    assert found.difference is not None
    assert found.first == pytest.approx(roc_auc_score(labels, first))
    assert found.second == pytest.approx(roc_auc_score(labels, second))
    assert found.z == pytest.approx(found.difference / np.sqrt(slow_variance(labels, first, second)))


def test_the_clustered_sums_are_the_slow_ones() -> None:
    labels, first, second = made(300)
    products = np.random.default_rng(5).integers(40, size=300)
    found = delong_test(labels, first, second, products)

    def covariance(one: Array, other: Array) -> float:
        return slow_clustered_covariance(labels, one, other, products)

    variance = covariance(first, first) + covariance(second, second) - 2 * covariance(first, second)
    assert found.difference is not None
    assert found.z == pytest.approx(found.difference / np.sqrt(variance))
    assert found.clusters == 40


def test_products_of_one_row_each_are_independent_rows() -> None:
    labels, first, second = made(100)
    products = np.random.default_rng(1).permutation(100)
    clustered, independent = delong_test(labels, first, second, products), delong_test(labels, first, second)
    assert clustered.z == pytest.approx(independent.z)
    assert (clustered.clusters, independent.clusters) == (100, None)


def test_rows_that_are_repeated_say_nothing_new_of_their_product() -> None:
    labels, first, second = made(100)
    thrice = labels.repeat(3), first.repeat(3), second.repeat(3)
    once = delong_test(labels, first, second)
    assert once.z is not None
    assert delong_test(*thrice, np.arange(100).repeat(3)).z == pytest.approx(once.z)
    assert delong_test(*thrice).z == pytest.approx(once.z * np.sqrt(3), rel=0.02)


def test_the_order_of_models_turns_the_sign_and_a_rising_scale_nothing() -> None:
    labels, first, second = made(200)
    one, other = delong_test(labels, first, second), delong_test(labels, second, first)
    assert one.z is not None
    assert other.z == pytest.approx(-one.z)
    assert one.p_value == other.p_value
    assert delong_test(labels, np.exp(first), 3 * second + 1) == one
    order = np.random.default_rng(2).permutation(200)
    assert delong_test(labels[order], first[order], second[order]).z == pytest.approx(one.z)


def test_equal_models_are_called_different_in_five_of_a_hundred() -> None:
    rng, p_values = np.random.default_rng(0), []
    for _ in range(600):
        labels = np.arange(80) < 40
        first, second = (labels + rng.normal(0, 1, 80) for _ in range(2))
        p_values.append(delong_test(labels, first, second).p_value)
    assert np.mean(np.array(p_values, float) < 0.05) == pytest.approx(0.05, abs=0.025)


def test_what_has_no_p_value_says_why() -> None:
    alone = delong_test(np.array([True, True]), FIRST[:2], SECOND[:2])
    assert (alone.first, alone.p_value, alone.reason) == (None, None, "no row of 0: 2 rows are all of one class")
    alike = delong_test(LABELS, FIRST, FIRST)
    assert (alike.first, alike.difference, alike.p_value) == (0.75, 0.0, None)
    assert "rank the rows alike" in alike.reason
    single = delong_test(LABELS[1:], FIRST[1:], SECOND[1:])
    assert (single.difference, single.z) == (0.5, None)
    assert single.reason == "fewer than two rows of one class: no variance"
    together = delong_test(LABELS, FIRST, SECOND, np.array([0, 0, 1, 2]))
    assert together.reason == "fewer than two products of one class: no variance"
    with pytest.raises(ValueError, match="differ in length: 3, 4"):
        delong_test(LABELS, FIRST, SECOND[:3])
