"""What the pen does to the brush: pressure to size, tilt to roundness, and so on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Source(StrEnum):
    """What can act on a brush; each is read as a number from 0 to 1.

    Attributes:
        PRESSURE: of the pen; 1 for a mouse.
        TILT: 0 for a pen held upright, 1 for one that lies almost flat.
        LEAN: to which side the pen leans, clockwise from the right in full turns.
        DIRECTION: of the stroke, clockwise from the right in full turns.
        SPEED: of the stroke; 1 from 4000 canvas pixels a second on.
        CHANCE: another random number for each dab.
    """

    PRESSURE = "pressure"
    TILT = "tilt"
    LEAN = "lean"
    DIRECTION = "direction"
    SPEED = "speed"
    CHANCE = "chance"


class Target(StrEnum):
    """What can be acted on; all are multiplied, but `ANGLE`, to which full turns are added."""

    SIZE = "size"
    HARDNESS = "hardness"
    OPACITY = "opacity"
    FLOW = "flow"
    SPACING = "spacing"
    ANGLE = "angle"
    ROUNDNESS = "roundness"


Readings = Mapping[Source, float]


class Curve(msgspec.Struct, frozen=True):
    """A broken line through points from ``x = 0`` to ``x = 1``.

    Attributes:
        points: at least two, their x ascending from 0 to 1, their y between 0 and 1.

    Raises:
        ValueError: if they are not.

    >>> Curve(((0.0, 1.0), (1.0, 0.5))).at(0.5)
    0.75
    """

    points: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))

    def __post_init__(self) -> None:
        across = [x for x, _ in self.points]
        rising = all(a < b for a, b in zip(across, across[1:], strict=False))
        if len(across) < 2 or across[0] != 0.0 or across[-1] != 1.0 or not rising:
            raise ValueError("The points of a curve go from x = 0 to x = 1, each to the right.")
        if not all(0.0 <= y <= 1.0 for _, y in self.points):
            raise ValueError("The points of a curve lie between y = 0 and y = 1.")

    def at(self, x: float) -> float:
        """The height there; beyond the ends as at the ends."""
        if x <= 0.0:
            return self.points[0][1]
        if x >= 1.0:
            return self.points[-1][1]
        after = bisect_right(self.points, (x, 2.0))
        (x0, y0), (x1, y1) = self.points[after - 1], self.points[after]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


LINEAR = Curve()


class Dynamic(msgspec.Struct, frozen=True):
    """One source that acts on one target by way of a curve."""

    source: Source
    target: Target
    curve: Curve = LINEAR


PRESSURE_TO_SIZE = Dynamic(Source.PRESSURE, Target.SIZE)
