"""Rendered products: geometry by hand, designs by seed, and pictures that are what they claim."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agpis.errors import MissingExtraError, SettingsError
from agpis.simulation.colours import measure_colour
from agpis.simulation.facts import Background, View
from agpis.simulation.render.backdrops import busy_backdrop, plain_backdrop
from agpis.simulation.render.coating import coated
from agpis.simulation.render.design import (
    CATEGORIES,
    RenderedProduct,
    draw_product,
    other_colours,
    other_pattern,
    recolour,
    repattern,
)
from agpis.simulation.render.geometry import lathe, merge, rounded_box, tube
from agpis.simulation.render.materials import MATERIALS, MATERIALS_OF, TILE, textured
from agpis.simulation.render.model import STEEL, Model, Part
from agpis.simulation.render.studio import Framing, Studio
from agpis.simulation.render.surfaces import Pattern

PACKAGES = {"carton", "cereal box", "tub", "can", "jar"}
WHOLE_VIEWS = (View.FRONT, View.BACK, View.LEFT, View.RIGHT, View.ANGLE, View.TOP)


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    pytest.importorskip("pyvista")
    opened = Studio()
    yield opened
    opened.close()


def made_of(product: RenderedProduct, material: str) -> RenderedProduct:
    return replace(product, material=material, surface=replace(product.surface, material=material))


def outward_share(points: np.ndarray, faces: np.ndarray) -> float:
    """Share of triangles that are counter-clockwise seen from outside a convex body around the origin."""
    corners = points[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    large = np.linalg.norm(normals, axis=1) > 1e-9
    return float(((normals * corners.mean(axis=1)).sum(axis=1)[large] > 0).mean())


def test_a_lathe_turns_its_profile_and_faces_outside() -> None:
    mesh = lathe([(2.0, -1.0), (2.0, 1.0)], segments=8)
    assert np.allclose(np.hypot(mesh.points[:, 0], mesh.points[:, 1]), 2.0)
    assert outward_share(mesh.points, mesh.faces) == 1.0
    # The middle of the texture faces the front.
    front = mesh.points[np.isclose(mesh.uv[:, 0], 0.5)]
    assert np.allclose(front[:, :2], (0.0, -2.0))


def test_a_rounded_box_keeps_its_extents_and_faces_outside() -> None:
    mesh = rounded_box(4.0, 2.0, 3.0, 0.2).whole
    assert np.allclose(np.ptp(mesh.points, axis=0), (4.0, 2.0, 3.0))
    assert outward_share(mesh.points, mesh.faces) == 1.0
    assert mesh.uv.min() >= 0.0
    assert mesh.uv.max() <= 1.0


def test_a_tube_has_its_radius_and_merge_keeps_faces_apart() -> None:
    rod = tube([(0, 0, -1), (0, 0, 0), (0, 0, 1)], 0.5)
    assert np.hypot(rod.points[:, 0], rod.points[:, 1]).max() == pytest.approx(0.5)
    both = merge(rod, rod.moved((5, 0, 0)))
    assert len(both.points) == 2 * len(rod.points)
    assert both.faces.max() == len(both.points) - 1
    assert np.allclose(rod.turned("z", 90).turned("z", -90).points, rod.points)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_builds_a_model_with_closeups(category: str) -> None:
    for seed in range(6):
        model = draw_product(seed, "train", category).build()
        points = np.concatenate([part.mesh.points for part in model.parts])
        assert np.isfinite(points).all()
        assert all(part.mesh.faces.max() < len(part.mesh.points) for part in model.parts)
        assert len(model.closeups) >= 2


def test_a_product_depends_on_seed_and_split_alone() -> None:
    first, second = draw_product(5, "train"), draw_product(5, "train")
    assert first == second
    assert draw_product(6, "train").design != first.design


def test_splits_share_neither_designs_nor_brands() -> None:
    drawn = {split: [draw_product(seed, split) for seed in range(250)] for split in ("train", "val", "test")}
    for first, second in (("train", "val"), ("train", "test"), ("val", "test")):
        assert not {p.design for p in drawn[first]} & {p.design for p in drawn[second]}
        assert not {p.brand for p in drawn[first]} & {p.brand for p in drawn[second]}
    assert {product.category for product in drawn["train"]} == set(CATEGORIES)


def test_a_recoloured_product_keeps_its_design() -> None:
    product = draw_product(3, "train")
    (colour,) = other_colours(product, 1, np.random.default_rng(0))
    variant = recolour(product, colour)
    assert (variant.design, variant.brand, variant.shape_seed) == (product.design, product.brand, product.shape_seed)
    assert variant.colour == colour != product.colour
    assert variant.surface.main != product.surface.main
    assert (variant.material, variant.surface.material) == (product.material, product.surface.material)


def test_a_product_in_another_pattern_keeps_design_colour_and_material() -> None:
    for seed in range(20):
        product = draw_product(seed, "train")
        variant = repattern(product, other_pattern(product, np.random.default_rng(seed)))
        assert variant.pattern is variant.surface.pattern
        assert variant.pattern is not product.pattern
        assert {variant.pattern, product.pattern} != {Pattern.STRIPES, Pattern.CHECKS}
        assert replace(variant, pattern=product.pattern, surface=product.surface) == product
        assert variant.surface.main == product.surface.main


def test_every_category_comes_in_two_materials_or_more_but_packages() -> None:
    assert set(MATERIALS_OF) == set(CATEGORIES)
    for category, materials in MATERIALS_OF.items():
        drawn = {draw_product(seed, "train", category).material for seed in range(40)}
        assert drawn == set(materials)
        assert (len(drawn) == 1) if category in PACKAGES else (2 <= len(drawn) <= 4)


@pytest.mark.parametrize("material", MATERIALS)
@pytest.mark.parametrize("main", [(180, 90, 40), (250, 250, 250), (25, 25, 25)])
def test_relief_keeps_the_colour(material: str, main: tuple[int, int, int]) -> None:
    plain = np.full((*TILE, 3), main, dtype=np.uint8)
    relief = textured(plain, material, 3)
    assert np.abs(relief.mean(axis=(0, 1)) - main).max() < 0.16 * 255
    assert measure_colour(relief).word == measure_colour(plain).word
    assert np.array_equal(relief, textured(plain, material, 3))
    spread = float(relief.std(axis=(0, 1)).max())
    assert spread == 0 if MATERIALS[material].depth == 0 else spread > 0.3


def test_relief_goes_on_at_its_edges() -> None:
    plain = np.full((2 * TILE[0], 2 * TILE[1], 3), 120, dtype=np.uint8)
    relief = textured(plain, "wood", 5)
    assert np.array_equal(relief[: TILE[0], : TILE[1]], relief[TILE[0] :, TILE[1] :])
    steps = np.abs(np.diff(relief[..., 0].astype(int), axis=1)).mean(axis=0)
    assert steps[TILE[1] - 1] < 3 * np.median(steps)


def test_a_coat_spares_what_is_not_of_the_material() -> None:
    surface = made_of(draw_product(0, "train", "chair"), "wood").surface
    mesh = rounded_box(1.0, 1.0, 1.0, 0.1).whole
    paints = (surface.main, STEEL, np.zeros((2, 2, 3), dtype=np.uint8))
    worn = Part(mesh, surface.main, support=True)
    model = coated(Model((*(Part(mesh, paint, 0.5) for paint in paints), worn), ()), surface, 10.0)
    *grained, rail, textile, person = model.parts
    # A box faces three ways.
    assert len(grained) == 3
    assert sum(len(part.mesh.faces) for part in grained) == len(mesh.faces)
    assert {part.shine for part in [*grained, textile]} == {MATERIALS["wood"].shine}
    assert (rail.paint, rail.shine) == (STEEL, 0.5)
    assert person == worn


def test_the_relief_of_round_parts_closes_behind() -> None:
    surface = made_of(draw_product(0, "train", "vase"), "rattan").surface
    wall = lathe([(1.0, 0.0), (1.0, 1.0)], segments=16)
    (part,) = coated(Model((Part(wall, surface.main),), ()), surface, 96.0).parts
    # 2 pi units of 96 pixels are 1.2 tiles, so one tile goes around.
    assert np.ptp(part.mesh.uv[:, 0]) == pytest.approx(1.0)
    assert np.ptp(part.mesh.uv[:, 1]) == pytest.approx(96 / TILE[0])


def test_two_materials_of_one_product_look_different(studio: Studio) -> None:
    for category in ("mug", "chair", "sofa", "jacket"):
        product = recolour(repattern(draw_product(4, "train", category), Pattern.PLAIN), "green")
        first, second = (
            studio.render_view(made_of(product, material), View.FRONT, 96, np.random.default_rng(0))
            for material in MATERIALS_OF[category][:2]
        )
        assert np.array_equal(first.mask, second.mask)
        assert np.abs(first.pixels.astype(int) - second.pixels)[first.mask].mean() > 3


def test_unknown_words_are_refused() -> None:
    with pytest.raises(SettingsError, match="split must be one of train, val, test, got 'dev'"):
        draw_product(0, "dev")
    with pytest.raises(SettingsError, match="category must be one of mug.*got 'spaceship'"):
        draw_product(0, "train", "spaceship")
    with pytest.raises(SettingsError, match="colour must be one of black.*got 'ultraviolet'"):
        recolour(draw_product(0, "train"), "ultraviolet")


@pytest.mark.parametrize("seed", range(8))
def test_plain_backdrops_are_light_and_busy_ones_are_not_plain(seed: int) -> None:
    plain = plain_backdrop(64, np.random.default_rng(seed))
    busy = busy_backdrop(64, np.random.default_rng(seed))
    assert plain.min() > 200
    assert busy.min() >= 0
    assert busy.max() <= 255
    assert busy.std() > 10


def test_pictures_show_the_colour_that_the_product_has(studio: Studio) -> None:
    rng = np.random.default_rng(0)
    right = 0
    for seed in range(20):
        product = draw_product(seed, "train", CATEGORIES[seed % len(CATEGORIES)])
        taken = studio.render_view(product, View.FRONT, 64, rng)
        right += measure_colour(taken.pixels, taken.mask).word == product.colour
    assert right >= 16


def test_whole_views_are_clean(studio: Studio) -> None:
    product = draw_product(1, "train", "mug")
    rng = np.random.default_rng(1)
    for view in WHOLE_VIEWS:
        taken = studio.render_view(product, view, 96, rng)
        assert taken.pixels.shape == (96, 96, 3)
        assert not taken.cut_off
        assert taken.fill > 0.25
        assert taken.background is Background.PLAIN
        border = np.concatenate([taken.mask[0], taken.mask[-1], taken.mask[:, 0], taken.mask[:, -1]])
        assert not border.any()
        assert np.median(taken.pixels[~taken.mask]) > 200


def test_front_and_back_differ_more_than_two_shots_of_the_front(studio: Studio) -> None:
    product = recolour(draw_product(2, "train", "cushion"), "red")
    front, again, back = (
        studio.render_view(product, view, 96, np.random.default_rng(seed))
        for view, seed in ((View.FRONT, 4), (View.FRONT, 4), (View.BACK, 4))
    )
    assert np.array_equal(front.pixels, again.pixels)
    assert np.abs(front.pixels.astype(int) - back.pixels)[24:72, 24:72].mean() > 4
    other = studio.render_view(product, View.FRONT, 96, np.random.default_rng(5))
    assert not np.array_equal(front.pixels, other.pixels)


@pytest.mark.parametrize("seed", range(4))
def test_framings_do_what_they_say(studio: Studio, seed: int) -> None:
    product = draw_product(seed, "train", "vase")
    rng = np.random.default_rng(seed)
    cut = studio.render_view(product, View.FRONT, 96, rng, framing=Framing.CUT_OFF)
    border = np.concatenate([cut.mask[0], cut.mask[-1], cut.mask[:, 0], cut.mask[:, -1]])
    assert cut.cut_off
    assert border.any()
    tiny = studio.render_view(product, View.FRONT, 96, rng, framing=Framing.TINY)
    assert 0.0 < tiny.fill < 0.1
    assert not tiny.cut_off


def test_several_items_stand_side_by_side(studio: Studio) -> None:
    product = draw_product(0, "train", "bottle")
    taken = studio.render_view(product, View.FRONT, 96, np.random.default_rng(0), items=3)
    row = taken.mask[48].astype(int)
    assert (np.diff(row) == 1).sum() == 3


def test_backdrops_can_be_busy_or_given(studio: Studio) -> None:
    product = draw_product(0, "train", "bowl")
    busy = studio.render_view(product, View.FRONT, 64, np.random.default_rng(0), background=Background.BUSY)
    assert busy.background is Background.BUSY
    photo = np.full((30, 40, 3), (10, 200, 10), dtype=np.uint8)
    given = studio.render_view(product, View.FRONT, 64, np.random.default_rng(0), backdrop=photo)
    assert given.background is Background.BUSY
    assert np.abs(given.pixels[2, 2].astype(int) - (10, 200, 10)).max() < 12


def test_textures_are_not_filtered_anisotropically(studio: Studio) -> None:
    # With it, Mesa's software renderer never came back from one picture in some ten thousand.
    texture = studio._texture(np.zeros((4, 4, 3), dtype=np.uint8))
    assert texture.GetMaximumAnisotropicFiltering() == 1.0


def test_impossible_pictures_are_refused(studio: Studio) -> None:
    product = draw_product(0, "train")
    rng = np.random.default_rng(0)
    with pytest.raises(SettingsError, match="view must be detail, worn or one of front"):
        studio.render_view(product, View.PACKAGE, 64, rng)
    with pytest.raises(SettingsError, match="nobody wears a mug"):
        studio.render_view(draw_product(0, "train", "mug"), View.WORN, 64, rng)
    with pytest.raises(SettingsError, match="got size 8 and items 1"):
        studio.render_view(product, View.FRONT, 8, rng)


def test_without_pyvista_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvista", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'agpis\[render\]'"):
        Studio()


def test_contact_sheets_are_written(tmp_path: Path) -> None:
    pytest.importorskip("pyvista")
    from agpis.simulation.render.contact_sheet import write_contact_sheets

    (path,) = write_contact_sheets(tmp_path, products=1, size=48, categories=["tote bag"])
    assert path.name == "tote_bag.png"
    assert path.read_bytes().startswith(b"\x89PNG")
