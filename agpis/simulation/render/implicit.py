"""Smooth bodies as implicit surfaces: distances on a grid, blended, contoured and cut; plain numpy.

A field holds at every grid point about how far the nearest surface is, in metres, negative inside. Shapes are added
one after the other and melt into what is there, which is what makes limbs grow out of a trunk.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from agpis.simulation.render.geometry import Floats, Mesh, Vector

Values = npt.NDArray[np.float32]
Distance = Callable[[Values, Values, Values], Values]
_FAR = 0.5
# The twelve edges of a cell as pairs of its eight corners, which are numbered by x * 4 + y * 2 + z.
_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
_EDGES = np.array([[a, b] for a in range(8) for b in range(a, 8) if np.abs(_CORNERS[a] - _CORNERS[b]).sum() == 1])


class Field:
    """Distances on a regular grid.

    Args:
        lower: corner of the grid with the least coordinates.
        upper: the opposite corner, at least.
        step: distance of neighbouring grid points.
    """

    def __init__(self, lower: Vector, upper: Vector, step: float) -> None:
        self.axes: tuple[Values, ...] = tuple(
            np.arange(low, high + step, step, dtype=np.float32) for low, high in zip(lower, upper, strict=True)
        )
        self.values: Values = np.full([len(axis) for axis in self.axes], _FAR, dtype=np.float32)
        self.step = step

    def copy(self) -> Field:
        """A field to go on from."""
        other = object.__new__(Field)
        other.axes, other.values, other.step = self.axes, self.values.copy(), self.step
        return other

    def add(self, distance: Distance, lower: Vector, upper: Vector, blend: float) -> None:
        """Melt a shape into the field, in place.

        Args:
            distance: of points given as broadcastable x, y and z; negative inside.
            lower: least corner of a box that holds the shape; outside it nothing changes.
            upper: its opposite corner.
            blend: width of the zone in which surfaces melt into each other; 0 for a crease.
        """
        margin = 2.5 * self.step + blend
        slices = tuple(
            slice(int(np.searchsorted(axis, low - margin)), int(np.searchsorted(axis, high + margin)))
            for axis, low, high in zip(self.axes, lower, upper, strict=True)
        )
        if any(part.start >= part.stop for part in slices):
            return
        x, y, z = (axis[part] for axis, part in zip(self.axes, slices, strict=True))
        added = distance(x[:, None, None], y[None, :, None], z[None, None, :])
        self.values[slices] = smooth_minimum(self.values[slices], added, blend)

    def add_limb(
        self, start: Vector, end: Vector, radii: tuple[float, float], blend: float, flat: Vector = (1.0, 1.0, 1.0)
    ) -> None:
        """Melt in a round rod that tapers from `radii[0]` at `start` to `radii[1]` at `end`.

        `flat` divides distances along the axes: 2 along x makes the rod twice as wide there.
        """
        thick = max(radii)
        lower = tuple(min(a, b) - thick * f for a, b, f in zip(start, end, flat, strict=True))
        upper = tuple(max(a, b) + thick * f for a, b, f in zip(start, end, flat, strict=True))
        self.add(_limb(start, end, radii, flat), lower, upper, blend)  # type: ignore[arg-type]

    def add_ellipsoid(self, centre: Vector, radii: Vector, blend: float) -> None:
        """Melt in an ellipsoid."""
        lower = tuple(c - r for c, r in zip(centre, radii, strict=True))
        upper = tuple(c + r for c, r in zip(centre, radii, strict=True))
        self.add(_ellipsoid(centre, radii), lower, upper, blend)  # type: ignore[arg-type]

    def contour(self, level: float = 0.0) -> Mesh:
        """The closed surface where the distance is `level`, by naive surface nets; texture coordinates are zero."""
        values = self.values - np.float32(level)
        inside = values < 0
        shape = np.array(values.shape)
        octets = [
            inside[x : shape[0] - 1 + x, y : shape[1] - 1 + y, z : shape[2] - 1 + z] for x, y, z in _CORNERS.tolist()
        ]
        some, every = octets[0].copy(), octets[0].copy()
        for octet in octets[1:]:
            some |= octet
            every &= octet
        cells = np.argwhere(some & ~every)
        number = np.full(shape - 1, -1, dtype=np.int64)
        number[tuple(cells.T)] = np.arange(len(cells))
        corners = values[tuple((cells[:, None] + _CORNERS[None]).transpose(2, 0, 1))]
        first, second = corners[:, _EDGES[:, 0]], corners[:, _EDGES[:, 1]]
        crossing = (first < 0) != (second < 0)
        share = np.where(crossing, first / np.where(crossing, first - second, 1.0), 0.0)
        spots = _CORNERS[_EDGES[:, 0]] + share[..., None] * (_CORNERS[_EDGES[:, 1]] - _CORNERS[_EDGES[:, 0]])
        local = (spots * crossing[..., None]).sum(axis=1) / np.maximum(crossing.sum(axis=1), 1)[:, None]
        origin = np.array([axis[0] for axis in self.axes], dtype=np.float64)
        points = origin + self.step * (cells + local)
        faces = np.concatenate([_quads(inside, number, axis) for axis in range(3)])
        return Mesh(points, faces, np.zeros((len(points), 2)))


def _quads(inside: npt.NDArray[np.bool_], number: npt.NDArray[np.int64], axis: int) -> npt.NDArray[np.int64]:
    # A grid edge whose ends lie on different sides is crossed by the square of the four cells around it.
    here = np.moveaxis(inside, axis, 0)
    cells = np.moveaxis(number, axis, 0)
    enters, leaves = here[:-1, 1:-1, 1:-1], here[1:, 1:-1, 1:-1]
    crossed = np.argwhere(enters != leaves)
    outward = enters[tuple(crossed.T)]
    if axis == 1:
        outward = ~outward
    i, j, k = crossed.T
    around = np.stack([cells[i, j, k], cells[i, j + 1, k], cells[i, j + 1, k + 1], cells[i, j, k + 1]], axis=1)
    around = np.where(outward[:, None], around, around[:, ::-1])
    return np.concatenate([around[:, [0, 1, 2]], around[:, [0, 2, 3]]])


def smooth_minimum(first: Values, second: Values, blend: float) -> Values:
    """The smaller value, rounded where both are within `blend` of each other."""
    least = np.minimum(first, second)
    if blend <= 0:
        return least
    near = np.maximum(np.float32(blend) - np.abs(first - second), 0)
    return np.asarray(least - near * near * np.float32(0.25 / blend), dtype=np.float32)


def _limb(start: Vector, end: Vector, radii: tuple[float, float], flat: Vector) -> Distance:
    a = np.asarray(start, dtype=np.float32) / np.asarray(flat, dtype=np.float32)
    way = np.asarray(end, dtype=np.float32) / np.asarray(flat, dtype=np.float32) - a
    inverse = way / max(float(way @ way), 1e-9)
    grow = np.float32(radii[1] - radii[0])

    def distance(x: Values, y: Values, z: Values) -> Values:
        px, py, pz = x / np.float32(flat[0]) - a[0], y / np.float32(flat[1]) - a[1], z / np.float32(flat[2]) - a[2]
        t = np.clip(px * inverse[0] + py * inverse[1] + pz * inverse[2], 0, 1)
        away = np.sqrt((px - t * way[0]) ** 2 + (py - t * way[1]) ** 2 + (pz - t * way[2]) ** 2)
        return np.asarray(away - (np.float32(radii[0]) + grow * t), dtype=np.float32)

    return distance


def _ellipsoid(centre: Vector, radii: Vector) -> Distance:
    c, r = np.asarray(centre, dtype=np.float32), np.asarray(radii, dtype=np.float32)

    def distance(x: Values, y: Values, z: Values) -> Values:
        px, py, pz = (x - c[0]) / r[0], (y - c[1]) / r[1], (z - c[2]) / r[2]
        unit = np.sqrt(px**2 + py**2 + pz**2)
        steep = np.sqrt((px / r[0]) ** 2 + (py / r[1]) ** 2 + (pz / r[2]) ** 2)
        return np.asarray(unit * (unit - 1) / np.maximum(steep, 1e-6), dtype=np.float32)

    return distance


def clip(mesh: Mesh, beyond: Floats) -> Mesh:
    """The part of a mesh where `beyond`, one value a point, is not positive; triangles are cut where it is zero."""
    keep = beyond <= 0
    kept = keep[mesh.faces]
    number = kept.sum(axis=1)
    whole = mesh.faces[number == 3]
    one, two = mesh.faces[number == 1], mesh.faces[number == 2]
    # Turn each triangle so that the odd corner comes first.
    one = np.take_along_axis(one, (np.argmax(keep[one], axis=1)[:, None] + np.arange(3)) % 3, axis=1)
    two = np.take_along_axis(two, (np.argmin(keep[two], axis=1)[:, None] + np.arange(3)) % 3, axis=1)
    edges = np.concatenate([one[:, [0, 1]], one[:, [0, 2]], two[:, [0, 1]], two[:, [0, 2]]])
    ordered, index = np.unique(np.sort(edges, axis=1), axis=0, return_inverse=True)
    a, b = ordered.T
    share = (beyond[a] / np.where(beyond[a] == beyond[b], 1.0, beyond[a] - beyond[b]))[:, None]
    points = np.concatenate([mesh.points, mesh.points[a] + share * (mesh.points[b] - mesh.points[a])])
    uv = np.concatenate([mesh.uv, mesh.uv[a] + share * (mesh.uv[b] - mesh.uv[a])])
    index = index.reshape(-1) + len(mesh.points)
    p, q, r, s = np.split(index, np.cumsum([len(one), len(one), len(two)]))
    faces = np.concatenate(
        [
            whole,
            np.stack([one[:, 0], p, q], axis=1),
            np.stack([r, two[:, 1], two[:, 2]], axis=1),
            np.stack([r, two[:, 2], s], axis=1),
        ]
    )
    used, faces = np.unique(faces, return_inverse=True)
    return Mesh(points[used], faces.reshape(-1, 3), uv[used])


def split(mesh: Mesh, beyond: Floats) -> tuple[Mesh, Mesh]:
    """The parts of a mesh where `beyond` is not positive and where it is not negative."""
    return clip(mesh, beyond), clip(mesh, -beyond)
