"""The photo studio: sets up a product once, then takes off-screen pictures of it and knows what each shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from agpis.errors import MissingExtraError, SettingsError
from agpis.simulation.facts import Background, View
from agpis.simulation.render.backdrops import Canvas, busy_backdrop, plain_backdrop
from agpis.simulation.render.camera import Box, Camera, Window
from agpis.simulation.render.design import RenderedProduct
from agpis.simulation.render.geometry import Floats, merge
from agpis.simulation.render.model import Closeup, Frame, Model, Part
from agpis.types import Pixels

if TYPE_CHECKING:
    import pyvista

# Azimuth and elevation of the camera in degrees; 0, 0 looks at the front from its own height.
_STANDPOINTS: dict[View, tuple[float, float]] = {
    View.FRONT: (0.0, 9.0),
    View.BACK: (180.0, 9.0),
    View.LEFT: (-90.0, 9.0),
    View.RIGHT: (90.0, 9.0),
    View.ANGLE: (38.0, 22.0),
    View.TOP: (0.0, 78.0),
}
# No product is painted in this colour, so it marks what is empty.
_EMPTY = (1, 254, 3)
# A person is photographed from the height of the product, and turns a little more than goods on a table do.
_WORN_STANDPOINTS: dict[View, tuple[float, float]] = {
    View.FRONT: (0.0, 1.0),
    View.BACK: (180.0, 1.0),
    View.LEFT: (-90.0, 1.0),
    View.RIGHT: (90.0, 1.0),
    View.ANGLE: (36.0, 3.0),
    View.WORN: (0.0, 3.0),
}
_OVERSAMPLING = 1.6
# A worn product that would fill less of the frame is taken from nearer.
_MIN_WORN_FILL = 0.19


class Framing(StrEnum):
    """How the product lies in the frame."""

    WHOLE = "whole"
    CUT_OFF = "cut_off"
    TINY = "tiny"


@dataclass(frozen=True, slots=True, eq=False)
class RenderedView:
    """One picture and what is true of it.

    Attributes:
        pixels: (size, size, 3) uint8 RGB.
        mask: (size, size), true where the product is; the person who wears it does not belong to it.
        view: side shown.
        fill: share of the frame that the product's bounding box covers, in [0, 1].
        cut_off: the product is cut by the frame; never set for a close-up.
        background: what lies behind the product.
    """

    pixels: Pixels
    mask: npt.NDArray[np.bool_]
    view: View
    fill: float
    cut_off: bool
    background: Background


class Studio:
    """An off-screen camera. Products are set up when they change, so ask for all views of one in a row.

    Raises:
        MissingExtraError: when pyvista is not installed.
    """

    def __init__(self) -> None:
        try:
            import pyvista
        except ImportError as error:
            raise MissingExtraError("pyvista", "render") from error
        self._pyvista = pyvista
        self._plotter: pyvista.Plotter | None = None
        self._product: RenderedProduct | None = None
        self._model = Model((), ())
        self._points: Floats = np.zeros((0, 3))
        self._product_points: Floats = np.zeros((0, 3))
        self._carriers: list[pyvista.Actor] = []
        self._stencil: pyvista.Actor | None = None

    def render_view(
        self,
        product: RenderedProduct,
        view: View,
        size: int,
        rng: np.random.Generator,
        *,
        framing: Framing = Framing.WHOLE,
        background: Background = Background.PLAIN,
        backdrop: Pixels | None = None,
        items: int = 1,
        closeup: int = 0,
    ) -> RenderedView:
        """Take one picture. Camera, light and backdrop vary a little with `rng`, so no two shots are the same.

        Args:
            product: what to photograph.
            view: one of front, back, left, right, angle, top, detail; or worn, the whole person who wears the product.
            size: side of the square picture in pixels, at least 32.
            rng: draws what varies.
            framing: whole, cut by the frame, or tiny in it; a close-up ignores it.
            background: plain and light, or a busy surface or room.
            backdrop: a picture to put behind the product instead of a procedural background.
            items: how many of the product stand side by side, 1 to 3.
            closeup: which of the product's close-ups, for a detail view; counted round.

        Raises:
            SettingsError: for another view, size or number of items, for the top of a worn product, and for a person
                where nobody wears it.
        """
        if view not in (View.DETAIL, View.WORN, *_STANDPOINTS):
            raise SettingsError(f"view must be detail, worn or one of {', '.join(_STANDPOINTS)}, got {view}")
        if size < 32 or not 1 <= items <= 3:
            raise SettingsError(f"size must be at least 32 and items 1 to 3, got size {size} and items {items}")
        self._set_up(product)
        if view is View.TOP and self._model.frame is not None:
            raise SettingsError("a worn product has no view from the top; ask for another view")
        if view is View.WORN and self._model.frame is None:
            raise SettingsError(f"nobody wears a {product.category}; ask for another view")
        side = round(size * _OVERSAMPLING)
        frame, mask = self._model.frame, np.zeros((size, size), dtype=np.bool_)
        alone = frame is None or framing is Framing.TINY or items > 1 or view is View.WORN
        floor, cut_off = False, False
        if view is View.DETAIL:
            shot = self._shoot_closeup(self._model.closeups[closeup % len(self._model.closeups)], side, rng)
        elif frame is None or alone:
            shot = self._shoot_whole(view, side, rng)
        else:
            shot, floor, cut_off = self._shoot_worn(frame, view, framing, side, rng)
        canvas = self._backdrop(size, background, backdrop, rng)
        if view is View.DETAIL or not alone:
            _lay(canvas, mask, shot, floor, rng)
        else:
            for place in _places(shot, size, framing, items, rng):
                cut_off |= _stand(canvas, mask, shot, place, grounded=view is not View.TOP, rng=rng)
        pixels = np.clip(canvas + 1.2 * rng.standard_normal(canvas.shape, dtype=np.float32), 0, 255).astype(np.uint8)
        return RenderedView(
            pixels=pixels,
            mask=mask,
            view=view,
            fill=_box_share(mask),
            cut_off=cut_off,
            background=background if backdrop is None else Background.BUSY,
        )

    def close(self) -> None:
        """Free the graphics memory; the studio opens anew when it is used again."""
        if self._plotter is not None:
            self._plotter.close()
        self._plotter, self._product = None, None

    def _backdrop(self, size: int, background: Background, backdrop: Pixels | None, rng: np.random.Generator) -> Canvas:
        if backdrop is not None:
            return np.asarray(cv2.resize(backdrop, (size, size), interpolation=cv2.INTER_AREA), dtype=np.float32)
        return busy_backdrop(size, rng) if background is Background.BUSY else plain_backdrop(size, rng)

    def _open(self) -> pyvista.Plotter:
        plotter = self._pyvista.Plotter(off_screen=True, window_size=[64, 64], lighting="none")
        # Pictures are taken larger and scaled down, which smooths edges at a quarter of the cost of multisampling.
        plotter.disable_anti_aliasing()
        plotter.renderer.SetBackground(*(channel / 255 for channel in _EMPTY))
        # The lights stay and only move: new ones would have the shaders compiled again.
        for _ in range(3):
            light = self._pyvista.Light(focal_point=(0, 0, 0))
            light.positional = False
            plotter.add_light(light)
        plotter.show(auto_close=False)
        return plotter

    def _set_up(self, product: RenderedProduct) -> None:
        if self._plotter is None:
            self._plotter = self._open()
        if product == self._product:
            return
        self._plotter.clear_actors()
        self._model = product.build()
        carrying = [part for part in self._model.parts if part.support]
        self._carriers = [self._add(self._plotter, part) for part in carrying]
        for part in self._model.parts:
            if not part.support:
                self._add(self._plotter, part)
        self._stencil = self._add_stencil(self._plotter, carrying) if carrying else None
        self._points = np.concatenate([part.mesh.points for part in self._model.parts])
        self._product_points = np.concatenate([part.mesh.points for part in self._model.parts if not part.support])
        self._product = product

    def _add_stencil(self, plotter: pyvista.Plotter, carrying: list[Part]) -> pyvista.Actor:
        # In the colour of nothing, what carries the product hides just the places where it stands before it.
        mesh = merge(*(part.mesh for part in carrying))
        triangles = np.hstack([np.full((len(mesh.faces), 1), 3), mesh.faces])
        surface = self._pyvista.PolyData(mesh.points.astype(np.float32), triangles.ravel())
        actor = plotter.add_mesh(surface, color=_EMPTY, lighting=False, render=False, reset_camera=False)
        actor.visibility = False
        return actor

    def _add(self, plotter: pyvista.Plotter, part: Part) -> pyvista.Actor:
        triangles = np.hstack([np.full((len(part.mesh.faces), 1), 3), part.mesh.faces])
        surface = self._pyvista.PolyData(part.mesh.points.astype(np.float32), triangles.ravel())
        surface.active_texture_coordinates = part.mesh.uv
        textured = isinstance(part.paint, np.ndarray)
        if not part.flat:
            surface = surface.compute_normals(cell_normals=False, split_vertices=True, feature_angle=38.0)
        actor: pyvista.Actor = plotter.add_mesh(
            surface,
            color="white" if textured else part.paint,
            texture=self._texture(part.paint) if isinstance(part.paint, np.ndarray) else None,
            smooth_shading=not part.flat,
            ambient=0.30,
            diffuse=0.70,
            specular=0.35 * part.shine,
            specular_power=8 + 40 * part.shine,
            render=False,
            reset_camera=False,
            show_scalar_bar=False,
        )
        return actor

    def _texture(self, paint: Pixels) -> pyvista.Texture:
        texture: pyvista.Texture = self._pyvista.Texture(paint)  # type: ignore[no-untyped-call]
        texture.SetInterpolate(True)
        texture.SetMipmap(True)
        # Mesa's software renderer may loop for ever in anisotropic filtering, where a texture is seen edge on.
        texture.SetMaximumAnisotropicFiltering(1.0)
        return texture

    def _shoot_whole(self, view: View, side: int, rng: np.random.Generator) -> Canvas:
        # Cut tight around the product, so that it can be placed anywhere in the frame.
        camera = self._standpoint(view, rng)
        shot = self._shoot(camera, camera.box(self._points).square(1.03), side, rng)
        rows, columns = np.flatnonzero(shot[..., 3].any(axis=1)), np.flatnonzero(shot[..., 3].any(axis=0))
        return shot[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    def _shoot_worn(
        self, frame: Frame, view: View, framing: Framing, side: int, rng: np.random.Generator
    ) -> tuple[Canvas, bool, bool]:
        """The whole picture, whether the floor is seen in it, and whether it cuts the product."""
        camera = self._standpoint(view, rng)
        product = camera.box(self._product_points)
        tall = frame.high - frame.low
        ends = np.array([[0, 0, frame.low - rng.uniform(-0.01, 0.03) * tall], [0, 0, frame.high]])
        ends[1, 2] += rng.uniform(-0.03, 0.05) * tall
        window = camera.box(np.concatenate([ends, self._product_points])).square(1.03).around(product, _MIN_WORN_FILL)
        window = replace(window, x=window.x + rng.normal(0, 0.02) * (window.half - product.wide / 2))
        if framing is Framing.CUT_OFF:
            window = _push_window(window, product, rng)
        shot = self._shoot(camera, window, side, rng)
        return shot, window.y - window.half < camera.box(self._points).low, not window.holds(product)

    def _shoot_closeup(self, closeup: Closeup, side: int, rng: np.random.Generator) -> Canvas:
        radius = closeup.radius * float(rng.uniform(0.85, 1.1))
        azimuth, elevation = closeup.azimuth + rng.normal(0, 4), closeup.elevation + rng.normal(0, 3)
        camera = Camera.around(np.asarray(closeup.point), self._points, 5.0, azimuth, elevation)
        return self._shoot(camera, Window(0.0, 0.0, radius / camera.distance), side, rng)

    def _standpoint(self, view: View, rng: np.random.Generator) -> Camera:
        worn = self._model.frame is not None
        azimuth, elevation = (_WORN_STANDPOINTS if worn else _STANDPOINTS)[view]
        spread = 18.0 if view is View.WORN else 6.0 if worn else 2.5
        azimuth, elevation = azimuth + rng.normal(0, spread), elevation + rng.normal(0, 2.5)
        centre = (self._points.min(axis=0) + self._points.max(axis=0)) / 2
        return Camera.around(centre, self._points, float(rng.uniform(5.0, 8.0)), azimuth, elevation)

    def _shoot(self, camera: Camera, window: Window, side: int, rng: np.random.Generator) -> Canvas:
        """Premultiplied RGBA and product, float32 (side, side, 5): colour in [0, 255], the others 0 or 1."""
        plotter = self._plotter
        assert plotter is not None
        ahead = camera.ahead(self._points)
        lens = plotter.camera
        lens.position, lens.focal_point, lens.up = tuple(camera.position), tuple(camera.focus), tuple(camera.up)
        lens.view_angle = 2 * np.degrees(np.arctan(window.half))
        lens.SetWindowCenter(window.x / window.half, window.y / window.half)
        lens.clipping_range = (max(float(ahead.min()) * 0.9, 1e-3), float(ahead.max()) * 1.1)
        self._light(plotter, camera.toward, camera.right, camera.up, rng)
        if plotter.window_size != [side, side]:
            plotter.window_size = [side, side]
        pixels, alpha = self._expose(plotter)
        if self._stencil is None:
            return np.dstack([pixels * alpha[..., None], alpha, alpha])
        self._show_carriers(False)
        product = self._expose(plotter)[1]
        self._show_carriers(True)
        return np.dstack([pixels * alpha[..., None], alpha, product])

    def _show_carriers(self, shown: bool) -> None:
        for actor in self._carriers:
            actor.visibility = shown
        if self._stencil is not None:
            self._stencil.visibility = not shown

    def _expose(self, plotter: pyvista.Plotter) -> tuple[Canvas, Canvas]:
        plotter.render()
        pixels: Pixels = np.asarray(plotter.screenshot(return_img=True))
        empty = (pixels[..., 0] == _EMPTY[0]) & (pixels[..., 1] == _EMPTY[1]) & (pixels[..., 2] == _EMPTY[2])
        return pixels.astype(np.float32), (~empty).astype(np.float32)

    def _light(
        self, plotter: pyvista.Plotter, toward: Floats, right: Floats, up: Floats, rng: np.random.Generator
    ) -> None:
        # A key light on one side, a weaker one opposite, and one from above, as in a small studio.
        side = 1.0 if rng.random() < 0.5 else -1.0
        strength = rng.uniform(0.9, 1.08)
        places = (
            (toward + side * rng.uniform(0.4, 0.8) * right + rng.uniform(0.4, 0.7) * up, 0.72 * strength),
            (toward - side * rng.uniform(0.6, 0.9) * right + 0.1 * up, rng.uniform(0.30, 0.42) * strength),
            (0.4 * toward + np.array([0.0, 0.0, 1.2]), 0.22 * strength),
        )
        for light, (place, intensity) in zip(plotter.renderer.lights, places, strict=True):
            light.position, light.intensity = tuple(place * 10), float(intensity)


def _push_window(window: Window, product: Box, rng: np.random.Generator) -> Window:
    """Move a window so that its edge cuts a part of the product off."""
    lost = rng.uniform(0.18, 0.42)
    side = int(rng.integers(4))
    if side == 0:
        return replace(window, x=product.left + lost * product.wide + window.half)
    if side == 1:
        return replace(window, x=product.right - lost * product.wide - window.half)
    if side == 2:
        return replace(window, y=product.low + lost * product.tall + window.half)
    return replace(window, y=product.high - lost * product.tall - window.half)


@dataclass(frozen=True, slots=True)
class _Place:
    """Upper left corner and size of the product's bounding box in the frame, in pixels; may lie partly outside."""

    x: int
    y: int
    w: int
    h: int


def _places(shot: Canvas, size: int, framing: Framing, items: int, rng: np.random.Generator) -> list[_Place]:
    height, width = shot.shape[:2]
    longest = max(height, width * items)
    if framing is Framing.TINY:
        # Of a worn product the garment is tiny, not the person, who needs no more than the frame.
        product = _box_share(shot[..., 4] > 0.5) * height * width
        scale = np.sqrt(rng.uniform(0.025, 0.075) / product) * size
        scale = min(scale, (0.6 if product == height * width else 0.94) * size / longest)
    elif framing is Framing.CUT_OFF:
        scale = rng.uniform(0.95, 1.3) * size / longest
    else:
        # Narrow products fill the frame to its edge, or they would count as tiny.
        share = rng.uniform(0.78, 0.94)
        scale = (max(share, 0.92) if min(height, width) < 0.4 * longest else share) * size / longest
    w, h = max(2, round(width * scale)), max(2, round(height * scale))
    free_x, free_y = size - w * items, size - h
    if framing is Framing.TINY:
        x, y = round(free_x * rng.uniform(0.15, 0.85)), round(free_y * rng.uniform(0.3, 0.85))
    else:
        x, y = round(free_x * (0.5 + rng.uniform(-0.12, 0.12))), round(free_y * (0.5 + rng.uniform(-0.1, 0.16)))
    if framing is Framing.CUT_OFF:
        x, y = _push_out(x, y, w * items, h, size, rng)
    return [_Place(x + index * w, y, round(w * (0.94 if items > 1 else 1.0)), h) for index in range(items)]


def _push_out(x: int, y: int, w: int, h: int, size: int, rng: np.random.Generator) -> tuple[int, int]:
    lost = rng.uniform(0.18, 0.42)
    side = int(rng.integers(4))
    if side == 0:
        return -round(lost * w), y
    if side == 1:
        return size - round((1 - lost) * w), y
    if side == 2:
        return x, -round(lost * h)
    return x, size - round((1 - lost) * h)


def _stand(
    canvas: Canvas,
    mask: npt.NDArray[np.bool_],
    shot: Canvas,
    place: _Place,
    *,
    grounded: bool,
    rng: np.random.Generator,
) -> bool:
    """Put the product with its shadow into the frame, in place; tell whether the frame cuts it."""
    size = canvas.shape[0]
    scaled = _resize(shot, place.w, place.h)
    layer = np.zeros((size, size, 5), dtype=np.float32)
    x0, y0 = max(place.x, 0), max(place.y, 0)
    x1, y1 = min(place.x + place.w, size), min(place.y + place.h, size)
    layer[y0:y1, x0:x1] = scaled[y0 - place.y : y1 - place.y, x0 - place.x : x1 - place.x]
    canvas *= 1 - rng.uniform(0.1, 0.4) * _shadow(layer[..., 3], place, grounded)[..., None]
    _cover(canvas, mask, layer)
    return place.x < 0 or place.y < 0 or place.x + place.w > size or place.y + place.h > size


def _lay(canvas: Canvas, mask: npt.NDArray[np.bool_], shot: Canvas, floor: bool, rng: np.random.Generator) -> None:
    """Fill the frame with a shot, in place; where the floor is seen, a shadow lies on it."""
    size = canvas.shape[0]
    layer = _resize(shot, size, size)
    if floor:
        foot = int(np.flatnonzero(layer[..., 3].any(axis=1))[-1]) + 1
        place = _Place(0, foot - size, size, size)
        canvas *= 1 - rng.uniform(0.1, 0.4) * _shadow(layer[..., 3], place, True)[..., None]
    _cover(canvas, mask, layer)


def _resize(shot: Canvas, width: int, height: int) -> Canvas:
    # OpenCV takes four channels at most.
    parts = (np.ascontiguousarray(shot[..., :4]), np.ascontiguousarray(shot[..., 4]))
    return np.dstack([cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA) for part in parts])


def _cover(canvas: Canvas, mask: npt.NDArray[np.bool_], layer: Canvas) -> None:
    canvas *= 1 - layer[..., 3:4]
    canvas += layer[..., :3]
    mask |= layer[..., 4] > 0.5


def _shadow(alpha: Canvas, place: _Place, grounded: bool) -> Canvas:
    size = alpha.shape[0]
    shadow = np.zeros((size, size), dtype=np.float32)
    if grounded:
        # The lowest part of the outline, flattened on the floor where it stands.
        foot = place.y + place.h
        tall = max(2, round(place.h * 0.16))
        strip = alpha[max(foot - tall, 0) : min(foot, size)]
        if strip.shape[0] < 2:
            return shadow
        flat = cv2.resize(strip, (size, max(2, tall // 2)), interpolation=cv2.INTER_AREA)
        top = foot - flat.shape[0] // 2
        rows = slice(max(top, 0), min(top + flat.shape[0], size))
        if rows.stop > rows.start:
            shadow[rows] = flat[rows.start - top : rows.stop - top]
    else:
        shadow = np.roll(alpha, max(1, round(place.h * 0.03)), axis=0)
    return np.asarray(cv2.GaussianBlur(shadow, (0, 0), max(1.0, size * 0.018)), dtype=np.float32)


def _box_share(mask: npt.NDArray[np.bool_]) -> float:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return 0.0
    return float((rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / mask.size)
