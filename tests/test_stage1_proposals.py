"""EdgeBoxes proposals and patch matching on drawn pictures."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from agpis.errors import ModelError, SettingsError
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.stage1.edges import forest_edges, gradient_edges
from agpis.stage1.patches import ImagePatches, describe_patches, match_patches
from agpis.stage1.proposals import propose
from agpis.types import Box, Image, Pixels

torch.set_num_threads(1)


def drawn_rectangle(height: int = 400, width: int = 300) -> Pixels:
    pixels = np.full((height, width, 3), 240, np.uint8)
    cv2.rectangle(pixels, (60, 100), (219, 299), (30, 60, 200), -1)
    return pixels


def test_the_best_proposal_is_the_drawn_rectangle() -> None:
    proposals = propose(drawn_rectangle())
    assert proposals[0].box.iou(Box(60, 100, 160, 200)) > 0.8
    assert [p.score for p in proposals] == sorted((p.score for p in proposals), reverse=True)


def test_an_edge_between_two_colours_of_equal_brightness_counts() -> None:
    pixels = np.full((200, 200, 3), (200, 90, 90), np.uint8)
    pixels[50:150, 60:160] = (60, 161, 90)  # the same grey value
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    assert int(grey.max()) - int(grey.min()) <= 1
    assert propose(pixels)[0].box.iou(Box(60, 50, 100, 100)) > 0.8


def test_at_most_max_boxes_all_inside_the_image() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (97, 301, 3), dtype=np.uint8)
    coarse = cv2.resize(noise[::12, ::12], (301, 97), interpolation=cv2.INTER_NEAREST).astype(np.uint8)
    proposals = propose(coarse, max_boxes=7)
    assert 0 < len(proposals) <= 7
    for proposal in proposals:
        assert proposal.box.x + proposal.box.w <= 301
        assert proposal.box.y + proposal.box.h <= 97


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (15, 15), (16, 2000), (300, 300)])
def test_blank_and_tiny_images_have_no_proposals(shape: tuple[int, int]) -> None:
    assert propose(np.full((*shape, 3), 255, np.uint8)) == ()


def test_bad_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="max_boxes must be at least 1, got 0"):
        propose(drawn_rectangle(), max_boxes=0)
    with pytest.raises(ModelError, match=r"no\.yml\.gz does not exist"):
        propose(drawn_rectangle(), forest=tmp_path / "no.yml.gz")
    (tmp_path / "bad.yml").write_text("%YAML:1.0\n---\n", encoding="utf-8")
    with pytest.raises(ModelError, match="is no Structured-Forest model: its options lack"):
        propose(drawn_rectangle(), forest=tmp_path / "bad.yml")


def tiny_forest(path: Path) -> Path:
    """A model file of one tree that is a leaf: it sees an upright edge in the middle of every 16 x 16 pixels."""
    options = {"numberOfOutputChannels": 1, "numberOfTrees": 1, "numberOfTreesToEvaluate": 1, "stride": 2}
    options |= {"shrinkNumber": 2, "patchSize": 32, "patchInnerSize": 16, "selfsimilarityGridSize": 5}
    options |= {"numberOfGradientOrientations": 4, "gradientSmoothingRadius": 0, "gradientNormalizationRadius": 4}
    options |= {"regFeatureSmoothingRadius": 2, "ssFeatureSmoothingRadius": 8}
    lines = ["%YAML:1.0", "---", "options:", *(f"    {name}: {value}" for name, value in options.items())]
    lines += ["childs: [ 0 ]", "featureIds: [ 0 ]", "thresholds: [ 0. ]", "edgeBoundaries: [ 0, 16 ]"]
    lines.append(f"edgeBins: {[16 * row + 8 for row in range(16)]}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_forest_file_gives_the_edges(tmp_path: Path) -> None:
    forest = os.fspath(tiny_forest(tmp_path / "tiny.yml"))
    blank = np.full((96, 96, 3), 200, np.uint8)
    edges, orientation = forest_edges(blank, forest)
    assert edges.shape == orientation.shape == (96, 96)
    assert edges.max() > 0  # gradients of a blank picture are none, so these are the leaf's
    assert gradient_edges(blank)[0].max() == 0
    assert propose(drawn_rectangle(), forest=forest) == ()  # it misses the rectangle that gradients find


def test_orientation_is_what_opencv_calls_orientation(tmp_path: Path) -> None:
    detector = cv2.ximgproc.createStructuredEdgeDetection(os.fspath(tiny_forest(tmp_path / "tiny.yml")))
    pixels = np.full((120, 120, 3), 240, np.uint8)
    cv2.fillPoly(pixels, [np.array([[20, 30], [100, 50], [70, 110]], np.int32)], (20, 60, 160))
    edges, ours = gradient_edges(pixels)
    theirs = np.asarray(detector.computeOrientation(cv2.GaussianBlur(edges, (0, 0), 1.0)))
    turn = np.abs(ours - theirs)[edges > 0.5]
    assert np.median(np.minimum(turn, np.pi - turn)) < np.radians(12)
    assert np.median(np.abs(np.pi / 2 - turn)) > np.radians(45)  # along the edge would be a right angle off


def patches(*rows: tuple[Box, tuple[float, float]]) -> ImagePatches:
    return ImagePatches(tuple(box for box, _ in rows), np.array([row for _, row in rows], np.float32).reshape(-1, 2))


def test_only_mutual_nearest_neighbours_are_paired() -> None:
    boxes = [Box(index, 0, 1, 1) for index in range(4)]
    first = patches((boxes[0], (1.0, 0.0)), (boxes[1], (0.8, 0.6)))
    second = patches((boxes[2], (1.0, 0.0)), (boxes[3], (-1.0, 0.0)))
    pairs = match_patches(first, second)  # both rows of `first` are nearest to box 2, which prefers box 0
    assert [(pair.first, pair.second) for pair in pairs] == [(boxes[0], boxes[2])]
    assert pairs[0].closeness == pytest.approx(1.0)
    assert match_patches(first, patches()) == ()


def test_patches_of_one_picture_find_themselves() -> None:
    network = ImageClassifier(ImageClassifierConfig("mobilenetv3_small_050", image_size=32))
    blank = Image("blank", np.full((80, 80, 3), 255, np.uint8))
    images = [Image("a", drawn_rectangle()), blank, Image("b", drawn_rectangle())]
    described = describe_patches(images, network, max_boxes=4)
    assert described[1].boxes == ()
    assert described[0].features.shape == (len(described[0].boxes), network.head.in_features)
    pairs = match_patches(described[0], described[2])
    assert all(pair.first == pair.second for pair in pairs)
    assert len(pairs) >= 2
