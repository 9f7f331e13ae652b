"""Image-pair recognition on textured pictures made here, whose true regions are known."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
import torch

from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.stage1.duplicates import find_pairs
from agpis.types import Box, Image, PairMatch, PairRelation, Pixels

torch.set_num_threads(1)


def picture(seed: int, height: int = 320, width: int = 260) -> Pixels:
    """A product with many corners on a white background, the product filling Box(40, 30, width - 80, height - 60)."""
    generator = np.random.default_rng(seed)
    canvas = np.full((height, width, 3), 255, np.uint8)
    inner = np.full((height - 60, width - 80, 3), generator.integers(60, 180, 3), np.uint8)
    for _ in range(90):
        points = generator.integers(0, max(inner.shape), 2) + generator.integers(-25, 26, (3, 2))
        cv2.fillPoly(inner, [points.astype(np.int32)], [int(value) for value in generator.integers(0, 230, 3)])
    canvas[30:-30, 40:-40] = inner
    return canvas


def only(first: Pixels, second: Pixels) -> PairMatch:
    matches = find_pairs([Image("a", first), Image("b", second)])
    assert len(matches) == 1
    match = matches[0]
    for box, pixels in ((match.boxes[0][0], first), (match.boxes[0][1], second)):
        assert box.x + box.w <= pixels.shape[1]
        assert box.y + box.h <= pixels.shape[0]
    assert 0.1 <= match.similarity <= 1
    return match


def resized(pixels: Pixels, factor: float) -> Pixels:
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def recoloured(pixels: Pixels) -> Pixels:
    """Another hue wherever the picture is not white; edges and background stay."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    product = pixels.min(axis=2) < 250
    hsv[product, 0] = (hsv[product, 0].astype(int) + 70) % 180
    hsv[product, 1] = np.maximum(hsv[product, 1], 110)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def test_equal_pixels_are_certain() -> None:
    match = only(picture(0), picture(0))
    assert (match.relation, match.similarity) == (PairRelation.DUPLICATE, 1.0)
    assert match.boxes == ((Box(0, 0, 260, 320), Box(0, 0, 260, 320)),)


def test_a_resized_copy() -> None:
    match = only(picture(1), resized(picture(1), 0.6))
    assert match.relation is PairRelation.DUPLICATE
    assert match.similarity > 0.9
    assert match.boxes[0][0].iou(Box(40, 30, 180, 260)) > 0.7
    assert match.boxes[0][1].iou(Box(24, 18, 108, 156)) > 0.7


@pytest.mark.parametrize(("x", "y"), [(40, 30), (90, 100), (60, 140)])
def test_a_crop_of_half_the_picture(x: int, y: int) -> None:
    w, h = 130, 160
    match = only(picture(2), resized(picture(2)[y : y + h, x : x + w], 1.4))
    assert match.relation is PairRelation.DUPLICATE
    assert match.similarity > 0.5
    seen = Box(x, y, min(x + w, 220) - x, min(y + h, 290) - y)  # the part that shows the product
    assert match.boxes[0][0].iou(seen) > 0.5
    shifted = Box(0, 0, round(1.4 * seen.w), round(1.4 * seen.h))
    assert match.boxes[0][1].iou(shifted) > 0.5


def test_a_crop_pasted_on_white() -> None:
    canvas = np.full((300, 300, 3), 255, np.uint8)
    canvas[50:210, 120:250] = picture(3)[80:240, 50:180]
    match = only(picture(3), canvas)
    assert match.relation is PairRelation.DUPLICATE
    assert match.similarity > 0.5
    assert match.boxes[0][0].iou(Box(50, 80, 130, 160)) > 0.5
    assert match.boxes[0][1].iou(Box(120, 50, 130, 160)) > 0.5


def test_a_mirrored_copy_has_its_box_where_the_content_is() -> None:
    left = picture(4)
    left[:, 130:] = 255  # the product's left half only
    match = only(left, np.ascontiguousarray(left[:, ::-1]))
    assert match.relation is PairRelation.DUPLICATE
    assert match.similarity > 0.9
    assert match.boxes[0][0].iou(Box(40, 30, 90, 260)) > 0.6
    assert match.boxes[0][1].iou(Box(130, 30, 90, 260)) > 0.6


@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_a_brighter_or_darker_copy(factor: float) -> None:
    changed = np.clip(picture(5).astype(np.float32) * factor, 0, 255).astype(np.uint8)
    match = only(picture(5), changed)
    assert match.relation is PairRelation.DUPLICATE
    assert match.similarity > 0.5


def test_a_recoloured_copy_is_a_variant() -> None:
    match = only(picture(6), recoloured(picture(6)))
    assert match.relation is PairRelation.VARIANT
    assert match.similarity > 0.9
    assert match.boxes[0][0].iou(Box(40, 30, 180, 260)) > 0.5


def test_a_banner_over_a_copy_leaves_a_duplicate() -> None:
    covered = picture(7)
    cv2.rectangle(covered, (0, 250), (259, 300), (220, 20, 30), -1)
    cv2.putText(covered, "SALE -30%", (15, 288), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 3)
    match = only(picture(7), covered)
    assert match.relation is PairRelation.DUPLICATE
    assert match.similarity > 0.5


def test_unrelated_pictures_do_not_match() -> None:
    images = [Image(str(seed), picture(seed)) for seed in range(10, 16)]
    assert [match for match in find_pairs(images) if match.similarity >= 0.3] == []


def plain_mug(colour: tuple[int, int, int]) -> Pixels:
    """A mug with smooth shading and no print."""
    pixels = np.full((240, 240, 3), 250, np.uint8)
    cv2.ellipse(pixels, (165, 120), (30, 40), 0, 0, 360, colour, 12)
    shade = np.linspace(1.0, 0.6, 110)[None, :, None]
    pixels[50:200, 50:160] = np.clip(np.array(colour) * shade, 0, 255).astype(np.uint8)
    return pixels


def plain_shirt(laid: int) -> Pixels:
    """A shirt without print, laid out anew for every `laid`: the outline moves a little and the folds change."""
    generator = np.random.default_rng(laid)
    light = 1 + 0.12 * cv2.resize(generator.normal(0, 1, (16, 16)).astype(np.float32), (240, 240))
    corners = [
        (60, 30),
        (180, 30),
        (230, 80),
        (200, 110),
        (180, 90),
        (180, 210),
        (60, 210),
        (60, 90),
        (40, 110),
        (10, 80),
    ]
    mask = np.zeros((240, 240), np.uint8)
    cv2.fillPoly(mask, [(np.array(corners) + generator.integers(-6, 7, (10, 2))).astype(np.int32)], 1)
    cloth = np.clip(np.array([60, 110, 160]) * light[..., None], 0, 255)
    return np.where(mask[..., None] == 1, cloth, 255).astype(np.uint8)


@pytest.mark.parametrize("pixels", [plain_mug((60, 120, 200)), plain_shirt(0)], ids=["mug", "shirt"])
def test_a_plain_product_saved_again_smaller(pixels: Pixels) -> None:
    match = only(pixels, resized(pixels, 0.7))
    assert match.relation is PairRelation.DUPLICATE
    assert match.similarity > 0.5


def test_a_plain_product_in_another_colour_is_a_variant() -> None:
    match = only(plain_mug((60, 120, 200)), plain_mug((200, 80, 60)))
    assert match.relation is PairRelation.VARIANT
    assert match.similarity > 0.5


@pytest.mark.parametrize(
    ("first", "second"),
    [(plain_shirt(seed), plain_shirt(seed + 1)) for seed in range(4)] + [(plain_mug((60, 110, 160)), plain_shirt(0))],
)
def test_two_plain_photos_do_not_match(first: Pixels, second: Pixels) -> None:
    matches = find_pairs([Image("a", first), Image("b", second)])
    assert [match for match in matches if match.similarity >= 0.5] == []


def test_blank_tiny_and_extreme_images_do_not_crash() -> None:
    shapes = [(1, 1), (2, 500), (500, 2), (20, 20), (300, 300)]
    images = [Image(f"{h}x{w}", np.full((h, w, 3), 255, np.uint8)) for h, w in shapes]
    images += [Image("black", np.zeros((300, 200, 3), np.uint8)), Image("picture", picture(0))]
    for match in find_pairs(images):
        assert "picture" not in (match.first, match.second)
    assert find_pairs([]) == ()
    assert find_pairs(images[:1]) == ()


def test_order_of_images_does_not_change_who_matches() -> None:
    images = [Image("whole", picture(8)), Image("crop", picture(8)[60:220, 50:180]), Image("other", picture(9))]
    images.append(Image("mirror", np.ascontiguousarray(picture(8)[:, ::-1])))
    for order in (images, images[::-1], [images[2], images[0], images[3], images[1]]):
        strong = {frozenset((m.first, m.second)) for m in find_pairs(order) if m.similarity >= 0.5}
        assert strong == {frozenset(pair) for pair in itertools.combinations(("whole", "crop", "mirror"), 2)}
    matches = find_pairs(images)
    assert matches == find_pairs(images)
    assert [m.similarity for m in matches] == sorted((m.similarity for m in matches), reverse=True)


def test_a_network_adds_verified_patch_pairs_and_changes_no_verdict() -> None:
    torch.manual_seed(0)
    network = ImageClassifier(ImageClassifierConfig("mobilenetv3_small_050", image_size=48))
    images = [Image("a", picture(1)), Image("b", resized(picture(1), 0.8)), Image("c", picture(2))]
    without, matched = find_pairs(images), find_pairs(images, network)
    assert [(m.first, m.second, m.relation, m.similarity) for m in matched] == [
        (m.first, m.second, m.relation, m.similarity) for m in without
    ]
    assert len(matched[0].boxes) > 1
    for first, second in matched[0].boxes[1:]:
        assert (
            Box(round(0.8 * first.x), round(0.8 * first.y), round(0.8 * first.w), round(0.8 * first.h)).iou(second)
            > 0.5
        )
