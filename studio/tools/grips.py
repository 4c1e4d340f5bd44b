"""Rectangles by their edges and corners: hit-testing, dragging, snapping."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable

from studio.core.geometry import Bounds
from studio.tools.overlay import Cursor, Handle

HIT_TOLERANCE = 8.0
"""How near to an edge the pointer counts as on it, in screen pixels."""
SNAP_TOLERANCE = 10.0
"""How near an edge is drawn to what it snaps to, in screen pixels."""


class Grip(enum.Flag):
    """An edge, or two of them: a corner. NONE is nowhere."""

    NONE = 0
    LEFT = enum.auto()
    RIGHT = enum.auto()
    TOP = enum.auto()
    BOTTOM = enum.auto()


GRIPS = (
    *(Grip.LEFT, Grip.RIGHT, Grip.TOP, Grip.BOTTOM),
    *(Grip.LEFT | Grip.TOP, Grip.RIGHT | Grip.TOP),
    *(Grip.LEFT | Grip.BOTTOM, Grip.RIGHT | Grip.BOTTOM),
)
"""All edges and corners."""


def grip_at(bounds: Bounds, x: float, y: float, tolerance: float) -> Grip:
    """The edge or corner within ``tolerance`` (canvas pixels) of a point, the nearest of two.

    >>> grip_at(Bounds(0, 0, 100, 100), 98.0, 50.0, 5.0)
    <Grip.RIGHT: 2>
    """
    near = bounds.x - tolerance <= x <= bounds.right + tolerance
    if not near or not bounds.y - tolerance <= y <= bounds.bottom + tolerance:
        return Grip.NONE
    horizontal = _nearest(x, bounds.x, Grip.LEFT, bounds.right, Grip.RIGHT, tolerance)
    return horizontal | _nearest(y, bounds.y, Grip.TOP, bounds.bottom, Grip.BOTTOM, tolerance)


def _nearest(
    value: float, low: float, at_low: Grip, high: float, at_high: Grip, tolerance: float
) -> Grip:
    to_low, to_high = abs(value - low), abs(value - high)
    if min(to_low, to_high) > tolerance:
        return Grip.NONE
    return at_low if to_low < to_high else at_high


def dragged(bounds: Bounds, grip: Grip, dx: float, dy: float) -> Bounds:
    """``bounds`` with the gripped edges moved by so much, to whole pixels; may turn over."""
    left, top, right, bottom = bounds.x, bounds.y, bounds.right, bounds.bottom
    if Grip.LEFT in grip:
        left = round(left + dx)
    if Grip.RIGHT in grip:
        right = round(right + dx)
    if Grip.TOP in grip:
        top = round(top + dy)
    if Grip.BOTTOM in grip:
        bottom = round(bottom + dy)
    return Bounds.from_edges(left, top, right, bottom)


def snapped(value: int, targets: Iterable[int], tolerance: float) -> int:
    """The nearest target within ``tolerance``, else the value.

    >>> snapped(61, [0, 64, 128], 5.0), snapped(30, [0, 64, 128], 5.0)
    (64, 30)
    """
    nearest = min(targets, key=lambda target: abs(target - value), default=value)
    return nearest if abs(nearest - value) <= tolerance else value


def multiple_near(value: int, start: int, step: int) -> int:
    """Of ``start``, ``start ± step``, ``start ± 2 step`` ..., the one nearest to the value."""
    return start + math.floor((value - start) / step + 0.5) * step


def handles(bounds: Bounds, active: Grip = Grip.NONE) -> tuple[Handle, ...]:
    """A handle for each edge and corner."""
    return tuple(handle(bounds, grip, active=grip == active) for grip in GRIPS)


def handle(bounds: Bounds, grip: Grip, *, active: bool = False) -> Handle:
    """The handle in the middle of that edge, or at that corner."""
    x = bounds.x + bounds.width / 2
    y = bounds.y + bounds.height / 2
    if Grip.LEFT in grip:
        x = bounds.x
    if Grip.RIGHT in grip:
        x = bounds.right
    if Grip.TOP in grip:
        y = bounds.y
    if Grip.BOTTOM in grip:
        y = bounds.bottom
    return Handle(x, y, active)


def cursor_of(grip: Grip) -> Cursor:
    """How the pointer looks on that edge or corner; an arrow for NONE."""
    if grip in (Grip.LEFT, Grip.RIGHT):
        return Cursor.SIZE_HORIZONTAL
    if grip in (Grip.TOP, Grip.BOTTOM):
        return Cursor.SIZE_VERTICAL
    if grip in (Grip.LEFT | Grip.TOP, Grip.RIGHT | Grip.BOTTOM):
        return Cursor.SIZE_FALLING
    return Cursor.SIZE_RISING if grip else Cursor.ARROW
