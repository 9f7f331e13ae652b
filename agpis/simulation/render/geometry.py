"""Triangle meshes of parametric parts, in plain numpy.

Products stand on z = 0 or hang around the origin; x points right and y away from the viewer of the front view, so the
front faces -y. Texture coordinates run from (0, 0) lower left to (1, 1) upper right, as seen from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles in space.

    Attributes:
        points: (N, 3) positions.
        faces: (M, 3) point indices, counter-clockwise from outside.
        uv: (N, 2) texture coordinates in [0, 1].
    """

    points: Floats
    faces: npt.NDArray[np.int64]
    uv: Floats

    def moved(self, offset: Vector) -> Mesh:
        """The mesh shifted by `offset`."""
        return Mesh(self.points + np.asarray(offset), self.faces, self.uv)

    def scaled(self, factors: Vector) -> Mesh:
        """The mesh stretched along the axes; factors must be positive."""
        return Mesh(self.points * np.asarray(factors), self.faces, self.uv)

    def turned(self, axis: str, degrees: float) -> Mesh:
        """The mesh turned about the axis "x", "y" or "z" through the origin."""
        first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        points = self.points.copy()
        points[:, first] = cosine * self.points[:, first] - sine * self.points[:, second]
        points[:, second] = sine * self.points[:, first] + cosine * self.points[:, second]
        return Mesh(points, self.faces, self.uv)

    def warped(self, function: Callable[[Floats], Floats]) -> Mesh:
        """The mesh with its (N, 3) points replaced by `function` of them."""
        return Mesh(function(self.points.copy()), self.faces, self.uv)


def merge(*meshes: Mesh) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.points for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]),
        np.concatenate([mesh.uv for mesh in meshes]),
    )


def grid(points: Floats, uv: Floats) -> Mesh:
    """A sheet of (R, C, 3) points with (R, C, 2) texture coordinates; rows go up, columns go right from outside."""
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]))
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    return Mesh(points.reshape(-1, 3).astype(np.float64), faces, uv.reshape(-1, 2).astype(np.float64))


def lathe(profile: Sequence[tuple[float, float]] | Floats, segments: int = 48) -> Mesh:
    """A body of revolution about z; u = 0.5 faces the front, v follows the profile.

    Args:
        profile: (K, 2) pairs of radius and height, from bottom to top on an outer wall (top to bottom on an inner).
        segments: facets around.
    """
    outline = np.asarray(profile, dtype=np.float64)
    steps = np.linalg.norm(np.diff(outline, axis=0), axis=1)
    v = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-9)
    u = np.linspace(0.0, 1.0, segments + 1)
    angle = 2.0 * np.pi * (u - 0.5)
    radius, height = outline[:, :1], outline[:, 1:]
    points = np.stack(
        [radius * np.sin(angle), -radius * np.cos(angle), np.broadcast_to(height, (len(outline), len(u)))], axis=-1
    )
    uv = np.stack(np.broadcast_arrays(u[None, :], v[:, None]), axis=-1)
    return grid(points, uv)


def smooth_profile(points: Sequence[tuple[float, float]], samples: int = 28) -> Floats:
    """A smooth curve through at least two pairs of radius and height (Catmull-Rom)."""
    corners = np.asarray(points, dtype=np.float64)
    padded = np.concatenate([2 * corners[:1] - corners[1:2], corners, 2 * corners[-1:] - corners[-2:-1]])
    place = np.linspace(0.0, len(corners) - 1.0, samples)
    index = np.minimum(place.astype(int), len(corners) - 2)
    t = (place - index)[:, None]
    before, start, end, after = (padded[index + shift] for shift in range(4))
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    curve[:, 0] = np.maximum(curve[:, 0], 0.0)
    return np.asarray(curve, dtype=np.float64)


def cylinder(radius: float, bottom: float, top: float, bevel: float = 0.0, segments: int = 48) -> Mesh:
    """A closed cylinder about z, with bevelled rims."""
    bevel = min(bevel, radius * 0.5, (top - bottom) * 0.5)
    return lathe(
        [
            (0.0, bottom),
            (radius - bevel, bottom),
            (radius, bottom + bevel),
            (radius, top - bevel),
            (radius - bevel, top),
            (0.0, top),
        ],
        segments,
    )


def ball(radius: float, centre: Vector = (0.0, 0.0, 0.0), segments: int = 24) -> Mesh:
    """A sphere."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    return lathe(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), segments).moved(centre)


def tube(path: Sequence[Vector] | Floats, radius: float | Sequence[float] | Floats, sides: int = 12) -> Mesh:
    """A round rod along a path of at least two points, closed at both ends.

    Args:
        path: (K, 3) points.
        radius: one radius, or K of them.
        sides: facets around.
    """
    centres = np.asarray(path, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(centres),))
    tangents = np.gradient(centres, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    # Carry one normal along the path, so that the rod does not twist.
    helper = np.eye(3)[int(np.abs(tangents[0]).argmin())]
    normals = np.empty_like(centres)
    for index, tangent in enumerate(tangents):
        helper = helper - tangent * float(helper @ tangent)
        helper = helper / np.linalg.norm(helper)
        normals[index] = helper
    sideways = np.cross(tangents, normals)
    angle = np.linspace(0.0, 2.0 * np.pi, sides + 1)[None, :, None]
    ring = np.cos(angle) * normals[:, None] + np.sin(angle) * sideways[:, None]
    wall = centres[:, None] + radii[:, None, None] * ring
    points = np.concatenate(
        [np.broadcast_to(centres[0], (1, sides + 1, 3)), wall, np.broadcast_to(centres[-1], (1, sides + 1, 3))]
    )
    u, v = np.meshgrid(np.linspace(0, 1, sides + 1), np.linspace(0, 1, len(points)))
    return grid(points, np.stack([u, v], axis=-1))


def arc(start: Vector, middle: Vector, end: Vector, samples: int = 16) -> Floats:
    """A quadratic curve from `start` to `end` drawn towards `middle`, (samples, 3)."""
    t = np.linspace(0.0, 1.0, samples)[:, None]
    curve: Floats = (1 - t) ** 2 * np.asarray(start) + 2 * t * (1 - t) * np.asarray(middle) + t**2 * np.asarray(end)
    return curve


@dataclass(frozen=True, slots=True)
class BoxFaces:
    """The six sides of a rounded box, each with its own texture coordinates."""

    front: Mesh
    back: Mesh
    left: Mesh
    right: Mesh
    top: Mesh
    bottom: Mesh

    @property
    def rim(self) -> Mesh:
        """All sides but front and back."""
        return merge(self.left, self.right, self.top, self.bottom)

    @property
    def whole(self) -> Mesh:
        """All six sides."""
        return merge(self.front, self.back, self.rim)

    def moved(self, offset: Vector) -> BoxFaces:
        """The box shifted by `offset`."""
        return self._each(lambda mesh: mesh.moved(offset))

    def turned(self, axis: str, degrees: float) -> BoxFaces:
        """The box turned about an axis through the origin."""
        return self._each(lambda mesh: mesh.turned(axis, degrees))

    def warped(self, function: Callable[[Floats], Floats]) -> BoxFaces:
        """The box with its points replaced by `function` of them."""
        return self._each(lambda mesh: mesh.warped(function))

    def _each(self, change: Callable[[Mesh], Mesh]) -> BoxFaces:
        return BoxFaces(
            *(change(mesh) for mesh in (self.front, self.back, self.left, self.right, self.top, self.bottom))
        )


def rounded_box(width: float, depth: float, height: float, radius: float = 0.05, inner: int = 4) -> BoxFaces:
    """A box around the origin with rounded edges.

    Args:
        width: extent along x.
        depth: extent along y.
        height: extent along z.
        radius: of the edges; at most half the shortest extent is used.
        inner: grid lines across the flat part of a side; more are needed when the box is warped.
    """
    half = np.array([width, depth, height]) / 2.0
    radius = min(radius, float(half.min()) * 0.98)

    def side(origin: Vector, right: Vector, up: Vector) -> Mesh:
        extent = np.abs(np.array([right, up])) @ half
        u, v = (_edge_dense(float(size), radius, inner) for size in extent)
        flat = (
            np.asarray(origin) * half
            + u[None, :, None] * np.asarray(right)[None, None]
            + v[:, None, None] * np.asarray(up)[None, None]
        )
        core = np.clip(flat, -(half - radius), half - radius)
        outward = flat - core
        outward /= np.maximum(np.linalg.norm(outward, axis=-1, keepdims=True), 1e-9)
        uv = np.stack(np.broadcast_arrays(u[None, :] / extent[0] / 2 + 0.5, v[:, None] / extent[1] / 2 + 0.5), axis=-1)
        return grid(core + radius * outward, uv)

    return BoxFaces(
        front=side((0, -1, 0), (1, 0, 0), (0, 0, 1)),
        back=side((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
        left=side((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
        right=side((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        top=side((0, 0, 1), (1, 0, 0), (0, 1, 0)),
        bottom=side((0, 0, -1), (1, 0, 0), (0, -1, 0)),
    )


def _edge_dense(half: float, radius: float, inner: int) -> Floats:
    edge = np.linspace(0.0, radius, 4)
    flat = np.linspace(-(half - radius), half - radius, inner + 2)[1:-1]
    return np.concatenate([-half + edge, flat, half - edge[::-1]])
