"""Outlines drawn by hand, or corner by corner."""

from __future__ import annotations

import math
from typing import ClassVar

from studio.core.geometry import Bounds
from studio.core.selection import Corner, Operation, polygon
from studio.tools.events import Key, Modifiers, PointerEvent
from studio.tools.overlay import Handle, Outline, Overlay
from studio.tools.selecting.selecting import SelectingTool
from studio.tools.tool import Drag, ToolContext

NEAR = 6.0
"""A click within so many screen pixels of a corner means that corner."""


class OutlineTool(SelectingTool):
    """A tool that selects what an outline encloses."""

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._corners: list[Corner] = []

    def click(self, event: PointerEvent, operation: Operation) -> None:
        """Selects nothing any more."""
        self.deselect(operation)

    def enclose(self, operation: Operation) -> None:
        """Selects what the corners enclose, and forgets them."""
        corners, self._corners = tuple(self._corners), []
        canvas, antialias = self._context.document.canvas, self.settings.antialias
        columns, rows = zip(*corners, strict=True)
        left, top = math.floor(min(columns)), math.floor(min(rows))
        area = Bounds.from_edges(left, top, math.ceil(max(columns)), math.ceil(max(rows)))
        self.select(lambda: polygon(corners, canvas, antialias=antialias), operation, area)


class LassoTool(OutlineTool):
    """Selects what a line encloses that is drawn in one drag; its ends are joined."""

    name: ClassVar[str] = "lasso"
    noun: ClassVar[str] = "outline"

    def draw(self, event: PointerEvent, operation: Operation) -> Drag:
        """Follows the pointer, and selects at the end."""
        self._corners = [_place(event)]
        try:
            while (here := (yield)) is not None:
                if _distance(self._corners[-1], here) >= 1.0:
                    self._corners.append(_place(here))
            if len(self._corners) > 2:
                self.enclose(operation)
            else:
                self.click(event, operation)
        finally:
            self._corners = []

    def overlay(self) -> Overlay:
        """The line so far."""
        if not self._corners:
            return super().overlay()
        return (Outline(tuple(self._corners), closed=False),)


class PolygonTool(OutlineTool):
    """Selects what straight lines enclose, from click to click.

    A double click, a click on the first corner or Enter closes them, Backspace takes the last
    corner back. A corner may be dragged until the button is let go.
    """

    name: ClassVar[str] = "polygon"
    noun: ClassVar[str] = "polygon"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._how = Operation.REPLACE
        self._pointer: Corner | None = None

    @property
    def is_active(self) -> bool:
        """Whether there are corners that enclose nothing yet."""
        return super().is_active or bool(self._corners)

    def hover(self, event: PointerEvent) -> None:
        """Leads the line to the pointer."""
        super().hover(event)
        self._pointer = _place(event)

    def leave(self) -> None:
        """The line ends at the last corner."""
        self._pointer = None

    def drag(self, event: PointerEvent) -> Drag:
        """Sets a corner, even where one could take hold of the selection."""
        if self._corners:
            yield from self.draw(event, self._how)
        else:
            yield from super().drag(event)

    def draw(self, event: PointerEvent, operation: Operation) -> Drag:
        """Sets a corner, or closes the outline."""
        self._how = operation
        if self._closes(event):
            self._close()
            return
        self._corners.append(_place(event))
        while (here := (yield)) is not None:
            self._corners[-1] = _place(here)

    def wants(self, key: Key) -> bool:
        """Enter and Backspace while there are corners."""
        if self._corners:
            return key in (Key.ENTER, Key.BACKSPACE)
        return super().wants(key)

    def take_key(self, key: Key, modifiers: Modifiers) -> None:
        """Closes the outline, or takes a corner back."""
        if not self._corners:
            super().take_key(key, modifiers)
        elif key is Key.ENTER:
            self._close()
        else:
            self._corners.pop()

    def cancel(self) -> None:
        """Forgets the corners."""
        super().cancel()
        self._corners = []

    def overlay(self) -> Overlay:
        """The lines so far, one to the pointer, and the corner that closes them."""
        if not self._corners:
            return super().overlay()
        ends = (self._pointer,) if self._pointer else ()
        near = self._pointer is not None and self._pointer == self._corners[0]
        first = Handle(*self._corners[0], active=near)
        return (Outline((*self._corners, *ends), closed=False), first)

    def _closes(self, event: PointerEvent) -> bool:
        if not self._corners:
            return False
        on_first = len(self._corners) > 2 and _distance(self._corners[0], event) <= NEAR
        return on_first or _distance(self._corners[-1], event) <= NEAR

    def _close(self) -> None:
        if len(self._corners) > 2:
            self.enclose(self._how)
        self._corners = []


def _place(event: PointerEvent) -> Corner:
    return event.x, event.y


def _distance(corner: Corner, event: PointerEvent) -> float:
    """In screen pixels."""
    return math.hypot(event.x - corner[0], event.y - corner[1]) * event.zoom
