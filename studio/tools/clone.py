"""The clone tool: paints with another place of the picture, or of a layer's mask."""

from __future__ import annotations

import math
from typing import ClassVar

import msgspec

from studio.core.compositor import compose
from studio.core.errors import KnownError
from studio.core.geometry import Point
from studio.core.stroke import CloneMaskStroke, CloneStroke, ReadPixels, Stencil, Stroke
from studio.tools.events import Modifiers, PointerEvent
from studio.tools.overlay import Circle, Cursor, Handle, Overlay
from studio.tools.painting import StrokingTool
from studio.tools.targets import edited_mask, paintable_layer
from studio.tools.tool import Drag, DragCancelled, ToolContext


class CloneSettings(msgspec.Struct, frozen=True):
    """What the clone tool copies from.

    Attributes:
        aligned: all strokes keep the distance of the first to the source; else each begins there.
        all_layers: copies what is seen instead of the active layer alone.
    """

    aligned: bool = True
    all_layers: bool = False


class CloneTool(StrokingTool):
    """Paints what lies at the source, which Alt and a click set."""

    name: ClassVar[str] = "clone"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._source: Point | None = None
        self._way: Point | None = None

    @property
    def cursor(self) -> Cursor:
        """A pipette while a press would set the source."""
        return Cursor.PICK if self._sets_source else super().cursor

    def drag(self, event: PointerEvent) -> Drag:
        """Sets the source, or paints with it."""
        if Modifiers.ALT in event.modifiers:
            yield from self._set_source(event)
        else:
            yield from super().drag(event)

    def begin(self, event: PointerEvent) -> Stroke:
        """A stroke on the active layer, or on its mask, which is then copied from as well."""
        masked = edited_mask(self._context)
        stencil = Stencil.of(self._context.document)
        if masked is not None:
            way, (_, mask) = self._way_from(event), masked
            read = mask.snapshot().read
            return CloneMaskStroke(*masked, self.brush, stencil, read, *way)
        layer, way = paintable_layer(self._context), self._way_from(event)
        return CloneStroke(layer, self.brush, stencil, self._reader(), *way)

    def overlay(self) -> Overlay:
        """The brush's outline, and where it copies from."""
        shapes = super().overlay()
        if self._source is None or self._pointer is None:
            return shapes
        follows = self.is_active or self._context.settings[CloneSettings].aligned
        if self._way is None or not follows or self._sets_source:
            return (*shapes, Handle(*self._source))
        x, y = self._pointer.x + self._way.x, self._pointer.y + self._way.y
        return (*shapes, Handle(x, y, active=True), Circle(x, y, self.brush.size / 2))

    @property
    def _sets_source(self) -> bool:
        return (
            not self.is_active
            and self._pointer is not None
            and Modifiers.ALT in self._pointer.modifiers
        )

    def _way_from(self, event: PointerEvent) -> Point:
        """From each place that is painted to the one that is copied there.

        Raises:
            KnownError: if no source has been set.
        """
        if self._source is None:
            raise KnownError("There is nothing to copy from yet: hold Alt and click on the source.")
        if self._way is None or not self._context.settings[CloneSettings].aligned:
            self._way = Point(
                self._source.x - math.floor(event.x), self._source.y - math.floor(event.y)
            )
        return self._way

    def _set_source(self, event: PointerEvent) -> Drag:
        """Takes hold of the source until the button is let go."""
        before, way = self._source, self._way
        self._source, self._way = _pixel(event), None
        try:
            while (here := (yield)) is not None:
                self._source = _pixel(here)
        except DragCancelled:
            self._source, self._way = before, way

    def _reader(self) -> ReadPixels:
        document = self._context.document
        if self._context.settings[CloneSettings].all_layers or document.active is None:
            whole = document.snapshot()
            return lambda part: compose(whole, part)
        return document.active.snapshot().pixels.read_stored


def _pixel(event: PointerEvent) -> Point:
    return Point(math.floor(event.x), math.floor(event.y))
