"""Printed on the product or laid over the photo? What a line of text looks like, in numbers, and the decision.

Ink that was laid over a photo has one colour to the last pixel, runs level, and is as sharp as the pixels allow. Print
was photographed together with its product: light falls off along it, the lens blurs it, the sensor adds noise, and it
lies in perspective.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from agpis.errors import ModelError
from agpis.stage1.evidence.boxes import box_around, part_of
from agpis.stage1.evidence.reading import Quad, line_size, straightened
from agpis.stage1.evidence.trees import BoostedTrees, trees_from_json
from agpis.types import Box, Pixels

Floats = npt.NDArray[np.float64]

_HEIGHTS = 8, 64  # pixels of a tilted line when it is measured; its own height where that lies between
_RIM = 4  # pixels along the border of the image whose colour is the background's
_SAME = 12.0  # 8-bit CIELAB units between colours that count as one
_PLAIN = 0.6  # share of the rim that must have one colour for a plain background to exist
_SOLID = 5.0  # the same units around the most frequent colour of ink or ground
_PARTS = 6  # along a line
_LEVEL = 4.0  # degrees
_FEWEST_PIXELS = 8


@dataclass(frozen=True, slots=True)
class LineLook:
    """What a line looks like.

    Colours are in 8-bit CIELAB units, logarithms are ln(1 + x). Spreads and changes are of lightness alone: JPEG smears
    the other two channels over thin letters.

    Attributes:
        ink_solid: share of the ink that has its most frequent lightness, in [0, 1].
        ink_spread: logarithm of the spread of the ink's lightness.
        ink_uneven: logarithm of how much the ink's extreme lightness varies along the line.
        ground_solid: share of what lies between the letters that has its most frequent lightness, in [0, 1].
        ground_spread: logarithm of the spread of what lies between the letters.
        ground_uneven: logarithm of how much its extreme lightness varies along the line.
        contrast: distance between ink and ground, in hundreds.
        off_extreme: distance of the ink's lightness from black or white, whichever is nearer, in hundreds.
        sharpness: change across the sharpest edges of the letters in one pixel, as a share of the contrast.
        tilt: degrees from level or upright, in tens, at most 2.
        skew: degrees between the upper and the lower edge, in tens, at most 1.
        height: of the line as a share of the image's shorter side.
        distance: from the border of the image, as a share of the shorter side.
        plain: 1 when the image has a plain background, else 0.
        on_plain: share of the surroundings that have the colour of that background, in [0, 1].
        outdoes: logarithm of the sharpest change in the line over the sharpest changes in the rest of the image.
        company: logarithm of the number of lines on the image.
    """

    ink_solid: float
    ink_spread: float
    ink_uneven: float
    ground_solid: float
    ground_spread: float
    ground_uneven: float
    contrast: float
    off_extreme: float
    sharpness: float
    tilt: float
    skew: float
    height: float
    distance: float
    plain: float
    on_plain: float
    outdoes: float
    company: float

    def values(self) -> Floats:
        """(17,) in the order of the attributes."""
        return np.array([getattr(self, field.name) for field in fields(self)], np.float64)


LOOK_NAMES = tuple(field.name for field in fields(LineLook))


def look_at_lines(pixels: Pixels, quads: Sequence[Quad]) -> tuple[LineLook, ...]:
    """Measure every line of an image.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        quads: corners of all its lines, as a `TextReader` gives them.
    """
    if not quads:
        return ()
    around = _Surroundings(_background(pixels), _sharpest_beside(pixels, quads), len(quads))
    return tuple(_look(pixels, quad, around) for quad in quads)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What all lines of an image share."""

    background: Floats | None
    sharpest: float  # change of lightness in one pixel that few pixels beside the lines exceed
    count: int


def _look(pixels: Pixels, quad: Quad, around: _Surroundings) -> LineLook:
    height, width = pixels.shape[:2]
    shorter = min(height, width)
    wide, high = line_size(quad)
    level = _level(pixels, quad)
    lab = cv2.cvtColor(level, cv2.COLOR_RGB2LAB).astype(np.float64)
    ink, ground = _separate(lab)
    contrast = float(np.linalg.norm(_median(lab[ink]) - _median(lab[ground])))
    lightness = float(_median(lab[ink])[0])
    darker = lightness < float(_median(lab[ground])[0])
    box = box_around(quad, width, height)
    return LineLook(
        ink_solid=_solid(lab[ink][:, 0]),
        ink_spread=math.log1p(_spread(lab[ink][:, 0])),
        ink_uneven=math.log1p(_uneven(lab[..., 0], ink, darker)),
        ground_solid=_solid(lab[ground][:, 0]),
        ground_spread=math.log1p(_spread(lab[ground][:, 0])),
        ground_uneven=math.log1p(_uneven(lab[..., 0], ground, not darker)),
        contrast=contrast / 100,
        off_extreme=min(lightness, 255 - lightness) / 100,
        sharpness=_sharpest(lab[..., 0]) / max(contrast, 1.0),
        tilt=min(_tilt(quad), 20.0) / 10,
        skew=min(_skew(quad), 10.0) / 10,
        height=min(wide, high) / shorter,
        distance=min(box.x, box.y, width - box.x - box.w, height - box.y - box.h) / shorter,
        plain=float(around.background is not None),
        on_plain=_on_plain(pixels, box, around.background),
        outdoes=math.log((1 + _sharpest(lab[..., 0])) / (1 + around.sharpest)),
        company=math.log1p(around.count),
    )


def _level(pixels: Pixels, quad: Quad) -> Pixels:
    """The line by itself, words along the rows; untouched where it runs level, since resampling blurs."""
    wide, high = line_size(quad)
    low, tall = _HEIGHTS
    if _tilt(quad) < _LEVEL and min(wide, high) >= low:
        part = part_of(pixels, box_around(quad, pixels.shape[1], pixels.shape[0]))
        return np.ascontiguousarray(part.transpose(1, 0, 2) if part.shape[0] > part.shape[1] else part)
    return straightened(pixels, quad, int(np.clip(round(min(wide, high)), low, tall)))


def _separate(lab: Floats) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Masks of what is surely ink and surely ground; edges of letters, where colours mix, are neither."""
    flat = lab.reshape(-1, 3)
    centred = flat - flat.mean(axis=0)
    axis = np.linalg.svd(centred.T @ centred)[0][:, 0]
    along = (centred @ axis).reshape(lab.shape[:2])
    first, last = float(along.min()), float(along.max())
    scaled = ((along - first) * (255 / max(last - first, 1e-6))).astype(np.uint8)
    limit, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    above = scaled > limit
    rim = np.concatenate([above[0], above[-1], above[:, 0], above[:, -1]])
    ink = ~above if rim.mean() > 0.5 else above
    return _core(ink, scaled), _core(~ink, scaled)


def _core(mask: npt.NDArray[np.bool_], along: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """The mask without its rim, or, where nothing is left of thin letters, the half of it furthest from the other."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    if inner.sum() >= max(_FEWEST_PIXELS, 0.1 * mask.sum()):
        return inner
    if not mask.any() or mask.all():
        return np.ones_like(mask)
    other = float(along[~mask].mean())
    away = np.abs(along.astype(np.float64) - other)
    return np.asarray(mask & (away >= np.median(away[mask])))


def _median(colours: Floats) -> Floats:
    return np.asarray(np.median(colours, axis=0))


def _solid(lightness: Floats) -> float:
    """Share within a small distance of the most frequent value, found by moving to the median of what is near."""
    centre = float(np.median(lightness))
    for reach in (24.0, 12.0, 6.0):
        near = lightness[np.abs(lightness - centre) < reach]
        centre = float(np.median(near)) if len(near) else centre
    return float((np.abs(lightness - centre) < _SOLID).mean())


def _spread(lightness: Floats) -> float:
    """Median distance from the median, in the scale of a standard deviation."""
    return 1.4826 * float(np.median(np.abs(lightness - np.median(lightness))))


def _uneven(lightness: Floats, mask: npt.NDArray[np.bool_], darker: bool) -> float:
    """Standard deviation along the line of the lightness furthest from the other kind of pixels."""
    parts = zip(np.array_split(lightness, _PARTS, axis=1), np.array_split(mask, _PARTS, axis=1), strict=True)
    inside = [part[chosen] for part, chosen in parts]
    extremes = [np.percentile(part, 20 if darker else 80) for part in inside if len(part) >= _FEWEST_PIXELS]
    return float(np.std(extremes)) if len(extremes) > 1 else 0.0


def _sharpest(lightness: Floats) -> float:
    """Change between neighbouring columns that 2% of the pixels exceed."""
    steps = np.abs(np.diff(lightness, axis=1))
    return float(np.percentile(steps, 98)) if steps.size else 0.0


def _sharpest_beside(pixels: Pixels, quads: Sequence[Quad]) -> float:
    """Change between neighbouring pixels that 1% of those beside all lines exceed."""
    lightness = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float64)
    beside = np.ones(lightness.shape, np.uint8)
    for quad in quads:
        cv2.fillPoly(beside, [np.rint(quad).astype(np.int32)], 0)
    steps = np.abs(np.diff(lightness, axis=1))[beside[:, 1:] > 0]
    return float(np.percentile(steps, 99)) if steps.size else 0.0


def _angles(quad: Quad) -> tuple[float, float]:
    """Of the longer pair of edges, in degrees."""
    sides = np.roll(quad, -1, axis=0) - quad
    upper, lower = (sides[0], -sides[2]) if line_size(quad)[0] >= line_size(quad)[1] else (sides[1], -sides[3])
    return math.degrees(math.atan2(upper[1], upper[0])), math.degrees(math.atan2(lower[1], lower[0]))


def _tilt(quad: Quad) -> float:
    turned = abs(_angles(quad)[0]) % 90
    return min(turned, 90 - turned)


def _skew(quad: Quad) -> float:
    upper, lower = _angles(quad)
    return abs((upper - lower + 180) % 360 - 180)


def _background(pixels: Pixels) -> Floats | None:
    """The colour of a plain background in 8-bit CIELAB, or None where there is none."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float64)
    rim = np.concatenate([part.reshape(-1, 3) for part in (lab[:_RIM], lab[-_RIM:], lab[:, :_RIM], lab[:, -_RIM:])])
    colour = _median(rim)
    same = np.linalg.norm(rim - colour, axis=1) < _SAME
    return colour if same.mean() >= _PLAIN else None


def _on_plain(pixels: Pixels, box: Box, background: Floats | None) -> float:
    if background is None:
        return 0.0
    height, width = pixels.shape[:2]
    margin = min(box.w, box.h)
    corners = [[box.x - margin, box.y - margin], [box.x + box.w + margin, box.y + box.h + margin]]
    around = box_around(corners, width, height)
    lab = cv2.cvtColor(np.ascontiguousarray(part_of(pixels, around)), cv2.COLOR_RGB2LAB).astype(np.float64)
    same = np.linalg.norm(lab - background, axis=2) < _SAME
    x, y = box.x - around.x, box.y - around.y
    outside = np.ones(same.shape, bool)
    outside[y : y + box.h, x : x + box.w] = False
    return float(same[outside].mean()) if outside.any() else float(same.mean())


@dataclass(frozen=True, slots=True)
class LineJudge:
    """Boosted trees over what lines look like, fitted by `agpis train-evidence`.

    Attributes:
        trees: over `LineLook.values`.
        threshold: probability from which a line counts as laid over the photo, in [0, 1].
    """

    trees: BoostedTrees
    threshold: float

    def probabilities(self, looks: Sequence[LineLook]) -> Floats:
        """The probability of each line that it was laid over the photo: (N,) in [0, 1]."""
        return self.trees.probabilities(np.array([look.values() for look in looks]).reshape(-1, len(LOOK_NAMES)))

    def save(self, path: Path) -> None:
        """Write the judge as JSON, with the names of the attributes it was fitted on."""
        stored = {"attributes": list(LOOK_NAMES), "threshold": self.threshold, **self.trees.to_json()}
        path.write_text(json.dumps(stored) + "\n", encoding="utf-8")


def load_judge(path: Path | None = None) -> LineJudge:
    """Read what `LineJudge.save` wrote; without a path, the judge that ships with AGPIS.

    Raises:
        ModelError: when the file is missing, malformed, or about other attributes.
    """
    source = files("agpis.stage1.evidence") / "lines.json" if path is None else path
    try:
        stored = json.loads(source.read_text(encoding="utf-8"))
        if tuple(stored["attributes"]) != LOOK_NAMES:
            raise ModelError(f"{source} is about other attributes than {', '.join(LOOK_NAMES)}; fit it again")
        return LineJudge(trees_from_json(stored), float(stored["threshold"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{source} could not be read as a line judge: {error!r}") from error
