"""Fitting the judge of overlaid and printed lines: what counts as which, and that it learns to tell them apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from agpis.data.catalog import PRODUCTS_FILE
from agpis.errors import SettingsError
from agpis.simulation.annotations import AnnotatedProduct, product_to_json
from agpis.simulation.defects.lettering import Letters, text_mask
from agpis.simulation.facts import Defect, DefectKind, ImageFacts, TitleFacts, View
from agpis.stage1.evidence.boxes import box_around
from agpis.stage1.evidence.lines import load_judge
from agpis.stage1.evidence.reading import Quad, Reading
from agpis.training import evidence
from agpis.training.evidence import Origin, fit_judge
from agpis.types import Box, Pixels


class DarkReader:
    """Takes the box around everything dark for a line."""

    def find_lines(self, pixels: Pixels) -> tuple[Quad, ...]:
        rows, columns = np.nonzero(pixels.max(axis=2) < 90)
        if not len(rows):
            return ()
        box = box_around(np.stack([columns, rows], axis=1), pixels.shape[1], pixels.shape[0])
        right, bottom = box.x + box.w, box.y + box.h
        return (np.array([[box.x, box.y], [right, box.y], [right, bottom], [box.x, bottom]], np.float64),)

    def read_lines(self, pixels: Pixels, quads: Sequence[Quad]) -> tuple[Reading, ...]:
        return (Reading("words", 0.9),) * len(quads)


def market(folder: Path, splits: Sequence[str], per_split: int) -> Path:
    """Photos of a sheet; on every second one black words are laid over it."""
    rng = np.random.default_rng(0)
    lines = []
    for split in splits:
        images = []
        for number in range(per_split):
            pixels = rng.normal(200, 4, (96, 128, 3)).clip(0, 255).astype(np.uint8)
            facts = ImageFacts(f"{split}-{number}.png", "d", "mug", "white", View.FRONT, f"c{number}")
            if number % 2:
                mask = text_mask(f"SALE {number}", 20, Letters(""))
                x, y = int(rng.integers(0, 30)), int(rng.integers(0, 60))
                pixels[y : y + mask.shape[0], x : x + mask.shape[1]][mask > 128] = 0
                box = Box(x, y, mask.shape[1], mask.shape[0])
                facts = ImageFacts(
                    facts.file, "d", "mug", "white", View.FRONT, f"c{number}",
                    defects=(Defect(DefectKind.BANNER, "SALE", box=box),),
                )  # fmt: skip
            cv2.imwrite(str(folder / facts.file), pixels)
            images.append(facts)
        product = AnnotatedProduct(f"P-{split}", "mug", TitleFacts("Mug"), tuple(images), "drawn", split)
        lines.append(json.dumps(product_to_json(product)))
    (folder / PRODUCTS_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def dark_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "default_reader", DarkReader)


def test_words_and_their_photographs_are_told_apart(tmp_path: Path) -> None:
    data = market(tmp_path, ("train", "val"), 80)
    fit = fit_judge([data], tmp_path / "judge.json", limit=160, false_alarms=0.1, seed=1)
    assert fit.training_lines == 80, "40 overlays, each as it is and photographed once"
    assert fit.validation_lines == 34, "a third of the images, a third of which have words"
    assert fit.auc > 0.95
    assert fit.recall > 0.8
    assert fit.false_alarms <= 0.1
    assert load_judge(tmp_path / "judge.json").threshold == pytest.approx(fit.threshold)
    again = fit_judge([data], tmp_path / "again.json", limit=160, false_alarms=0.1, seed=1)
    assert again == fit
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "judge.json").read_bytes()


def test_lines_are_labelled_by_where_they_lie(tmp_path: Path) -> None:
    pixels = np.full((100, 100, 3), 255, np.uint8)
    pixels[10:20, 10:50] = 0
    facts = ImageFacts("a.png", "d", "mug", "white", View.FRONT, "c")

    def origins(box: Box | None) -> list[Origin]:
        defects = (Defect(DefectKind.TEXT, "x", box=box),) if box else ()
        known = ImageFacts("a.png", "d", "mug", "white", View.FRONT, "c", defects=defects)
        lines = evidence._lines_of(pixels, known if box else facts, DarkReader(), np.random.default_rng(0))
        return [origin for _, origin in lines]

    assert origins(None) == [Origin.PRINTED]
    assert origins(Box(5, 5, 50, 20)) == [Origin.OVERLAID, Origin.PHOTOGRAPHED]
    assert origins(Box(60, 60, 20, 20)) == [Origin.PHOTOGRAPHED], "a line beside the defect may be either"


def test_too_few_lines_are_named(tmp_path: Path) -> None:
    data = market(tmp_path, ("train",), 6)
    with pytest.raises(SettingsError, match=r"split 'train' has 0 printed, 3 photographed, 3 overlaid lines; 10"):
        fit_judge([data], tmp_path / "judge.json")
    with pytest.raises(SettingsError, match="false_alarms is a share"):
        fit_judge([data], tmp_path / "judge.json", false_alarms=1.0)
