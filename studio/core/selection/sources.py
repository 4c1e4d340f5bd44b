"""Masks made of what layers show."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.selection.masks import clipped_tile, mask_of, settled
from studio.core.tiles import ORIGIN, Snapshot, TileReader, tiles_over


def from_alpha(pixels: TileReader, canvas: Bounds) -> Snapshot:
    """As much of each pixel on the canvas as is opaque in a colour surface."""
    return _made_of(pixels, canvas, lambda stored: cv2.extractChannel(stored, 3))


def from_luminosity(pixels: TileReader, canvas: Bounds) -> Snapshot:
    """As much of each pixel on the canvas as is light; what is transparent counts as black."""
    return _made_of(pixels, canvas, lambda stored: cv2.cvtColor(stored, cv2.COLOR_BGRA2GRAY))


def from_mask(mask: TileReader, canvas: Bounds) -> Snapshot:
    """What a layer's mask shows on the canvas; it may show all where it has no tile."""
    tiles = {}
    for index in tiles_over(canvas if mask.fill else mask.bounds.intersection(canvas)):
        tile = settled(mask.read(index.bounds))
        kept = None if tile is None else clipped_tile(tile, index, canvas)
        if kept is not None:
            tiles[index] = kept
    return mask_of(tiles)


def _made_of(
    pixels: TileReader, canvas: Bounds, value_of: Callable[[Pixels], cv2.typing.MatLike]
) -> Snapshot:
    tiles = {}
    for index in tiles_over(pixels.bounds.intersection(canvas)):
        stored = pixels.tiles.get(index) if pixels.origin == ORIGIN else None
        if stored is None:
            stored = pixels.read_stored(index.bounds)
        tile = settled(np.asarray(value_of(stored), dtype=np.uint8))
        kept = None if tile is None else clipped_tile(tile, index, canvas)
        if kept is not None:
            tiles[index] = kept
    return mask_of(tiles)
