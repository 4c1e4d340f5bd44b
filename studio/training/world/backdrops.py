"""Paints what is behind the things: plain sheets, and five settings in a few colours each."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.training.world.palette import RGB, ink, jitter, mix
from studio.training.world.scene import Backdrop, Setting

Canvas = NDArray[np.uint8]
"""RGB, shape ``(side, side, 3)``, painted in place."""


def paint_backdrop(canvas: Canvas, backdrop: Backdrop, rng: np.random.Generator) -> None:
    """Covers the whole of ``canvas`` with ``backdrop``."""
    if backdrop.colour is not None:
        canvas[:] = jitter(ink(backdrop.colour), rng)
        return
    _SETTINGS[backdrop.setting](canvas, rng)


def _gradient(canvas: Canvas, top: RGB, bottom: RGB) -> None:
    amount = np.linspace(0, 1, len(canvas))[:, None, None]
    canvas[:] = np.rint(np.array(top) * (1 - amount) + np.array(bottom) * amount).astype(np.uint8)


def _hills(
    canvas: Canvas, height: float, sway: float, waves: float, colour: RGB, rng: np.random.Generator
) -> None:
    """Ground below a wavy line; ``height`` and ``sway`` are fractions of the picture's side."""
    side = len(canvas)
    x = np.linspace(0, 1, 33)
    y = height + sway * np.sin(2 * np.pi * (waves * x + rng.uniform()))
    corners = np.concatenate([np.stack([x, y], axis=1), [[1.0, 1.0], [0.0, 1.0]]]) * side
    cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], colour)


def _sea(canvas: Canvas, rng: np.random.Generator) -> None:
    _gradient(canvas, jitter((150, 206, 240), rng), jitter((214, 236, 248), rng))
    horizon = rng.uniform(0.48, 0.6)
    water = jitter((30, 116, 176), rng)
    _hills(canvas, horizon, 0.006, 7, water, rng)
    for step in (0.14, 0.28, 0.4):
        tone = mix(water, (255, 255, 255), 0.22 if step < 0.2 else 0.12)
        _wave(canvas, horizon + step, tone, rng)


def _wave(canvas: Canvas, height: float, colour: RGB, rng: np.random.Generator) -> None:
    side = len(canvas)
    x = np.linspace(0, 1, 65)
    y = height + 0.014 * np.sin(2 * np.pi * (4 * x + rng.uniform()))
    points = np.rint(np.stack([x, y], axis=1) * side).astype(np.int32)
    cv2.polylines(canvas, [points], False, colour, max(1, side // 64))


def _meadow(canvas: Canvas, rng: np.random.Generator) -> None:
    _gradient(canvas, jitter((142, 208, 246), rng), jitter((222, 242, 250), rng))
    horizon = rng.uniform(0.52, 0.64)
    _hills(canvas, horizon, 0.03, 1.2, jitter((150, 204, 98), rng), rng)
    _hills(canvas, horizon + 0.12, 0.03, 0.9, jitter((116, 184, 78), rng), rng)


def _night(canvas: Canvas, rng: np.random.Generator) -> None:
    _gradient(canvas, jitter((14, 18, 50), rng), jitter((38, 46, 96), rng))
    side = len(canvas)
    for x, y in rng.uniform(0.02, 0.98, (22, 2)):
        radius = int(rng.integers(2, 4)) * side // 384
        cv2.circle(canvas, (int(x * side), int(y * side)), radius, (236, 236, 210), -1)


def _desert(canvas: Canvas, rng: np.random.Generator) -> None:
    _gradient(canvas, jitter((250, 214, 150), rng), jitter((253, 236, 196), rng))
    horizon = rng.uniform(0.52, 0.64)
    _hills(canvas, horizon, 0.05, 1.0, jitter((226, 178, 104), rng), rng)
    _hills(canvas, horizon + 0.16, 0.04, 0.8, jitter((210, 156, 84), rng), rng)


def _snow(canvas: Canvas, rng: np.random.Generator) -> None:
    _gradient(canvas, jitter((166, 184, 208), rng), jitter((204, 216, 230), rng))
    _hills(canvas, rng.uniform(0.54, 0.66), 0.03, 1.1, jitter((242, 245, 250), rng), rng)
    side = len(canvas)
    for x, y in rng.uniform(0.0, 1.0, (26, 2)):
        radius = int(rng.integers(3, 5)) * side // 384
        cv2.circle(canvas, (int(x * side), int(y * side)), radius, (252, 252, 255), -1)


_SETTINGS: dict[Setting, Callable[[Canvas, np.random.Generator], None]] = {
    Setting.SEA: _sea,
    Setting.MEADOW: _meadow,
    Setting.NIGHT: _night,
    Setting.DESERT: _desert,
    Setting.SNOW: _snow,
}
