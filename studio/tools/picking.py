"""The colour picker."""

from __future__ import annotations

import math
from typing import ClassVar

from studio.core.colour import Colour
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.tools.events import PointerEvent
from studio.tools.overlay import Cursor, Overlay, Swatch
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext


class ColourPickerTool(DragTool):
    """Takes the colour of the picture under the pointer; what is transparent gives none.

    `ToolContext.colour_picked` says which one, at the press and at each move with the button held.
    """

    name: ClassVar[str] = "picker"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._swatch: Swatch | None = None

    @property
    def cursor(self) -> Cursor:
        """A pipette."""
        return Cursor.PICK

    def drag(self, event: PointerEvent) -> Drag:
        """Picks as the pointer goes."""
        try:
            self._pick(event)
            while (here := (yield)) is not None:
                self._pick(here)
        except DragCancelled:
            return
        finally:
            self._swatch = None

    def overlay(self) -> Overlay:
        """The colour that was picked, beside the pointer."""
        return (self._swatch,) if self._swatch else ()

    def _pick(self, event: PointerEvent) -> None:
        colour = colour_at(self._context.document, event.x, event.y)
        if colour is not None:
            self._swatch = Swatch(event.x, event.y, colour.hex)
            self._context.colour_picked.emit(colour)


def colour_at(document: Document, x: float, y: float) -> Colour | None:
    """The picture's colour at a place on the canvas; None where it is transparent."""
    pixel = document.flatten(Bounds(math.floor(x), math.floor(y), 1, 1)).data
    return Colour(*pixel[:3]) if pixel[3] else None
