"""Brush and eraser, on layers, on their masks and on the painted mask."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from msgspec.structs import replace

from studio.core.brush import LONGEST_LEASH, BrushSettings, Dab, Pen, StrokePath
from studio.core.commands.selection import Target
from studio.core.stroke import (
    ErasingStroke,
    LayerMaskStroke,
    LayerStroke,
    MaskStroke,
    Stencil,
    Stroke,
)
from studio.tools.events import Modifiers, PointerEvent
from studio.tools.overlay import Circle, Cursor, Line, Overlay
from studio.tools.straight import constrained
from studio.tools.targets import edited_mask, paintable_layer
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext

_STRAIGHT = Modifiers.SHIFT | Modifiers.CONTROL


class StrokingTool(DragTool):
    """A tool whose drags are strokes.

    With Shift held at the press, the stroke starts with a straight line from where the last one
    ended; with Shift held during the drag, it goes on straight once Shift or the button is let go.
    Ctrl does the same in steps of 15 degrees, but joins the last stroke only together with Shift.
    """

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._pointer: PointerEvent | None = None
        self._last_end: Pen | None = None
        self._straight: tuple[Pen, PointerEvent] | None = None
        self._strokes = 0

    @property
    def cursor(self) -> Cursor:
        """Hidden: the overlay shows a circle of the brush's true size."""
        return Cursor.HIDDEN if self._pointer else Cursor.CROSS

    @property
    def brush(self) -> BrushSettings:
        """How it paints."""
        return self._context.brush

    @abstractmethod
    def begin(self, event: PointerEvent) -> Stroke:
        """A stroke on what this tool paints on, begun at that event.

        Raises:
            KnownError: if there is nothing to paint on, or it is locked.
        """

    def drag(self, event: PointerEvent) -> Drag:
        """One stroke, from press to release."""
        stroke = self.begin(event)
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
        brush = self.brush
        outline = Circle(
            self._pointer.x,
            self._pointer.y,
            brush.size / 2,
            brush.hardness,
            brush.roundness,
            brush.angle,
        )
        if self._straight is None:
            return (outline,)
        start, corner = self._straight
        return (outline, Line(start.x, start.y, corner.x, corner.y))

    def _start(self, stroke: Stroke, event: PointerEvent) -> StrokePath:
        self._strokes += 1
        leash = self.brush.smoothing * LONGEST_LEASH / event.zoom
        last = self._last_end
        if Modifiers.SHIFT in event.modifiers and last is not None:
            path = StrokePath(self.brush, last, leash, self._strokes)
            stroke.paint(path.line_to(pen_of(_aimed(last, event))))
        else:
            path = StrokePath(self.brush, pen_of(event), leash, self._strokes)
            stroke.paint(path.start())
        return path

    def _follow(self, stroke: Stroke, path: StrokePath, event: PointerEvent) -> None:
        if event.modifiers & _STRAIGHT:
            self._straight = (path.end, _aimed(path.end, event))
            return
        if self._straight is not None:
            _, corner = self._straight
            self._straight = None
            stroke.paint(path.line_to(pen_of(corner)))
        stroke.paint(path.to(pen_of(event)))

    def _ending(self, path: StrokePath, event: PointerEvent) -> list[Dab]:
        if event.modifiers & _STRAIGHT:
            return path.line_to(pen_of(_aimed(path.end, event)))
        return path.finish()


class BrushTool(StrokingTool):
    """Paints the brush's colour on the active layer, or its brightness on the layer's mask.

    While the selection is being painted (a quick mask), it selects instead.
    """

    name: ClassVar[str] = "brush"

    def begin(self, event: PointerEvent) -> Stroke:
        """A stroke on the active layer or its mask, or on the selection."""
        if self._context.document.editing_selection:
            return MaskStroke(self._context.document, self.brush, target=Target.SELECTION)
        stencil = Stencil.of(self._context.document)
        masked = edited_mask(self._context)
        if masked is not None:
            layer, mask = masked
            return LayerMaskStroke(layer, mask, self.brush, stencil, self.brush.colour.brightness)
        return LayerStroke(paintable_layer(self._context), self.brush, stencil)


class EraserTool(StrokingTool):
    """Takes paint off the active layer, hides parts of it by its mask, or deselects."""

    name: ClassVar[str] = "eraser"

    def begin(self, event: PointerEvent) -> Stroke:
        """An erasing stroke on the active layer or the selection, or a hiding one on a mask."""
        if self._context.document.editing_selection:
            target = Target.SELECTION
            return MaskStroke(self._context.document, self.brush, erase=True, target=target)
        stencil = Stencil.of(self._context.document)
        masked = edited_mask(self._context)
        if masked is not None:
            return LayerMaskStroke(*masked, self.brush, stencil, 0)
        layer = paintable_layer(self._context, takes_away=True)
        return ErasingStroke(layer, self.brush, stencil)


class MaskBrushTool(StrokingTool):
    """Masks what shall be repainted."""

    name: ClassVar[str] = "mask"

    def begin(self, event: PointerEvent) -> Stroke:
        """A stroke on the mask."""
        return MaskStroke(self._context.document, self.brush)


class MaskEraserTool(StrokingTool):
    """Takes from the mask."""

    name: ClassVar[str] = "mask-eraser"

    def begin(self, event: PointerEvent) -> Stroke:
        """An erasing stroke on the mask."""
        return MaskStroke(self._context.document, self.brush, erase=True)


def pen_of(event: PointerEvent) -> Pen:
    """Where the pen is and how it is held."""
    return Pen(event.x, event.y, event.pressure, event.tilt_x, event.tilt_y, event.time)


def _aimed(start: Pen, event: PointerEvent) -> PointerEvent:
    """The event at the end of the straight line that it asks for."""
    if Modifiers.CONTROL not in event.modifiers:
        return event
    x, y = constrained(start.x, start.y, event.x, event.y)
    return replace(event, x=x, y=y)
