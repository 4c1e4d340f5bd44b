"""The clone tool: paints with another place of the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from studio.core.compositor import compose
from studio.core.errors import KnownError
from studio.core.geometry import Point
from studio.core.stroke import CloneStroke, ReadPixels, Stencil
from studio.tools.events import Modifiers, PointerEvent
from studio.tools.overlay import Circle, Cursor, Handle, Overlay
from studio.tools.painting import StrokingTool
from studio.tools.targets import paintable_layer
from studio.tools.tool import Drag, DragCancelled, ToolContext


@dataclass(frozen=True)
class CloneSettings:
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

    def begin(self, event: PointerEvent) -> CloneStroke:
        """A stroke on the active layer."""
        layer = paintable_layer(self._context)
        if self._source is None:
            raise KnownError("There is nothing to copy from yet: hold Alt and click on the source.")
        settings = self._context.settings[CloneSettings]
        if self._way is None or not settings.aligned:
            self._way = Point(
                self._source.x - math.floor(event.x), self._source.y - math.floor(event.y)
            )
        read = self._reader(settings)
        stencil = Stencil.of(self._context.document)
        return CloneStroke(layer, self.brush, stencil, read, self._way.x, self._way.y)

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

    def _set_source(self, event: PointerEvent) -> Drag:
        """Takes hold of the source until the button is let go."""
        before, way = self._source, self._way
        self._source, self._way = _pixel(event), None
        try:
            while (here := (yield)) is not None:
                self._source = _pixel(here)
        except DragCancelled:
            self._source, self._way = before, way

    def _reader(self, settings: CloneSettings) -> ReadPixels:
        document = self._context.document
        if settings.all_layers or document.active is None:
            whole = document.snapshot()
            return lambda part: compose(whole, part)
        return document.active.snapshot().pixels.read_stored


def _pixel(event: PointerEvent) -> Point:
    return Point(math.floor(event.x), math.floor(event.y))
