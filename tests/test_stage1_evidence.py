"""Evidence: its kinds and their rules, QR codes and collages, and what the pipeline does with it."""

from __future__ import annotations

import numpy as np
import pytest
import segno

from agpis.rules import load_taxonomy
from agpis.rules.taxonomy import RuleTaxonomy
from agpis.simulation.facts import DefectKind
from agpis.stage1.evidence.boxes import box_around, part_of, union
from agpis.stage1.evidence.collage import find_collage
from agpis.stage1.evidence.find import find_evidence
from agpis.stage1.evidence.kinds import Evidence, EvidenceKind, rule_for, to_finding
from agpis.stage1.evidence.qr import find_qr_codes
from agpis.stage1.evidence.seams import horizontal_seams, vertical_seams
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
    assert {kind.value for kind in EvidenceKind} <= {kind.value for kind in DefectKind}
    rules = {kind: taxonomy[rule_for(kind, taxonomy)].name for kind in EvidenceKind}
    assert rules[EvidenceKind.BANNER] == "promo_banner"
    assert rules[EvidenceKind.QR_CODE] == "contact_qr_url"
    assert len(set(rules.values())) == len(EvidenceKind)


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


# -- all of it ----------------------------------------------------------------------------------------------------


def test_findings_come_strongest_first_with_their_rule() -> None:
    joined = np.concatenate([scene(4, 240, 120), scene(5, 240, 120)], axis=1)
    image, _ = with_code(joined, 10, 20, 3)
    clean, both = find_evidence([Image("clean.png", scene(8)), Image("both.png", image)], load_taxonomy())
    assert clean == ()
    assert [(finding.kind, finding.rule_id) for finding in both] == [("qr_code", "S08"), ("collage", "S07")]
    assert both[0].score >= both[1].score
    assert find_evidence([], load_taxonomy()) == ()
