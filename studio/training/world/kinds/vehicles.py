"""What carries people: boat, car, train, balloon, rocket, plane and bicycle."""

from __future__ import annotations

import numpy as np

from studio.training.world.forms import (
    CREAM,
    DEEP,
    GLASS,
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


def boat(variant: int) -> list[Part]:
    """A boat under two light sails, or under one of its own ink."""
    hull = Part(polygon((-0.98, 0.24), (0.98, 0.24), (0.64, 0.94), (-0.64, 0.94)))
    mast = Part(box(-0.08, -0.98, 0.08, 0.3), TRUNK)
    if variant:
        return [mast, hull, Part(polygon((0.08, -0.96), (0.86, 0.12), (0.08, 0.12)), OWN)]
    sails = [
        Part(polygon((0.08, -0.92), (0.76, 0.12), (0.08, 0.12)), CREAM),
        Part(polygon((-0.08, -0.66), (-0.08, 0.12), (-0.62, 0.12)), CREAM),
    ]
    return [mast, hull, *sails]


def car(variant: int) -> list[Part]:
    """A saloon, or a van."""
    wheels = [Part(ellipse(x, 0.5, 0.28, 0.28), TYRE) for x in (-0.52, 0.52)]
    hubs = [Part(ellipse(x, 0.5, 0.12, 0.12), CREAM) for x in (-0.52, 0.52)]
    if variant:
        body = polygon((-0.98, -0.72), (0.42, -0.72), (0.72, -0.08), (0.98, 0.0), (0.98, 0.5))
        glass = polygon((0.02, -0.54), (0.32, -0.54), (0.54, -0.06), (0.02, -0.06))
        shell = np.concatenate([body, polygon((-0.98, 0.5))])
        return [Part(shell), Part(glass, GLASS), *wheels, *hubs]
    cabin = Part(polygon((-0.4, -0.7), (0.3, -0.7), (0.62, -0.06), (-0.68, -0.06)))
    panes = [
        Part(polygon((-0.32, -0.54), (-0.08, -0.54), (-0.08, -0.1), (-0.52, -0.1)), GLASS),
        Part(polygon((0.08, -0.54), (0.24, -0.54), (0.46, -0.1), (0.08, -0.1)), GLASS),
    ]
    return [cabin, Part(box(-0.98, -0.1, 0.98, 0.5)), *panes, *wheels, *hubs]


def train(variant: int) -> list[Part]:
    """A steam engine, heading right or, with a round boiler and smoke, left."""
    wheels = [Part(ellipse(x, 0.68, 0.26, 0.26), TYRE) for x in (-0.6, 0.0, 0.6)]
    if variant:
        return [
            Part(ellipse(-0.46, -0.78, 0.34, 0.19), CREAM),
            Part(box(-0.72, -0.5, -0.44, 0.1), DEEP),
            Part(ellipse(-0.44, 0.12, 0.5, 0.44)),
            Part(box(-0.44, -0.32, 0.3, 0.56)),
            Part(box(0.22, -0.74, 0.92, 0.56)),
            Part(box(0.38, -0.54, 0.76, -0.12), GLASS),
            *(Part(ellipse(x, 0.66, 0.3, 0.3), TYRE) for x in (-0.46, 0.46)),
        ]
    return [
        Part(box(0.42, -0.8, 0.7, 0.0), DEEP),
        Part(polygon((0.7, 0.3), (0.98, 0.76), (0.5, 0.76)), DEEP),
        Part(box(-0.4, -0.22, 0.86, 0.56)),
        Part(box(-0.86, -0.8, -0.18, 0.56)),
        Part(box(-0.98, -0.95, -0.06, -0.72), DEEP),
        Part(box(-0.7, -0.58, -0.34, -0.16), GLASS),
        *wheels,
    ]


def balloon(variant: int) -> list[Part]:
    """A toy balloon on a string, or a hot-air balloon with its basket."""
    if variant:
        ropes = [
            Part(polygon((-0.46, 0.1), (-0.3, 0.1), (-0.12, 0.68), (-0.26, 0.68)), TRUNK),
            Part(polygon((0.3, 0.1), (0.46, 0.1), (0.26, 0.68), (0.12, 0.68)), TRUNK),
        ]
        bag = ellipse(0, -0.3, 0.76, 0.68, 150, 390)
        envelope = Part(np.concatenate([bag, polygon((0.26, 0.44), (-0.26, 0.44))]))
        stripe = Part(ellipse(0, -0.28, 0.24, 0.68), PALE)
        return [*ropes, envelope, stripe, Part(box(-0.28, 0.62, 0.28, 0.98), TRUNK)]
    down = np.linspace(0.4, 0.98, 12)
    sway = 0.16 * np.sin((down - 0.4) * 2 * np.pi / 0.58)
    left, right = np.stack([sway - 0.07, down], axis=1), np.stack([sway + 0.07, down], axis=1)
    string = Part(np.concatenate([left, right[::-1]]), TRUNK)
    knot = Part(polygon((0, 0.24), (0.2, 0.54), (-0.2, 0.54)))
    shine = Part(ellipse(-0.24, -0.56, 0.18, 0.22), PALE)
    return [string, knot, Part(ellipse(0, -0.3, 0.62, 0.68)), shine]


def rocket(variant: int) -> list[Part]:
    """A rocket on a flame, or a stout one with a dark nose and a foot in the middle."""
    width = 0.56 if variant else 0.46
    along = np.linspace(0, 1, 20)
    half = width * np.sqrt(along) * (1.25 - 0.4 * along)
    flank = np.stack([half, -0.98 + 1.55 * along], axis=1)
    mirror = np.array([-1.0, 1.0])
    hull = np.concatenate([flank, (flank * mirror)[::-1]])
    fin = polygon((0.26, -0.04), (0.86, 0.46), (0.86, 0.9), (0.26, 0.56))
    fins = [Part(fin, DEEP), Part(fin * mirror, DEEP)]
    if variant:
        nose = np.concatenate([flank[:7], (flank[:7] * mirror)[::-1]])
        foot = Part(polygon((-0.13, 0.3), (0.13, 0.3), (0.13, 0.95), (-0.13, 0.95)), DEEP)
        port = Part(ellipse(0, -0.1, 0.22, 0.22), GLASS)
        return [*fins, Part(hull), Part(nose, DEEP), foot, port]
    flame = Part(polygon((-0.3, 0.5), (0.3, 0.5), (0.0, 0.98)), CREAM)
    return [flame, *fins, Part(hull), Part(ellipse(0, -0.2, 0.22, 0.22), GLASS)]


def plane(variant: int) -> list[Part]:
    """An aeroplane seen from above, slanting, or from its side."""
    if variant:
        body = np.concatenate([ellipse(0.4, 0.06, 0.58, 0.34, -90, 90), polygon((-0.96, -0.1))])
        return [
            Part(polygon((-0.98, -0.72), (-0.66, -0.72), (-0.24, -0.1), (-0.9, 0.0)), DEEP),
            Part(body),
            Part(polygon((-0.06, 0.06), (0.36, 0.06), (-0.16, 0.78), (-0.5, 0.78)), DEEP),
            Part(polygon((0.52, -0.14), (0.7, -0.14), (0.88, 0.06), (0.52, 0.06)), GLASS),
        ]
    wing = polygon((0.0, -0.38), (0.96, 0.1), (0.96, 0.36), (0.0, 0.22))
    tail = polygon((0.0, 0.54), (0.44, 0.74), (0.44, 0.96), (0.0, 0.92))
    mirror = np.array([-1.0, 1.0])
    shapes: list[Points] = [wing, wing * mirror, tail, tail * mirror]
    hull = ellipse(0, 0.04, 0.22, 1.04)
    cockpit = ellipse(0, -0.62, 0.12, 0.17)
    return [
        *(Part(_slanted(points), DEEP) for points in shapes),
        Part(_slanted(hull)),
        Part(_slanted(cockpit), GLASS),
    ]


def bicycle(variant: int) -> list[Part]:
    """A bicycle with a solid frame, or an open one and a basket."""
    middles = ((-0.54, 0.46), (0.54, 0.46))
    wheels = [Part(ellipse(x, y, 0.44, 0.44), TYRE) for x, y in middles]
    hubs = [Part(ellipse(x, y, 0.28, 0.28), PALE) for x, y in middles]
    fork = [_bar((0.54, 0.46), (0.3, -0.7), 0.18), _bar((0.3, -0.66), (0.66, -0.74), 0.18)]
    stay = _bar((-0.54, 0.46), (-0.04, 0.46), 0.18)
    seat = Part(box(-0.6, -0.66, -0.12, -0.46), TYRE)
    if variant:
        frame = [_bar((-0.04, 0.46), (-0.36, -0.5), 0.2), _bar((-0.04, 0.46), (0.4, -0.3), 0.2)]
        basket = Part(polygon((0.4, -0.5), (0.98, -0.5), (0.88, -0.08), (0.48, -0.08)), DEEP)
    else:
        frame = [polygon((-0.46, -0.5), (-0.26, -0.5), (0.36, -0.32), (0.42, -0.1), (0.0, 0.56))]
        basket = None
    lines = [Part(points) for points in (*fork, stay, *frame)]
    return [*wheels, *hubs, *lines, seat, *([basket] if basket else [])]


def _bar(start: tuple[float, float], end: tuple[float, float], width: float) -> Points:
    """A straight bar of this width between two points."""
    a, b = np.array(start), np.array(end)
    along = (b - a) / np.hypot(*(b - a))
    side = np.array([-along[1], along[0]]) * width / 2
    return np.stack([a + side, b + side, b - side, a - side])


def _slanted(points: Points) -> Points:
    """``points`` turned so that what was up points to the upper right."""
    half = np.sqrt(0.5)
    slanted: Points = points @ np.array([[half, half], [-half, half]])
    return slanted
