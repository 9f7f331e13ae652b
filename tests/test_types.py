"""The values that are passed around: geometry by hand, limits, and the one JSON form."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from agpis.errors import AgpisError, ImageError, MissingExtraError, SettingsError, TruncatedImageError
from agpis.types import (
    Box,
    DuplicatePair,
    Finding,
    Image,
    ImageReport,
    ImageStatus,
    Outcome,
    PairRelation,
    PipelineSettings,
    Product,
    SequenceResult,
    to_json,
)


def image(file: str, height: int = 2, width: int = 3) -> Image:
    return Image(file, np.zeros((height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    ("one", "other", "iou"),
    [
        (Box(0, 0, 10, 10), Box(0, 0, 10, 10), 1.0),
        (Box(0, 0, 10, 10), Box(5, 0, 10, 10), 50 / 150),
        (Box(0, 0, 10, 10), Box(5, 5, 10, 10), 25 / 175),
        (Box(0, 0, 10, 10), Box(2, 2, 5, 4), 20 / 100),
        (Box(0, 0, 10, 10), Box(10, 0, 10, 10), 0.0),
        (Box(0, 0, 10, 10), Box(40, 40, 1, 1), 0.0),
        (Box(0, 0, 10, 10), Box(40, 0, 5, 10), 0.0),
    ],
)
def test_intersection_over_union(one: Box, other: Box, iou: float) -> None:
    assert one.iou(other) == pytest.approx(iou)
    assert other.iou(one) == pytest.approx(iou)


def test_the_area_of_a_box() -> None:
    assert Box(3, 4, 5, 6).area == 30


@pytest.mark.parametrize("values", [(-1, 0, 1, 1), (0, -1, 1, 1), (0, 0, 0, 1), (0, 0, 1, 0)])
def test_a_box_lies_in_the_image_and_has_an_area(values: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="a box needs x, y >= 0 and w, h >= 1, got Box"):
        Box(*values)


def test_an_image_knows_its_size() -> None:
    assert (image("a").height, image("a").width) == (2, 3)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((2, 3), np.uint8),
        np.zeros((2, 3, 4), np.uint8),
        np.zeros((2, 3, 3), np.float32),
        np.zeros((1, 2, 3, 3), np.uint8),
    ],
)
def test_other_pixels_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"front\.jpg: pixels must be \(H, W, 3\) uint8 RGB, got shape"):
        Image("front.jpg", pixels)


def test_file_names_of_a_product_are_unique() -> None:
    assert len(Product("1", "Mug", (image("a"), image("b"))).images) == 2
    with pytest.raises(ValueError, match=r"product 1: file names occur twice: \['a'\]"):
        Product("1", "Mug", (image("a"), image("b"), image("a")))


def test_results_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Box(0, 0, 1, 1).x = 5  # type: ignore[misc]


def test_settings_accept_their_whole_range() -> None:
    for value in (0.0, 1.0):
        assert PipelineSettings(submission_threshold=value).submission_threshold == value
    for count in (1, 10):
        assert PipelineSettings(num_images=count).num_images == count


def test_the_defaults_are_those_of_the_paper() -> None:
    assert PipelineSettings().num_images == 3
    assert PipelineSettings().submission_threshold == 0.3


@pytest.mark.parametrize("count", [0, 11, -1])
def test_the_number_of_images_is_limited(count: int) -> None:
    with pytest.raises(SettingsError, match=rf"num_images \(K\^t\) must be 1 to 10, got {count}"):
        PipelineSettings(num_images=count)


THRESHOLDS = ("primary", "noncompliance", "duplicate", "colour", "submission")


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
@pytest.mark.parametrize(
    "name",
    [
        "primary_threshold",
        "noncompliance_threshold",
        "quality_threshold",
        "duplicate_threshold",
        "colour_threshold",
        "submission_threshold",
    ],
)
def test_thresholds_are_probabilities(name: str, value: float) -> None:
    with pytest.raises(SettingsError, match=rf"{name} must lie in \[0, 1\], got {value}"):
        PipelineSettings(**{name: value})  # type: ignore[arg-type]


def test_the_json_form_of_a_result() -> None:
    result = SequenceResult(
        product_id="SKU-1",
        outcome=Outcome.SUBMIT,
        reason="p^t is 0.9",
        sequence=("a.jpg",),
        p_qualified=0.123456789,
        threshold=0.3,
        rule_probabilities={"qualified": 0.75, "S03": 0.25},
        feedback=None,
        p_nlg_qualified=None,
        images=(
            ImageReport(
                "a.jpg", ImageStatus.SELECTED, "primary", 0.9, 0.1, (Finding("x", "y", 1.0, None, "S03", "SALE"),)
            ),
        ),
        duplicates=(
            DuplicatePair("a.jpg", "b.jpg", PairRelation.DUPLICATE, 1.0, ((Box(1, 2, 3, 4), Box(5, 6, 7, 8)),)),
        ),
        timings={"stage1": 0.5},
    )
    expected = {
        "product_id": "SKU-1",
        "outcome": "submit",
        "reason": "p^t is 0.9",
        "sequence": ["a.jpg"],
        "p_qualified": 0.123457,
        "threshold": 0.3,
        "rule_probabilities": {"qualified": 0.75, "S03": 0.25},
        "feedback": None,
        "p_nlg_qualified": None,
        "images": [
            {
                "file": "a.jpg",
                "status": "selected",
                "reason": "primary",
                "p_primary": 0.9,
                "p_noncompliant": 0.1,
                "findings": [
                    {"kind": "x", "message": "y", "score": 1.0, "box": None, "rule_id": "S03", "text": "SALE"}
                ],
                "quality": {},
            }
        ],
        "duplicates": [
            {
                "kept": "a.jpg",
                "removed": "b.jpg",
                "relation": "duplicate",
                "similarity": 1.0,
                "boxes": [[[1, 2, 3, 4], [5, 6, 7, 8]]],
            }
        ],
        "notes": [],
        "timings": {"stage1": 0.5},
    }
    assert to_json(result) == expected
    assert json.loads(json.dumps(to_json(result))) == expected


def test_pixels_have_no_json_form() -> None:
    with pytest.raises(TypeError, match=r"image a\.jpg has no JSON form; send its file name"):
        to_json([image("a.jpg")])
    with pytest.raises(TypeError, match="no JSON form for ndarray"):
        to_json(np.zeros(3))
    with pytest.raises(TypeError, match="no JSON form for type"):
        to_json(Box)


def test_errors_say_file_reason_and_cause() -> None:
    error = TruncatedImageError("a.jpg", "its data is cut short")
    assert str(error) == "a.jpg: its data is cut short"
    assert (error.file, error.reason, error.cause) == ("a.jpg", "its data is cut short", "truncated")
    assert isinstance(error, ImageError)
    assert isinstance(error, AgpisError)


def test_every_image_error_has_its_own_cause() -> None:
    kinds: list[type[ImageError]] = [ImageError, *ImageError.__subclasses__()]
    assert len({kind.cause for kind in kinds}) == len(kinds) == 7


def test_a_missing_extra_is_named_with_its_remedy() -> None:
    error = MissingExtraError("pyvista", "render")
    assert str(error) == "pyvista is not installed; install it with: pip install 'agpis[render]'"
    assert error.extra == "render"
