"""The canvas is cropped, with or without what lies beyond it."""

from __future__ import annotations

from studio.core.commands.canvas import ResizeCanvas, SetFrame
from studio.core.commands.group import CommandGroup
from studio.core.commands.paint import PaintStroke
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer, TextLayer
from studio.core.tiles import TileChange, TiledSurface, window

SMALLEST_FRAME = 64
"""A frame that would keep less than so many pixels a side becomes the whole canvas."""


def crop(document: Document, area: Bounds, *, delete: bool = False, name: str = "Crop") -> Command:
    """Makes ``area`` the canvas; the frame stays inside it.

    Args:
        document: to be cropped.
        area: not empty; it may reach beyond the canvas.
        delete: what layers hold outside of it is erased; texts stay whole.
        name: as the person reads it.
    """
    commands: list[Command] = []
    if delete:
        layers = (layer for layer in document.walk() if isinstance(layer, RasterLayer))
        for layer in layers:
            if not isinstance(layer, TextLayer) and not area.contains(layer.bounds):
                commands.append(_erasing(layer, area, name))
    commands += [ResizeCanvas(area, name), SetFrame(_frame_within(document.frame, area))]
    return CommandGroup(name, commands)


def _frame_within(frame: Bounds, area: Bounds) -> Bounds:
    kept = frame.intersection(area)
    return kept if min(kept.width, kept.height) >= SMALLEST_FRAME else area


def _erasing(layer: RasterLayer, area: Bounds, name: str) -> Command:
    before = layer.surface.snapshot()
    surface = TiledSurface()
    for place, tile in before.tiles_in(area):
        part = place.intersection(area)
        surface.write_stored(part, tile[window(part, place.origin)])
    return PaintStroke(layer, TileChange.between(before, surface.snapshot()), name)
