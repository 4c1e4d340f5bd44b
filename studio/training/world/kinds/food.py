"""What is on the table: apple, pear and cup."""

from __future__ import annotations

import numpy as np

from studio.training.world.forms import (
    CREAM,
    DEEP,
    PALE,
    STEM,
    TRUNK,
    Part,
    Points,
    ellipse,
    polygon,
)
from studio.training.world.kinds.figures import band, bar


def apple(variant: int) -> list[Part]:
    """An apple with one leaf and a shine, or squat with two leaves."""
    rim = _apple_rim()
    stalk = Part(bar(0.0, -0.3, 0.1, -0.95, 0.15), TRUNK)
    right = Part(_leaf(0.08, -0.66, 1.0), STEM)
    if variant:
        stalk = Part(bar(0.0, -0.2, 0.0, -0.82, 0.15), TRUNK)
        squat = rim * np.array([1.05, 0.88]) + np.array([0.0, 0.12])
        leaves = [Part(_leaf(0.06 * side, -0.48, side), STEM) for side in (-1.0, 1.0)]
        return [stalk, Part(squat), *leaves, Part(ellipse(0.42, 0.3, 0.3, 0.36), PALE)]
    return [stalk, Part(rim), right, Part(ellipse(-0.45, -0.08, 0.17, 0.24), PALE)]


def pear(variant: int) -> list[Part]:
    """A pear, upright with a leaf or leaning."""
    y = np.linspace(-0.62, 0.97, 40)
    t = (y + 0.62) / 1.59
    # A dome from end to end, narrow above and broad below.
    waist = 0.42 + 0.62 / (1 + np.exp(-11 * (t - 0.46)))
    width = waist * np.sqrt(1 - (2 * t - 1) ** 4) * (0.76 if variant == 0 else 0.68)
    lean = 0.0 if variant == 0 else 0.3 * (1 - t) ** 2
    right = np.stack([width + lean, y], axis=1)
    left = np.stack([lean - width, y], axis=1)
    body = Part(np.concatenate([right, left[::-1]]))
    if variant:
        return [Part(bar(0.28, -0.5, 0.5, -0.98, 0.15), TRUNK), body, _shine(-0.24, 0.4)]
    stalk = Part(bar(0.0, -0.5, -0.06, -0.98, 0.15), TRUNK)
    return [stalk, body, Part(_leaf(0.0, -0.72, 1.0), STEM)]


def cup(variant: int) -> list[Part]:
    """A mug, or a teacup on its saucer."""
    if variant:  # a teacup on its saucer
        return [
            Part(band(0.56, -0.04, 0.4, 0.18)),
            Part(ellipse(0, 0.72, 0.92, 0.22), DEEP),
            Part(ellipse(-0.12, -0.42, 0.8, 1.12, 0, 180)),
            Part(ellipse(-0.12, -0.42, 0.8, 0.2), PALE),
            Part(ellipse(-0.12, -0.4, 0.58, 0.11), TRUNK),
        ]
    return [
        Part(band(0.42, 0.1, 0.52, 0.28)),
        Part(polygon((-0.86, -0.7), (0.5, -0.7), (0.42, 0.92), (-0.78, 0.92))),
        Part(polygon((-0.84, -0.1), (0.47, -0.1), (0.45, 0.34), (-0.81, 0.34)), CREAM),
        Part(ellipse(-0.18, -0.7, 0.68, 0.2), DEEP),
    ]


def _shine(x: float, y: float) -> Part:
    return Part(ellipse(x, y, 0.15, 0.24), PALE)


def _apple_rim() -> Points:
    """An apple's outline: two shoulders, a dent above and a smaller one below."""
    angles = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    up = np.cos(angles)
    radii = 0.86 - 0.36 * np.exp(-(((angles + np.pi) % (2 * np.pi) - np.pi) ** 2) / 0.16)
    radii = radii - 0.12 * np.exp(-((angles - np.pi) ** 2) / 0.05)
    x = radii * np.sin(angles) * (1.08 + 0.06 * up)
    return np.stack([x, 0.14 - radii * up * 0.94], axis=1)


def _leaf(x: float, y: float, side: float) -> Points:
    """A pointed leaf that grows to one side from ``(x, y)``."""
    leaf = polygon((0.0, 0.06), (0.2, -0.26), (0.66, -0.24), (0.44, 0.04))
    placed: Points = leaf * np.array([side, 1.0]) + np.array([x, y])
    return placed
