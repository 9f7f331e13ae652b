"""The pair set by which image-pair recognition is measured, the measurement, and the choice of its weights."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from agpis.stage1.pair_model import FEATURES
from agpis.types import Box, PairMatch, PairRelation, Pixels
from benchmarks.duplicate_fit import Example, cautious, choose_caution, fit
from benchmarks.pairs.made import COPIES, RECOLOURINGS, Kind, MadePair, make_pairs, read_photos
from benchmarks.pairs.methods import Judgement, Method, peers
from benchmarks.pairs.real import compare_catalog
from benchmarks.pairs.scores import judge, pooled


def texture(seed: int, height: int = 160, width: int = 120) -> Pixels:
    """Blurred noise in the middle of a white picture."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    pixels = np.full((height, width, 3), 255, np.uint8)
    smooth = 6 * (cv2.GaussianBlur(noise, (0, 0), 2).astype(np.float32) - 128) + 128
    pixels[20:-20, 20:-20] = np.clip(smooth, 0, 255).astype(np.uint8)[20:-20, 20:-20]
    return pixels


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three products of one category with a front and a back, the last product's back a copy of its front."""
    folder = tmp_path_factory.mktemp("catalog")
    rows, labels = [], {}
    for product in range(3):
        images = []
        for view in ("front", "back"):
            file = f"images/{product}-{view}.png"
            seed = 2 * product + (view == "back" and product < 2)
            (folder / "images").mkdir(exist_ok=True)
            cv2.imwrite(str(folder / file), cv2.cvtColor(texture(seed), cv2.COLOR_RGB2BGR))
            images.append({"file": file, "view": view})
        rows.append({"product_id": str(product), "title": "", "category": "box", "images": images})
    labels["2"] = {"near_duplicates": [["images/2-front.png", "images/2-back.png"]], "near_duplicates_borderline": []}
    (folder / "products.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "labels.json").write_text(json.dumps({"products": labels}), encoding="utf-8")
    return folder


def test_a_seed_makes_the_same_pairs_again(catalog: Path) -> None:
    photos = read_photos(catalog)
    one, same, other = (make_pairs(photos, 2, seed) for seed in (3, 3, 4))
    assert [pair.kind for pair in one] == [pair.kind for pair in same]
    assert all(np.array_equal(a.second, b.second) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a.second, b.second) for a, b in zip(one, other, strict=True))


def test_every_kind_of_copy_is_made_equally_often_and_half_the_pairs_are_none(catalog: Path) -> None:
    pairs = make_pairs(read_photos(catalog), 2, 0)
    counts = Counter(pair.kind for pair in pairs)
    assert {counts[kind] for kind in COPIES} == {2}
    assert (counts[Kind.OTHER], sum(counts[kind] for kind in RECOLOURINGS)) == (12, 4)
    assert sum(pair.is_copy for pair in pairs) == 16


def test_no_two_photos_are_paired_twice(catalog: Path) -> None:
    pairs = make_pairs(read_photos(catalog), 8, 0)
    assert sum(pair.kind is Kind.OTHER for pair in pairs) == 14  # of 15 that six photos have one is a photo twice


def test_what_the_kinds_look_like(catalog: Path) -> None:
    made = {pair.kind: pair for pair in make_pairs(read_photos(catalog)[:1] * 2 + read_photos(catalog)[2:], 1, 5)}
    stretched, close_up = made[Kind.STRETCHED].second, made[Kind.CLOSE_UP].second
    aspect = stretched.shape[0] / stretched.shape[1] / (160 / 120)
    assert max(aspect, 1 / aspect) > 1.1
    assert max(close_up.shape[:2]) >= 155  # a quarter of the photo or less, as large as the photo
    assert made[Kind.PASTED].second[0, 0].min() > 240
    changed = np.abs(made[Kind.RECOLOURED].first.astype(int) - made[Kind.RECOLOURED].second)
    assert changed[60:100, 40:80].mean() > 10
    assert changed[:8].mean() < 10  # the background stays


def pairs_of(*kinds: Kind) -> list[MadePair]:
    blank = np.zeros((2, 2, 3), np.uint8)
    return [MadePair(kind, str(index), blank, blank) for index, kind in enumerate(kinds)]


def method_saying(*scores: float) -> Method:
    answers = iter(scores)
    return Method("known", lambda first, second: Judgement(next(answers)))


def test_scores_that_can_be_worked_out() -> None:
    pairs = pairs_of(Kind.CROPPED, Kind.BANNER, Kind.OTHER, Kind.RECOLOURED)
    judged = judge(method_saying(0.9, 0.4, 0.6, 0.1), pairs)
    assert judged.auc().value == pytest.approx(3 / 4)  # of four pairs of copy and no copy three are in order
    assert judged.recall().value == pytest.approx(1 / 2)
    assert judged.precise_threshold() == pytest.approx(0.9)
    assert judged.flagged(0.5).tolist() == [True, False, True, False]
    assert pooled([judged, judged]).of_kind(Kind.BANNER).tolist() == [False, True, False, False] * 2


def test_no_threshold_is_precise_when_a_wrong_pair_scores_highest() -> None:
    judged = judge(method_saying(0.2, 0.8), pairs_of(Kind.CROPPED, Kind.OTHER))
    assert judged.precise_threshold() == np.inf
    assert judged.recall().value == 0


def test_every_peer_prefers_the_same_picture_and_all_but_one_its_mirror_image() -> None:
    pytest.importorskip("imagededup")
    picture, other = texture(0, 320, 240), texture(1, 320, 240)
    mirror = np.ascontiguousarray(picture[:, ::-1])
    for peer in peers():
        same, different = peer.judge(picture, picture).duplicate, peer.judge(picture, other).duplicate
        assert same > different, peer.name
        if "CNN" not in peer.name:
            assert peer.judge(picture, mirror).duplicate == pytest.approx(same), peer.name


def test_real_pairs_are_counted_by_label(catalog: Path) -> None:
    result = compare_catalog(catalog, None)
    assert (result.images, result.count("near-duplicate"), result.count("none")) == (6, 1, 2)
    assert result.count("near-duplicate", PairRelation.DUPLICATE, 0.5) == 1
    assert result.count("none", PairRelation.DUPLICATE, 0.5) == 0
    (near,) = (pair for pair in result.pairs if pair.label == "near-duplicate")
    assert near.match == PairMatch(
        "images/2-back.png", "images/2-front.png", PairRelation.DUPLICATE, 1.0, ((Box(0, 0, 120, 160),) * 2,)
    )


def example(outcome: int, *rows: tuple[float, float]) -> Example:
    """A pair by two of its measurements, support and structure kept under another colour; the others are 0."""
    features = np.zeros((len(rows), len(FEATURES)))
    features[:, 0], features[:, 8] = zip(*rows, strict=True)
    return Example(outcome, features)


def test_the_fit_separates_what_is_separable() -> None:
    nothing = [example(0, (-1.0 + 0.01 * step, 0.0)) for step in range(20)]
    duplicate = [example(1, (1.0 + 0.01 * step, 0.0), (-2.0, 0.0)) for step in range(20)]
    variant = [example(2, (1.0, 0.5 + 0.01 * step)) for step in range(20)]
    model = fit([*nothing, *duplicate, *variant])
    outcomes = [model.probabilities(each[0].features[0]).argmax() for each in (nothing, duplicate, variant)]
    assert outcomes == [0, 1, 2]
    assert choose_caution(model, [*nothing, *duplicate, *variant]) == 0.0


def test_caution_grows_until_the_called_duplicates_are_precise() -> None:
    model = fit([example(0, (-1.0, 0.0)), example(1, (1.0, 0.0)), example(2, (1.0, 1.0))] * 5)
    odds = float(np.log(1 / model.probabilities(example(0, (0.2, 0.0)).features[0])[0] - 1))  # of anything shared
    pairs = [*[example(1, (2.0, 0.0))] * 19, *[example(0, (0.2, 0.0))] * 2]
    caution = choose_caution(model, pairs)
    called = [cautious(model, caution).probabilities(pair.features[0])[1] >= 0.5 for pair in pairs]
    assert called == [True] * 19 + [False] * 2  # 19 of 21 would be a precision of .90
    assert odds - 0.2 <= caution <= odds + 0.2
