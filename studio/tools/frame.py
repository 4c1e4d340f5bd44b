"""The frame tool: says which part of the canvas the next generation is about."""

from __future__ import annotations

from typing import ClassVar

from studio.core.commands.canvas import SetFrame
from studio.core.geometry import Bounds
from studio.tools.events import Modifiers, PointerEvent
from studio.tools.grips import (
    HIT_TOLERANCE,
    SNAP_TOLERANCE,
    Grip,
    cursor_of,
    dragged,
    grip_at,
    handles,
    multiple_near,
    snapped,
)
from studio.tools.overlay import Cursor, FrameBox, Overlay
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext


class FrameTool(DragTool):
    """Moves the generation frame, or resizes it by its edges and corners.

    Edges snap to the canvas' edges when they are near, else the frame's size snaps to multiples of
    the grid, and so does its place when it is moved. Shift keeps the aspect, Control does not snap.
    """

    name: ClassVar[str] = "frame"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._grip = Grip.NONE
        self._inside = False

    @property
    def cursor(self) -> Cursor:
        """Says what a press would take hold of."""
        if self._grip:
            return cursor_of(self._grip)
        return Cursor.MOVE if self._inside else Cursor.ARROW

    def hover(self, event: PointerEvent) -> None:
        """Looks which edge or corner the pointer is on."""
        if self.is_active:
            return
        frame = self._context.document.frame
        self._grip = grip_at(frame, event.x, event.y, HIT_TOLERANCE / event.zoom)
        inside_x = frame.x <= event.x < frame.right
        self._inside = inside_x and frame.y <= event.y < frame.bottom

    def drag(self, event: PointerEvent) -> Drag:
        """Changes the frame as the pointer goes, and pushes one command at the end."""
        document = self._context.document
        before, start = document.frame, event
        if not self._grip and not self._inside:
            return
        try:
            while (here := (yield)) is not None:
                document.frame = self._wanted(before, start, here)
        except DragCancelled:
            document.frame = before
            return
        after, document.frame = document.frame, before
        if after != before:
            self._context.stack.push(SetFrame(after))
            self._context.stack.seal()

    def overlay(self) -> Overlay:
        """The frame with its handles."""
        frame = self._context.document.frame
        return (FrameBox(frame), *handles(frame, self._grip))

    def _wanted(self, before: Bounds, start: PointerEvent, here: PointerEvent) -> Bounds:
        dx, dy = here.x - start.x, here.y - start.y
        snapping = Modifiers.CONTROL not in here.modifiers
        canvas, grid = self._context.document.canvas, self._context.grid
        near = SNAP_TOLERANCE / here.zoom
        if not self._grip:
            moved = before.moved(round(dx), round(dy))
            return snapped_move(moved, canvas, grid, near) if snapping else moved
        resized = dragged(before, self._grip, dx, dy)
        if snapping:
            resized = snapped_resize(resized, before, self._grip, canvas, grid, near)
        resized = at_least(resized, before, self._grip, grid if snapping else 16)
        if Modifiers.SHIFT in here.modifiers:
            resized = with_aspect(resized, before, self._grip)
        return resized


def snapped_move(moved: Bounds, canvas: Bounds, grid: int, tolerance: float) -> Bounds:
    """A moved frame with an edge on the canvas' edge where it is near, else on the grid."""
    x = _snapped_place(moved.x, moved.width, canvas.x, canvas.right, grid, tolerance)
    y = _snapped_place(moved.y, moved.height, canvas.y, canvas.bottom, grid, tolerance)
    return Bounds(x, y, moved.width, moved.height)


def _snapped_place(start: int, size: int, low: int, high: int, grid: int, tolerance: float) -> int:
    edges = (low, high, low - size, high - size)
    at_edge = snapped(start, edges, tolerance)
    return at_edge if at_edge in edges else multiple_near(start, low, grid)


def snapped_resize(
    resized: Bounds, before: Bounds, grip: Grip, canvas: Bounds, grid: int, tolerance: float
) -> Bounds:
    """A resized frame whose moved edges lie on the canvas' edge where near, else at a multiple
    of the grid from the opposite edge.
    """

    def edge(value: int, opposite: int, targets: tuple[int, int]) -> int:
        at_edge = snapped(value, targets, tolerance)
        return at_edge if at_edge in targets else multiple_near(value, opposite, grid)

    columns, rows = (canvas.x, canvas.right), (canvas.y, canvas.bottom)
    left, top, right, bottom = resized.x, resized.y, resized.right, resized.bottom
    if Grip.LEFT in grip:
        left = edge(left, before.right, columns)
    if Grip.RIGHT in grip:
        right = edge(right, before.x, columns)
    if Grip.TOP in grip:
        top = edge(top, before.bottom, rows)
    if Grip.BOTTOM in grip:
        bottom = edge(bottom, before.y, rows)
    return Bounds.from_edges(left, top, right, bottom)


def at_least(resized: Bounds, before: Bounds, grip: Grip, smallest: int) -> Bounds:
    """Not smaller than so many pixels a side; the edges opposite to the grip stay."""
    width, height = max(smallest, resized.width), max(smallest, resized.height)
    x = before.right - width if Grip.LEFT in grip else resized.x
    y = before.bottom - height if Grip.TOP in grip else resized.y
    return Bounds(x, y, width, height)


def with_aspect(resized: Bounds, before: Bounds, grip: Grip) -> Bounds:
    """With the aspect of ``before``; the edges opposite to the grip stay.

    An edge's other axis grows about its middle; a corner follows the axis that was dragged more.
    """
    aspect = before.width / before.height
    by_width = bool(grip & (Grip.LEFT | Grip.RIGHT))
    by_height = bool(grip & (Grip.TOP | Grip.BOTTOM))
    if by_width and by_height:
        by_width = resized.width / before.width >= resized.height / before.height
    width = resized.width if by_width else max(1, round(resized.height * aspect))
    height = max(1, round(resized.width / aspect)) if by_width else resized.height
    x, y = resized.x, resized.y
    if Grip.LEFT in grip:
        x = before.right - width
    elif Grip.RIGHT not in grip:
        x = before.x + (before.width - width) // 2
    if Grip.TOP in grip:
        y = before.bottom - height
    elif Grip.BOTTOM not in grip:
        y = before.y + (before.height - height) // 2
    return Bounds(x, y, width, height)
