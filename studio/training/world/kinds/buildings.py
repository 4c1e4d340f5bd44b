"""What stands: house, castle, tent and bridge."""

from __future__ import annotations

import numpy as np

from studio.training.world.forms import (
    CREAM,
    DEEP,
    GLASS,
    PALE,
    TRUNK,
    Part,
    Points,
    box,
    ellipse,
    polygon,
)


def house(variant: int) -> list[Part]:
    """A house with a chimney, or with two windows."""
    walls = Part(box(-0.7, -0.1, 0.7, 0.95))
    roof = Part(polygon((0, -0.95), (0.95, -0.08), (-0.95, -0.08)), DEEP)
    if variant:
        windows = [Part(box(x - 0.17, 0.08, x + 0.17, 0.42), GLASS) for x in (-0.36, 0.36)]
        return [walls, roof, *windows, Part(box(-0.16, 0.52, 0.16, 0.95), TRUNK)]
    chimney = Part(box(0.36, -0.9, 0.62, -0.4), DEEP)
    window = Part(box(0.1, 0.16, 0.5, 0.54), GLASS)
    return [chimney, walls, roof, window, Part(box(-0.48, 0.3, -0.12, 0.95), TRUNK)]


def castle(variant: int) -> list[Part]:
    """A wall between two towers: all with battlements, or the towers with pointed roofs."""
    sill = polygon((0.21, 0.95), (-0.21, 0.95))
    gate = np.concatenate([ellipse(0, 0.5, 0.21, 0.24, 180, 359.9), sill])
    if variant:
        parts = [Part(_battlements(-0.4, 0.4, 0.0, 2))]
        for x in (-0.64, 0.64):
            parts.append(Part(box(x - 0.26, -0.32, x + 0.26, 0.95)))
            roof = polygon((x, -0.98), (x + 0.34, -0.28), (x - 0.34, -0.28))
            parts.append(Part(roof, DEEP))
        return [*parts, Part(gate, TRUNK)]
    return [
        Part(_battlements(-0.4, 0.4, -0.1, 2), DEEP),
        Part(_battlements(-0.97, -0.35, -0.9, 2)),
        Part(_battlements(0.35, 0.97, -0.9, 2)),
        Part(gate, TRUNK),
    ]


def tent(variant: int) -> list[Part]:
    """A ridge tent seen from a corner, or a pointed one from the front with its poles crossed."""
    if variant:
        poles = [
            Part(polygon((-0.26, -0.98), (-0.1, -0.98), (0.16, -0.5), (0.0, -0.5)), TRUNK),
            Part(polygon((0.26, -0.98), (0.1, -0.98), (-0.16, -0.5), (0.0, -0.5)), TRUNK),
        ]
        cloth = Part(polygon((0, -0.76), (0.92, 0.92), (-0.92, 0.92)))
        band = Part(polygon((0, -0.76), (0.3, -0.2), (-0.3, -0.2)), PALE)
        return [*poles, cloth, band, Part(polygon((0, 0.0), (0.32, 0.92), (-0.32, 0.92)), CREAM)]
    side = Part(polygon((-0.36, -0.7), (0.62, -0.7), (0.98, 0.75), (0.3, 0.75)), DEEP)
    front = Part(polygon((-0.36, -0.7), (0.3, 0.75), (-0.98, 0.75)))
    return [side, front, Part(polygon((-0.36, -0.2), (-0.06, 0.75), (-0.66, 0.75)), CREAM)]


def bridge(variant: int) -> list[Part]:
    """A level bridge on three arches, or one that rises to its middle on two."""
    if variant:
        across = np.linspace(-0.98, 0.98, 24)
        rise = np.stack([across, -0.3 - 0.38 * np.cos(across * np.pi / 2)], axis=1)
        deck = np.concatenate([rise, (rise + np.array([0.0, 0.2]))[::-1]])
        body = np.concatenate([polygon((0.98, 0.75)), rise[::-1], polygon((-0.98, 0.75))])
        return [Part(_arched(body, (-0.44, 0.44), 0.3, 0.75)), Part(deck, DEEP)]
    body = polygon((0.95, 0.75), (0.95, -0.5), (-0.95, -0.5), (-0.95, 0.75))
    deck = box(-0.98, -0.6, 0.98, -0.32)
    return [Part(_arched(body, (-0.59, 0.0, 0.59), 0.21, 0.75)), Part(deck, DEEP)]


def _battlements(left: float, right: float, top: float, gaps: int) -> Points:
    """A wall down to the ground whose top edge has ``gaps`` notches."""
    edges = np.linspace(left, right, 2 * gaps + 2)
    corners = [(left, 0.95)]
    for step, (start, end) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        height = top + 0.2 * (step % 2)
        corners += [(float(start), height), (float(end), height)]
    return polygon(*corners, (right, 0.95))


def _arched(body: Points, middles: tuple[float, ...], width: float, foot: float) -> Points:
    """``body``, whose corners end at its lower left, with arches cut out of its lower edge."""
    arches = []
    for x in middles:
        arches.append(polygon((x - width, foot)))
        arches.append(ellipse(x, 0.16, width, 0.3, 180, 359.9))
        arches.append(polygon((x + width, foot)))
    return np.concatenate([body, *arches])
