"""Text that was laid over a photo: find lines, sort out what is printed on the product, read the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agpis.stage1.evidence.boxes import box_around, union
from agpis.stage1.evidence.kinds import Evidence
from agpis.stage1.evidence.lines import LineJudge, LineLook, look_at_lines
from agpis.stage1.evidence.reading import Reading, TextReader
from agpis.stage1.evidence.words import kind_of_words
from agpis.types import Box, Pixels

_MOST_READ = 8  # lines of an image; reading costs more than finding
_LEAST_SHARE = 0.5  # of an image's lines that must look like overlays
_LEAST_CONFIDENCE = 0.6
_LEAST_CHARACTERS = 2  # letters or digits; fewer are folds and buttons
_FAINT = 0.2  # contrast below which letters are taken for translucent
_NEAR = 0.8  # of a line's height; lines closer than that belong together


@dataclass(frozen=True, slots=True)
class _Line:
    box: Box
    probability: float
    look: LineLook
    reading: Reading


def find_overlaid_text(pixels: Pixels, reader: TextReader, judge: LineJudge) -> tuple[Evidence, ...]:
    """Find text that was laid over the photo, and read it.

    Only lines that the judge takes for overlays are read, the most probable ones first. Where most lines of an image
    look printed, as on packaging, the others are taken for print as well.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        reader: finds and reads lines.
        judge: tells overlaid lines from printed ones.

    Returns:
        One piece of evidence for every group of lines that lie together; its score is the probability of the line
        that is most surely an overlay.
    """
    quads = reader.find_lines(pixels)
    looks = look_at_lines(pixels, quads)
    probabilities = judge.probabilities(looks)
    likely = [index for index in probabilities.argsort()[::-1] if probabilities[index] >= judge.threshold]
    if len(likely) < _LEAST_SHARE * len(quads):
        return ()
    chosen = sorted(int(index) for index in likely[:_MOST_READ])
    readings = reader.read_lines(pixels, [quads[index] for index in chosen])
    height, width = pixels.shape[:2]
    lines = [
        _Line(box_around(quads[index], width, height), float(probabilities[index]), looks[index], reading)
        for index, reading in zip(chosen, readings, strict=True)
        if is_text(reading)
    ]
    return tuple(_as_evidence(group) for group in _grouped(lines))


def is_text(reading: Reading) -> bool:
    """Whether something was read with confidence, and more than a single sign."""
    characters = sum(character.isalnum() for character in reading.text)
    return reading.confidence >= _LEAST_CONFIDENCE and characters >= _LEAST_CHARACTERS


def _grouped(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Lines that lie together, each group in reading order."""
    groups: list[list[_Line]] = []
    for line in lines:
        touching = [group for group in groups if any(_are_near(line.box, other.box) for other in group)]
        joined = [line, *(other for group in touching for other in group)]
        groups = [group for group in groups if group not in touching] + [joined]
    return [sorted(group, key=lambda line: (line.box.y + line.box.h / 2, line.box.x)) for group in groups]


def _are_near(first: Box, second: Box) -> bool:
    margin = _NEAR * min(first.w, first.h, second.w, second.h)
    apart_x = max(first.x, second.x) - min(first.x + first.w, second.x + second.w)
    apart_y = max(first.y, second.y) - min(first.y + first.h, second.y + second.h)
    return apart_x <= margin and apart_y <= margin


def _as_evidence(group: Sequence[_Line]) -> Evidence:
    text = " ".join(line.reading.text for line in group)
    strongest = max(group, key=lambda line: line.probability)
    kind = kind_of_words(text, faint=strongest.look.contrast < _FAINT)
    return Evidence(kind, strongest.probability, union(line.box for line in group), text)
