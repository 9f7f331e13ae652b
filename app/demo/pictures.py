"""The pictures of a result: squares of one size with what was decided drawn in."""

from __future__ import annotations

from agpis.types import Pixels, Product, SequenceResult
from app.components.drawing import LINE, ORANGE, RED, blank, draw_boxes, frame, square

SIDE = 480
_FRAME = 9


def sequence_pictures(product: Product, result: SequenceResult) -> tuple[Pixels, ...]:
    """The images of I^t in order, (SIDE, SIDE, 3) uint8 RGB each; the primary has a red frame."""
    images = {image.file: image.pixels for image in product.images}
    return tuple(_framed(square(images[file], SIDE), primary=place == 0) for place, file in enumerate(result.sequence))


def candidate_pictures(product: Product, result: SequenceResult, primary: str | None) -> tuple[Pixels, ...]:
    """One square for each of `result.images`: orange boxes around what was laid over it, grey where nothing was read.

    Args:
        product: with decoded images.
        result: of this product.
        primary: the primary image's file, or None.
    """
    images = {image.file: image.pixels for image in product.images}
    pictures = []
    for report in result.images:
        if report.file in images:
            boxes = [finding.box for finding in report.findings if finding.box is not None]
            shown = square(draw_boxes(images[report.file], boxes, ORANGE), SIDE)
            pictures.append(_framed(shown, primary=report.file == primary))
        else:
            pictures.append(blank(SIDE))
    return tuple(pictures)


def pair_pictures(product: Product, result: SequenceResult) -> tuple[Pixels, ...]:
    """Two squares for each of `result.duplicates`, kept and removed, with the regions found in both in green."""
    images = {image.file: image.pixels for image in product.images}
    pictures = []
    for pair in result.duplicates:
        for side, file in enumerate((pair.kept, pair.removed)):
            boxes = [regions[side] for regions in pair.boxes]
            pictures.append(_framed(square(draw_boxes(images[file], boxes), SIDE), primary=False))
    return tuple(pictures)


def _framed(pixels: Pixels, *, primary: bool) -> Pixels:
    return frame(pixels, RED, _FRAME) if primary else frame(pixels, LINE, 2)
