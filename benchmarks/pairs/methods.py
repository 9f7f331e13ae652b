"""What says how alike two pictures are: image-pair recognition, and what people use today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from agpis.backbones import pretrained_weights
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig, to_pixel_values
from agpis.stage1.duplicates import find_pairs
from agpis.types import Image, PairMatch, PairRelation, Pixels

_SIDE = 512  # longest side in pixels at which OpenCV's features are found
_RATIO = 0.75  # of the nearest to the second nearest descriptor, as in OpenCV's tutorials
_REPROJECTION = 5.0  # pixels
_FEWEST = 4  # matches that fix a homography


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a method says of two pictures.

    Attributes:
        duplicate: how sure it is that they repeat one another, larger is surer; comparable within one method only.
        variant: whether it reports them as one picture in two colours; always False where a method cannot.
        match: what image-pair recognition found, with boxes; None from peers and where it found nothing.
    """

    duplicate: float
    variant: bool = False
    match: PairMatch | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """A way to compare two pictures.

    Attributes:
        name: for tables.
        judge: takes two pictures, (H, W, 3) uint8 RGB.
        threshold: a `duplicate` of at least this is a duplicate by the method's own default, or None without one.
    """

    name: str
    judge: Callable[[Pixels, Pixels], Judgement]
    threshold: float | None = None


def own_method(network: ImageClassifier | None, threshold: float) -> Method:
    """Image-pair recognition as the pipeline runs it."""

    def judge(first: Pixels, second: Pixels) -> Judgement:
        matches = find_pairs([Image("first", first), Image("second", second)], network)
        if not matches:
            return Judgement(0.0)
        (match,) = matches
        if match.relation is PairRelation.VARIANT:
            return Judgement(0.0, match.similarity >= threshold, match)
        return Judgement(match.similarity, match=match)

    return Method("AGPIS", judge, threshold)


def peers() -> list[Method]:
    """Perceptual hashes and the network comparison of imagededup, and two kinds of OpenCV features under RANSAC.

    imagededup's default network downloads its weights; it is given EfficientNet-Lite0 of an installed package instead,
    which is larger. All but the network look at the mirrored picture too; none of them does so by itself.
    """
    return [
        *(_hashing(name, distance) for name, distance in (("PHash", 10), ("DHash", 10))),
        _network(),
        _features("ORB", cv2.ORB.create(1000), cv2.NORM_HAMMING),
        _features("SIFT", cv2.SIFT.create(1000), cv2.NORM_L2),
    ]


def _hashing(name: str, distance: int) -> Method:
    from imagededup import methods

    hasher: Any = getattr(methods, name)(verbose=False)

    def judge(first: Pixels, second: Pixels) -> Judgement:
        code = hasher.encode_image(image_array=first)
        others = (hasher.encode_image(image_array=side) for side in (second, np.ascontiguousarray(second[:, ::-1])))
        return Judgement(-float(min(hasher.hamming_distance(code, other) for other in others)))

    return Method(f"imagededup {name}", judge, -float(distance))


def _network() -> Method:
    from imagededup.methods import CNN
    from imagededup.utils import CustomModel

    config = ImageClassifierConfig(image_size=224)
    classifier = ImageClassifier(config)
    classifier.backbone.load_state_dict(pretrained_weights(config.backbone), strict=False)
    backbone: nn.Module = classifier.train(False).backbone.requires_grad_(False)

    def transform(picture: Any) -> torch.Tensor:
        return torch.from_numpy(to_pixel_values(np.asarray(picture), config))

    encoder: Any = CNN(verbose=False, model_config=CustomModel("efficientnet_lite0", backbone, transform))

    def judge(first: Pixels, second: Pixels) -> Judgement:
        one, two = (np.ravel(encoder.encode_image(image_array=pixels)) for pixels in (first, second))
        return Judgement(float(one @ two / max(float(np.linalg.norm(one) * np.linalg.norm(two)), 1e-12)))

    return Method("imagededup CNN (EfficientNet-Lite0)", judge, 0.9)


def _features(name: str, detector: Any, norm: int) -> Method:
    """Inliers of a homography, the larger number of straight and mirrored."""
    matcher = cv2.BFMatcher(norm)

    def described(pixels: Pixels) -> Any:
        scale = min(1.0, _SIDE / max(pixels.shape[:2]))
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        return detector.detectAndCompute(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), None)

    def inliers(first: Any, second: Any) -> int:
        if first[1] is None or second[1] is None or len(second[1]) < 2:
            return 0
        pairs = [pair for pair in matcher.knnMatch(first[1], second[1], k=2) if len(pair) == 2]
        good = [best for best, rest in pairs if best.distance < _RATIO * rest.distance]
        if len(good) < _FEWEST:
            return 0
        source = np.array([first[0][match.queryIdx].pt for match in good], np.float32)
        target = np.array([second[0][match.trainIdx].pt for match in good], np.float32)
        _, mask = cv2.findHomography(source, target, cv2.RANSAC, _REPROJECTION)
        return 0 if mask is None else int(mask.sum())

    def judge(first: Pixels, second: Pixels) -> Judgement:
        one = described(first)
        sides = (second, np.ascontiguousarray(second[:, ::-1]))
        return Judgement(float(max(inliers(one, described(side)) for side in sides)))

    return Method(f"OpenCV {name} + RANSAC", judge)
