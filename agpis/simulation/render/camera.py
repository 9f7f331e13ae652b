"""Where the studio's camera stands and what part of its picture plane it takes; lengths on the plane are tangents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agpis.simulation.render.geometry import Floats


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the picture plane."""

    left: float
    low: float
    right: float
    high: float

    @property
    def wide(self) -> float:
        """Extent to the side."""
        return self.right - self.left

    @property
    def tall(self) -> float:
        """Extent upwards."""
        return self.high - self.low

    def square(self, margin: float) -> Window:
        """The smallest window that holds the box, `margin` times as large."""
        half = max(self.wide, self.tall) / 2 * margin
        return Window((self.left + self.right) / 2, (self.low + self.high) / 2, half)


@dataclass(frozen=True, slots=True)
class Window:
    """The square of the picture plane that becomes the picture.

    Attributes:
        x: its middle.
        y: its middle.
        half: half its side.
    """

    x: float
    y: float
    half: float

    def around(self, box: Box, share: float) -> Window:
        """A smaller window where a box would fill less than `share` of this one; it keeps the box inside."""
        half = float(min(self.half, np.sqrt(box.wide * box.tall / share) / 2))
        half = max(half, 1.03 * max(box.wide, box.tall) / 2)
        if half >= self.half:
            return self
        # What lies above and below the box shrinks alike.
        above, below = self.y + self.half - box.high, box.low - self.y + self.half
        spare = 2 * half - box.tall
        return Window(self.x, box.low - spare * below / max(above + below, 1e-9) + half, half)

    def holds(self, box: Box) -> bool:
        """Whether a box lies inside."""
        return max(self.x - box.left, box.right - self.x, self.y - box.low, box.high - self.y) <= self.half


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A camera that looks at a point.

    Attributes:
        focus: the point.
        position: where the camera is.
        toward: direction from the point to the camera, of length 1.
        right: to the right in the picture, of length 1.
        up: upwards in the picture, of length 1.
        distance: from the camera to the point.
    """

    focus: Floats
    position: Floats
    toward: Floats
    right: Floats
    up: Floats
    distance: float

    @classmethod
    def around(cls, focus: Floats, points: Floats, far: float, azimuth: float, elevation: float) -> Camera:
        """A camera on a sphere around `focus`.

        Args:
            focus: what it looks at.
            points: (N, 3) of the model.
            far: distance as a multiple of that of the farthest point.
            azimuth: 0 in front, 90 at the right side, in degrees.
            elevation: above the horizon in degrees.
        """
        around, above = np.radians(azimuth), np.radians(np.clip(elevation, -85, 85))
        toward = np.array([np.sin(around) * np.cos(above), -np.cos(around) * np.cos(above), np.sin(above)])
        right = np.array([np.cos(around), np.sin(around), 0.0])
        distance = far * float(np.linalg.norm(points - focus, axis=1).max())
        return cls(focus, focus + toward * distance, toward, right, np.cross(toward, right), distance)

    def ahead(self, points: Floats) -> Floats:
        """How far points lie in front of the camera, (N,)."""
        return np.asarray(-((points - self.position) @ self.toward))

    def box(self, points: Floats) -> Box:
        """The rectangle on the picture plane that (N, 3) points fill."""
        offsets, ahead = points - self.position, self.ahead(points)
        x, y = (offsets @ self.right) / ahead, (offsets @ self.up) / ahead
        return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))
