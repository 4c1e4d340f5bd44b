"""The colour picker."""

from __future__ import annotations

import math
from typing import ClassVar

import msgspec
import numpy as np

from studio.core.colour import Colour
from studio.core.compositor import compose
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.tools.events import PointerEvent
from studio.tools.overlay import Cursor, Overlay, Swatch
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext


class PickSettings(msgspec.Struct, frozen=True):
    """What the colour picker looks at.

    Attributes:
        all_layers: what is seen; else the active layer alone.
        radius: takes the average of the pixels so far around, too; 0 for the one pixel.
    """

    all_layers: bool = True
    radius: int = 0


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
        settings = self._context.settings[PickSettings]
        colour = colour_at(self._context.document, event.x, event.y, settings)
        if colour is not None:
            self._swatch = Swatch(event.x, event.y, colour.hex)
            self._context.colour_picked.emit(colour)


def colour_at(
    document: Document, x: float, y: float, settings: PickSettings | None = None
) -> Colour | None:
    """The picture's colour at a place on the canvas; None where it is transparent.

    Args:
        settings: what is looked at; the one pixel that is seen there by default.
    """
    settings = settings or PickSettings()
    around = Bounds(math.floor(x), math.floor(y), 1, 1).padded(settings.radius)
    part = around.intersection(document.canvas)
    if part.is_empty:
        return None
    pixels = _looked_at(document, part, settings)
    blue, green, red, alpha = pixels.reshape(-1, 4).sum(axis=0, dtype=np.int64).tolist()
    if not alpha:
        return None
    return Colour(*(round(255 * channel / alpha) for channel in (red, green, blue)))


def _looked_at(document: Document, part: Bounds, settings: PickSettings) -> Pixels:
    if settings.all_layers or document.active is None:
        return compose(document, part)
    return document.active.pixels.read_stored(part)
