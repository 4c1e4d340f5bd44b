"""How each kind of thing looks: a few filled shapes in a unit square, back to front.

A drawing is a list of parts in coordinates from -1 to 1 (x to the right, y down). A part is filled
with the thing's own ink, a tone of it, or a fixed colour; the thing's own ink always covers most
of it, so that "a red house" is red.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.training.world.palette import RGB
from studio.training.world.scene import Kind

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


def _ball(variant: int) -> list[Part]:
    parts = [Part(ellipse(0, 0, 0.95, 0.95))]
    if variant:
        parts.append(Part(ellipse(-0.35, -0.38, 0.22, 0.18), PALE))
    return parts


def _square(variant: int) -> list[Part]:
    parts = [Part(box(-0.85, -0.85, 0.85, 0.85))]
    if variant:
        parts.append(Part(box(-0.42, -0.42, 0.42, 0.42), PALE))
    return parts


def _triangle(variant: int) -> list[Part]:
    if variant:
        return [Part(polygon((-0.85, -0.9), (0.9, 0.85), (-0.85, 0.85)))]
    return [Part(polygon((0, -0.95), (0.98, 0.8), (-0.98, 0.8)))]


def _star(variant: int) -> list[Part]:
    return [Part(spikes(5, 0.42) if variant == 0 else spikes(6, 0.5))]


def _heart(variant: int) -> list[Part]:
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    x = np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 17
    parts = [Part(np.stack([x, y - 0.05], axis=1) * 0.98)]
    if variant:
        parts.append(Part(ellipse(-0.42, -0.4, 0.17, 0.14), PALE))
    return parts


def _moon(variant: int) -> list[Part]:
    rim = ellipse(0, 0, 0.95, 0.95, 50, 310)
    tip = rim[0]
    # The inner edge bends back through the same two tips, flatter for the fuller moon.
    bend = 0.62 if variant == 0 else 0.34
    angles = np.linspace(-np.pi / 2, np.pi / 2, 30)
    inner = np.stack(
        [tip[0] - bend * np.cos(angles) * 1.25, tip[1] * np.sin(angles)],
        axis=1,
    )
    return [Part(np.concatenate([rim, inner]) + np.array([0.15, 0.0]))]


def _sun(variant: int) -> list[Part]:
    if variant:
        rays = [Part(spikes(12, 0.7), DEEP)]
    else:
        rays = []
        for angle in np.arange(8) * np.pi / 4:
            turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            rays.append(Part(box(0.66, -0.09, 1.0, 0.09) @ turn, DEEP))
    return [*rays, Part(ellipse(0, 0, 0.56, 0.56))]


def _cloud(variant: int) -> list[Part]:
    puffs = [(-0.52, 0.15, 0.42), (0.05, -0.18, 0.52), (0.58, 0.15, 0.38)]
    if variant:
        puffs = [(-0.62, 0.18, 0.33), (-0.2, -0.1, 0.42), (0.3, -0.16, 0.46), (0.68, 0.18, 0.3)]
    base = box(puffs[0][0], 0.05, puffs[-1][0], 0.53)
    return [*(Part(ellipse(x, y, r, r)) for x, y, r in puffs), Part(base)]


def _tree(variant: int) -> list[Part]:
    trunk = Part(box(-0.14, 0.3, 0.14, 0.98), TRUNK)
    if variant:
        return [
            trunk,
            Part(polygon((0, -0.3), (0.78, 0.62), (-0.78, 0.62))),
            Part(polygon((0, -0.98), (0.58, 0.02), (-0.58, 0.02))),
        ]
    crowns = ((-0.4, -0.1, 0.44), (0.4, -0.1, 0.44), (0.0, -0.45, 0.5))
    return [trunk, *(Part(ellipse(x, y, r, r)) for x, y, r in crowns)]


def _flower(variant: int) -> list[Part]:
    petals = 5 if variant == 0 else 7
    reach, width = (0.36, 0.29) if variant == 0 else (0.4, 0.22)
    parts = [Part(box(-0.06, 0.0, 0.06, 0.98), STEM), Part(ellipse(0.26, 0.68, 0.24, 0.1), STEM)]
    for angle in 2 * np.pi * np.arange(petals) / petals - np.pi / 2:
        x, y = reach * np.cos(angle), reach * np.sin(angle) - 0.32
        parts.append(Part(ellipse(float(x), float(y), width, width)))
    return [*parts, Part(ellipse(0, -0.32, 0.2, 0.2), CREAM)]


def _mushroom(variant: int) -> list[Part]:
    stalk = Part(polygon((-0.2, 0.0), (0.2, 0.0), (0.32, 0.95), (-0.32, 0.95)), CREAM)
    cap = Part(ellipse(0, 0.12, 0.95, 0.98, 180, 360))
    if variant:
        return [stalk, cap]
    spots = ((-0.45, -0.22, 0.15), (0.05, -0.5, 0.17), (0.5, -0.15, 0.14))
    return [stalk, cap, *(Part(ellipse(x, y, r, r), CREAM) for x, y, r in spots)]


def _house(variant: int) -> list[Part]:
    walls = Part(box(-0.7, -0.1, 0.7, 0.95))
    roof = Part(polygon((0, -0.95), (0.95, -0.08), (-0.95, -0.08)), DEEP)
    if variant:
        windows = [Part(box(x - 0.17, 0.12, x + 0.17, 0.46), GLASS) for x in (-0.36, 0.36)]
        return [walls, roof, *windows, Part(box(-0.14, 0.56, 0.14, 0.95), TRUNK)]
    chimney = Part(box(0.36, -0.9, 0.6, -0.4), DEEP)
    window = Part(box(0.12, 0.16, 0.5, 0.52), GLASS)
    return [chimney, walls, roof, window, Part(box(-0.46, 0.3, -0.12, 0.95), TRUNK)]


def _boat(variant: int) -> list[Part]:
    hull = Part(polygon((-0.98, 0.4), (0.98, 0.4), (0.62, 0.92), (-0.62, 0.92)))
    mast = Part(box(-0.05, -0.95, 0.05, 0.42), TRUNK)
    if variant:
        return [mast, hull, Part(polygon((0.1, -0.9), (0.82, 0.26), (0.1, 0.26)), OWN)]
    sails = [
        Part(polygon((0.1, -0.9), (0.82, 0.26), (0.1, 0.26)), CREAM),
        Part(polygon((-0.1, -0.6), (-0.1, 0.26), (-0.62, 0.26)), CREAM),
    ]
    return [mast, hull, *sails]


def _car(variant: int) -> list[Part]:
    wheels = [Part(ellipse(x, 0.48, 0.24, 0.24), TYRE) for x in (-0.52, 0.52)]
    hubs = [Part(ellipse(x, 0.48, 0.09, 0.09), CREAM) for x in (-0.52, 0.52)]
    if variant:
        body = Part(polygon((-0.98, -0.5), (0.5, -0.5), (0.98, 0.0), (0.98, 0.44), (-0.98, 0.44)))
        glass = [Part(polygon((0.14, -0.36), (0.44, -0.36), (0.76, 0.0), (0.14, 0.0)), GLASS)]
        return [body, *glass, *wheels, *hubs]
    cabin = Part(polygon((-0.34, -0.55), (0.3, -0.55), (0.58, -0.05), (-0.62, -0.05)))
    panes = [
        Part(polygon((-0.28, -0.43), (-0.04, -0.43), (-0.04, -0.08), (-0.46, -0.08)), GLASS),
        Part(polygon((0.06, -0.43), (0.24, -0.43), (0.42, -0.08), (0.06, -0.08)), GLASS),
    ]
    return [cabin, Part(box(-0.98, -0.08, 0.98, 0.44)), *panes, *wheels, *hubs]


def _fish(variant: int) -> list[Part]:
    tail = Part(polygon((0.42, 0.0), (0.98, -0.5), (0.98, 0.5)), DEEP)
    body = Part(ellipse(-0.2, 0, 0.76, 0.52 if variant == 0 else 0.4))
    eye = [
        Part(ellipse(-0.58, -0.12, 0.12, 0.12), CREAM),
        Part(ellipse(-0.6, -0.12, 0.06, 0.06), TYRE),
    ]
    if variant:
        fin = Part(polygon((-0.35, -0.3), (0.3, -0.28), (0.1, -0.72)), DEEP)
        return [tail, fin, body, *eye]
    return [tail, body, Part(polygon((-0.1, 0.0), (0.2, 0.22), (0.2, -0.12)), DEEP), *eye]


def _balloon(variant: int) -> list[Part]:
    if variant:  # a hot-air balloon with its basket
        ropes = [
            Part(polygon((-0.36, 0.22), (-0.3, 0.22), (-0.14, 0.66), (-0.2, 0.66)), TRUNK),
            Part(polygon((0.3, 0.22), (0.36, 0.22), (0.2, 0.66), (0.14, 0.66)), TRUNK),
        ]
        stripe = Part(ellipse(0, -0.3, 0.22, 0.66), PALE)
        basket = Part(box(-0.22, 0.64, 0.22, 0.96), TRUNK)
        return [*ropes, Part(ellipse(0, -0.3, 0.66, 0.66)), stripe, basket]
    string = Part(polygon((-0.03, 0.4), (0.03, 0.4), (0.13, 0.98), (0.07, 0.98)), TRUNK)
    knot = Part(polygon((0, 0.32), (0.14, 0.52), (-0.14, 0.52)))
    return [string, knot, Part(ellipse(0, -0.3, 0.58, 0.68))]


_PARTS: dict[Kind, Callable[[int], list[Part]]] = {
    Kind.BALL: _ball,
    Kind.SQUARE: _square,
    Kind.TRIANGLE: _triangle,
    Kind.STAR: _star,
    Kind.HEART: _heart,
    Kind.MOON: _moon,
    Kind.SUN: _sun,
    Kind.CLOUD: _cloud,
    Kind.TREE: _tree,
    Kind.FLOWER: _flower,
    Kind.MUSHROOM: _mushroom,
    Kind.HOUSE: _house,
    Kind.BOAT: _boat,
    Kind.CAR: _car,
    Kind.FISH: _fish,
    Kind.BALLOON: _balloon,
}


def parts_of(kind: Kind, variant: int) -> list[Part]:
    """The parts that ``kind`` is drawn with, back to front."""
    return _PARTS[kind](variant)
