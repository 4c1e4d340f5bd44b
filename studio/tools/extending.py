"""The extend tool: drags the canvas' edges and corners outwards."""

from __future__ import annotations

from typing import ClassVar

from studio.core.geometry import Bounds
from studio.tools.events import Modifiers, PointerEvent
from studio.tools.grips import (
    HIT_TOLERANCE,
    SNAP_TOLERANCE,
    Grip,
    cursor_of,
    dragged,
    grip_at,
    handle,
    handles,
    multiple_near,
    snapped,
)
from studio.tools.overlay import Cursor, NewArea, Overlay
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext

RATIOS = ((1, 1), (5, 4), (4, 3), (3, 2), (16, 10), (16, 9), (2, 1))
"""Common aspects that an extended canvas snaps to, either way round."""


class ExtendTool(DragTool):
    """Asks for a larger canvas: `ToolContext.extended` says which one when the button is let go.

    The new edge snaps to common aspects where one is near, else to multiples of the grid counted
    from the old edge; with Control held it does not snap.
    """

    name: ClassVar[str] = "extend"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._grip = Grip.NONE
        self._new: Bounds | None = None

    @property
    def cursor(self) -> Cursor:
        """Says which way the edge under the pointer goes."""
        return cursor_of(self._grip)

    @property
    def new_bounds(self) -> Bounds | None:
        """During a drag, the canvas as it would be."""
        return self._new

    @property
    def grip(self) -> Grip:
        """The edge or corner under the pointer, or held."""
        return self._grip

    def hover(self, event: PointerEvent) -> None:
        """Looks which edge or corner the pointer is on."""
        if not self.is_active:
            canvas = self._context.document.canvas
            self._grip = grip_at(canvas, event.x, event.y, HIT_TOLERANCE / event.zoom)

    def leave(self) -> None:
        """Hides the handle."""
        if not self.is_active:
            self._grip = Grip.NONE

    def drag(self, event: PointerEvent) -> Drag:
        """Follows the edge, and says at the end what the canvas should become."""
        if not self._grip:
            return
        canvas, start = self._context.document.canvas, event
        self._new = canvas
        try:
            while (here := (yield)) is not None:
                self._new = self._wanted(canvas, start, here)
        except DragCancelled:
            self._new = None
            return
        wanted, self._new = self._new, None
        if wanted != canvas:
            self._context.extended.emit(wanted)

    def overlay(self) -> Overlay:
        """The new area while dragging, else the handles."""
        canvas = self._context.document.canvas
        if self._new is None:
            return handles(canvas, self._grip)
        return (NewArea(self._new, canvas), handle(self._new, self._grip, active=True))

    def _wanted(self, canvas: Bounds, start: PointerEvent, here: PointerEvent) -> Bounds:
        pulled = dragged(canvas, self._grip, here.x - start.x, here.y - start.y)
        outward = pulled.union(canvas)
        if Modifiers.CONTROL in here.modifiers:
            return outward
        near = SNAP_TOLERANCE / here.zoom
        return snapped_extension(outward, canvas, self._grip, self._context.grid, near)


def snapped_extension(
    wanted: Bounds, canvas: Bounds, grip: Grip, grid: int, tolerance: float
) -> Bounds:
    """The extended canvas with its size at a common aspect where one is within ``tolerance``
    pixels, else with each extension a multiple of the grid; never smaller than the canvas.
    """
    width = _snapped_size(wanted.width, canvas.width, grid)
    height = _snapped_size(wanted.height, canvas.height, grid)
    horizontal = bool(grip & (Grip.LEFT | Grip.RIGHT))
    vertical = bool(grip & (Grip.TOP | Grip.BOTTOM))
    if horizontal and not vertical and wanted.width > canvas.width:
        width = _at_ratio(wanted.width, width, canvas.height, canvas.width, tolerance)
    if vertical and not horizontal and wanted.height > canvas.height:
        height = _at_ratio(wanted.height, height, canvas.width, canvas.height, tolerance)
    x = canvas.right - width if Grip.LEFT in grip else canvas.x
    y = canvas.bottom - height if Grip.TOP in grip else canvas.y
    return Bounds(x, y, width, height)


def _snapped_size(wanted: int, size: int, grid: int) -> int:
    return max(size, multiple_near(wanted, size, grid))


def _at_ratio(wanted: int, otherwise: int, across: int, smallest: int, tolerance: float) -> int:
    """The size that has a common aspect with the side ``across``, where one is near."""
    sizes = {round(across * a / b) for ratio in RATIOS for a, b in (ratio, ratio[::-1])}
    nearest = snapped(wanted, (size for size in sizes if size > smallest), tolerance)
    return nearest if nearest in sizes else otherwise
