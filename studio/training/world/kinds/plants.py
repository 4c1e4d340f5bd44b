"""What grows: tree, pine, flower, mushroom and leaf."""

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
    box,
    ellipse,
    polygon,
)


def tree(variant: int) -> list[Part]:
    """A leafy tree: three round crowns, or one oval with a light patch."""
    trunk = Part(polygon((-0.15, 0.1), (0.15, 0.1), (0.24, 0.98), (-0.24, 0.98)), TRUNK)
    if variant:
        return [
            trunk,
            Part(_bushy(0.86, 0.68)),
            Part(ellipse(-0.2, -0.5, 0.34, 0.24), PALE),
        ]
    crowns = ((-0.47, -0.04, 0.47), (0.47, -0.04, 0.47), (0.0, -0.44, 0.53))
    return [trunk, *(Part(ellipse(x, y, r, r)) for x, y, r in crowns)]


def pine(variant: int) -> list[Part]:
    """A fir: three tiers of one tone, or two broad ones of two."""
    trunk = Part(box(-0.16, 0.5, 0.16, 0.98), TRUNK)
    if variant:
        return [
            trunk,
            Part(polygon((0, -0.5), (0.94, 0.66), (-0.94, 0.66)), DEEP),
            Part(polygon((0, -0.98), (0.72, 0.06), (-0.72, 0.06))),
        ]
    return [
        trunk,
        Part(polygon((0, -0.3), (0.8, 0.68), (-0.8, 0.68))),
        Part(polygon((0, -0.64), (0.63, 0.16), (-0.63, 0.16))),
        Part(polygon((0, -0.98), (0.46, -0.34), (-0.46, -0.34))),
    ]


def flower(variant: int) -> list[Part]:
    """A flower of five petals with one leaf, or of six with two."""
    petals, reach, width = (5, 0.38, 0.31) if variant == 0 else (6, 0.42, 0.26)
    leaf_right = polygon((0.0, 0.9), (0.2, 0.58), (0.62, 0.5), (0.44, 0.82))
    parts = [Part(box(-0.09, 0.0, 0.09, 0.98), STEM), Part(leaf_right, STEM)]
    if variant:
        parts.append(Part(leaf_right * np.array([-1.0, 1.0]), STEM))
    for angle in 2 * np.pi * np.arange(petals) / petals - np.pi / 2:
        x, y = reach * np.cos(angle), reach * np.sin(angle) - 0.28
        parts.append(Part(ellipse(float(x), float(y), width, width)))
    return [*parts, Part(ellipse(0, -0.28, 0.23, 0.23), CREAM)]


def mushroom(variant: int) -> list[Part]:
    """A mushroom with a spotted cap, or with a plain one seen a little from below."""
    stalk = Part(polygon((-0.22, 0.0), (0.22, 0.0), (0.36, 0.95), (-0.36, 0.95)), CREAM)
    cap = Part(ellipse(0, 0.12, 0.95, 1.05, 180, 360))
    if variant:
        return [Part(ellipse(0, 0.12, 0.95, 0.2), DEEP), stalk, cap]
    spots = ((-0.45, -0.2, 0.18), (0.05, -0.54, 0.2), (0.5, -0.16, 0.17))
    return [stalk, cap, *(Part(ellipse(x, y, r, r), CREAM) for x, y, r in spots)]


def leaf(variant: int) -> list[Part]:
    """A pointed leaf with a bold midrib: slim and slanting, or broad and upright with veins."""
    if variant:
        rib = polygon((0.0, -0.62), (0.08, 0.98), (-0.08, 0.98))
        vein = polygon((0.0, 0.32), (0.5, -0.12), (0.54, 0.04), (0.0, 0.54))
        veins = [Part(vein * np.array([side, 1.0]), PALE) for side in (-1.0, 1.0)]
        return [Part(_blade(0.78, 0.72)), *veins, Part(rib, PALE)]
    rib = polygon((0.0, -0.8), (0.09, 1.2), (-0.09, 1.2))
    return [Part(_slanted(_blade(0.54, 0.9))), Part(_slanted(rib), PALE)]


def _bushy(rx: float, ry: float) -> Points:
    """An oval crown with a scalloped edge."""
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    reach = 0.84 + 0.16 * np.abs(np.sin(angles * 4))
    return np.stack([rx * reach * np.cos(angles), ry * reach * np.sin(angles) - 0.28], axis=1)


def _blade(width: float, foot: float) -> Points:
    """An upright leaf with its tip at the top; ``width`` is half its breadth."""
    along = np.linspace(0, 1, 24)
    half = width * np.sin(np.pi * along**0.85)
    y = -0.98 + (foot + 0.98) * along
    return np.concatenate([np.stack([half, y], axis=1), np.stack([-half, y], axis=1)[::-1]])


def _slanted(points: Points) -> Points:
    """``points`` turned so that what was up points to the upper right."""
    half = np.sqrt(0.5)
    slanted: Points = points @ np.array([[half, half], [-half, half]])
    return slanted
