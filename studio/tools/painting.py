"""Brush and eraser, on layers and on the painted mask."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from studio.core.brush import Dab, StrokePath
from studio.core.errors import KnownError
from studio.core.layers import RasterLayer
from studio.core.stroke import LayerStroke, MaskStroke, Stroke
from studio.tools.events import Modifiers, PointerEvent
from studio.tools.overlay import Circle, Cursor, Line, Overlay
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext


class PaintingTool(DragTool):
    """A tool that strokes.

    With Shift held at the press, the stroke starts with a straight line from where the last one
    ended; with Shift held during the drag, it goes on straight once Shift or the button is let go.
    """

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._pointer: PointerEvent | None = None
        self._last_end: Dab | None = None
        self._straight: tuple[Dab, PointerEvent] | None = None

    @property
    def cursor(self) -> Cursor:
        """Hidden: the overlay shows a circle of the brush's true size."""
        return Cursor.HIDDEN if self._pointer else Cursor.CROSS

    @abstractmethod
    def begin(self) -> Stroke:
        """A stroke on what this tool paints on.

        Raises:
            KnownError: if there is nothing to paint on, or it is locked.
        """

    def drag(self, event: PointerEvent) -> Drag:
        """One stroke, from press to release."""
        stroke = self.begin()
        path = self._start(stroke, event)
        try:
            while (following := (yield)) is not None:
                event = following
                self._follow(stroke, path, event)
        except DragCancelled:
            stroke.abandon()
            return
        finally:
            self._straight = None
        stroke.paint(self._ending(path, event))
        self._last_end = path.end
        command = stroke.command()
        if command is not None:
            self._context.stack.push(command)
            self._context.stack.seal()

    def hover(self, event: PointerEvent) -> None:
        """Remembers where to show the brush."""
        self._pointer = event

    def leave(self) -> None:
        """Hides the brush."""
        self._pointer = None

    def overlay(self) -> Overlay:
        """The brush's outline, and the straight line to come."""
        if self._pointer is None:
            return ()
        brush = self._context.brush
        x, y = self._pointer.x, self._pointer.y
        outline = Circle(x, y, brush.size / 2, brush.hardness)
        if self._straight is None:
            return (outline,)
        start, _ = self._straight
        return (outline, Line(start.x, start.y, x, y))

    def _start(self, stroke: Stroke, event: PointerEvent) -> StrokePath:
        brush = self._context.brush
        if Modifiers.SHIFT in event.modifiers and self._last_end is not None:
            path = StrokePath(brush, *self._last_end)
            stroke.paint(path.line_to(event.x, event.y, event.pressure))
        else:
            path = StrokePath(brush, event.x, event.y, event.pressure)
            stroke.paint(path.start())
        return path

    def _follow(self, stroke: Stroke, path: StrokePath, event: PointerEvent) -> None:
        if Modifiers.SHIFT in event.modifiers:
            self._straight = (path.end, event)
            return
        if self._straight is not None:
            _, corner = self._straight
            self._straight = None
            stroke.paint(path.line_to(corner.x, corner.y, corner.pressure))
        stroke.paint(path.to(event.x, event.y, event.pressure))

    def _ending(self, path: StrokePath, event: PointerEvent) -> list[Dab]:
        if Modifiers.SHIFT in event.modifiers:
            return path.line_to(event.x, event.y, event.pressure)
        return path.finish()


class BrushTool(PaintingTool):
    """Paints the brush's colour on the active layer."""

    name: ClassVar[str] = "brush"

    def begin(self) -> Stroke:
        """A stroke on the active layer."""
        return LayerStroke(
            paintable_layer(self._context), self._context.brush, self._context.document.canvas
        )


class EraserTool(PaintingTool):
    """Takes paint off the active layer."""

    name: ClassVar[str] = "eraser"

    def begin(self) -> Stroke:
        """An erasing stroke on the active layer."""
        layer = paintable_layer(self._context)
        return LayerStroke(layer, self._context.brush, self._context.document.canvas, erase=True)


class MaskBrushTool(PaintingTool):
    """Masks what shall be repainted."""

    name: ClassVar[str] = "mask"

    def begin(self) -> Stroke:
        """A stroke on the mask."""
        return MaskStroke(self._context.document, self._context.brush)


class MaskEraserTool(PaintingTool):
    """Takes from the mask."""

    name: ClassVar[str] = "mask-eraser"

    def begin(self) -> Stroke:
        """An erasing stroke on the mask."""
        return MaskStroke(self._context.document, self._context.brush, erase=True)


def paintable_layer(context: ToolContext) -> RasterLayer:
    """The active layer, if it may be painted on.

    Raises:
        KnownError: if there is none, or it is locked or hidden.
    """
    layer = context.document.active
    if not isinstance(layer, RasterLayer):
        raise KnownError("There is no layer to paint on: add one first.")
    if layer.locked:
        raise KnownError(f"The layer {layer.name!r} is locked: unlock it to change it.")
    if not layer.visible:
        raise KnownError(f"The layer {layer.name!r} is hidden: show it to paint on it.")
    return layer
