"""Masks seen from afar."""

from __future__ import annotations

import cv2
import numpy as np

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.selection.masks import FULL
from studio.core.tiles import ORIGIN, TILE, TileIndex, TileReader, tiles_over, whole_tiles, window

MAX_LEVEL = 8
"""How often a mask can be halved: a tile is then one pixel."""


class ReducedMask:
    """A mask halved a few times, by the means of its values.

    What was looked at last is kept, so that a small change costs little to see. Tiles that are
    selected throughout cost nothing at any level.

    Args:
        mask: to be looked at; whoever changes it calls `invalidate`.
    """

    def __init__(self, mask: TileReader) -> None:
        self._mask = mask
        self._level = 0
        self._tiles: dict[TileIndex, Pixels] = {}

    def invalidate(self, dirty: Bounds) -> None:
        """The mask is different there."""
        stale = [it for it in self._tiles if not it.bounds.intersection(dirty).is_empty]
        for index in stale:
            del self._tiles[index]

    def read(self, area: Bounds, level: int) -> Pixels:
        """The values in an area of whole tiles, ``(height >> level, width >> level)``.

        Args:
            level: how often to halve it, 0 to `MAX_LEVEL`.
        """
        if level != self._level:
            self._level = level
            self._tiles.clear()
        side = TILE >> level
        left, top = area.x // TILE * side, area.y // TILE * side
        shape = (area.height // TILE * side, area.width // TILE * side)
        values = np.zeros(shape, dtype=np.uint8)
        for index in tiles_over(area.intersection(whole_tiles(self._mask.bounds))):
            place = Bounds(index.column * side - left, index.row * side - top, side, side)
            values[window(place, ORIGIN)] = self._tile(index)
        return values

    def _tile(self, index: TileIndex) -> Pixels | int:
        is_on_grid = self._mask.origin == ORIGIN
        if is_on_grid and self._mask.tiles.get(index, FULL) is FULL:
            return 255 if index in self._mask.tiles else 0
        if index not in self._tiles:
            self._tiles[index] = self._reduced(self._mask.read(index.bounds))
        return self._tiles[index]

    def _reduced(self, values: Pixels) -> Pixels:
        side = TILE >> self._level
        return np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA))
