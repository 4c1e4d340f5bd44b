"""Rectangles and ellipses, drawn from corner to corner or from the middle."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar

from studio.core.geometry import Bounds
from studio.core.selection import Corner, Operation, ellipse, ellipse_outline, rectangle
from studio.core.tiles import Snapshot
from studio.tools.events import Modifiers, PointerEvent
from studio.tools.overlay import Outline, Overlay
from studio.tools.selecting.selecting import SelectingTool, is_away
from studio.tools.tool import Drag, ToolContext


class BoxTool(SelectingTool):
    """A tool whose shape fills a rectangle of whole pixels.

    Shift makes that a square, Ctrl or Alt draws it from its middle; keys that were held at the
    press say how to combine, and count for the shape only once they were let go.
    """

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._box: Bounds | None = None

    @abstractmethod
    def outline(self, box: Bounds) -> tuple[Corner, ...]:
        """What is shown while it is drawn."""

    @abstractmethod
    def mask(self, box: Bounds, canvas: Bounds) -> Snapshot:
        """The shape, on the canvas."""

    def draw(self, event: PointerEvent, operation: Operation) -> Drag:
        """Follows the pointer and selects at the end."""
        start, spent = event, event.modifiers
        try:
            while (here := (yield)) is not None:
                spent &= here.modifiers
                if self._box is not None or is_away(start, here):
                    self._box = box_between(start, here, here.modifiers & ~spent)
            box = self._box
        finally:
            self._box = None
        if box is None or box.is_empty:
            self.click(start, operation)
        else:
            canvas = self._context.document.canvas
            self.select(lambda: self.mask(box, canvas), operation, box)

    def click(self, event: PointerEvent, operation: Operation) -> None:
        """Selects nothing any more."""
        self.deselect(operation)

    def overlay(self) -> Overlay:
        """The shape."""
        if self._box is None:
            return super().overlay()
        return (Outline(self.outline(self._box)),)


class RectangleTool(BoxTool):
    """Selects rectangles."""

    name: ClassVar[str] = "rectangle"
    noun: ClassVar[str] = "rectangle"

    def outline(self, box: Bounds) -> tuple[Corner, ...]:
        """Its corners."""
        left, top, right, bottom = box.x, box.y, box.right, box.bottom
        return ((left, top), (right, top), (right, bottom), (left, bottom))

    def mask(self, box: Bounds, canvas: Bounds) -> Snapshot:
        """All pixels in it."""
        return rectangle(box.intersection(canvas))


class EllipseTool(BoxTool):
    """Selects ellipses."""

    name: ClassVar[str] = "ellipse"
    noun: ClassVar[str] = "ellipse"

    def outline(self, box: Bounds) -> tuple[Corner, ...]:
        """A polygon that looks like it."""
        return tuple(ellipse_outline(box.x, box.y, box.right, box.bottom))

    def mask(self, box: Bounds, canvas: Bounds) -> Snapshot:
        """All pixels in it, those on its line in part."""
        antialias = self.settings.antialias
        return ellipse(box.origin, (box.right, box.bottom), canvas, antialias=antialias)


def box_between(start: PointerEvent, here: PointerEvent, keys: Modifiers) -> Bounds:
    """The rectangle that a drag has drawn so far.

    >>> box_between(PointerEvent(10, 10), PointerEvent(30, 14), Modifiers.SHIFT)
    Bounds(x=10, y=10, width=20, height=20)
    >>> box_between(PointerEvent(10, 10), PointerEvent(30, 14), Modifiers.CONTROL)
    Bounds(x=-10, y=6, width=40, height=8)
    """
    x, y = round(start.x), round(start.y)
    width, height = round(here.x) - x, round(here.y) - y
    if Modifiers.SHIFT in keys:
        side = max(abs(width), abs(height))
        width, height = int(math.copysign(side, width)), int(math.copysign(side, height))
    if keys & (Modifiers.CONTROL | Modifiers.ALT):
        x, y, width, height = x - width, y - height, 2 * width, 2 * height
    left, top = min(x, x + width), min(y, y + height)
    return Bounds(left, top, abs(width), abs(height))
