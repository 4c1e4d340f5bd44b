"""Paints what is behind the things: sheets of a colour, and settings in a few colours each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.training.world.palette import RGB, Colour, ink, jitter, mix
from studio.training.world.scene import Backdrop, Setting

Canvas = NDArray[np.uint8]
"""RGB, shape ``(side, side, 3)``, painted in place."""

Tone = Callable[[RGB], RGB]
"""What a style makes of an ink."""

_WHITE: RGB = (255, 255, 255)
_BLACK: RGB = (0, 0, 0)

_RUN = 0.34
"""How far towards white or black a sheet runs."""

# Run the other way, or further, and these would be taken for another colour.
_LIGHTER: dict[Colour, float] = {
    Colour.BLACK: 0.24,
    Colour.BROWN: 0.24,
    Colour.GREY: _RUN,
    Colour.ORANGE: _RUN,
}
_DARKER: dict[Colour, float] = {Colour.WHITE: 0.14, Colour.YELLOW: 0.16, Colour.PINK: 0.2}


def paint_backdrop(
    canvas: Canvas, backdrop: Backdrop, rng: np.random.Generator, tone: Tone
) -> None:
    """Covers the whole of ``canvas`` with ``backdrop``, each ink as ``tone`` has it."""
    paint = _Paint(canvas, rng, tone)
    if backdrop.colour is None:
        _SETTINGS[backdrop.setting](paint)
    elif backdrop.setting is Setting.GRADIENT:
        _sheet(paint, backdrop.colour)
    else:
        paint.cover(ink(backdrop.colour))


def is_very_dark(backdrop: Backdrop) -> bool:
    """Whether nearly black lines would be lost in front of the backdrop."""
    return backdrop.colour is Colour.BLACK or backdrop.setting is Setting.NIGHT


@dataclass(frozen=True, slots=True)
class _Paint:
    """A canvas and what paints it; coordinates and lengths are fractions of the side."""

    canvas: Canvas
    rng: np.random.Generator
    tone: Tone

    def ink(self, rgb: RGB) -> RGB:
        """``rgb`` a little off, in the style's tone."""
        return self.tone(jitter(rgb, self.rng))

    def cover(self, rgb: RGB) -> None:
        """Covers the canvas with one ink."""
        side = len(self.canvas)
        cv2.rectangle(self.canvas, (0, 0), (side, side), self.ink(rgb), -1)

    def fade(self, top: RGB, bottom: RGB) -> None:
        """Covers the canvas with inks that run from ``top`` to ``bottom``."""
        self.run(self.ink(top), self.ink(bottom))

    def run(self, top: RGB, bottom: RGB) -> None:
        """Covers the canvas from one finished ink to another."""
        side = len(self.canvas)
        cv2.repeat(_ramp(top, bottom, side)[:, None], 1, side, dst=self.canvas)

    def fill(self, corners: list[tuple[float, float]], colour: RGB) -> None:
        """Fills a polygon with a finished ink."""
        cv2.fillPoly(self.canvas, [self._pixels(np.array(corners))], colour)

    def line(self, points: NDArray[np.float64], width: float, colour: RGB) -> None:
        """Draws an open line in a finished ink."""
        thickness = max(1, round(width * len(self.canvas)))
        cv2.polylines(self.canvas, [self._pixels(points)], False, colour, thickness)

    def dots(self, count: int, radii: tuple[float, float], rgb: RGB) -> None:
        """Strews dots of radii between these over the canvas."""
        colour, side = self.tone(rgb), len(self.canvas)
        for x, y, size in self.rng.uniform(0, 1, (count, 3)):
            radius = radii[0] + size * (radii[1] - radii[0])
            middle = self._pixels(np.array([x, y]))
            cv2.circle(
                self.canvas, (int(middle[0]), int(middle[1])), round(radius * side), colour, -1
            )

    def hills(self, height: float, sway: float, waves: float, colour: RGB) -> None:
        """Ground below a wavy line, in a finished ink."""
        x = np.linspace(0, 1, 65)
        y = height + sway * np.sin(2 * np.pi * (waves * x + self.rng.uniform()))
        corners = np.concatenate([np.stack([x, y], axis=1), [[1.01, 1.01], [0.0, 1.01]]])
        cv2.fillPoly(self.canvas, [self._pixels(corners)], colour)

    def _pixels(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        return np.rint(points * len(self.canvas) - 0.5).astype(np.int32)


def _ramp(start: RGB, end: RGB, count: int) -> Canvas:
    """``count`` colours from ``start`` to ``end``, shape ``(count, 3)``."""
    return np.rint(np.linspace(start, end, count)).astype(np.uint8)


def _sheet(paint: _Paint, colour: Colour) -> None:
    """A sheet that runs to a lighter or darker tone, top to bottom or corner to corner."""
    plain = jitter(ink(colour), paint.rng)
    lighter, falling, leaning, mirrored = paint.rng.random(4) < 0.5
    if (lighter and colour not in _DARKER) or colour in _LIGHTER:
        other = mix(plain, _WHITE, _LIGHTER.get(colour, _RUN))
    else:
        other = mix(plain, _BLACK, _DARKER.get(colour, _RUN))
    ends = [paint.tone(plain), paint.tone(other)]
    start, end = ends if falling else ends[::-1]
    side = len(paint.canvas)
    if not leaning:
        paint.run(start, end)
        return
    # Each row is the ramp of the one above, moved along by one pixel.
    ramp = _ramp(start, end, 2 * side - 1).reshape(-1)
    rows = np.lib.stride_tricks.sliding_window_view(ramp, 3 * side)[::3]
    slope = rows.reshape(side, side, 3)
    paint.canvas[:] = slope[:, ::-1] if mirrored else slope


def _sea(paint: _Paint) -> None:
    paint.fade((150, 206, 240), (214, 236, 248))
    horizon = paint.rng.uniform(0.48, 0.6)
    water = jitter((30, 116, 176), paint.rng)
    paint.hills(horizon, 0.006, 7, paint.tone(water))
    x = np.linspace(0, 1.01, 65)
    for step in (0.14, 0.28, 0.4):
        foam = paint.tone(mix(water, _WHITE, 0.24 if step < 0.2 else 0.14))
        y = horizon + step + 0.014 * np.sin(2 * np.pi * (4 * x + paint.rng.uniform()))
        paint.line(np.stack([x, y], axis=1), 1 / 64, foam)


def _meadow(paint: _Paint) -> None:
    paint.fade((142, 208, 246), (222, 242, 250))
    horizon = paint.rng.uniform(0.52, 0.64)
    paint.hills(horizon, 0.03, 1.2, paint.ink((150, 204, 98)))
    paint.hills(horizon + 0.12, 0.03, 0.9, paint.ink((116, 184, 78)))


def _night(paint: _Paint) -> None:
    paint.fade((14, 18, 50), (38, 46, 96))
    paint.dots(22, (0.0052, 0.0085), (236, 236, 210))


def _desert(paint: _Paint) -> None:
    paint.fade((250, 214, 150), (253, 236, 196))
    horizon = paint.rng.uniform(0.52, 0.64)
    paint.hills(horizon, 0.05, 1.0, paint.ink((226, 178, 104)))
    paint.hills(horizon + 0.16, 0.04, 0.8, paint.ink((210, 156, 84)))


def _snow(paint: _Paint) -> None:
    paint.fade((166, 184, 208), (204, 216, 230))
    paint.hills(paint.rng.uniform(0.54, 0.66), 0.03, 1.1, paint.ink((242, 245, 250)))
    paint.dots(26, (0.0078, 0.0115), (252, 252, 255))


def _room(paint: _Paint) -> None:
    """A warm wall above floorboards, perhaps with the corner of a window."""
    wall = _WALLS[paint.rng.integers(len(_WALLS))]
    paint.cover(wall)
    if paint.rng.random() < 0.5:
        _window(paint)
    floor = paint.rng.uniform(0.66, 0.74)
    wood = jitter((188, 136, 88), paint.rng)
    paint.fill([(0, floor), (1.01, floor), (1.01, 1.01), (0, 1.01)], paint.tone(wood))
    joint = paint.tone(mix(wood, _BLACK, 0.2))
    for board in range(-3, 10):  # boards that run away from whoever looks
        near, far = (board + 0.5) / 7 * 1.9 - 0.45, (board + 0.5) / 7
        paint.line(np.array([[far, floor], [near, 1.01]]), 1 / 90, joint)
    skirting = paint.ink((122, 82, 54))
    top = floor - 0.045
    paint.fill([(0, top), (1.01, top), (1.01, floor), (0, floor)], skirting)


def _window(paint: _Paint) -> None:
    """A window that the picture cuts off at a corner."""
    left = paint.rng.random() < 0.5
    reach, sill = paint.rng.uniform(0.26, 0.34), paint.rng.uniform(0.28, 0.36)
    frame, sky = paint.ink((250, 246, 236)), paint.ink((168, 214, 242))
    for inset, colour in ((0.0, frame), (0.04, sky)):
        inner, low = reach - inset, sill - inset
        a, b = (-0.01, inner) if left else (1 - inner, 1.01)
        paint.fill([(a, -0.01), (b, -0.01), (b, low), (a, low)], colour)
    bar = reach * 0.42 if left else 1 - reach * 0.42
    paint.line(np.array([[bar, -0.01], [bar, sill - 0.03]]), 1 / 40, frame)


_WALLS: tuple[RGB, ...] = ((246, 226, 190), (244, 214, 192), (236, 224, 200))

_SETTINGS: dict[Setting, Callable[[_Paint], None]] = {
    Setting.SEA: _sea,
    Setting.MEADOW: _meadow,
    Setting.NIGHT: _night,
    Setting.DESERT: _desert,
    Setting.SNOW: _snow,
    Setting.ROOM: _room,
}
