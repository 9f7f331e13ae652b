"""The page of wrong decisions: one row for each, no photo, and sheets for those who want to look."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from benchmarks.stage1.wrong import Mistake, WrongDecision
from benchmarks.wrong_decisions import page, write_sheets

ONE = WrongDecision(Mistake.FLAWED_KEPT, "shop", "a", ("images/1.jpg",), "hand", "p^nc 0.10")
PAIR = WrongDecision(Mistake.DUPLICATE_KEPT, "shop", "b", ("images/1.jpg", "images/2.jpg"), "duplicates", "")


def test_the_page_has_a_heading_for_every_mistake_and_a_row_for_every_decision() -> None:
    lines = list(page([ONE, PAIR]))
    assert [line for line in lines if line.startswith("## ")] == [
        f"## {mistake.value.capitalize()}: {sum(item.mistake is mistake for item in (ONE, PAIR))}"
        for mistake in Mistake
    ]
    assert "| shop | a | `1.jpg` | hand | p^nc 0.10 |" in lines
    assert "| shop | b | `1.jpg`, `2.jpg` | duplicates | - |" in lines
    assert not any("![" in line for line in lines)


def test_sheets_are_written_only_for_mistakes_that_were_made(tmp_path: Path) -> None:
    (tmp_path / "shop" / "images").mkdir(parents=True)
    for name in ("1.jpg", "2.jpg"):
        cv2.imwrite(str(tmp_path / "shop" / "images" / name), np.full((60, 40, 3), 90, np.uint8))
    write_sheets([ONE, PAIR], tmp_path, tmp_path / "sheets")
    assert sorted(path.name for path in (tmp_path / "sheets").iterdir()) == ["duplicate_kept.png", "flawed_kept.png"]
