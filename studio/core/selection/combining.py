"""Set operations on masks: the larger value is the union, the smaller one the intersection."""

from __future__ import annotations

import enum
from collections.abc import Callable

import cv2
import numpy as np

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.selection.masks import FULL, aligned, clipped_tile, mask_of, settled
from studio.core.tiles import Snapshot, TileIndex, tiles_over


class Operation(enum.StrEnum):
    """What a new selection does to the one that is there."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


def combined(base: Snapshot, other: Snapshot, operation: Operation) -> Snapshot:
    """Both masks as one; looks only at tiles that the operation can change."""
    if operation is Operation.REPLACE:
        return aligned(other)
    old, new = aligned(base).tiles, aligned(other).tiles
    tiles: dict[TileIndex, Pixels] = {}
    if operation is not Operation.INTERSECT:
        tiles.update(old)
    if operation is Operation.ADD:
        tiles.update(new)
    for index in old.keys() & new.keys():
        tile = _COMBINE[operation](old[index], new[index])
        if tile is not None:
            tiles[index] = tile
        else:
            tiles.pop(index, None)
    return mask_of(tiles)


def inverted(mask: Snapshot, canvas: Bounds) -> Snapshot:
    """What was not selected on the canvas, and nothing beyond it.

    Costs what the mask's partly selected tiles cost: whole ones are only exchanged.
    """
    old = aligned(mask).tiles
    tiles = {}
    for index in tiles_over(canvas):
        tile = old.get(index)
        if tile is FULL:
            continue
        whole = FULL if tile is None else np.asarray(cv2.bitwise_not(tile), dtype=np.uint8)
        kept = clipped_tile(whole, index, canvas)
        if kept is not None:
            tiles[index] = kept
    return mask_of(tiles)


def _united(below: Pixels, above: Pixels) -> Pixels | None:
    if below is FULL or above is FULL:
        return FULL
    return settled(np.asarray(cv2.max(below, above), dtype=np.uint8))


def _without(below: Pixels, above: Pixels) -> Pixels | None:
    if above is FULL:
        return None
    return settled(np.asarray(cv2.min(below, cv2.bitwise_not(above)), dtype=np.uint8))


def _common(below: Pixels, above: Pixels) -> Pixels | None:
    if below is FULL:
        return above
    if above is FULL:
        return below
    return settled(np.asarray(cv2.min(below, above), dtype=np.uint8))


_COMBINE: dict[Operation, Callable[[Pixels, Pixels], Pixels | None]] = {
    Operation.ADD: _united,
    Operation.SUBTRACT: _without,
    Operation.INTERSECT: _common,
}
"""For tiles that both masks have; a tile that only one of them has stays or goes as a whole."""
