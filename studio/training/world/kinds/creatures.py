"""Who lives in the picture book: animals, snowman and person."""

from __future__ import annotations

import numpy as np

from studio.training.world.forms import (
    CREAM,
    DEEP,
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
from studio.training.world.palette import RGB

_BEAK: RGB = (244, 150, 36)
_FAIR: RGB = (240, 196, 158)
_TAN: RGB = (168, 112, 74)


def fish(variant: int) -> list[Part]:
    """A fish that swims to the left: round and striped, or slim with fins."""
    tail = Part(polygon((0.3, 0.0), (0.98, -0.6), (0.82, 0.0), (0.98, 0.6)), DEEP)
    body = Part(ellipse(-0.22, 0, 0.76, 0.58 if variant == 0 else 0.44))
    eye = _eye(-0.6, -0.14)
    if variant:
        fins = [
            Part(polygon((-0.5, -0.25), (0.3, -0.2), (0.16, -0.85)), DEEP),
            Part(polygon((-0.4, 0.25), (0.2, 0.2), (0.1, 0.75)), DEEP),
        ]
        return [tail, *fins, body, *eye]
    stripes = [Part(bar(x, -h, x, h, 0.16), PALE) for x, h in ((-0.16, 0.57), (0.16, 0.48))]
    return [tail, body, *stripes, *eye]


def bird(variant: int) -> list[Part]:
    """A bird, standing or in flight."""
    if variant:  # in flight
        return [
            Part(polygon((-0.3, 0.1), (-0.98, 0.2), (-0.9, 0.62), (-0.2, 0.5))),
            Part(polygon((0.72, -0.1), (1.0, 0.12), (0.7, 0.26)), _BEAK),
            Part(ellipse(0.0, 0.28, 0.6, 0.34)),
            Part(ellipse(0.5, 0.06, 0.32, 0.32)),
            Part(
                polygon((0.26, 0.3), (-0.36, 0.34), (-0.66, -0.55), (-0.45, -0.95), (0.1, -0.4)),
                DEEP,
            ),
            *_eye(0.56, -0.02),
        ]
    legs = [Part(box(x - 0.07, 0.5, x + 0.07, 0.97), _BEAK) for x in (-0.12, 0.18)]
    return [
        *legs,
        Part(polygon((-0.4, -0.1), (-0.98, -0.3), (-0.92, 0.12), (-0.3, 0.5))),
        Part(polygon((0.66, -0.68), (1.0, -0.46), (0.66, -0.3)), _BEAK),
        Part(ellipse(0.02, 0.16, 0.62, 0.52)),
        Part(ellipse(0.4, -0.5, 0.4, 0.4)),
        Part(ellipse(-0.1, 0.02, 0.42, 0.4, 0, 180), DEEP),
        *_eye(0.48, -0.58),
    ]


def cat(variant: int) -> list[Part]:
    """A sitting cat, from the front or from the side."""
    if variant:  # seen from the side, its tail up
        return [
            Part(band(0.62, -0.05, 0.3, 0.1, 150, 400)),
            Part(bar(0.44, 0.0, 0.5, 0.8, 0.2)),
            Part(ellipse(0.14, 0.5, 0.5, 0.46)),
            Part(polygon((-0.5, -0.3), (0.1, -0.3), (0.4, 0.2), (0.0, 0.96), (-0.44, 0.96))),
            *_cat_head(-0.38, -0.35),
        ]
    return [
        Part(band(0.4, 0.5, 0.46, 0.24, -70, 110)),
        Part(ellipse(-0.08, 0.44, 0.5, 0.52)),
        Part(ellipse(-0.08, 0.52, 0.24, 0.34), PALE),
        *_cat_head(-0.08, -0.35),
    ]


def dog(variant: int) -> list[Part]:
    """A standing dog with hanging ears: tall to the right, or low to the left."""
    low = 0.15 * variant  # the second one is long and low
    legs = [Part(box(x - 0.12, 0.2, x + 0.12, 0.95 - low)) for x in (-0.62, -0.3, 0.12, 0.42)]
    parts = [
        Part(bar(-0.6, 0.05, -0.9, -0.62 + 2 * low, 0.2)),
        *legs,
        Part(box(-0.74, -0.1 + low, 0.54, 0.48)),
        Part(polygon((0.1, 0.0), (0.26, -0.6), (0.6, -0.5), (0.54, 0.3))),
        Part(ellipse(0.44, -0.52, 0.34, 0.32)),
        Part(box(0.44, -0.56, 0.92, -0.24)),
        Part(ellipse(0.9, -0.5, 0.11, 0.11), TYRE),
        Part(ellipse(0.2, -0.38, 0.17, 0.4), DEEP),
        *_eye(0.52, -0.62),
    ]
    if variant:
        return mirrored([*parts, Part(ellipse(-0.3, 0.16, 0.26, 0.17), PALE)])
    return [*parts, Part(bar(0.16, 0.02, 0.6, 0.1, 0.14), CREAM)]


def butterfly(variant: int) -> list[Part]:
    """A butterfly with round wings or angular ones."""
    parts: list[Part] = []
    for side in (-1.0, 1.0):
        parts.append(Part(bar(0.0, -0.4, 0.3 * side, -0.9, 0.12), TYRE))
        if variant:
            upper = [(0.06, -0.02), (0.5, -0.85), (0.98, -0.8), (0.92, -0.1), (0.5, 0.14)]
            lower = [(0.06, 0.0), (0.66, 0.1), (0.8, 0.6), (0.52, 0.95), (0.22, 0.7)]
            parts.append(Part(_sided(side, *lower), DEEP))
            parts.append(Part(_sided(side, *upper)))
            parts.append(Part(ellipse(0.66 * side, -0.42, 0.17, 0.2), CREAM))
        else:
            parts.append(Part(ellipse(0.4 * side, 0.48, 0.38, 0.42)))
            parts.append(Part(ellipse(0.52 * side, -0.26, 0.45, 0.5)))
            parts.append(Part(ellipse(0.56 * side, -0.28, 0.22, 0.26), PALE))
    return [*parts, Part(ellipse(0, 0.06, 0.13, 0.66), TYRE)]


def snail(variant: int) -> list[Part]:
    """A snail, its shell ringed or spiral."""
    turn = 1.0 if variant else 0.0
    body = [
        Part(polygon((-0.98, 0.92), (-0.7, 0.6), (0.5, 0.55), (0.92, 0.6), (0.82, 0.92)), PALE),
        Part(bar(0.7, 0.75, 0.7, 0.0, 0.32), PALE),
        Part(ellipse(0.74, 0.0, 0.24, 0.2), PALE),
        Part(bar(0.66, 0.0, 0.54, -0.46, 0.12), PALE),
        Part(bar(0.8, 0.0, 0.92, -0.46, 0.12), PALE),
    ]
    shell = Part(ellipse(-0.2, -0.04 - 0.04 * turn, 0.68, 0.72))
    if variant:
        return mirrored([*body, shell, Part(_spiral(-0.2, -0.06), DEEP)])
    rings = [Part(ellipse(-0.16, 0.02, 0.44, 0.44), DEEP), Part(ellipse(-0.12, 0.06, 0.22, 0.22))]
    return [*body, shell, *rings]


def snowman(variant: int) -> list[Part]:
    """A snowman in a top hat and scarf, or in a bobble cap."""
    arms = [
        Part(bar(0.3 * side, 0.06, 0.92 * side, -0.3 + 0.3 * variant, 0.12), TRUNK)
        for side in (-1.0, 1.0)
    ]
    balls = [
        Part(ellipse(0, 0.56, 0.52, 0.42)),
        Part(ellipse(0, 0.02, 0.4, 0.34), PALE),
        Part(ellipse(0, -0.42, 0.32, 0.3)),
    ]
    carrot = Part(polygon((0.0, -0.5), (0.44, -0.38), (0.0, -0.3)), _BEAK)
    if variant:
        cap = Part(ellipse(0, -0.52, 0.36, 0.38, 180, 360), DEEP)
        buttons = [Part(ellipse(0, y, 0.09, 0.09), TYRE) for y in (0.04, 0.42, 0.68)]
        bobble = Part(ellipse(0, -0.86, 0.12, 0.12), CREAM)
        return [*arms, *balls, cap, bobble, mirrored([carrot])[0], *buttons]
    hat = [Part(box(-0.25, -0.97, 0.25, -0.6), TYRE), Part(box(-0.44, -0.7, 0.44, -0.57), TYRE)]
    scarf = [Part(box(-0.34, -0.24, 0.34, -0.08), DEEP), Part(box(0.1, -0.1, 0.3, 0.34), DEEP)]
    return [*arms, *balls, *scarf, *hat, carrot]


def person(variant: int) -> list[Part]:
    """Somebody in a jumper and trousers, or in a frock and waving."""
    if variant:  # in a frock, waving
        return [
            Part(ellipse(0, -0.58, 0.38, 0.4), TRUNK),
            Part(box(-0.36, -0.6, 0.36, -0.2), TRUNK),
            *(Part(box(x - 0.1, 0.5, x + 0.1, 0.97), _FAIR) for x in (-0.2, 0.2)),
            Part(bar(0.12, -0.06, 0.74, -0.5, 0.22)),
            Part(bar(-0.12, -0.06, -0.66, 0.36, 0.22)),
            Part(ellipse(0.78, -0.54, 0.14, 0.14), _FAIR),
            Part(ellipse(-0.7, 0.4, 0.14, 0.14), _FAIR),
            Part(polygon((-0.24, -0.2), (0.24, -0.2), (0.6, 0.68), (-0.6, 0.68))),
            Part(ellipse(0, -0.5, 0.27, 0.3), _FAIR),
        ]
    return [
        Part(ellipse(0, -0.66, 0.32, 0.32), TYRE),
        *(Part(bar(0.12 * s, 0.4, 0.24 * s, 0.94, 0.26), DEEP) for s in (-1.0, 1.0)),
        *(Part(bar(0.2 * s, -0.16, 0.7 * s, 0.3, 0.24)) for s in (-1.0, 1.0)),
        *(Part(ellipse(0.74 * s, 0.34, 0.14, 0.14), _TAN) for s in (-1.0, 1.0)),
        Part(box(-0.38, -0.28, 0.38, 0.5)),
        Part(ellipse(0, -0.55, 0.28, 0.29), _TAN),
    ]


def _eye(x: float, y: float) -> list[Part]:
    """An eye that shows on every ink."""
    return [Part(ellipse(x, y, 0.14, 0.14), CREAM), Part(ellipse(x, y, 0.075, 0.075), TYRE)]


def _cat_head(x: float, y: float) -> list[Part]:
    """A cat's head around ``(x, y)``, turned to whoever looks."""
    ears = [
        Part(_sided(side, (0.04, -0.28), (0.48, -0.62), (0.5, 0.0)) + np.array([x, y]))
        for side in (-1.0, 1.0)
    ]
    nose = Part(polygon((x - 0.1, y + 0.1), (x + 0.1, y + 0.1), (x, y + 0.24)), TYRE)
    return [
        *ears,
        Part(ellipse(x, y, 0.52, 0.4)),
        *_eye(x - 0.23, y - 0.06),
        *_eye(x + 0.23, y - 0.06),
        nose,
    ]


def _sided(side: float, *corners: tuple[float, float]) -> Points:
    """A polygon on the right, or with ``side`` -1 its mirror image on the left."""
    placed: Points = polygon(*corners) * np.array([side, 1.0])
    return placed


def _spiral(x: float, y: float) -> Points:
    """A snail shell's spiral line around ``(x, y)``."""
    angles = np.linspace(0.0, 3.4 * np.pi, 60)
    rims = [0.04 + reach * angles / angles[-1] for reach in (0.36, 0.54)]
    inner, outer = (
        np.stack([x + r * np.cos(angles), y + r * np.sin(angles)], axis=1) for r in rims
    )
    return np.concatenate([outer, inner[::-1]])
