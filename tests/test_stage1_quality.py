"""The quality checks: measures that can be worked out by hand, scores that follow them, findings with their rules."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from agpis.images import read_image
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.stage1.quality.features import measure_features
from agpis.stage1.quality.findings import quality_findings
from agpis.stage1.quality.kinds import QualityKind, quality_rules
from agpis.stage1.quality.scores import Logistic, measure_quality
from agpis.types import Image, Pixels
from benchmarks.stage1.damages import DAMAGES, damaged

SAMPLES = Path(__file__).parents[1] / "assets" / "samples" / "images"
TAXONOMY = load_taxonomy()
RULES = quality_rules(TAXONOMY)


def picture(pixels: Pixels) -> Image:
    return Image("x.jpg", pixels)


def grey(level: int, height: int = 200, width: int = 200) -> Pixels:
    return np.full((height, width, 3), level, np.uint8)


def item(side: int = 200) -> Pixels:
    """A dark disc with stripes on light grey."""
    pixels = grey(235, side, side)
    cv2.circle(pixels, (side // 2, side // 2), side // 3, (40, 70, 130), -1)
    for at in range(side // 3, 2 * side // 3, side // 12):
        cv2.line(pixels, (side // 3, at), (2 * side // 3, at), (220, 200, 60), 2)
    return pixels


# -- measures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [1.5, 2.0, 3.0])
def test_the_width_of_a_blurred_edge_is_that_of_the_blur(sigma: float) -> None:
    pixels = grey(20)
    pixels[:, 100:] = 230
    features = measure_features(picture(cv2.GaussianBlur(pixels, (0, 0), sigma).astype(np.uint8)))
    assert np.exp(features.sharpness[1]) - 0.2 == pytest.approx(sigma, rel=0.2)


def test_a_sharp_edge_is_less_than_a_pixel_wide() -> None:
    pixels = grey(20)
    pixels[:, 100:] = 230
    assert np.exp(measure_features(picture(pixels)).sharpness[1]) - 0.2 < 0.9


def test_light_is_told_by_percentiles_of_the_levels() -> None:
    half = grey(51)
    half[:100] = 204
    features = measure_features(picture(half))
    assert features.darkness == pytest.approx((0.5, 0.8, 0.8))
    assert features.haze == pytest.approx((0.2, 0.2, 0.8))


def test_a_frame_has_seams_and_so_have_bars_but_one_bar_is_no_border() -> None:
    framed, barred, one = item(), item(), item()
    framed[:10] = framed[-10:] = framed[:, :10] = framed[:, -10:] = 0
    barred[:, :10] = barred[:, -10:] = 0
    one[:10] = 0
    (frame,), (bars,), (bar,), (clean,) = (measure_features(picture(p)).frame for p in (framed, barred, one, item()))
    assert (frame, bars) == (1.0, 1.0)
    assert max(bar, clean) < 0.3  # what the disc itself has of level edges


def test_a_seam_off_a_patterned_band_is_no_border() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (10, 200, 1), dtype=np.uint8)
    shelf = item()
    shelf[:10] = shelf[-10:] = noise
    assert measure_features(picture(shelf)).frame[0] < 0.3


def test_proportions_have_no_direction() -> None:
    wide, tall = (measure_features(picture(grey(128, *size))).shape for size in ((100, 300), (300, 100)))
    assert wide == tall
    assert list(wide) == pytest.approx([np.log(3)])


def test_without_edges_there_is_no_sharpness_and_no_blur() -> None:
    assert measure_features(picture(grey(128))).sharpness == ()
    assert measure_quality(picture(grey(128))).blur == 0.0


# -- scores ---------------------------------------------------------------------------------------------------------


def test_a_logistic_function_worked_out_by_hand() -> None:
    logistic = Logistic(mean=(1.0, 0.0), scale=(2.0, 1.0), weights=(3.0, -1.0), bias=0.5)
    assert logistic((3.0, 3.5)) == pytest.approx(0.5)  # 0.5 + 1 * 3 - 3.5 = 0
    assert logistic((1e6, 0.0)) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="argument"):
        logistic((1.0,))


@pytest.mark.parametrize("name", ["mug-6.jpg", "backpack-1.jpg"])
def test_damaging_a_real_photo_raises_its_score(name: str) -> None:
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip(f"the samples have no {name}")
    photo, rng = read_image(path), np.random.default_rng(4)
    clean = measure_quality(photo)
    assert all(clean.of(kind) < 0.5 for kind in QualityKind)
    for kind in DAMAGES:
        spoilt = measure_quality(Image("spoilt.jpg", damaged(kind, photo.pixels, rng)))
        assert spoilt.of(kind) > clean.of(kind), kind


def test_scores_grow_with_the_damage() -> None:
    blurs = [
        measure_quality(picture(cv2.GaussianBlur(item(), (0, 0), s).astype(np.uint8))).blur for s in (0.5, 1.5, 3, 6)
    ]
    darks = [measure_quality(picture((item() * gain).astype(np.uint8))).dark for gain in (1.0, 0.6, 0.3, 0.1)]
    assert blurs == sorted(blurs)
    assert darks == sorted(darks)
    assert blurs[0] < 0.5 < blurs[-1]
    assert darks[0] < 0.5 < darks[-1]


def test_mirroring_and_turning_change_no_score_but_rounding() -> None:
    scores = [
        measure_quality(picture(np.ascontiguousarray(turned)))
        for turned in (item(), item()[:, ::-1], item().transpose(1, 0, 2))
    ]
    for kind in QualityKind:
        assert scores[1].of(kind) == pytest.approx(scores[0].of(kind), abs=0.02)
        assert scores[2].of(kind) == pytest.approx(scores[0].of(kind), abs=0.02)


def test_resolution_is_compared_with_the_longest_side() -> None:
    wide = picture(item()[:100])
    assert measure_quality(wide, least_side=200).low_resolution == 0.0
    assert measure_quality(wide, least_side=201).low_resolution == 1.0


@pytest.mark.parametrize("size", [(32, 32), (32, 400), (400, 32), (33, 47)])
def test_the_smallest_and_thinnest_photos_are_measured(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    scores = measure_quality(picture(pixels))
    assert all(0.0 <= scores.of(kind) <= 1.0 for kind in QualityKind)


# -- findings -------------------------------------------------------------------------------------------------------


def test_every_check_names_the_rule_of_the_taxonomy() -> None:
    found = quality_findings(picture(item(100)), RULES)
    assert {finding.kind for finding in found} == {kind.value for kind in QualityKind}
    assert [finding.score for finding in found] == sorted((finding.score for finding in found), reverse=True)
    names = {finding.kind: TAXONOMY[finding.rule_id].name for finding in found}
    assert names == {
        "blur": "blurry_pixelated",
        "dark": "bad_exposure",
        "overexposed": "bad_exposure",
        "low_resolution": "low_resolution",
        "border": "border_frame",
        "odd_aspect": "distorted_upscaled",
        "blank": "placeholder",
    }
    small = next(finding for finding in found if finding.kind == "low_resolution")
    assert (small.score, small.message) == (1.0, "The photo is too small: its longest side has 100 px, 128 are needed.")


def test_a_taxonomy_without_such_rules_names_none() -> None:
    bare = RuleTaxonomy(version=1, classes=(TAXONOMY.classes[0], TAXONOMY["M01"], TAXONOMY.classes[-1]))
    rules = quality_rules(bare)
    assert set(rules.rule_ids.values()) == {""}
    assert rules.least_side == 0


def test_the_calibration_is_complete_and_says_what_it_was_fitted_on() -> None:
    stored = json.loads((Path(__file__).parents[1] / "agpis/stage1/quality/calibration.json").read_text())
    assert set(stored["checks"]) == {kind.value for kind in QualityKind} - {"low_resolution"}
    assert stored["photos"] >= 100
