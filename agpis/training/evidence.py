"""Fits the judge that tells text laid over a photo from text printed on the product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from agpis.errors import SettingsError
from agpis.images import read_image
from agpis.simulation.annotations import read_annotated
from agpis.simulation.facts import DefectKind, ImageFacts
from agpis.simulation.photographing import moved, photographed
from agpis.stage1.evidence.boxes import box_around
from agpis.stage1.evidence.lines import LineJudge, LineLook, look_at_lines
from agpis.stage1.evidence.reading import Quad, TextReader, default_reader
from agpis.stage1.evidence.text import is_text
from agpis.stage1.evidence.trees import BoostedTrees, Tree
from agpis.types import Box, Pixels

WRITTEN = frozenset(
    (DefectKind.BANNER, DefectKind.BADGE, DefectKind.TEXT, DefectKind.WATERMARK, DefectKind.LOGO, DefectKind.QR_CODE)
)
"""Defects that lay words over a photo."""

_MOST_LINES = 8  # of an image
_FEWEST_LINES = 10  # of either kind in a split
_TREES, _DEPTH = 80, 3
_LEAST = 0.5  # a line that is more probably print is never taken for an overlay
_QUALITY = (70, 96)  # of the JPEG file that a photographed copy is saved as


class Origin(IntEnum):
    """Where a line comes from: an image without defects, an overlay photographed once more, an overlay."""

    PRINTED = 0
    PHOTOGRAPHED = 1
    OVERLAID = 2


@dataclass(frozen=True, slots=True)
class JudgeFit:
    """What was fitted, and what it reaches on the validation split.

    Attributes:
        training_lines: lines it was fitted on.
        validation_lines: lines of the validation split.
        auc: area under the ROC curve there, overlaid against printed lines.
        threshold: the probability chosen there.
        recall: share of overlaid lines at or above it.
        false_alarms: share of printed lines at or above it.
    """

    training_lines: int
    validation_lines: int
    auc: float
    threshold: float
    recall: float
    false_alarms: float


def fit_judge(
    data: Sequence[Path], out: Path, limit: int = 1500, false_alarms: float = 0.02, seed: int = 0
) -> JudgeFit:
    """Fit the judge on the training split of simulated catalogues and choose its threshold on their validation split.

    Overlaid lines lie in the box of a defect that has words. Printed lines are those of images without defects, and
    those of images with words that were photographed once more: the same words, but as print looks.

    Args:
        data: folders that `agpis simulate` wrote.
        out: JSON file of the judge.
        limit: largest number of training images; a third of it of validation images.
        false_alarms: share of printed validation lines that may be taken for overlays, in [0, 1).
        seed: draws the images and how they are photographed.

    Raises:
        CatalogError: when a folder holds no simulated catalogue.
        SettingsError: when a split has too few lines of either kind.
    """
    if not 0 <= false_alarms < 1:
        raise SettingsError(f"false_alarms is a share in [0, 1), got {false_alarms}")
    reader = default_reader()
    values, origins = _lines(data, "train", limit, seed, reader)
    trees = _boosted(values, origins, seed)
    values, held_out = _lines(data, "val", max(3, limit // 3), seed, reader)
    scores, truth = trees.probabilities(values), held_out == Origin.OVERLAID
    allowed = np.quantile(scores[~truth], 1 - false_alarms, method="higher")
    threshold = max(_LEAST, float(np.nextafter(allowed, 1)))
    LineJudge(trees, threshold).save(out)
    return JudgeFit(
        training_lines=len(origins),
        validation_lines=len(truth),
        auc=float(roc_auc_score(truth, scores)),
        threshold=threshold,
        recall=float((scores[truth] >= threshold).mean()),
        false_alarms=float((scores[~truth] >= threshold).mean()),
    )


def _boosted(values: npt.NDArray[np.float64], origins: npt.NDArray[np.int64], seed: int) -> BoostedTrees:
    """Small trees. Overlaid lines weigh as much as all others, and those of either origin as much as each other."""
    labels = origins == Origin.OVERLAID
    weights = np.zeros(len(origins))
    for origin in Origin:
        share = 0.5 if origin is Origin.OVERLAID else 0.25
        weights[origins == origin] = share * len(origins) / max(1, (origins == origin).sum())
    model = GradientBoostingClassifier(
        n_estimators=_TREES, max_depth=_DEPTH, learning_rate=0.1, subsample=0.6, min_samples_leaf=8, random_state=seed
    ).fit(values, labels, sample_weight=weights)
    prior = np.average(labels, weights=weights)
    trees = []
    for (fitted,) in model.estimators_:
        tree = fitted.tree_
        trees.append(
            Tree(
                attribute=tuple(int(value) if value >= 0 else -1 for value in tree.feature),
                limit=tuple(tree.threshold.tolist()),
                left=tuple(tree.children_left.tolist()),
                right=tuple(tree.children_right.tolist()),
                value=tuple((model.learning_rate * tree.value[:, 0, 0]).tolist()),
            )
        )
    return BoostedTrees(float(np.log(prior / (1 - prior))), tuple(trees))


def _lines(
    data: Sequence[Path], split: str, limit: int, seed: int, reader: TextReader
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """What the lines of a split look like, (N, 17), and where they come from, (N,)."""
    looks: list[LineLook] = []
    origins: list[Origin] = []
    rng = np.random.default_rng([seed, split == "val"])
    for path, facts in _sample(data, split, limit, rng):
        for look, origin in _lines_of(read_image(path).pixels, facts, reader, rng):
            looks.append(look)
            origins.append(origin)
    counts = {origin: origins.count(origin) for origin in Origin}
    if min(counts[Origin.OVERLAID], len(origins) - counts[Origin.OVERLAID]) < _FEWEST_LINES:
        named = ", ".join(f"{count} {origin.name.lower()}" for origin, count in counts.items())
        raise SettingsError(
            f"split {split!r} has {named} lines; {_FEWEST_LINES} overlaid ones and as many others are needed: "
            "simulate more products or raise the limit"
        )
    return np.array([look.values() for look in looks]), np.array(origins, np.int64)


def _sample(
    data: Sequence[Path], split: str, limit: int, rng: np.random.Generator
) -> Iterator[tuple[Path, ImageFacts]]:
    """Images with words laid over them and twice as many without defects, of which few have words, at random."""
    written: list[tuple[Path, ImageFacts]] = []
    clean: list[tuple[Path, ImageFacts]] = []
    for folder in data:
        for product in read_annotated(folder):
            for facts in product.images if product.split == split else ():
                kinds = {defect.kind for defect in facts.defects}
                if not kinds:
                    clean.append((folder / facts.file, facts))
                elif kinds <= WRITTEN:
                    written.append((folder / facts.file, facts))
    for group, most in ((written, limit // 3), (clean, limit - limit // 3)):
        for index in rng.permutation(len(group))[:most]:
            yield group[index]


def _lines_of(
    pixels: Pixels, facts: ImageFacts, reader: TextReader, rng: np.random.Generator
) -> Iterator[tuple[LineLook, Origin]]:
    quads = _readable(pixels, reader)
    boxes = [defect.box for defect in facts.defects if defect.box is not None]
    for quad, look in zip(quads, look_at_lines(pixels, quads), strict=True):
        if not boxes:
            yield look, Origin.PRINTED
        elif _lies_in(quad, boxes, pixels):
            yield look, Origin.OVERLAID
    if quads and boxes:
        photo, standpoint = photographed(pixels, rng)
        again = _saved(photo, int(rng.integers(*_QUALITY)))
        yield from (
            (look, Origin.PHOTOGRAPHED) for look in look_at_lines(again, [moved(quad, standpoint) for quad in quads])
        )


def _readable(pixels: Pixels, reader: TextReader) -> tuple[Quad, ...]:
    """Lines that can be read; the others are never judged, or do not matter."""
    quads = reader.find_lines(pixels)[:_MOST_LINES]
    readings = reader.read_lines(pixels, quads)
    return tuple(quad for quad, reading in zip(quads, readings, strict=True) if is_text(reading))


def _lies_in(quad: Quad, boxes: Sequence[Box], pixels: Pixels) -> bool:
    line = box_around(quad, pixels.shape[1], pixels.shape[0])
    x, y = line.x + line.w / 2, line.y + line.h / 2
    return any(box.x <= x <= box.x + box.w and box.y <= y <= box.y + box.h for box in boxes)


def _saved(pixels: Pixels, quality: int) -> Pixels:
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
