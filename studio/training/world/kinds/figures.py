"""Plain figures: ball, square, triangle, star and heart."""

from __future__ import annotations

import numpy as np

from studio.training.world.forms import PALE, Part, Points, box, ellipse, polygon, spikes


def band(
    x: float, y: float, outer: float, inner: float, start: float = 0.0, end: float = 359.9
) -> Points:
    """A ring around ``(x, y)`` between two radii, or its stretch from ``start`` to ``end``."""
    rim, hole = (ellipse(x, y, r, r, start, end) for r in (outer, inner))
    return np.concatenate([rim, hole[::-1]])


def bar(x0: float, y0: float, x1: float, y1: float, width: float) -> Points:
    """A straight bar of this width from one point to another."""
    start, end = np.array([x0, y0]), np.array([x1, y1])
    along = (end - start) / np.hypot(*(end - start)) * width / 2
    across = np.array([-along[1], along[0]])
    return np.stack([start + across, end + across, end - across, start - across])


def mirrored(parts: list[Part]) -> list[Part]:
    """The same drawing with left and right exchanged."""
    return [Part(part.points * np.array([-1.0, 1.0]), part.fill) for part in parts]


def ball(variant: int) -> list[Part]:
    """A ball, plain or with a shine."""
    parts = [Part(ellipse(0, 0, 0.95, 0.95))]
    if variant:
        parts.append(Part(ellipse(-0.35, -0.38, 0.22, 0.18), PALE))
    return parts


def square(variant: int) -> list[Part]:
    """A square, plain or with a paler one inside."""
    parts = [Part(box(-0.85, -0.85, 0.85, 0.85))]
    if variant:
        parts.append(Part(box(-0.42, -0.42, 0.42, 0.42), PALE))
    return parts


def triangle(variant: int) -> list[Part]:
    """A triangle, even or right-angled."""
    if variant:
        return [Part(polygon((-0.85, -0.9), (0.9, 0.85), (-0.85, 0.85)))]
    return [Part(polygon((0, -0.95), (0.98, 0.8), (-0.98, 0.8)))]


def star(variant: int) -> list[Part]:
    """A star with five points or six."""
    return [Part(spikes(5, 0.42) if variant == 0 else spikes(6, 0.5))]


def heart(variant: int) -> list[Part]:
    """A heart, plain or with a shine."""
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    x = np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 17
    parts = [Part(np.stack([x, y - 0.05], axis=1) * 0.98)]
    if variant:
        parts.append(Part(ellipse(-0.42, -0.4, 0.17, 0.14), PALE))
    return parts
