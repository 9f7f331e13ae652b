"""Apparel worn by a person: the garment is the product, the person carries it; front and back differ as in life."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from agpis.errors import SettingsError
from agpis.simulation.colours import measure_colour
from agpis.simulation.facts import View
from agpis.simulation.render.camera import Box, Camera, Window
from agpis.simulation.render.design import CATEGORIES, WORN, draw_product, recolour
from agpis.simulation.render.figure import POSES, draw_figure
from agpis.simulation.render.head import Hair, build_head
from agpis.simulation.render.implicit import Field, clip, smooth_minimum, split
from agpis.simulation.render.studio import Framing, RenderedView, Studio

SIZE = 96


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    pytest.importorskip("pyvista")
    opened = Studio()
    yield opened
    opened.close()


def take(studio: Studio, category: str, view: View, seed: int = 0, framing: Framing = Framing.WHOLE) -> RenderedView:
    product = draw_product(seed, "train", category)
    return studio.render_view(product, view, SIZE, np.random.default_rng(seed), framing=framing)


def on_border(mask: np.ndarray) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())


def test_a_contoured_ball_has_its_radius_and_faces_outside() -> None:
    field = Field((-1.5, -1.5, -1.5), (1.5, 1.5, 1.5), 0.1)
    field.add_ellipsoid((0, 0, 0), (1, 1, 1), 0.0)
    mesh = field.contour()
    assert np.allclose(np.linalg.norm(mesh.points, axis=1), 1.0, atol=0.01)
    corners = mesh.points[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((normals * corners.mean(axis=1)).sum(axis=1) > 0).all()
    # Every edge of a closed surface belongs to two triangles.
    edges = np.sort(np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]]), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()


def test_a_level_sets_the_surface_off() -> None:
    field = Field((-1.5, -1.5, -1.5), (1.5, 1.5, 1.5), 0.1)
    field.add_limb((0, 0, 0), (0, 0, 0), (1.0, 1.0), 0.0)
    assert np.allclose(np.linalg.norm(field.contour(0.2).points, axis=1), 1.2, atol=0.01)


def test_blending_fills_only_near_the_meeting_of_two_shapes() -> None:
    first, second = np.array([0.0, 1.0], dtype=np.float32), np.array([0.0, 3.0], dtype=np.float32)
    # At equal distances a quarter of the blend is added; a blend away nothing.
    assert np.allclose(smooth_minimum(first, second, 0.4), (-0.1, 1.0))
    assert np.array_equal(smooth_minimum(first, second, 0.0), np.minimum(first, second))


def test_a_cut_mesh_ends_at_the_cut_and_both_parts_make_the_whole() -> None:
    field = Field((-1.5, -1.5, -1.5), (1.5, 1.5, 1.5), 0.1)
    field.add_ellipsoid((0, 0, 0), (1, 1, 1), 0.0)
    mesh = field.contour()
    low, high = split(mesh, mesh.points[:, 2] - 0.33)
    assert low.points[:, 2].max() == pytest.approx(0.33)
    assert high.points[:, 2].min() == pytest.approx(0.33)

    def area(part: np.ndarray) -> float:
        return float(np.linalg.norm(np.cross(part[:, 1] - part[:, 0], part[:, 2] - part[:, 0]), axis=1).sum() / 2)

    whole = area(mesh.points[mesh.faces])
    assert area(low.points[low.faces]) + area(high.points[high.faces]) == pytest.approx(whole)
    assert len(clip(mesh, np.ones(len(mesh.points))).faces) == 0


def test_a_window_comes_nearer_until_its_box_fills_the_share() -> None:
    box = Box(-1.0, 1.0, 1.0, 3.0)
    near = Window(0.0, 0.0, 5.0).around(box, 0.16)
    # 2 x 2 of a square of side 5 is 0.16; 4 above and 8 below in 10 becomes 1 to 3 parts of what is left.
    assert near.half == pytest.approx(2.5)
    assert near.holds(box)
    assert (near.y + near.half - box.high) / (box.low - near.y + near.half) == pytest.approx(2 / 6)
    assert Window(0.0, 0.0, 5.0).around(box, 0.01) == Window(0.0, 0.0, 5.0)
    assert not Window(0.0, 0.0, 2.5).holds(box)


def test_a_camera_sees_the_right_side_on_the_right() -> None:
    points = np.array([[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
    front = Camera.around(np.zeros(3), points, 5.0, 0.0, 0.0)
    assert np.allclose(front.position, (0.0, -10.0, 0.0))
    assert front.box(points) == Box(-0.1, 0.0, 0.1, 0.2)
    behind = Camera.around(np.zeros(3), points, 5.0, 180.0, 0.0)
    assert behind.box(points[1:2]).left == pytest.approx(-0.1)


def test_people_differ_and_keep_their_arms_outside_the_trunk() -> None:
    figures = [draw_figure(np.random.default_rng(seed)) for seed in range(60)]
    assert len({figure.skin for figure in figures}) >= 6
    assert {figure.hair.style for figure in figures} == {"bald", "short", "bob", "long", "ponytail", "bun"}
    assert all(1.5 < figure.height < 2.0 for figure in figures)
    assert {figure.shoes is None for figure in figures} == {True, False}
    assert len(POSES) == 5
    for figure in figures:
        for arm in figure.arms:
            width, depth, middle = figure.trunk.at(arm.wrist[2])
            assert np.hypot(arm.wrist[0] / width, (arm.wrist[1] - middle) / depth) > 1.0


def test_worn_categories_are_categories() -> None:
    assert set(CATEGORIES) >= WORN
    assert len(WORN) == 9


@pytest.mark.parametrize("category", sorted(WORN))
def test_a_model_has_a_garment_and_a_person_and_is_the_same_again(category: str) -> None:
    product = draw_product(3, "train", category)
    model, again = product.build(), product.build()
    assert {part.support for part in model.parts} == {True, False}
    assert model.frame is not None
    assert model.frame.low < model.frame.high
    for first, second in zip(model.parts, again.parts, strict=True):
        assert np.array_equal(first.mesh.points, second.mesh.points)
        assert np.array_equal(first.paint, second.paint)


@pytest.mark.parametrize("category", sorted(WORN))
def test_the_garment_is_whole_in_every_view(studio: Studio, category: str) -> None:
    for view in (View.FRONT, View.BACK, View.ANGLE):
        taken = take(studio, category, view)
        assert not taken.cut_off
        assert not on_border(taken.mask)
        assert taken.fill >= 0.12


def test_the_frame_cuts_the_person_below_a_top(studio: Studio) -> None:
    taken = take(studio, "t-shirt", View.FRONT)
    assert (np.abs(taken.pixels[-1].astype(int) - taken.pixels[-1, 0]).max(axis=1) > 40).mean() > 0.1


def test_the_worn_view_shows_the_whole_person(studio: Studio) -> None:
    for category in ("t-shirt", "shorts"):
        taken = take(studio, category, View.WORN)
        ground = np.abs(taken.pixels.astype(int) - taken.pixels[:1, :1]).max(axis=2) < 40
        # Nobody touches the upper or the lateral border, and the garment is a part of the person.
        assert ground[0].all()
        assert ground[:, 0].mean() > 0.9
        assert taken.view is View.WORN
        assert not taken.cut_off
        front = take(studio, category, View.FRONT)
        assert taken.fill < 0.7 * front.fill


@pytest.mark.parametrize("category", ["t-shirt", "pants"])
def test_framings_of_worn_products_do_what_they_say(studio: Studio, category: str) -> None:
    for seed in range(2):
        cut = take(studio, category, View.FRONT, seed, Framing.CUT_OFF)
        assert cut.cut_off
        tiny = take(studio, category, View.FRONT, seed, Framing.TINY)
        assert 0.0 < tiny.fill < 0.1
        assert not tiny.cut_off


def test_the_mask_covers_the_garment_and_not_the_person(studio: Studio) -> None:
    for seed, category in enumerate(sorted(WORN)):
        product = recolour(draw_product(seed, "train", category), "green")
        taken = studio.render_view(product, View.FRONT, SIZE, np.random.default_rng(seed))
        colour = measure_colour(taken.pixels, taken.mask)
        assert colour.word == "green"
        # Nobody's skin, hair or other clothes are green.
        green = taken.pixels[..., 1].astype(int) - taken.pixels[..., [0, 2]].max(axis=2) > 30
        assert green[~taken.mask].mean() < 0.02


@pytest.mark.parametrize("category", ["t-shirt", "hoodie", "skirt"])
def test_recolouring_changes_the_garment_only(category: str) -> None:
    product = draw_product(6, "train", category)
    other = recolour(product, "purple" if product.colour != "purple" else "yellow")
    changed = 0
    for first, second in zip(product.build().parts, other.build().parts, strict=True):
        assert np.array_equal(first.mesh.points, second.mesh.points)
        same = np.array_equal(first.paint, second.paint)
        assert same or not first.support
        changed += not same
    assert changed >= 2


def test_the_neckline_is_lower_in_front_than_behind(studio: Studio) -> None:
    lower = 0
    for seed in range(4):
        product = recolour(draw_product(seed, "train", "tank top"), "blue")
        front, back = (
            studio.render_view(product, view, SIZE, np.random.default_rng(seed)) for view in (View.FRONT, View.BACK)
        )
        middle = slice(SIZE // 2 - 3, SIZE // 2 + 3)
        tops = [int(np.flatnonzero(taken.mask[:, middle].any(axis=1))[0]) for taken in (front, back)]
        lower += tops[0] >= tops[1] + 2
    assert lower >= 3


def test_close_ups_lie_on_the_garment(studio: Studio) -> None:
    for seed, category in enumerate(sorted(WORN)):
        product = draw_product(seed, "train", category)
        for closeup in range(2):
            taken = studio.render_view(product, View.DETAIL, SIZE, np.random.default_rng(seed), closeup=closeup)
            assert taken.mask.mean() > 0.15
            assert not taken.cut_off


def test_the_head_has_a_face_in_front_and_hair_behind() -> None:
    face, back, hair = build_head((228, 188, 160), Hair("short", (24, 20, 20)), 0.5, 3, 0.0, 1.0)[:3]
    # The front is painted with features, the back is plain skin; hair covers the back and not the mouth.
    assert isinstance(face.paint, np.ndarray)
    assert face.paint.std() > 8
    assert back.paint == (228, 188, 160)
    assert face.mesh.points[:, 1].max() <= 1e-9 <= back.mesh.points[:, 1].max()
    mouth = (hair.mesh.points[:, 1] < -0.05) & (hair.mesh.points[:, 2] < 0.0)
    nape = (hair.mesh.points[:, 1] > 0.05) & (hair.mesh.points[:, 2] < 0.0)
    assert not mouth.any()
    assert nape.any()


def test_several_people_stand_side_by_side(studio: Studio) -> None:
    product = recolour(draw_product(1, "train", "t-shirt"), "red")
    taken = studio.render_view(product, View.FRONT, SIZE, np.random.default_rng(0), items=2)
    columns = taken.mask.any(axis=0).astype(int)
    assert (np.diff(np.concatenate([[0], columns])) == 1).sum() == 2


def test_worn_apparel_has_no_top_view(studio: Studio) -> None:
    with pytest.raises(SettingsError, match="a worn product has no view from the top"):
        take(studio, "dress", View.TOP)
