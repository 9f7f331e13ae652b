"""Cloth of garments: panels to paint on, measured in metres, and how they lie on the body."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.colours import Rgb
from agpis.simulation.render.figure import Arm, Trunk
from agpis.simulation.render.geometry import Floats, Mesh
from agpis.simulation.render.implicit import split
from agpis.simulation.render.model import Part
from agpis.simulation.render.surfaces import Surface
from agpis.types import Pixels

Mask = npt.NDArray[np.bool_]
_PER_METRE = 430


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """The front or the back half of a garment, unrolled.

    Attributes:
        pixels: (H, W, 3) float32 in [0, 255], to be painted on in place.
        x: (H, W) metres from the middle, positive to the right as seen from outside; as the front view shows it.
        z: (H, W) height in metres.
    """

    pixels: npt.NDArray[np.float32]
    x: Floats
    z: Floats

    def paint(self, mask: Mask, colour: Rgb, share: float = 1.0) -> None:
        """Lay a colour over the masked places; `share` is how much it covers."""
        self.pixels[mask] += share * (np.asarray(colour, dtype=np.float32) - self.pixels[mask])

    def shade(self, mask: Mask, factor: float) -> None:
        """Darken (below 1) or lighten (above 1) the masked places."""
        self.pixels[mask] = np.minimum(self.pixels[mask] * factor + (2.0 if factor > 1 else 0.0), 255)

    def line(self, distance: Floats, thick: float, factor: float = 0.72) -> None:
        """A stitched seam where `distance`, in metres, is zero."""
        # Darkening would not show on black.
        lift = factor if self.pixels.mean() > 55 else 1.6
        self.shade(np.abs(distance) < thick / 2, lift)

    def stamp(self, mark: Pixels, x: float, z: float, width: float) -> None:
        """Print an RGBA picture, `width` metres wide, with its middle at x, z."""
        rows, columns = self.z.shape
        per_x = 1.0 / (self.x[rows // 2, columns // 2 + 1] - self.x[rows // 2, columns // 2])
        per_z = rows / (self.z[0, 0] - self.z[-1, 0])
        size = (max(2, round(width * per_x)), max(2, round(width * mark.shape[0] / mark.shape[1] * per_z)))
        small = cv2.resize(mark, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        left = int(np.searchsorted(self.x[0], x)) - size[0] // 2
        top = round((self.z[0, 0] - z) * per_z - size[1] / 2)
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + size[0], columns), min(top + size[1], rows)
        if x0 >= x1 or y0 >= y1:
            return
        part = small[y0 - top : y1 - top, x0 - left : x1 - left]
        cover = part[..., 3:] / 255
        self.pixels[y0:y1, x0:x1] += cover * (part[..., :3] - self.pixels[y0:y1, x0:x1])

    def finish(self, rng: np.random.Generator, creases: float = 0.05) -> Pixels:
        """The texture, with soft folds and the grain of the cloth."""
        rows, columns = self.z.shape
        rough = rng.normal(0, 1, (5, 9)).astype(np.float32)
        straight = cv2.resize(rough, (columns, rows), interpolation=cv2.INTER_CUBIC)
        slant = float(rng.uniform(-0.6, 0.6)) * rows
        corners = np.array([[1, slant / rows, -slant / 2 * columns / rows * 0.1], [0, 1, 0]], dtype=np.float32)
        folds = cv2.warpAffine(straight, corners, (columns, rows), borderMode=cv2.BORDER_REFLECT)
        grain = rng.normal(0, 1.6, (rows, columns)).astype(np.float32)
        shaded = self.pixels * (1 + creases * np.clip(folds, -1.6, 1.0))[..., None] + grain[..., None]
        return np.ascontiguousarray(np.clip(shaded, 0, 255).astype(np.uint8))


def new_panel(surface: Surface, trunk: Trunk, low: float, high: float) -> Panel:
    """An empty panel with the main colour and the pattern.

    Args:
        surface: how the product is painted.
        trunk: what the garment lies around.
        low: lower edge in metres.
        high: upper edge.
    """
    half = _reach(trunk)
    rows, columns = round((high - low) * _PER_METRE), round(np.pi * half * _PER_METRE)
    # Patterns of cloth are finer than those of goods.
    painted = replace(surface, period=surface.period * 0.5).plain(np.pi * half / (high - low), rows)
    pixels = cv2.resize(painted, (columns, rows), interpolation=cv2.INTER_NEAREST).astype(np.float32)
    z = np.linspace(high, low, rows)[:, None] + np.zeros((1, columns))
    x = half * np.sin(np.pi * np.linspace(-0.5, 0.5, columns))[None, :] + np.zeros((rows, 1))
    return Panel(pixels, x, z)


def _reach(trunk: Trunk) -> float:
    return float(trunk.widths.max()) * 1.06


def wrap(
    mesh: Mesh, trunk: Trunk, front: Panel, back: Panel, rng: np.random.Generator, shine: float = 0.04
) -> list[Part]:
    """Lay painted panels around a garment: the front in front, the back behind."""
    cosine = np.cos(trunk.angle(mesh.points))
    parts = []
    for panel, half, side in zip((front, back), split(mesh, -cosine), (1, -1), strict=True):
        # Seen from the front, cloth of equal x shows the same place of the panel; it thins out only at the sides.
        angle = np.arcsin(np.clip(side * half.points[:, 0] / _reach(trunk), -1, 1))
        low, high = panel.z[-1, 0], panel.z[0, 0]
        uv = np.stack([0.5 + angle / np.pi, (half.points[:, 2] - low) / (high - low)], axis=1)
        parts.append(Part(Mesh(half.points, half.faces, np.clip(uv, 0.002, 0.998)), panel.finish(rng), shine))
    return parts


def sleeve_uv(mesh: Mesh, arm: Arm) -> Mesh:
    """Texture coordinates for a sleeve: u from the inside to the outside of the arm, v from wrist to shoulder."""
    shoulder, elbow, wrist = (np.asarray(joint) for joint in (arm.shoulder, arm.elbow, arm.wrist))
    along_upper, upper = _along(mesh.points, shoulder, elbow)
    along_lower, lower = _along(mesh.points, elbow, wrist)
    first = np.linalg.norm(upper, axis=1) < np.linalg.norm(lower, axis=1)
    along = np.where(first, 0.5 * along_upper, 0.5 + 0.5 * along_lower)
    away = np.where(first[:, None], upper, lower)
    around = np.abs(np.arctan2(away[:, 1], away[:, 0] * np.sign(shoulder[0]))) / np.pi
    # Around the end of a rod all angles meet, so on the shoulder the cloth is laid on from front and back.
    across = 0.5 - away[:, 0] * np.sign(shoulder[0]) / (3.4 * arm.radii[0])
    around = across + (around - across) * np.clip((along_upper - 0.1) / 0.25, 0, 1)
    uv = np.stack([np.clip(around, 0.01, 0.99), np.clip(0.9 - 0.9 * along, 0.005, 0.995)], axis=1)
    return Mesh(mesh.points, mesh.faces, uv)


def _along(points: Floats, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    way = end - start
    share = np.clip((points - start) @ way / (way @ way), -0.2, 1)
    return share, points - (start + share[:, None] * way)
