"""Scenes in pictures that are wider than high, or higher than wide.

Everything else in the world speaks of square pictures. A long one is a window onto a larger
square drawing: things keep their size in pixels, and their places are told as parts of the
window's width and height, as a person tells them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studio.training.world.draw import draw_scene
from studio.training.world.scene import SIDE, Relation, Scene, Thing
from studio.training.world.styles import Picture

_EDGE = 2.0  # pixels left free between a thing and the window's edge
_GAP = 1.0  # pixels left free between two things
_SKY = 0.46
"""How much of what a wide window leaves out lies above it: horizons stay in the picture."""


@dataclass(frozen=True, slots=True)
class Format:
    """The window's ``width`` and ``height`` in pixels, about as large as a square of ``SIDE``."""

    width: int
    height: int


FORMATS = (Format(160, 96), Format(96, 160), Format(192, 96))
"""What pictures of the usual sizes that are not square are painted as."""


def place_in(size: Format, scene: Scene) -> Scene | None:
    """The scene with its places in pixels of the window; None where its things find no room."""
    if scene.relation is Relation.APART:
        things = tuple(_put(size, thing) for thing in scene.things)
    else:
        things = _put_together(size, scene.things)
    roomy = all(_lies_in(size, thing) for thing in things)
    if not roomy or (scene.relation is Relation.APART and _touch(things)):
        return None
    return replace(scene, things=things)


def tell_of(size: Format, scene: Scene) -> Scene:
    """The scene of a window as it is described: places as if the picture were square."""
    return replace(
        scene,
        things=tuple(
            replace(thing, x=thing.x * SIDE / size.width, y=thing.y * SIDE / size.height)
            for thing in scene.things
        ),
    )


def draw_in(size: Format, scene: Scene) -> Picture:
    """The picture, shape ``(height, width, 3)``, of a scene that :func:`place_in` placed."""
    reach = max(size.width, size.height)
    left = (reach - size.width) // 2
    top = round((reach - size.height) * _SKY)
    moved = tuple(replace(t, x=t.x + left, y=t.y + top) for t in scene.things)
    drawn = draw_scene(replace(scene, things=moved), reach, across=reach)
    window: Picture = drawn[top : top + size.height, left : left + size.width]
    return window


def _put(size: Format, thing: Thing) -> Thing:
    x, y = thing.x * size.width / SIDE, thing.y * size.height / SIDE
    return replace(
        thing, x=_within(x, thing.radius, size.width), y=_within(y, thing.radius, size.height)
    )


def _within(middle: float, radius: float, length: int) -> float:
    reach = radius + _EDGE
    return float(np.clip(middle, reach, max(reach, length - reach)))


def _put_together(size: Format, things: tuple[Thing, ...]) -> tuple[Thing, ...]:
    """Things inside or behind one another keep their distance; the first leads."""
    first = things[0]
    led = _put(size, first)
    by = led.x - first.x, led.y - first.y
    return tuple(replace(thing, x=thing.x + by[0], y=thing.y + by[1]) for thing in things)


def _lies_in(size: Format, thing: Thing) -> bool:
    return (
        thing.radius <= thing.x <= size.width - thing.radius
        and thing.radius <= thing.y <= size.height - thing.radius
    )


def _touch(things: tuple[Thing, ...]) -> bool:
    return any(
        np.hypot(one.x - other.x, one.y - other.y) < one.radius + other.radius + _GAP
        for index, one in enumerate(things)
        for other in things[:index]
    )
