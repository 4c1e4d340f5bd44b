"""Draws a scene: antialiased, the same bytes for the same scene, and the same at every side."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.training.world.backdrops import is_very_dark, paint_backdrop
from studio.training.world.forms import DEEP, OWN, PALE, Part, Points
from studio.training.world.kinds import parts_of
from studio.training.world.palette import RGB, ink, jitter, mix
from studio.training.world.scene import SIDE, Scene, Thing
from studio.training.world.styles import MANNERS, Manner, Picture, brightness

_VERY_DARK = 50  # brightness of inks that nearly black lines are lost on
_TILT = 0.12  # largest turn of a thing to either side, in radians
_SHADE = 0.45  # how much light a shadow leaves
_PENUMBRA = 0.8  # how soft a shadow is, as a part of its length


def draw_scene(scene: Scene, side: int = SIDE, across: int = SIDE) -> Picture:
    """The picture of ``scene``, ``side`` pixels wide and high.

    The scene's places and sizes are in pixels of a picture ``across`` wide. Details such as tilt
    and paint follow from its seed alone: it is the same picture at every side.
    """
    layout, texture = np.random.default_rng(scene.seed), np.random.default_rng((scene.seed, 1))
    manner = MANNERS[scene.style]
    # Painted larger and then averaged down, which smooths all edges.
    scale = 3 if side < 256 else 2
    canvas = np.empty((side * scale, side * scale, 3), dtype=np.uint8)
    paint_backdrop(canvas, scene.backdrop, layout, manner.tone)
    easel = _Easel(canvas, side * scale / across, manner)
    for thing in scene.things:
        _draw_thing(easel, thing, layout, is_very_dark(scene.backdrop))
    picture: Picture = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
    return manner.surface(picture, texture)


@dataclass(frozen=True, slots=True)
class _Easel:
    """A canvas, how many of its pixels make one of the scene's, and how to paint on it."""

    canvas: Picture
    scale: float
    manner: Manner

    def fill(self, points: Points, colour: RGB) -> None:
        """Fills a polygon given in the scene's pixels."""
        cv2.fillPoly(self.canvas, [self._corners(points)], colour)

    def stroke(self, points: Points, colour: RGB, reach: float) -> None:
        """Draws the line of a polygon, ``reach`` pixels beyond it."""
        if reach:
            width = max(1, round(2 * reach * self.scale))
            cv2.polylines(self.canvas, [self._corners(points)], True, colour, width)

    def shadow(self, polygons: list[Points]) -> None:
        """Darkens what lies beneath all these polygons, to their right and below."""
        reach = self.manner.shadow
        if not reach:
            return
        corners = [self._corners(points + reach) for points in polygons]
        margin = round(2 * reach * self.scale)
        every = np.concatenate(corners)
        left, top = np.maximum(every.min(axis=0) - margin, 0)
        right, bottom = every.max(axis=0) + margin
        region = self.canvas[top:bottom, left:right]
        light = np.full(region.shape[:2], 255, dtype=np.uint8)
        for outline in corners:
            cv2.fillPoly(light, [outline - (left, top)], round(255 * _SHADE))
        blur = 2 * round(_PENUMBRA * reach * self.scale / 2) + 1
        soft = cv2.blur(cv2.blur(light, (blur, blur)), (blur, blur))
        cv2.multiply(region, cv2.merge([soft, soft, soft]), dst=region, scale=1 / 255)

    def _corners(self, points: Points) -> NDArray[np.int32]:
        return np.rint(points * self.scale - 0.5).astype(np.int32)


def _draw_thing(easel: _Easel, thing: Thing, rng: np.random.Generator, in_the_dark: bool) -> None:
    manner = easel.manner
    own = jitter(ink(thing.colour, thing.shade), rng)
    tilt = rng.uniform(-_TILT, _TILT)
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    middle = np.array([thing.x, thing.y])
    parts = parts_of(thing.kind, thing.variant)
    polygons = [part.points @ turn * thing.radius + middle for part in parts]
    fills = [manner.tone(_fill_colour(part, own)) for part in parts]
    in_the_dark |= brightness(own) < _VERY_DARK
    lines = [manner.line_ink(fill, in_the_dark) for fill in fills]
    easel.shadow(polygons)
    # All outlines come before all fills: parts of the thing's own ink have no lines between them.
    for points, line in zip(polygons, lines, strict=True):
        easel.stroke(points, line, manner.line)
    for part, points, fill, line in zip(parts, polygons, fills, lines, strict=True):
        if part.fill != OWN:
            easel.stroke(points, line, manner.inner_line)
        easel.fill(points, fill)


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
