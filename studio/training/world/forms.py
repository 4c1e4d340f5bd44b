"""What drawings are made of: filled polygons in a unit square, and the inks that fill them.

A drawing is a list of parts in coordinates from -1 to 1 (x to the right, y down), back to front. A
part is filled with the thing's own ink, a tone of it, or a fixed colour; the thing's own ink always
covers most of it, so that "a red house" is red.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.training.world.palette import RGB

Points = NDArray[np.float64]
"""Corners of a polygon, shape ``(n, 2)``, in unit coordinates."""

OWN = "own"
PALE = "pale"
DEEP = "deep"

TRUNK: RGB = (112, 74, 44)
CREAM: RGB = (250, 240, 214)
GLASS: RGB = (204, 232, 246)
TYRE: RGB = (40, 40, 44)
STEM: RGB = (70, 150, 70)


@dataclass(frozen=True, slots=True)
class Part:
    """One filled polygon; ``fill`` is :data:`OWN`, :data:`PALE`, :data:`DEEP` or a fixed colour."""

    points: Points
    fill: str | RGB = OWN


def polygon(*corners: tuple[float, float]) -> Points:
    """The polygon with these corners."""
    return np.array(corners, dtype=np.float64)


def ellipse(
    x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 360.0
) -> Points:
    """An ellipse around ``(x, y)``, or its sector's rim from ``start`` to ``end`` degrees."""
    angles = np.radians(np.linspace(start, end, 40, endpoint=end - start < 360))
    return np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], axis=1)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """An upright rectangle."""
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def spikes(count: int, inner: float, outer: float = 1.0) -> Points:
    """A star with ``count`` points, its notches at radius ``inner``."""
    angles = -np.pi / 2 + np.pi * np.arange(2 * count) / count
    radii = np.where(np.arange(2 * count) % 2 == 0, outer, inner)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
