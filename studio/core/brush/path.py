"""From the pen's positions to dabs, evenly spaced along a smoothed line."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import NamedTuple

from studio.core.brush.dabs import Dab
from studio.core.brush.dynamics import Readings, Source
from studio.core.brush.settings import BrushSettings

LONGEST_LEASH = 120.0
"""How far the brush trails behind the pen at full smoothing, in pixels of the screen."""
FAST = 4000.0
"""Canvas pixels a second that read as full speed."""
STEEPEST = 60.0
"""Degrees from upright that read as full tilt."""
_FLAT = 4.0
"""Length in pixels of the straight pieces that a curve is cut into."""
_MOST_PIECES = 256


class Pen(NamedTuple):
    """Where the pen is and how it is held.

    Attributes:
        x, y: on the canvas.
        pressure: 0 to 1.
        tilt_x, tilt_y: in degrees, -60 to 60.
        time: in seconds from some moment on.
    """

    x: float
    y: float
    pressure: float = 1.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0
    time: float = 0.0

    def towards(self, other: Pen, part: float) -> Pen:
        """Between both: this one at 0, the other at 1."""
        return Pen(
            self.x + (other.x - self.x) * part,
            self.y + (other.y - self.y) * part,
            self.pressure + (other.pressure - self.pressure) * part,
            self.tilt_x + (other.tilt_x - self.tilt_x) * part,
            self.tilt_y + (other.tilt_y - self.tilt_y) * part,
            self.time + (other.time - self.time) * part,
        )

    def distance(self, other: Pen) -> float:
        """In pixels."""
        return math.hypot(other.x - self.x, other.y - self.y)


class StrokePath:
    """Turns positions into dabs whose distance does not depend on the event rate.

    The line is smoothed by quadratic curves through the midpoints between positions; so it lags
    half a step behind the pen until `finish`. With a leash the brush trails behind the pen, too,
    and a tremor narrower than the leash leaves no trace.

    Args:
        settings: of the brush.
        pen: where the stroke begins.
        leash: in canvas pixels.
        seed: of what is left to chance.
    """

    def __init__(
        self, settings: BrushSettings, pen: Pen, leash: float = 0.0, seed: int = 0
    ) -> None:
        self._settings = settings
        self._sources = {dynamic.source for dynamic in settings.dynamics}
        self._leash = leash
        self._chance = random.Random(seed)
        self._pen = self._last = self._drawn = pen
        self._until_next = 0.0
        self._speed = 0.0
        self._direction = 0.0

    @property
    def end(self) -> Pen:
        """The last position that it was given."""
        return self._pen

    def start(self) -> list[Dab]:
        """The first dab."""
        return list(self._walk(self._drawn, self._drawn))

    def to(self, pen: Pen) -> list[Dab]:
        """The pen moved there: the dabs that are now certain."""
        self._measure(pen)
        dabs: list[Dab] = []
        for position in self._pulled(pen):
            middle = self._last.towards(position, 0.5)
            dabs += self._curve(self._drawn, self._last, middle)
            self._last, self._drawn = position, middle
        self._pen = pen
        return dabs

    def line_to(self, pen: Pen) -> list[Dab]:
        """A straight line there, unsmoothed."""
        dabs = self.finish()
        dabs += self._walk(self._drawn, pen)
        self._pen = self._last = self._drawn = pen
        return dabs

    def finish(self) -> list[Dab]:
        """The pen stopped: the dabs up to its last position."""
        dabs = list(self._walk(self._drawn, self._last))
        dabs += self._walk(self._last, self._pen)
        self._last = self._drawn = self._pen
        return dabs

    def _pulled(self, pen: Pen) -> Iterator[Pen]:
        """Where the leash, whose other end follows the pen, draws the brush."""
        if self._leash <= 0:
            yield pen
            return
        brush, start = self._last, self._pen
        steps = max(1, math.ceil(start.distance(pen) / max(_FLAT, self._leash / 4)))
        for step in range(1, steps + 1):
            end = start.towards(pen, step / steps)
            length = brush.distance(end)
            if length > self._leash:
                brush = brush.towards(end, 1.0 - self._leash / length)
                yield brush

    def _measure(self, pen: Pen) -> None:
        seconds = pen.time - self._pen.time
        if seconds > 0:
            speed = min(1.0, self._pen.distance(pen) / seconds / FAST)
            self._speed += 0.3 * (speed - self._speed)

    def _curve(self, start: Pen, control: Pen, end: Pen) -> Iterator[Dab]:
        length = start.distance(control) + control.distance(end)
        pieces = max(1, min(_MOST_PIECES, math.ceil(length / _FLAT)))
        before = start
        for piece in range(1, pieces + 1):
            part = piece / pieces
            here = start.towards(control, part).towards(control.towards(end, part), part)
            yield from self._walk(before, here)
            before = here

    def _walk(self, start: Pen, end: Pen) -> Iterator[Dab]:
        length = start.distance(end)
        if length:
            self._direction = math.atan2(end.y - start.y, end.x - start.x)
        along = self._until_next
        while along <= length:
            pen = start.towards(end, along / length if length else 0.0)
            readings = self._read(pen)
            dab = self._settings.dab(pen.x, pen.y, readings)
            yield dab
            along += self._settings.gap(dab, readings)
        self._until_next = along - length

    def _read(self, pen: Pen) -> Readings:
        """What acts on this brush, and no more: it is asked for each dab."""
        return {source: self._reading(source, pen) for source in self._sources}

    def _reading(self, source: Source, pen: Pen) -> float:
        match source:
            case Source.PRESSURE:
                return pen.pressure
            case Source.TILT:
                return min(1.0, math.hypot(pen.tilt_x, pen.tilt_y) / STEEPEST)
            case Source.LEAN:
                return math.atan2(pen.tilt_y, pen.tilt_x) / math.tau % 1.0
            case Source.DIRECTION:
                return self._direction / math.tau % 1.0
            case Source.SPEED:
                return self._speed
            case Source.CHANCE:
                return self._chance.random()
