"""Gestures that move the view and change nothing else."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt

from studio.gui.canvas.gestures import Gesture
from studio.gui.canvas.navigator import Navigator
from studio.gui.canvas.viewport import snapped_turn
from studio.tools import Modifiers, PointerEvent

CLING = 3.0
"""How near to a step a turn by hand is drawn to it, in degrees."""
SCRUB_DISTANCE = 120.0
"""View units to the right that double the zoom."""
CLICK = 4.0
"""A press that moved no farther is a click, in view units."""


class Pan(Gesture):
    """Moves the view with the pointer."""

    def __init__(self, navigator: Navigator, start: QPointF) -> None:
        self._navigator = navigator
        self._last = start

    @property
    def cursor(self) -> Qt.CursorShape:
        """A closed hand."""
        return Qt.CursorShape.ClosedHandCursor

    def move(self, at: QPointF, event: PointerEvent) -> None:
        """Follows the pointer."""
        moved = at - self._last
        self._last = at
        self._navigator.pan_by(moved.x(), moved.y())

    def release(self, at: QPointF, event: PointerEvent) -> None:
        """Stays where it is."""
        self.move(at, event)

    def cancel(self) -> None:
        """Stays where it is: a view that jumps back would help nobody."""


class Turn(Gesture):
    """Turns the view about its middle as the pointer goes round it.

    Near a step the turn clings to it; with Control held it keeps to steps.
    """

    def __init__(self, navigator: Navigator, start: QPointF) -> None:
        self._navigator = navigator
        self._begun = navigator.viewport.rotation
        self._from = self._angle(start)

    @property
    def cursor(self) -> Qt.CursorShape:
        """A closed hand: the picture is held."""
        return Qt.CursorShape.ClosedHandCursor

    def move(self, at: QPointF, event: PointerEvent) -> None:
        """Turns as far as the pointer went round."""
        wanted = self._begun + self._angle(at) - self._from
        step = snapped_turn(wanted)
        away = abs((wanted - step + 180.0) % 360.0 - 180.0)
        keeps = Modifiers.CONTROL in event.modifiers or away <= CLING
        self._navigator.turn_to(step if keeps else wanted)

    def release(self, at: QPointF, event: PointerEvent) -> None:
        """Stays as it is."""
        self.move(at, event)

    def cancel(self) -> None:
        """Turns back."""
        self._navigator.turn_to(self._begun)

    def _angle(self, at: QPointF) -> float:
        way = at - self._navigator.centre
        return math.degrees(math.atan2(way.y(), way.x()))


class Scrub(Gesture):
    """Zooms in to the right and out to the left, about where it began; a click zooms a step.

    Args:
        outwards: whether a click zooms out.
    """

    def __init__(self, navigator: Navigator, start: QPointF, *, outwards: bool) -> None:
        self._navigator = navigator
        self._start = start
        self._outwards = outwards
        self._begun = navigator.zoom
        self._moved = False

    @property
    def cursor(self) -> Qt.CursorShape:
        """Says which way leads closer."""
        return Qt.CursorShape.SizeHorCursor

    def move(self, at: QPointF, event: PointerEvent) -> None:
        """Zooms by the way gone to the right."""
        way = at.x() - self._start.x()
        self._moved = self._moved or abs(way) > CLICK
        if self._moved:
            zoom = self._begun * math.pow(2.0, way / SCRUB_DISTANCE)
            self._navigator.zoom_to(zoom, self._start)

    def release(self, at: QPointF, event: PointerEvent) -> None:
        """Stays at this zoom, or goes a step where it was a click."""
        self.move(at, event)
        if not self._moved:
            self._navigator.step(-1 if self._outwards else 1, self._start)

    def cancel(self) -> None:
        """Goes back to the zoom that it began with."""
        self._navigator.zoom_to(self._begun, self._start)
