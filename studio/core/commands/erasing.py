"""What is selected goes from a layer, or is hidden by its mask; in any thread."""

from __future__ import annotations

import cv2

from studio.core.composing import masked
from studio.core.selection import aligned, inverted, uniform_value
from studio.core.tiles import MaskSurface, Snapshot, TileChange, TiledSurface


def erased(pixels: Snapshot, selection: Snapshot) -> TileChange:
    """The change that makes pixels transparent as far as they are selected, 255 = wholly."""
    selection = aligned(selection)
    kept = inverted(selection, pixels.bounds)
    surface = TiledSurface.of(pixels)
    for place, tile in pixels.tiles_in(selection.bounds):
        selected = uniform_value(selection, place)
        if selected == 255:
            surface.clear(place)
        elif selected is None:
            surface.write_stored(place, masked(tile, place, kept))
    return TileChange.between(pixels, surface.snapshot())


def hidden(mask: Snapshot, selection: Snapshot) -> TileChange:
    """The change that has a mask hide its layer as far as it is selected, 255 = wholly."""
    surface = MaskSurface.of(mask)
    for place, selected in selection.tiles_in(selection.bounds):
        kept = cv2.bitwise_not(selected)
        surface.write(place, cv2.multiply(mask.read(place), kept, scale=1 / 255))
    return TileChange.between(mask, surface.snapshot())
