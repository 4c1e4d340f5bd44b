"""From the pointer's path to dabs: small soft discs, evenly spaced along a smoothed line."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from studio.core.colour import BLACK, Colour
from studio.core.picture import Pixels

MIN_SIZE = 1.0
MAX_SIZE = 2000.0
_MIN_SPACING = 0.5
_FLAT = 4.0
"""Length in pixels of the straight pieces that a curve is cut into."""


@dataclass(frozen=True)
class BrushSettings:
    """How a brush paints.

    Attributes:
        size: diameter in canvas pixels, 1 to 2000.
        hardness: 0 (soft from the centre on) to 1 (a crisp edge).
        opacity: 0 to 1: what one stroke reaches at most.
        flow: 0 to 1: what one dab adds towards that.
        spacing: distance of dabs as a part of the size.
        colour: to paint with.
        pressure_size, pressure_flow: whether the pen's pressure acts on these.
    """

    size: float = 40.0
    hardness: float = 0.8
    opacity: float = 1.0
    flow: float = 1.0
    spacing: float = 0.1
    colour: Colour = BLACK
    pressure_size: bool = True
    pressure_flow: bool = False

    def size_at(self, pressure: float) -> float:
        """The diameter at that pressure."""
        wanted = self.size * pressure if self.pressure_size else self.size
        return min(MAX_SIZE, max(MIN_SIZE, wanted))

    def flow_at(self, pressure: float) -> float:
        """The flow at that pressure."""
        return self.flow * pressure if self.pressure_flow else self.flow


class Dab(NamedTuple):
    """One disc: its centre on the canvas, and the pen's pressure there (0 to 1)."""

    x: float
    y: float
    pressure: float


class StrokePath:
    """Turns the pointer's positions into dabs whose distance does not depend on the event rate.

    The line is smoothed by quadratic curves through the midpoints between positions; so it lags
    half a step behind the pointer until `finish`.
    """

    def __init__(self, settings: BrushSettings, x: float, y: float, pressure: float = 1.0) -> None:
        self._settings = settings
        self._last = self._drawn = Dab(x, y, pressure)
        self._until_next = 0.0

    @property
    def end(self) -> Dab:
        """The last position that it was given."""
        return self._last

    def start(self) -> list[Dab]:
        """The first dab."""
        return list(self._walk(self._drawn, self._drawn))

    def to(self, x: float, y: float, pressure: float = 1.0) -> list[Dab]:
        """The pointer moved there: the dabs that are now certain."""
        position = Dab(x, y, pressure)
        middle = _between(self._last, position, 0.5)
        dabs = list(self._curve(self._drawn, self._last, middle))
        self._last, self._drawn = position, middle
        return dabs

    def line_to(self, x: float, y: float, pressure: float = 1.0) -> list[Dab]:
        """A straight line there, unsmoothed."""
        dabs = self.finish()
        position = Dab(x, y, pressure)
        dabs += self._walk(self._last, position)
        self._last = self._drawn = position
        return dabs

    def finish(self) -> list[Dab]:
        """The pointer stopped: the dabs up to its last position."""
        dabs = list(self._walk(self._drawn, self._last))
        self._drawn = self._last
        return dabs

    def _curve(self, start: Dab, control: Dab, end: Dab) -> Iterator[Dab]:
        length = _distance(start, control) + _distance(control, end)
        pieces = max(1, min(256, math.ceil(length / _FLAT)))
        before = start
        for piece in range(1, pieces + 1):
            part = piece / pieces
            here = _between(_between(start, control, part), _between(control, end, part), part)
            yield from self._walk(before, here)
            before = here

    def _walk(self, start: Dab, end: Dab) -> Iterator[Dab]:
        length = _distance(start, end)
        along = self._until_next
        while along <= length:
            dab = _between(start, end, along / length if length else 0.0)
            yield dab
            size = self._settings.size_at(dab.pressure)
            along += max(_MIN_SPACING, size * self._settings.spacing)
        self._until_next = along - length


def dab_mask(size: float, hardness: float, fraction_x: float, fraction_y: float) -> Pixels:
    """How much a dab covers each pixel: ``(side, side)``, 255 = wholly, not to be written into.

    Args:
        size: diameter in pixels.
        hardness: the part of the radius that is covered wholly; beyond it the cover falls off
            smoothly. At 1 one pixel of the edge is softened.
        fraction_x, fraction_y: where in its pixel the centre lies, 0 to 1. The mask's middle
            pixel is the one that holds the centre.
    """
    steps = _subpixel_steps(size)
    return _cached_mask(
        _rounded_size(size), hardness, int(fraction_x * steps), int(fraction_y * steps), steps
    )


@lru_cache(maxsize=64)
def _cached_mask(size: float, hardness: float, step_x: int, step_y: int, steps: int) -> Pixels:
    reach = mask_reach(size)
    centre_x, centre_y = (step_x + 0.5) / steps, (step_y + 0.5) / steps
    pixels = np.arange(-reach, reach + 1, dtype=np.float32) + 0.5
    distance = np.sqrt((pixels - centre_x) ** 2 + ((pixels - centre_y) ** 2)[:, None])
    mask = _falloff(distance, size / 2, hardness)
    mask.setflags(write=False)
    return mask


def mask_reach(size: float) -> int:
    """How many pixels a dab of that diameter reaches beyond the one that holds its centre."""
    return math.ceil(_rounded_size(size) / 2 + 0.5)


def _falloff(
    distance: np.ndarray[tuple[int, ...], np.dtype[np.float32]], radius: float, hardness: float
) -> Pixels:
    # The edge is at least a pixel wide and centred on the radius, so that hard brushes are smooth.
    outer = radius + 0.5 * hardness
    inner = min(radius * hardness, outer - 1.0)
    part = np.clip((outer - distance) / (outer - inner), 0.0, 1.0)
    cover = part * part * (3.0 - 2.0 * part)
    mask: Pixels = cv2.convertScaleAbs(cover, alpha=255.0)
    return mask


def _rounded_size(size: float) -> float:
    """Sizes that differ by less than the eye can see share a mask."""
    step = 2.0 ** max(-2, math.floor(math.log2(size)) - 6)
    return max(MIN_SIZE, round(size / step) * step)


def _subpixel_steps(size: float) -> int:
    return 4 if size < 64 else 2 if size < 256 else 1


def _between(start: Dab, end: Dab, part: float) -> Dab:
    return Dab(
        start.x + (end.x - start.x) * part,
        start.y + (end.y - start.y) * part,
        start.pressure + (end.pressure - start.pressure) * part,
    )


def _distance(start: Dab, end: Dab) -> float:
    return math.hypot(end.x - start.x, end.y - start.y)
