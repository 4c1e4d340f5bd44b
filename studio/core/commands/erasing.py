"""What is selected goes from a layer."""

from __future__ import annotations

from studio.core.commands.paint import PaintStroke
from studio.core.composing import masked
from studio.core.layers import RasterLayer
from studio.core.selection import aligned, inverted, uniform_value
from studio.core.tiles import Snapshot, TileChange, TiledSurface


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
