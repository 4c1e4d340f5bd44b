"""What people own: book, umbrella, hat, kite, lamp, chair, clock and key."""

from __future__ import annotations

import numpy as np

from studio.training.world.forms import (
    CREAM,
    DEEP,
    OWN,
    PALE,
    TRUNK,
    TYRE,
    Part,
    Points,
    box,
    ellipse,
    polygon,
)
from studio.training.world.kinds.figures import band, bar, mirrored


def book(variant: int) -> list[Part]:
    """A book, closed or open."""
    if variant:  # open, with a picture on each page
        half = [
            Part(polygon((0, -0.5), (0.98, -0.72), (0.98, 0.6), (0, 0.86))),
            Part(polygon((0.0, -0.42), (0.82, -0.6), (0.82, 0.4), (0.0, 0.62)), CREAM),
            Part(polygon((0.18, -0.28), (0.66, -0.4), (0.66, 0.24), (0.18, 0.36))),
        ]
        return [*half, *mirrored(half), Part(box(-0.07, -0.5, 0.07, 0.86), DEEP)]
    return [
        Part(polygon((-0.7, -0.8), (0.5, -0.8), (0.74, -0.6), (0.74, 0.96), (-0.5, 0.96)), DEEP),
        Part(polygon((0.44, -0.74), (0.64, -0.58), (0.64, 0.84), (-0.5, 0.84), (-0.4, 0.6)), CREAM),
        Part(box(-0.72, -0.95, 0.46, 0.64)),
        Part(box(-0.72, -0.95, -0.46, 0.64), DEEP),
        Part(box(-0.26, -0.66, 0.28, -0.28), CREAM),
    ]


def umbrella(variant: int) -> list[Part]:
    """An open umbrella, domed or pointed."""
    shaft = Part(box(-0.07, -0.95, 0.07, 0.72), TRUNK)
    hook = Part(band(0.2, 0.7, 0.27, 0.13, 0, 180), TRUNK)
    top, reach = (-0.82, 0.0) if variant == 0 else (-0.9, 0.12)
    x = np.linspace(0.97, -0.97, 61)
    scallops = reach + 0.12 - 0.26 * np.abs(np.sin(np.linspace(0, 3 * np.pi, 61)))
    hem = np.stack([x, scallops], axis=1)
    if variant:  # a pointed one, its middle panel darker
        roof = polygon((-0.97, reach + 0.12), (-0.62, -0.36), (0, top), (0.62, -0.36))
        canopy = Part(np.concatenate([roof, hem]))
        middle = np.concatenate([polygon((0, top)), hem[20:41]])
        return mirrored([shaft, hook, canopy, Part(middle, DEEP)])
    dome = ellipse(0, 0.12, 0.97, 0.12 - top, 180, 360)
    middle = np.concatenate([ellipse(0, 0.12, 0.323, 0.12 - top, 180, 360), hem[20:41]])
    return [shaft, hook, Part(np.concatenate([dome, hem])), Part(middle, PALE)]


def hat(variant: int) -> list[Part]:
    """A top hat, or a sun hat."""
    if variant:  # a sun hat
        return [
            Part(ellipse(0, 0.44, 0.98, 0.34)),
            Part(ellipse(0, 0.3, 0.58, 0.16), CREAM),
            Part(ellipse(0, 0.2, 0.56, 0.88, 180, 360)),
            Part(polygon((-0.56, 0.06), (0.56, 0.06), (0.58, 0.34), (-0.58, 0.34)), CREAM),
        ]
    return [
        Part(ellipse(0, 0.66, 0.97, 0.24)),
        Part(polygon((-0.64, -0.86), (0.64, -0.86), (0.52, 0.68), (-0.52, 0.68))),
        Part(polygon((-0.55, 0.22), (0.55, 0.22), (0.52, 0.54), (-0.52, 0.54)), PALE),
    ]


def kite(variant: int) -> list[Part]:
    """A kite in panels or with crossed spars, bows in its tail."""
    left, right, top, low = (-0.68, -0.3), (0.68, -0.3), (0.0, -0.97), (0.0, 0.5)
    tail = [
        Part(bar(0.0, 0.4, 0.22, 0.68, 0.12), TRUNK),
        Part(bar(0.22, 0.66, 0.1, 0.9, 0.12), TRUNK),
    ]
    bows = [Part(_bow(0.2, 0.58), DEEP), Part(_bow(0.1, 0.84), DEEP)]
    if variant:
        parts = [*tail, Part(polygon(top, right, low, left)), *bows]
        spars = [bar(0, -0.97, 0, 0.5, 0.13), bar(-0.68, -0.3, 0.68, -0.3, 0.13)]
        return mirrored([*parts, *(Part(spar, CREAM) for spar in spars)])
    middle = (0.0, -0.3)
    return [
        *tail,
        Part(polygon(top, right, low, left)),
        Part(polygon(top, right, middle), PALE),
        Part(polygon(left, middle, low), PALE),
        *bows,
    ]


def lamp(variant: int) -> list[Part]:
    """A table lamp on a slim foot or on a fat vase."""
    if variant:  # a fat vase for a foot
        return [
            Part(box(-0.1, -0.2, 0.1, 0.3), TRUNK),
            Part(ellipse(0, 0.5, 0.44, 0.36), DEEP),
            Part(box(-0.36, 0.8, 0.36, 0.96), DEEP),
            Part(polygon((-0.48, -0.96), (0.48, -0.96), (0.72, -0.02), (-0.72, -0.02))),
            Part(polygon((-0.66, -0.24), (0.66, -0.24), (0.72, -0.02), (-0.72, -0.02)), CREAM),
        ]
    return [
        Part(box(-0.1, -0.1, 0.1, 0.86), DEEP),
        Part(ellipse(0, 0.96, 0.52, 0.26, 180, 360), DEEP),
        Part(polygon((-0.36, -0.96), (0.36, -0.96), (0.88, 0.1), (-0.88, 0.1))),
        Part(polygon((-0.1, -0.8), (0.16, -0.8), (0.3, 0.0), (-0.14, 0.0)), PALE),
    ]


def chair(variant: int) -> list[Part]:
    """A chair, from the side or from the front."""
    if variant:  # from the front
        return [
            *(Part(box(x - 0.11, 0.3, x + 0.11, 0.97), DEEP) for x in (-0.52, 0.52)),
            *(Part(box(x - 0.11, -0.95, x + 0.11, 0.2)) for x in (-0.46, 0.0, 0.46)),
            Part(box(-0.57, -0.97, 0.57, -0.66)),
            Part(polygon((-0.58, 0.02), (0.58, 0.02), (0.76, 0.42), (-0.76, 0.42)), PALE),
        ]
    return [
        *(
            Part(bar(x, 0.2, x + lean, 0.96, 0.22), DEEP)
            for x, lean in ((-0.46, -0.1), (0.46, 0.1))
        ),
        Part(bar(-0.5, 0.2, -0.68, -0.96, 0.28)),
        Part(box(-0.64, 0.02, 0.74, 0.34)),
        Part(box(-0.42, -0.12, 0.7, 0.06), PALE),
    ]


def clock(variant: int) -> list[Part]:
    """An alarm clock, or a clock on a plinth."""
    if variant:  # on a plinth
        return [
            Part(polygon((-0.66, 0.5), (0.66, 0.5), (0.96, 0.96), (-0.96, 0.96)), DEEP),
            Part(ellipse(0, -0.12, 0.84, 0.84)),
            Part(ellipse(0, -0.12, 0.52, 0.52), CREAM),
            Part(bar(0, -0.12, 0, -0.54, 0.14), TYRE),
            Part(bar(-0.05, -0.12, 0.34, -0.12, 0.14), TYRE),
        ]
    bells = [Part(ellipse(0.52 * s, -0.7, 0.36, 0.27), DEEP) for s in (-1.0, 1.0)]
    feet = [Part(bar(0.3 * s, 0.5, 0.66 * s, 0.96, 0.22), DEEP) for s in (-1.0, 1.0)]
    return [
        *bells,
        *feet,
        Part(ellipse(0, 0.1, 0.8, 0.8)),
        Part(ellipse(0, 0.1, 0.52, 0.52), CREAM),
        Part(bar(0, 0.12, 0.26, -0.26, 0.14), TYRE),
        Part(bar(0.02, 0.14, -0.3, -0.06, 0.14), TYRE),
    ]


def key(variant: int) -> list[Part]:
    """A key, upright with a ring or lying with a clover."""
    if variant:  # lying, with a clover for a grip
        leaves = [(-0.62, -0.3), (-0.62, 0.3), (-0.3, 0.0)]
        return [
            *(Part(ellipse(x, y, 0.34, 0.34), OWN) for x, y in leaves),
            Part(ellipse(-0.56, 0.0, 0.14, 0.14), CREAM),
            Part(box(-0.2, -0.12, 0.97, 0.12)),
            *(Part(box(x - 0.1, 0.0, x + 0.1, 0.46)) for x in (0.56, 0.87)),
        ]
    return [
        Part(band(0, -0.48, 0.48, 0.22)),
        Part(box(-0.13, -0.1, 0.13, 0.97)),
        Part(box(0.0, 0.36, 0.46, 0.56)),
        Part(box(0.0, 0.72, 0.56, 0.94)),
    ]


def _bow(x: float, y: float) -> Points:
    """A bow in a kite's tail around ``(x, y)``."""
    return polygon(
        (x - 0.3, y - 0.14), (x + 0.3, y + 0.14), (x + 0.3, y - 0.14), (x - 0.3, y + 0.14)
    )
