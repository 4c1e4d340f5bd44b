"""What is selected goes from a layer, or is hidden by its mask."""

from __future__ import annotations

import cv2

from studio.core.commands.paint import PaintLayerMask, PaintStroke
from studio.core.composing import masked
from studio.core.layers import Layer, RasterLayer
from studio.core.selection import aligned, inverted, uniform_value
from studio.core.tiles import MaskSurface, Snapshot, TileChange, TiledSurface


class EraseSelected(PaintStroke):
    """Makes a layer transparent as far as it is selected.

    Args:
        layer: to be erased from; whether it is locked is for the caller to see to.
        selection: 255 = erased wholly.
        name: as the person reads it.
    """

    def __init__(
        self, layer: RasterLayer, selection: Snapshot, name: str = "Erase what is selected"
    ) -> None:
        before = layer.surface.snapshot()
        selection = aligned(selection)
        kept = inverted(selection, before.bounds)
        surface = TiledSurface.of(before)
        for place, tile in before.tiles_in(selection.bounds):
            selected = uniform_value(selection, place)
            if selected == 255:
                surface.clear(place)
            elif selected is None:
                surface.write_stored(place, masked(tile, place, kept))
        super().__init__(layer, TileChange.between(before, surface.snapshot()), name)


class HideSelected(PaintLayerMask):
    """Hides a layer by its mask as far as it is selected; half of what is half selected.

    Args:
        layer: that the mask belongs to; whether it is locked is for the caller to see to.
        mask: of that layer.
        selection: 255 = hidden wholly.
        name: as the person reads it.
    """

    def __init__(self, layer: Layer, mask: MaskSurface, selection: Snapshot, name: str) -> None:
        before = mask.snapshot()
        surface = MaskSurface.of(before)
        for place, selected in selection.tiles_in(selection.bounds):
            kept = cv2.bitwise_not(selected)
            surface.write(place, cv2.multiply(before.read(place), kept, scale=1 / 255))
        super().__init__(layer, TileChange.between(before, surface.snapshot()), name)
