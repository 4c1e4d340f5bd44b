"""Straight lines in even directions."""

from __future__ import annotations

import math

STEP = math.radians(15)
"""The directions that a constrained line can have."""


def constrained(x0: float, y0: float, x: float, y: float) -> tuple[float, float]:
    """The end of the line from ``x0, y0`` that comes nearest to ``x, y`` in steps of 15 degrees.

    >>> constrained(0, 0, 10, 1)
    (10.0, 0.0)
    """
    direction = round(math.atan2(y - y0, x - x0) / STEP) * STEP
    along, across = math.cos(direction), math.sin(direction)
    length = (x - x0) * along + (y - y0) * across
    return x0 + length * along, y0 + length * across
