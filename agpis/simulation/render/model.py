"""What a product is made of: painted parts, and the places worth a close-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agpis.simulation.colours import Rgb
from agpis.simulation.render.geometry import Mesh, Vector
from agpis.simulation.render.surfaces import Surface
from agpis.types import Pixels

WHITE: Rgb = (244, 243, 240)
CHARCOAL: Rgb = (38, 38, 42)
STEEL: Rgb = (176, 179, 184)
WOOD: Rgb = (168, 122, 80)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One mesh of one material.

    Attributes:
        mesh: where it is.
        paint: a colour, or an (H, W, 3) uint8 texture laid over the mesh's texture coordinates.
        shine: strength of the highlights, 0 for cloth to 1 for polished metal.
        flat: keep facets instead of smoothing them.
        support: not the product but what carries it, such as the person who wears it.
    """

    mesh: Mesh
    paint: Rgb | Pixels
    shine: float = 0.2
    flat: bool = False
    support: bool = False


@dataclass(frozen=True, slots=True)
class Closeup:
    """A place worth a close-up.

    Attributes:
        point: the middle of the picture.
        radius: half of what the picture shows, in the model's units.
        azimuth: where the camera stands: 0 in front, 90 at the right side, in degrees.
        elevation: height of the camera above the horizon in degrees.
    """

    point: Vector
    radius: float
    azimuth: float = 0.0
    elevation: float = 15.0


@dataclass(frozen=True, slots=True)
class Frame:
    """What a picture of a worn product shows of the person: all between two heights, in the model's units."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A product ready to be photographed.

    Attributes:
        parts: everything that is seen.
        closeups: at least two places worth a close-up, the print first.
        frame: how a worn product is framed: it is whole in the picture, the person is cut. None where nothing is cut.
    """

    parts: tuple[Part, ...]
    closeups: tuple[Closeup, ...]
    frame: Frame | None = None


Builder = Callable[[np.random.Generator, Surface], Model]
