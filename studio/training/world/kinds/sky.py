"""What hangs in the sky: sun, moon, cloud and rainbow."""

from __future__ import annotations

import numpy as np

from studio.training.world.forms import (
    CREAM,
    DEEP,
    OWN,
    PALE,
    Part,
    Points,
    box,
    ellipse,
    polygon,
    spikes,
)


def sun(variant: int) -> list[Part]:
    """A disc with eight broad rays, or with a rim of twelve shallow points."""
    if variant:
        return [Part(spikes(12, 0.78), DEEP), Part(ellipse(0, 0, 0.64, 0.64))]
    ray = polygon((0.45, -0.22), (1.0, 0.0), (0.45, 0.22))
    rays = []
    for angle in np.arange(8) * np.pi / 4:
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        rays.append(Part(ray @ turn, DEEP))
    return [*rays, Part(ellipse(0, 0, 0.56, 0.56))]


def moon(variant: int) -> list[Part]:
    """A crescent, slim or full."""
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


def cloud(variant: int) -> list[Part]:
    """A flat-bottomed cloud of three puffs, or of four."""
    puffs = [(-0.52, 0.15, 0.42), (0.05, -0.18, 0.52), (0.58, 0.15, 0.38)]
    if variant:
        puffs = [(-0.62, 0.18, 0.33), (-0.2, -0.1, 0.42), (0.3, -0.16, 0.46), (0.68, 0.18, 0.3)]
    base = box(puffs[0][0], 0.05, puffs[-1][0], 0.53)
    return [*(Part(ellipse(x, y, r, r)) for x, y, r in puffs), Part(base)]


def rainbow(variant: int) -> list[Part]:
    """Three thick arcs in tones of one ink, bare or with a small cloud at either foot."""
    if variant:
        feet = [Part(ellipse(x, 0.58, 0.36, 0.26), CREAM) for x in (-0.62, 0.62)]
        return [
            Part(_arc(0.55, 0.98, 0.64), OWN),
            Part(_arc(0.55, 0.64, 0.42), PALE),
            Part(_arc(0.55, 0.42, 0.2), DEEP),
            *feet,
        ]
    return [
        Part(_arc(0.65, 0.98, 0.74), OWN),
        Part(_arc(0.65, 0.74, 0.5), PALE),
        Part(_arc(0.65, 0.5, 0.26), DEEP),
    ]


def _arc(foot: float, outer: float, inner: float) -> Points:
    """A band of an arch that stands on the height ``foot`` and is higher than half its width."""
    rise = 1.4
    over = ellipse(0, foot, outer, outer * rise, 180, 359.9)
    under = ellipse(0, foot, inner, inner * rise, 180, 359.9)
    return np.concatenate([over, under[::-1]])
