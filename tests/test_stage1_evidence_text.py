"""Overlaid text: reading, what lines look like, the judge's trees, groups of lines, and the kinds that words say."""

from __future__ import annotations

import json
import math
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from agpis.errors import InstallationError, ModelError
from agpis.rules import load_taxonomy
from agpis.simulation.defects.lettering import Letters, text_mask
from agpis.simulation.photographing import moved, photographed
from agpis.stage1.evidence.find import SUSPECT, Tools, find_evidence
from agpis.stage1.evidence.kinds import EvidenceKind
from agpis.stage1.evidence.lines import LOOK_NAMES, LineJudge, load_judge, look_at_lines
from agpis.stage1.evidence.reading import Quad, RapidReader, Reading, default_reader, line_size, straightened
from agpis.stage1.evidence.text import find_overlaid_text
from agpis.stage1.evidence.trees import BoostedTrees, Tree, trees_from_json
from agpis.stage1.evidence.words import kind_of_words
from agpis.stage1.proposals import propose
from agpis.types import Box, Image, Pixels

WHITE = np.full((200, 300, 3), 255, np.uint8)


def quad(x: float, y: float, w: float, h: float) -> Quad:
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)


def written(text: str, x: int, y: int, height: int = 28, ground: Pixels = WHITE) -> Pixels:
    """Black words on a picture."""
    out = ground.copy()
    mask = text_mask(text, height, Letters(""))
    out[y : y + mask.shape[0], x : x + mask.shape[1]][mask > 128] = 0
    return out


@dataclass
class FakeReader:
    """Answers by place: what stands where."""

    lines: Sequence[tuple[Quad, str]]
    confidence: float = 0.9
    read: list[int] = field(default_factory=list)

    def find_lines(self, pixels: Pixels) -> tuple[Quad, ...]:
        return tuple(place for place, _ in self.lines)

    def read_lines(self, pixels: Pixels, quads: Sequence[Quad]) -> tuple[Reading, ...]:
        self.read.append(len(quads))
        texts = {tuple(place.ravel()): text for place, text in self.lines}
        return tuple(Reading(texts[tuple(place.ravel())], self.confidence) for place in quads)


def judge(name: str, limit: float, threshold: float = 0.5) -> LineJudge:
    """Takes lines for overlays (p 0.88) whose attribute exceeds a limit, others for print (p 0.12)."""
    tree = Tree((LOOK_NAMES.index(name), -1, -1), (limit, 0.0, 0.0), (1, -1, -1), (2, -1, -1), (0.0, -2.0, 2.0))
    return LineJudge(BoostedTrees(0.0, (tree,)), threshold)


ALL, NONE = judge("height", 0.0), judge("height", 99.0)


# -- reading ------------------------------------------------------------------------------------------------------


def test_rapidocr_reads_words_without_any_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    reader = RapidReader()
    pixels = written("SUMMER SALE", 40, 60)
    (found,) = reader.find_lines(pixels)
    assert abs(found[0] - [40, 60]).max() < 12
    (reading,) = reader.read_lines(pixels, [found])
    assert reading.text.replace(" ", "") == "SUMMERSALE"
    assert reading.confidence > 0.8
    assert reader.find_lines(np.full((64, 64, 3), 200, np.uint8)) == ()
    assert reader.read_lines(pixels, []) == ()


def test_opencv_keeps_its_contrib_modules_beside_rapidocr() -> None:
    assert version("rapidocr")
    assert callable(cv2.ximgproc.createEdgeBoxes)


def test_opencv_without_contrib_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "ximgproc", SimpleNamespace())
    with pytest.raises(
        InstallationError, match="pip install --force-reinstall --no-deps opencv-contrib-python-headless"
    ):
        propose(WHITE)


def test_a_line_is_straightened_and_an_upright_one_is_turned() -> None:
    pixels = WHITE.copy()
    pixels[20:40, 10:110] = (0, 0, 255)
    assert line_size(quad(10, 20, 100, 20)) == (100, 20)
    level = straightened(pixels, quad(10, 20, 100, 20), 20)
    assert level.shape == (20, 100, 3)
    assert (level[2:-2, 2:-2] == (0, 0, 255)).all()
    assert straightened(pixels, quad(0, 0, 20, 100), 20).shape == (20, 100, 3)


# -- looks --------------------------------------------------------------------------------------------------------


def test_clean_ink_is_solid_and_its_photograph_is_not() -> None:
    pixels = written("MMMM", 100, 80, 48)
    place = quad(96, 76, 140, 44)
    (ink,) = look_at_lines(pixels, [place])
    photo, standpoint = photographed(pixels, np.random.default_rng(3))
    (print_,) = look_at_lines(photo, [moved(place, standpoint)])
    assert ink.ink_solid > 0.95 > print_.ink_solid
    assert ink.ink_spread == ink.tilt == ink.skew == 0.0
    assert ink.contrast > 2.3
    assert ink.off_extreme == 0.0
    assert ink.plain == 1.0
    assert ink.on_plain > 0.95
    assert ink.company == pytest.approx(math.log(2))
    assert ink.height == pytest.approx(44 / 200)
    assert ink.distance == pytest.approx((300 - 236) / 200)
    assert print_.sharpness < ink.sharpness


def test_a_line_on_the_product_has_no_background_around_it() -> None:
    product = WHITE.copy()
    product[20:180, 40:260] = (200, 60, 60)
    on_it, beside_it = look_at_lines(product, [quad(100, 80, 80, 20), quad(5, 2, 80, 12)])
    assert (on_it.on_plain, on_it.plain) == (0.0, 1.0)
    assert beside_it.on_plain > 0.5


def test_looks_do_not_depend_on_the_order_of_lines_and_tiny_lines_are_measured() -> None:
    pixels = written("one", 20, 20)
    places = [quad(18, 18, 60, 30), quad(0, 0, 3, 2), quad(290, 190, 30, 30)]
    looks = look_at_lines(pixels, places)
    assert looks == look_at_lines(pixels, places[::-1])[::-1]
    assert all(np.isfinite(look.values()).all() for look in looks)
    assert look_at_lines(pixels, []) == ()


# -- trees and the judge ------------------------------------------------------------------------------------------


def test_trees_add_their_leaves_to_the_log_odds() -> None:
    tree = Tree((0, -1, 1, -1, -1), (0.5, 0, 2.0, 0, 0), (1, -1, 3, -1, -1), (2, -1, 4, -1, -1), (9, -1.0, 9, 0.5, 3.0))
    values = np.array([[0.5, 0.0], [0.6, 2.0], [0.6, 2.1]])
    assert [tree.answer(row) for row in values] == [-1.0, 0.5, 3.0]
    trees = BoostedTrees(0.25, (tree, tree))
    expected = [1 / (1 + math.exp(-(0.25 + 2 * leaf))) for leaf in (-1.0, 0.5, 3.0)]
    assert trees.probabilities(values) == pytest.approx(expected)
    assert trees_from_json(json.loads(json.dumps(trees.to_json()))) == trees
    assert trees.probabilities(np.zeros((0, 2))).shape == (0,)


def test_malformed_trees_are_refused() -> None:
    with pytest.raises(ModelError, match="all five numbers"):
        Tree((0, -1), (0.5,), (1, -1), (1, -1), (0, 0))
    with pytest.raises(ModelError, match="node 0 of a tree leads to no later node"):
        Tree((0, -1), (0.5, 0), (0, -1), (1, -1), (0, 0))


def test_the_judge_is_stored_and_read_back(tmp_path: Path) -> None:
    ALL.save(tmp_path / "judge.json")
    assert load_judge(tmp_path / "judge.json") == ALL
    with pytest.raises(ModelError, match="could not be read as a line judge"):
        load_judge(tmp_path / "missing.json")
    stored = json.loads((tmp_path / "judge.json").read_text(encoding="utf-8"))
    (tmp_path / "other.json").write_text(json.dumps({**stored, "attributes": ["colour"]}), encoding="utf-8")
    with pytest.raises(ModelError, match="about other attributes"):
        load_judge(tmp_path / "other.json")


def test_the_judge_that_ships_tells_a_label_from_its_photograph() -> None:
    shipped = load_judge()
    pixels = written("-30% TODAY", 4, 4, 24)
    place = quad(0, 0, 170, 30)
    photo, standpoint = photographed(pixels, np.random.default_rng(5))
    (overlaid,) = shipped.probabilities(look_at_lines(pixels, [place]))
    (printed,) = shipped.probabilities(look_at_lines(photo, [moved(place, standpoint)]))
    assert overlaid >= shipped.threshold > printed


# -- groups -------------------------------------------------------------------------------------------------------

LINES = (
    (quad(40, 40, 100, 20), "FREE"),
    (quad(40, 64, 120, 20), "SHIPPING"),
    (quad(200, 160, 60, 20), "lumoric"),
)


def test_lines_that_lie_together_are_one_piece_of_evidence() -> None:
    for lines in (LINES, LINES[::-1]):
        found = sorted(find_overlaid_text(WHITE, FakeReader(lines), ALL), key=lambda piece: piece.box.y)
        assert [(piece.kind, piece.text) for piece in found] == [
            (EvidenceKind.BANNER, "FREE SHIPPING"),
            (EvidenceKind.WATERMARK, "lumoric"),  # white on white is as faint as can be
        ]
        assert [piece.box for piece in found] == [Box(40, 40, 120, 44), Box(200, 160, 60, 20)]
        assert found[0].score == pytest.approx(1 / (1 + math.exp(-2)))


def test_printed_lines_are_not_even_read() -> None:
    reader = FakeReader(LINES)
    assert find_overlaid_text(WHITE, reader, NONE) == ()
    assert reader.read in ([], [0])


def test_where_most_lines_are_printed_the_others_are_too() -> None:
    large = judge("height", 0.15)
    print_ = tuple((quad(20, 20 + 30 * number, 60, 20), f"word {number}") for number in range(3))
    banner = (quad(150, 100, 120, 40), "SALE")
    assert len(find_overlaid_text(WHITE, FakeReader((banner, print_[0])), large)) == 1
    assert find_overlaid_text(WHITE, FakeReader((banner, *print_)), large) == ()


@pytest.mark.parametrize(("text", "confidence"), [("x", 0.9), ("...", 0.9), ("SALE", 0.3)])
def test_what_cannot_be_read_is_no_text(text: str, confidence: float) -> None:
    assert find_overlaid_text(WHITE, FakeReader([(quad(9, 9, 60, 20), text)], confidence), ALL) == ()


def test_at_most_eight_lines_are_read() -> None:
    reader = FakeReader([(quad(10, 2 + 16 * number, 60, 12), f"word {number}") for number in range(12)])
    find_overlaid_text(WHITE, reader, ALL)
    assert reader.read == [8]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SALE -30%", EvidenceKind.BANNER),
        ("Nur 9,99 €", EvidenceKind.BANNER),
        ("新品上市", EvidenceKind.BANNER),
        ("#1 Best Seller", EvidenceKind.BADGE),
        ("4.8 (1,204)", EvidenceKind.BADGE),
        ("© 2024 Vamora", EvidenceKind.WATERMARK),
        ("www.vamora.shop", EvidenceKind.QR_CODE),
        ("Tel 555 123 456", EvidenceKind.QR_CODE),
        ("Soft and light", EvidenceKind.TEXT),
        ("18 x 24 cm", EvidenceKind.TEXT),
        ("vamora", EvidenceKind.LOGO),
        ("Newton wholesale", EvidenceKind.TEXT),  # words within words do not count
    ],
)
def test_words_say_the_kind(text: str, kind: EvidenceKind) -> None:
    assert kind_of_words(text, faint=False) is kind


def test_faint_words_that_say_nothing_else_are_a_watermark() -> None:
    assert kind_of_words("vamora", faint=True) is EvidenceKind.WATERMARK
    assert kind_of_words("SALE", faint=True) is EvidenceKind.BANNER


# -- all of it ----------------------------------------------------------------------------------------------------


def test_text_is_looked_for_only_where_p_nc_asks_for_a_reason() -> None:
    reader = FakeReader(LINES[:2])
    images = [Image("low.png", WHITE), Image("high.png", WHITE)]
    low, high = find_evidence(images, [SUSPECT - 0.01, SUSPECT], load_taxonomy(), tools=Tools(reader, ALL))
    assert low == ()
    assert [(finding.rule_id, finding.text) for finding in high] == [("S03", "FREE SHIPPING")]
    assert reader.read == [2]


def test_the_default_reader_is_loaded_once() -> None:
    assert default_reader() is default_reader()


def test_photographs_depend_on_the_seed_alone_and_points_move_with_them() -> None:
    pixels = WHITE.copy()
    pixels[90:110, 140:160] = 0
    first, standpoint = photographed(pixels, np.random.default_rng(1))
    again, _ = photographed(pixels, np.random.default_rng(1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, photographed(pixels, np.random.default_rng(2))[0])
    ((x, y),) = moved(np.array([[150.0, 100.0]]), standpoint)
    assert first[round(y), round(x)].mean() < 0.5 * first[20:40, 150].mean()
