"""Gives the parts of a built model the shine of their material, and its relief where they have one plain colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from agpis.simulation.render.geometry import Floats, Mesh
from agpis.simulation.render.materials import MATERIALS, TILE, textured
from agpis.simulation.render.model import Model, Part
from agpis.simulation.render.surfaces import Surface
from agpis.types import Pixels


def coated(model: Model, surface: Surface, per_unit: float) -> Model:
    """The model in the material of its surface.

    Parts in colours of their own, such as steel rails, and what carries the product stay as they are.

    Args:
        model: as its builder made it.
        surface: how it was painted.
        per_unit: pixels of relief in one unit of the model.
    """
    material = MATERIALS[surface.material]
    plain = np.full((*TILE, 3), surface.main, dtype=np.uint8)
    relief = textured(plain, surface.material, surface.grain) if material.depth else None
    parts: list[Part] = []
    for part in model.parts:
        if part.support:
            parts.append(part)
        elif isinstance(part.paint, np.ndarray):
            # What has no shine at all, such as the pages of a book, is no part of the surface.
            parts.append(replace(part, shine=material.shine) if part.shine else part)
        elif part.paint == surface.main:
            parts += _plain(replace(part, shine=material.shine), relief, per_unit)
        else:
            parts.append(part)
    return replace(model, parts=tuple(parts))


def _plain(part: Part, relief: Pixels | None, per_unit: float) -> Iterator[Part]:
    if relief is None:
        yield part
        return
    for mesh in _projected(part.mesh, per_unit):
        yield replace(part, mesh=mesh, paint=relief)


def _projected(mesh: Mesh, per_unit: float) -> Iterator[Mesh]:
    """The mesh with texture coordinates for a relief of `per_unit` pixels a unit; in pieces unless it is round."""
    first, second, third = (mesh.points[mesh.faces[:, corner]] for corner in range(3))
    normals = np.cross(second - first, third - first)
    if _is_round((first + second + third)[:, :2], normals[:, :2]):
        away = np.hypot(mesh.points[:, 0], mesh.points[:, 1])
        # A whole number of tiles goes around, so that the last one meets the first.
        turns = max(1, round(2 * np.pi * float(away.max()) * per_unit / TILE[1]))
        down = (mesh.points[:, 2] - away) * per_unit / TILE[0]
        yield Mesh(mesh.points, mesh.faces, np.stack([mesh.uv[:, 0] * turns, down], axis=1))
        return
    # Box by box: by the axis that a face looks along most, with coordinates along the others.
    facing = np.abs(normals).argmax(axis=1)
    for axis, along in enumerate(((1, 2), (0, 2), (0, 1))):
        faces = mesh.faces[facing == axis]
        if len(faces):
            used, renumbered = np.unique(faces, return_inverse=True)
            points = mesh.points[used]
            uv = points[:, along] * per_unit / np.array(TILE[::-1])
            yield Mesh(points, renumbered.reshape(-1, 3), uv)


def _is_round(places: Floats, normals: Floats) -> bool:
    """Whether faces look away from or towards the upright axis, as those of bodies of revolution do."""
    long = np.linalg.norm(normals, axis=1) * np.linalg.norm(places, axis=1)
    seen = long > 1e-9
    along = np.abs((places * normals).sum(axis=1))[seen] / long[seen]
    return bool(seen.any() and np.median(along) > 0.99)
