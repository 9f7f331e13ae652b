"""Damage to light and sharpness, on pictures whose damage can be worked out by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from standins import drawn

from agpis.errors import MissingExtraError
from agpis.rules import load_taxonomy
from agpis.simulation.defects import draw_defect, photometric
from agpis.simulation.defects.damage import draw_distortion
from agpis.simulation.defects.quality import draw_blur, draw_exposure
from agpis.simulation.facts import Defect, DefectKind, View
from agpis.simulation.predicates import Hit
from agpis.simulation.wording import compose_feedback
from agpis.types import Pixels

SHARPNESS_LOST = {
    "out of focus",
    "shaken",
    "soft all over",
    "pixelated",
    "full of compression artefacts",
}
LIGHT = {"too dark", "washed out", "flat and without contrast", "grainy"}
DAMAGES: dict[str, Callable[[Pixels], Pixels]] = {
    "smooth": lambda pixels: photometric.smooth(pixels, 2.0),
    "defocus": lambda pixels: photometric.defocus(pixels, 3.0),
    "defocus widely": lambda pixels: photometric.defocus(pixels, 9.5),
    "shake": lambda pixels: photometric.shake(pixels, 7, 20.0),
    "shake widely": lambda pixels: photometric.shake(pixels, 24, 20.0),
    "coarsen to blocks": lambda pixels: photometric.coarsen(pixels, 30, blocks=True),
    "coarsen": lambda pixels: photometric.coarsen(pixels, 30, blocks=False),
    "compress": lambda pixels: photometric.compress(pixels, 3.0),
    "enlarge": lambda pixels: photometric.enlarge_thumbnail(pixels, 40, 20.0, 1.0),
    "darken": lambda pixels: photometric.darken(pixels, 0.4, 1.2),
    "veil": lambda pixels: photometric.veil(pixels, 0.4, 1.0),
    "tint": lambda pixels: photometric.tint(pixels, (1.0, 0.7, 0.8)),
    "noise": lambda pixels: photometric.add_noise(pixels, np.full((20, 30, 3), 0.1, dtype=np.float32)),
}


def spot(height: int = 41, width: int = 41) -> Pixels:
    """One white point in the middle of black."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[height // 2, width // 2] = 255
    return pixels


def even(level: int) -> Pixels:
    return np.full((40, 50, 3), level, dtype=np.uint8)


def detail(pixels: Pixels) -> float:
    """Variance of the Laplacian."""
    return float(cv2.Laplacian(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())


def textured(seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (96, 120, 3)).astype(np.uint8)


@pytest.mark.parametrize("name", DAMAGES)
def test_the_shape_stays_and_the_input_is_not_written_to(name: str) -> None:
    for height, width in ((64, 64), (65, 97), (120, 70)):
        before = np.random.default_rng(1).integers(0, 256, (height, width, 3)).astype(np.uint8)
        kept = before.copy()
        after = DAMAGES[name](before)
        assert after.shape == before.shape
        assert after.dtype == np.uint8
        assert after.flags["C_CONTIGUOUS"]
        assert not np.array_equal(after, before)
        assert np.array_equal(before, kept)


@pytest.mark.parametrize("name", DAMAGES)
def test_the_number_of_threads_changes_no_byte_and_is_put_back(name: str) -> None:
    pixels, before = textured(), torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 4):
            torch.set_num_threads(threads)
            results.append(DAMAGES[name](pixels))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert all(np.array_equal(result, results[0]) for result in results)


def test_defocus_spreads_a_point_to_an_even_disc() -> None:
    lit = photometric.defocus(spot(), 3.0)[..., 0].astype(int)
    rows, columns = np.nonzero(lit)
    assert np.hypot(rows - 20, columns - 20).max() < 3.5
    inside = [int(lit[20 + y, 20 + x]) for y, x in ((0, 0), (1, 1), (2, 0), (0, -2))]
    assert len(set(inside)) == 1, "even, where a Gaussian has its peak in the middle"
    assert lit.sum() == pytest.approx(255, rel=0.1), "the light is spread, not lost"


def test_a_gaussian_has_its_peak_in_the_middle() -> None:
    lit = photometric.smooth(spot(), 2.0)[20, :, 0].astype(int)
    assert lit[20] > lit[22] > lit[24]
    assert lit[20] == pytest.approx(255 / (2 * np.pi * 4), abs=1)


@pytest.mark.parametrize("length", [9, 21])
def test_shaking_is_directional(length: int) -> None:
    across = photometric.shake(spot(), length, 0.0)[..., 0]
    assert np.count_nonzero(across[20]) == length
    assert np.count_nonzero(across) == length
    assert across[20, 20] == round(255 / length)
    upwards = photometric.shake(spot(), length, 90.0)[..., 0]
    assert np.count_nonzero(upwards[:, 20]) == np.count_nonzero(upwards) == length
    slanted = photometric.shake(spot(), length, 45.0)[..., 0]
    assert slanted[18, 22] > 0, "anticlockwise: to the right is up"
    assert slanted[22, 22] == 0


def test_shaking_keeps_stripes_along_its_line_and_mixes_those_across() -> None:
    stripes = np.zeros((60, 60, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    assert photometric.shake(stripes, 20, 90.0)[30, 20:40, 0].std() > 120
    assert photometric.shake(stripes, 20, 0.0)[30, 20:40, 0].std() < 10


def test_blocks_are_squares_of_one_tone() -> None:
    out = photometric.coarsen(textured()[:, :96], 12, blocks=True)
    squares = out.reshape(12, 8, 12, 8, 3)
    assert (squares == squares[:, :1, :, :1]).all()
    assert np.abs(squares[:, 0, :, 0] - textured()[:, :96].reshape(12, 8, 12, 8, 3).mean(axis=(1, 3))).max() <= 0.51


def test_compression_works_in_squares_of_eight() -> None:
    ramp = np.repeat(np.tile(np.arange(0, 192, 2, dtype=np.uint8), (96, 1))[..., None], 3, axis=2)
    steps = np.abs(np.diff(photometric.compress(ramp, 3.0)[..., 0].astype(int), axis=1)).mean(axis=0)
    at_seams = steps[7::8]
    assert at_seams.mean() > 2 * np.delete(steps, np.s_[7::8]).mean()


@pytest.mark.parametrize(
    ("damage", "level", "answer"),
    [
        (lambda p: photometric.darken(p, 0.5, 1.0), 200, 100),
        (lambda p: photometric.darken(p, 1.0, 2.0), 51, 10),
        (lambda p: photometric.veil(p, 0.4, 1.0), 100, 193),
        (lambda p: photometric.veil(p, 0.4, 0.6), 255, 194),
        (lambda p: photometric.veil(p, 0.4, 0.6), 0, 92),
        (lambda p: photometric.add_noise(p, np.full((40, 50, 3), 0.2, dtype=np.float32)), 100, 151),
        (lambda p: photometric.add_noise(p, np.full((40, 50, 3), 0.2, dtype=np.float32)), 250, 255),
    ],
)
def test_levels_by_hand(damage: Callable[[Pixels], Pixels], level: int, answer: int) -> None:
    assert (damage(even(level)) == answer).all()


def test_a_tint_scales_each_channel() -> None:
    assert photometric.tint(even(200), (1.0, 0.5, 0.8))[3, 4].tolist() == [200, 100, 160]


def test_fewer_rows_of_noise_make_coarser_grain() -> None:
    rng = np.random.default_rng(0)

    def likeness(size: int) -> float:
        """Correlation of neighbours."""
        noise = rng.normal(0, 0.1, (96 // size, 96 // size, 3)).astype(np.float32)
        grey = photometric.add_noise(np.full((96, 96, 3), 128, np.uint8), noise)[..., 0].astype(float)
        return float(np.corrcoef(grey[:, 1:].ravel(), grey[:, :-1].ravel())[0, 1])

    assert abs(likeness(1)) < 0.1
    assert likeness(3) > 0.5


# -- what is drawn of them ----------------------------------------------------------------------------------------


def test_every_blur_takes_detail_and_every_kind_occurs() -> None:
    seen = set()
    for seed in range(60):
        before = textured(seed)
        after, defect = draw_blur(before, np.random.default_rng(seed))
        seen.add(defect.content)
        assert detail(after) < 0.7 * detail(before), defect.content
    assert seen == SHARPNESS_LOST


def test_every_bad_exposure_is_what_its_words_say() -> None:
    before = drawn("blue", View.FRONT, 0, size=128)
    grey = before.mean()
    seen = set()
    for seed in range(80):
        after, defect = draw_exposure(before, np.random.default_rng(seed), "train")
        content = defect.content
        seen.add("tint" if content.endswith("tint") else content)
        if content == "too dark":
            assert after.mean() < 0.55 * grey
        elif content == "washed out":
            assert after.min() > 100
            assert after.std() < 0.55 * before.std()
        elif content == "flat and without contrast":
            assert int(after.max()) - int(after.min()) <= 0.43 * 255
            assert 60 < after.mean() < 200
        elif content == "grainy":
            assert detail(after) > 3 * detail(before)
        else:
            paper = after[2, 2].astype(int)
            assert paper.max() - paper.min() > 30, "white paper has a colour"
    assert seen == LIGHT | {"tint"}


@pytest.mark.parametrize("size", [64, 128, 224])
def test_the_product_is_still_to_be_recognised(size: int) -> None:
    before = drawn("blue", View.FRONT, 0, size=size)
    small = cv2.resize(before, (16, 16), interpolation=cv2.INTER_AREA).astype(float).ravel()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        for kind in (DefectKind.BLUR, DefectKind.EXPOSURE):
            after, defect = draw_defect(kind, before, rng, "train")
            again = cv2.resize(after, (16, 16), interpolation=cv2.INTER_AREA).astype(float).ravel()
            assert np.corrcoef(small, again)[0, 1] > 0.85, defect.content


def test_a_thumbnail_scaled_up_has_lost_detail_at_every_size() -> None:
    for size in (64, 128, 224):
        noise = np.random.default_rng(0).integers(0, 256, (size, size, 3)).astype(np.uint8)
        for seed in range(12):
            after, defect = draw_distortion(noise, np.random.default_rng(seed))
            if defect.content == "scaled up from a thumbnail":
                assert detail(after) < 0.6 * detail(noise)


@pytest.mark.parametrize("content", sorted(SHARPNESS_LOST | LIGHT | {"of an orange tint"}))
def test_a_state_of_the_photo_is_worded_as_one(content: str) -> None:
    taxonomy = load_taxonomy()
    defect = Defect(DefectKind.BLUR if content in SHARPNESS_LOST else DefectKind.EXPOSURE, content)
    rule = next(rule for rule in taxonomy.classes if (rule.predicate or {}).get("defect") == defect.kind.value)
    for seed in range(12):
        hit = Hit((2,), thing=defect.content)
        feedback = compose_feedback(rule, "has_defect", hit, taxonomy, np.random.default_rng(seed))
        assert f" is {content}" in feedback
        assert taxonomy.classify_feedback(feedback) == rule


@pytest.mark.parametrize("kind", [DefectKind.BLUR, DefectKind.EXPOSURE])
def test_without_kornia_the_extra_is_named(kind: DefectKind, monkeypatch: pytest.MonkeyPatch) -> None:
    from agpis.simulation import defects

    for name in [name for name in sys.modules if name.split(".")[0] == "kornia"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "kornia", None)
    monkeypatch.delitem(sys.modules, photometric.__name__)
    monkeypatch.delattr(defects, "photometric")
    with pytest.raises(MissingExtraError, match=r"kornia is not installed.*agpis\[simulation\]"):
        draw_defect(kind, textured(), np.random.default_rng(0), "train")
