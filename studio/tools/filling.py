"""The fill tool."""

from __future__ import annotations

import math
from typing import ClassVar

import msgspec

from studio.core.colour import Colour
from studio.core.compositor import compose
from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels
from studio.core.selection import ReadPixels, alike, antialiased, flooded, grown
from studio.core.stroke import ink_table, inked
from studio.core.tiles import Snapshot
from studio.core.wash import Ink
from studio.tools.events import PointerEvent
from studio.tools.overlay import Cursor
from studio.tools.tool import Drag, DragTool
from studio.tools.washing import wash, washable


class FillSettings(msgspec.Struct, frozen=True):
    """How the fill tool fills.

    Attributes:
        tolerance: by how much colours may differ from the one that is clicked, 0 to 255.
        contiguous: only what hangs together with the place that is clicked.
        all_layers: goes by the whole picture instead of the active layer alone.
        antialias: softens the steps of the edge.
        grow: by so many pixels beyond the edge.
        opacity: 0 to 1.
    """

    tolerance: int = 32
    contiguous: bool = True
    all_layers: bool = False
    antialias: bool = True
    grow: int = 0
    opacity: float = 1.0


class FillTool(DragTool):
    """Fills what is like the place that is clicked with the brush's colour."""

    name: ClassVar[str] = "fill"

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Cursor.CROSS

    def drag(self, event: PointerEvent) -> Drag:
        """Fills when the button is let go."""
        washable(self._context)
        while (yield) is not None:
            pass
        self.fill(Point(math.floor(event.x), math.floor(event.y)))

    def fill(self, at: Point) -> None:
        """Fills what is like the colour there; nothing happens beyond the canvas.

        Raises:
            KnownError: if there is nothing to paint on, or it is locked.
        """
        context, settings = self._context, self._context.settings[FillSettings]
        target, canvas = washable(context), context.document.canvas
        read, colour = self._reader(settings), context.brush.colour
        if not canvas.contains_point(at):
            return

        def make_ink() -> Ink:
            return MaskedInk(_region(read, at, canvas, settings), colour, settings.opacity)

        wash(context, target, make_ink, "Fill")

    def _reader(self, settings: FillSettings) -> ReadPixels:
        document = self._context.document
        if settings.all_layers or document.active is None:
            whole = document.snapshot()
            return lambda part: compose(whole, part)
        return document.active.snapshot().pixels.read_stored


class MaskedInk:
    """One colour, as far as a mask lets it through.

    Args:
        mask: 255 = wholly.
        colour, opacity: of the ink.
    """

    def __init__(self, mask: Snapshot, colour: Colour, opacity: float) -> None:
        self._mask = mask
        self._table = ink_table(colour, opacity)

    def __call__(self, part: Bounds) -> Pixels:
        """Premultiplied BGRA of a part of the canvas."""
        return inked(self._mask.read(part), self._table)


def _region(read: ReadPixels, at: Point, canvas: Bounds, settings: FillSettings) -> Snapshot:
    search = flooded if settings.contiguous else alike
    mask = search(read, at, canvas, settings.tolerance)
    if settings.grow:
        mask = grown(mask, settings.grow, canvas)
    return antialiased(mask, canvas) if settings.antialias else mask
