"""Evidence: its kinds and their rules, QR codes and collages, and what the pipeline does with it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest
import segno
import torch

from agpis.errors import ModelError
from agpis.rules import load_taxonomy
from agpis.rules.taxonomy import RuleTaxonomy
from agpis.simulation.facts import DefectKind
from agpis.stage1.classifier import ImageClassifier, ImageClassifierConfig
from agpis.stage1.evidence.boxes import box_around, part_of, union
from agpis.stage1.evidence.collage import find_collage
from agpis.stage1.evidence.find import Tools, find_evidence
from agpis.stage1.evidence.hotspots import find_hotspots
from agpis.stage1.evidence.kinds import Evidence, EvidenceKind, rule_for, to_finding
from agpis.stage1.evidence.lines import LineJudge
from agpis.stage1.evidence.qr import find_qr_codes
from agpis.stage1.evidence.reading import Quad, Reading
from agpis.stage1.evidence.seams import horizontal_seams, vertical_seams
from agpis.stage1.evidence.trees import BoostedTrees
from agpis.types import Box, Image, Pixels


def scene(seed: int, height: int = 240, width: int = 240) -> Pixels:
    """Soft blobs in random colours, without a straight edge."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    out = np.full((height, width, 3), rng.uniform(120, 200, 3))
    for _ in range(12):
        y, x, size = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(15, 60)
        weight = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * size**2))[..., None]
        out += weight * (rng.uniform(0, 255, 3) - out)
    return np.asarray(out.clip(0, 255), np.uint8)


class NoReader:
    """Finds no line."""

    def find_lines(self, pixels: Pixels) -> tuple[Quad, ...]:
        return ()

    def read_lines(self, pixels: Pixels, quads: Sequence[Quad]) -> tuple[Reading, ...]:
        return ()


def with_code(pixels: Pixels, x: int, y: int, module: int, content: str = "https://lumoric.shop") -> tuple[Pixels, Box]:
    matrix = np.array(segno.make(content, error="m", micro=False).matrix, np.uint8)
    tile = np.kron(1 - np.pad(matrix, 2), np.ones((module, module), np.uint8)) * 255
    side = tile.shape[0]
    out = pixels.copy()
    out[y : y + side, x : x + side] = tile[..., None]
    return out, Box(x + 2 * module, y + 2 * module, side - 4 * module, side - 4 * module)


# -- kinds --------------------------------------------------------------------------------------------------------


def test_every_kind_is_a_defect_of_the_simulation_and_has_a_rule() -> None:
    taxonomy = load_taxonomy()
    named = [kind for kind in EvidenceKind if kind is not EvidenceKind.PLACE]
    assert {kind.value for kind in named} <= {kind.value for kind in DefectKind}
    rules = {kind: taxonomy[rule_for(kind, taxonomy)].name for kind in named}
    assert rules[EvidenceKind.BANNER] == "promo_banner"
    assert rules[EvidenceKind.QR_CODE] == "contact_qr_url"
    assert len(set(rules.values())) == len(named)
    assert rule_for(EvidenceKind.PLACE, taxonomy) == ""


def test_a_taxonomy_without_the_rule_gives_a_finding_without_a_rule() -> None:
    taxonomy = load_taxonomy()
    kept = tuple(rule for rule in taxonomy.classes if rule.predicate.get("defect") != "banner")
    poorer = RuleTaxonomy(version=1, classes=kept)
    finding = to_finding(Evidence(EvidenceKind.BANNER, 0.7, Box(1, 2, 3, 4), "SALE"), poorer)
    assert (finding.kind, finding.rule_id, finding.text, finding.box) == ("banner", "", "SALE", Box(1, 2, 3, 4))


def test_a_long_text_is_cut_in_the_sentence_but_not_in_the_finding() -> None:
    finding = to_finding(Evidence(EvidenceKind.TEXT, 0.7, Box(0, 0, 9, 9), "word " * 30), load_taxonomy())
    assert finding.text == "word " * 30
    assert len(finding.message) < 100
    assert "…" in finding.message


def test_boxes() -> None:
    assert box_around([[-3.0, 2.2], [7.5, 4.9]], 10, 4) == Box(0, 2, 8, 2)
    assert box_around([[12.0, 2.0], [14.0, 3.0]], 10, 4) == Box(9, 2, 1, 1)
    assert union([Box(1, 1, 2, 2), Box(4, 0, 1, 1)]) == Box(1, 0, 4, 3)
    assert part_of(scene(0, 8, 8), Box(6, 5, 9, 9)).shape == (3, 2, 3)


# -- QR codes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [2, 4])
def test_a_code_is_found_and_read(module: int) -> None:
    image, box = with_code(scene(1), 60, 90, module)
    (found,) = find_qr_codes(image)
    assert found.text == "https://lumoric.shop"
    assert found.kind is EvidenceKind.QR_CODE
    assert found.box.iou(box) > 0.8


def test_a_code_in_a_large_image_is_found_where_it_is() -> None:
    image, box = with_code(scene(2, 700, 1400), 900, 100, 10)
    (found,) = find_qr_codes(image)
    assert found.box.iou(box) > 0.8


def test_no_code_no_evidence() -> None:
    checks = (np.indices((240, 240)).sum(axis=0) // 12 % 2 * 255).astype(np.uint8)
    for pixels in (scene(3), np.repeat(checks[..., None], 3, axis=2), np.full((40, 40, 3), 255, np.uint8)):
        assert find_qr_codes(np.ascontiguousarray(pixels)) == ()


# -- collages -----------------------------------------------------------------------------------------------------


def test_the_column_where_two_pictures_meet_is_a_seam_and_the_rows_are_none() -> None:
    joined = np.concatenate([scene(4, 240, 120), scene(5, 240, 120)], axis=1)
    columns = vertical_seams(joined)
    assert columns.shape == (240,)
    assert abs(int(columns.argmax()) - 119) <= 2
    assert columns.max() > 0.8
    assert horizontal_seams(joined).max() < 0.3


def test_turning_the_image_swaps_the_seams() -> None:
    joined = np.concatenate([scene(4, 240, 120), scene(5, 240, 120)], axis=1)
    assert np.array_equal(vertical_seams(joined), horizontal_seams(joined.transpose(1, 0, 2).copy()))


@pytest.mark.parametrize("panels", [2, 3, 4])
@pytest.mark.parametrize("gap", [0, 6])
def test_equal_panels_are_a_collage(panels: int, gap: int) -> None:
    white = np.full((240, gap, 3), 255, np.uint8)
    parts = [part for number in range(panels) for part in (scene(10 + number, 240, 240 // panels), white)][:-1]
    for image in (np.concatenate(parts, axis=1), np.concatenate(parts, axis=1).transpose(1, 0, 2).copy()):
        (found,) = find_collage(image)
        assert found.kind is EvidenceKind.COLLAGE
        assert found.box == Box(0, 0, image.shape[1], image.shape[0])
        assert 0.55 <= found.score <= 1


def test_one_picture_is_no_collage() -> None:
    carton = scene(6)
    carton[:] = 255
    carton[40:200, 60:120], carton[40:200, 120:180] = (180, 140, 90), (120, 90, 60)  # its edge ends before the border
    shelf = scene(7)
    shelf[:, :70] //= 2  # an edge all along, but not where equal panels would meet
    for pixels in (scene(8), carton, shelf, scene(9, 48, 48)):
        assert find_collage(pixels) == ()


# -- hotspots -----------------------------------------------------------------------------------------------------


class FakeNetwork:
    """Answers with one map of local logits."""

    def __init__(self, local: Sequence[Sequence[float]], resize: str = "pad") -> None:
        self.local, self.config = np.array(local, np.float32), SimpleNamespace(resize=resize)

    def local_logits(self, images: Sequence[Image], **_: object) -> npt.NDArray[np.float32]:
        return np.stack([self.local] * len(images))


SPOT = [[-1.0, -1.0, -1.0, -1.0], [-1.0, -1.0, 4.0, 3.0], [-1.0, 1.0, -1.0, -1.0], [2.5, -1.0, -1.0, -1.0]]


@pytest.mark.parametrize(
    ("resize", "box"),
    [("stretch", Box(80, 50, 80, 50)), ("pad", Box(80, 40, 80, 40))],  # padded, 20 rows above and below a 160 square
)
def test_the_highest_place_and_its_high_neighbours_are_the_spot(resize: str, box: Box) -> None:
    height = 200 if resize == "stretch" else 120
    expected = Box(box.x, box.y if resize == "stretch" else 20, box.w, box.h)
    image = Image("a.png", scene(1, height, 160))
    ((found,),) = find_hotspots([image], [0.8], cast(ImageClassifier, FakeNetwork(SPOT, resize)))
    assert (found.kind, found.score, found.box) == (EvidenceKind.PLACE, 0.8, expected)


def test_no_place_stands_out() -> None:
    image = Image("a.png", scene(1))
    flat: list[list[list[float]]] = [[[-1.0, -2.0], [-1.0, -3.0]], [[1.0, 1.0], [1.0, 0.9]]]
    for local in flat:  # nothing speaks for it; everything does
        assert find_hotspots([image], [0.8], cast(ImageClassifier, FakeNetwork(local))) == ((),)
    wide = Image("b.png", scene(1, 60, 240))
    above = [[5.0, -1.0, -1.0, -1.0], *([[-1.0] * 4] * 3)]
    assert find_hotspots([wide], [0.8], cast(ImageClassifier, FakeNetwork(above))) == ((),), "only padding lies there"


def test_a_hotspot_is_asked_for_only_where_p_nc_is_high_and_nothing_else_was_found() -> None:
    code, _ = with_code(scene(1), 60, 90, 3)
    images = [Image("low.png", scene(8)), Image("high.png", scene(8)), Image("code.png", code)]
    network = cast(ImageClassifier, FakeNetwork(SPOT))
    tools = Tools(NoReader(), LineJudge(BoostedTrees(0.0, ()), 0.5))
    low, high, other = find_evidence(images, [0.4, 0.9, 0.9], load_taxonomy(), network, tools)
    assert low == ()
    assert [(finding.kind, finding.rule_id) for finding in high] == [("noncompliant_place", "")]
    assert [finding.kind for finding in other] == ["qr_code"]


def test_the_mean_of_the_local_logits_is_the_logit() -> None:
    torch.manual_seed(0)
    network = ImageClassifier(ImageClassifierConfig("tf_efficientnet_lite0", image_size=64))
    image = Image("a.png", scene(1))
    local = network.local_logits([image])
    assert local.shape == (1, 2, 2)
    p = network.predict([image])[0]
    assert 1 / (1 + np.exp(-local.mean())) == pytest.approx(p, abs=1e-4)
    assert network.local_logits([image], image_size=128).shape == (1, 4, 4)


def test_a_network_without_a_feature_map_points_nowhere() -> None:
    network = ImageClassifier(ImageClassifierConfig("vit_tiny_patch16_224", image_size=224))
    with pytest.raises(ModelError, match="has no feature map"):
        network.local_logits([Image("a.png", scene(1))])


# -- all of it ----------------------------------------------------------------------------------------------------


def test_findings_come_strongest_first_with_their_rule() -> None:
    joined = np.concatenate([scene(4, 240, 120), scene(5, 240, 120)], axis=1)
    image, _ = with_code(joined, 10, 20, 3)
    images = [Image("clean.png", scene(8)), Image("both.png", image)]
    clean, both = find_evidence(images, [0.0, 0.0], load_taxonomy())
    assert clean == ()
    assert [(finding.kind, finding.rule_id) for finding in both] == [("qr_code", "S08"), ("collage", "S07")]
    assert both[0].score >= both[1].score
    assert find_evidence([], [], load_taxonomy()) == ()
