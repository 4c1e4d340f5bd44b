"""What a stroke covers, gathered dab by dab in 16 bits."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np

from studio.core.brush import Cover, Dab, DabMasks, reach_of
from studio.core.brush.dabs import FULL
from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.tiles import TILE, TileIndex, bounds_of, tiles_over, window


class StrokeCover:
    """Tiles on the canvas' own grid.

    Args:
        masks: of dabs.
        limits: nothing outside of it is covered.
    """

    def __init__(self, masks: DabMasks, limits: Bounds) -> None:
        self._masks = masks
        self._limits = limits
        self._tiles: dict[TileIndex, Cover] = {}

    @property
    def bounds(self) -> Bounds:
        """The rectangle around all tiles."""
        return bounds_of(self._tiles)

    def add(self, dab: Dab) -> Iterator[tuple[TileIndex, Bounds]]:
        """Adds a dab; the tiles that it meets, and the part of each, on the canvas."""
        whole = dab_bounds(dab)
        dirty = whole.intersection(self._limits)
        if dirty.is_empty or dab.flow <= 0:
            return
        mask = self._masks.of(dab)
        scale = dab.flow / FULL
        limit = round(dab.opacity * FULL)
        for index in tiles_over(dirty):
            place = index.bounds
            part = place.intersection(dirty)
            here = self._tile(index)[window(part, place.origin)]
            free = cv2.bitwise_not(here) if limit == FULL else _below(limit, here)
            gain = cv2.multiply(free, mask[window(part, whole.origin)], scale=scale)
            cv2.add(here, gain, dst=here)
            yield index, part

    def read(self, index: TileIndex, part: Bounds) -> Pixels:
        """What is covered in a part of a tile that a dab has met, 255 = wholly."""
        tile = self._tiles[index][window(part, index.bounds.origin)]
        cover: Pixels = cv2.convertScaleAbs(tile, alpha=255 / FULL)
        return cover

    def _tile(self, index: TileIndex) -> Cover:
        tile = self._tiles.get(index)
        if tile is None:
            tile = self._tiles[index] = np.zeros((TILE, TILE), dtype=np.uint16)
        return tile


def _below(limit: int, cover: Cover) -> Cover:
    """What is missing of each cover to the limit; 0 where it is beyond."""
    # A number would not do: of one column of up to four values OpenCV cannot tell whether they are
    # values or the channels of one.
    missing: Cover = cv2.subtract(np.full_like(cover, limit), cover)
    return missing


def dab_bounds(dab: Dab) -> Bounds:
    """The pixels that the mask of a dab lies on."""
    reach = reach_of(dab.size)
    side = 2 * reach + 1
    return Bounds(math.floor(dab.x) - reach, math.floor(dab.y) - reach, side, side)
