"""Draws a scene: antialiased, and the same bytes for the same scene."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.training.world.backdrops import paint_backdrop
from studio.training.world.palette import RGB, ink, jitter, mix, outline
from studio.training.world.scene import SIDE, Scene, Thing
from studio.training.world.shapes import DEEP, OWN, PALE, Part, parts_of

Picture = NDArray[np.uint8]
"""RGB, shape ``(SIDE, SIDE, 3)``, 0 to 255."""

SCALE = 3
"""Pictures are drawn this many times larger and then averaged down, which smooths their edges."""

_LINE = 1.1  # width of outlines, in pixels of the finished picture
_TILT = 0.12  # largest turn of a thing to either side, in radians


def draw_scene(scene: Scene) -> Picture:
    """The picture of ``scene``; details such as tilt and paint follow from its seed alone."""
    rng = np.random.default_rng(scene.seed)
    canvas = np.empty((SIDE * SCALE, SIDE * SCALE, 3), dtype=np.uint8)
    paint_backdrop(canvas, scene.backdrop, rng)
    for thing in scene.things:
        _draw_thing(canvas, thing, rng)
    picture: Picture = cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return picture


def _draw_thing(canvas: Picture, thing: Thing, rng: np.random.Generator) -> None:
    own = jitter(ink(thing.colour, thing.shade), rng)
    tilt = rng.uniform(-_TILT, _TILT)
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    middle = np.array([thing.x, thing.y])
    parts = parts_of(thing.kind, thing.variant)
    outlines = [(part.points @ turn * thing.radius + middle) * SCALE for part in parts]
    # Parts of the thing's own ink lose the lines between them: all outlines first, then fills.
    own_line = outline(own)
    for part, points in zip(parts, outlines, strict=True):
        if part.fill == OWN:
            _stroke(canvas, points, own_line)
    for part, points in zip(parts, outlines, strict=True):
        fill = _fill_colour(part, own)
        if part.fill != OWN:
            _stroke(canvas, points, outline(fill))
        cv2.fillPoly(canvas, [np.rint(points).astype(np.int32)], fill)


def _stroke(canvas: Picture, points: NDArray[np.float64], colour: RGB) -> None:
    width = max(1, round(2 * _LINE * SCALE))
    cv2.polylines(canvas, [np.rint(points).astype(np.int32)], True, colour, width)


def _fill_colour(part: Part, own: RGB) -> RGB:
    match part.fill:
        case str() as tone:
            tones = {
                OWN: own,
                PALE: mix(own, (255, 255, 255), 0.4),
                DEEP: mix(own, (0, 0, 0), 0.22),
            }
            return tones[tone]
        case fixed:
            return fixed
