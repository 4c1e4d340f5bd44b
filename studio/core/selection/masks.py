"""Masks as immutable values: snapshots with one 8-bit channel, 255 = selected.

What is selected throughout shares one tile (`FULL`), and what is not selected has none. So a
selection of a large canvas costs little, and whoever meets the shared tile knows at a glance what
is in it. All masks made here lie on the canvas' own tile grid (their origin is zero).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.tiles import (
    MASK,
    ORIGIN,
    TILE,
    Snapshot,
    TileIndex,
    sealed,
    tiles_over,
    window,
)

FULL: Final = sealed(np.full(MASK.shape, 255, dtype=np.uint8))
"""The tile of all pixels selected, shared by all masks; known by its identity."""


def mask_of(tiles: Mapping[TileIndex, Pixels]) -> Snapshot:
    """A mask of these tiles, which nobody writes into any more."""
    for tile in tiles.values():
        tile.setflags(write=False)
    return Snapshot(MASK, tiles, ORIGIN)


NOTHING: Final = mask_of({})
"""The mask that selects nothing."""


def settled(tile: Pixels) -> Pixels | None:
    """A tile as masks keep it: `FULL` for one full throughout, None for an empty one."""
    corner = tile[0, 0]
    # The corners tell of most tiles that they hold more than one value.
    if tile is FULL or 0 < corner < 255 or corner != tile[-1, -1] or (tile != corner).any():
        return tile
    return FULL if corner else None


def mask_from(pixels: Pixels, place: Bounds) -> Snapshot:
    """The mask with these values, ``(height, width)`` uint8, at that place and nothing elsewhere.

    >>> mask = mask_from(np.full((2, 300), 255, dtype=np.uint8), Bounds(-1, 0, 300, 2))
    >>> sorted(tuple(index) for index in mask.tiles)
    [(-1, 0), (0, 0), (1, 0)]
    """
    return mask_of(dict(cut(pixels, place)))


def cut(pixels: Pixels, place: Bounds) -> Iterator[tuple[TileIndex, Pixels]]:
    """The settled tiles of values that lie at ``place``; empty ones are left out."""
    for index in tiles_over(place):
        part = index.bounds.intersection(place)
        values = pixels[window(part, place.origin)]
        if part == index.bounds:
            tile = settled(values)
            # A view would keep all of the array alive.
            tile = tile.copy() if tile is values else tile
        else:
            whole = np.zeros(MASK.shape, dtype=np.uint8)
            whole[window(part, index.bounds.origin)] = values
            tile = settled(whole)
        if tile is not None:
            yield index, tile


def rectangle(bounds: Bounds) -> Snapshot:
    """Everything within ``bounds``, which may be empty."""
    tiles = {}
    for index in tiles_over(bounds):
        tile = clipped_tile(FULL, index, bounds)
        if tile is not None:
            tiles[index] = tile
    return mask_of(tiles)


def aligned(mask: Snapshot) -> Snapshot:
    """The same mask on the canvas' own tile grid, its uniform tiles shared."""
    if mask.origin == ORIGIN:
        return mask_of(_all_settled(mask.tiles))
    tiles = {}
    for index in tiles_over(mask.bounds):
        tile = settled(mask.read(index.bounds))
        if tile is not None:
            tiles[index] = tile
    return mask_of(tiles)


def clipped(mask: Snapshot, canvas: Bounds) -> Snapshot:
    """What of a mask lies on the canvas."""
    tiles = {}
    for index, tile in aligned(mask).tiles.items():
        kept = clipped_tile(tile, index, canvas)
        if kept is not None:
            tiles[index] = kept
    return mask_of(tiles)


def clipped_tile(tile: Pixels, index: TileIndex, canvas: Bounds) -> Pixels | None:
    """The tile with nothing beyond the canvas; None where nothing is left of it."""
    x, y = index[0] * TILE, index[1] * TILE
    # Of a large canvas nearly all tiles end here.
    if canvas.x <= x and canvas.y <= y and x + TILE <= canvas.right and y + TILE <= canvas.bottom:
        return tile
    place = index.bounds
    part = place.intersection(canvas)
    if part.is_empty:
        return None
    inside = window(part, place.origin)
    kept = np.zeros_like(tile)
    kept[inside] = tile[inside]
    return settled(kept)


def moved(mask: Snapshot, dx: int, dy: int) -> Snapshot:
    """The mask elsewhere; for many whole tiles at no cost."""
    origin = mask.origin
    shifted = Snapshot(MASK, mask.tiles, origin._replace(x=origin.x + dx, y=origin.y + dy))
    if shifted.origin.x % TILE == 0 and shifted.origin.y % TILE == 0:
        columns, rows = shifted.origin.x // TILE, shifted.origin.y // TILE
        return mask_of(
            {
                TileIndex(index.column + columns, index.row + rows): tile
                for index, tile in _all_settled(mask.tiles).items()
            }
        )
    return aligned(shifted)


def uniform_value(mask: Snapshot, area: Bounds) -> int | None:
    """0 or 255 where the tiles of an aligned mask say so of all of ``area``; None where not."""
    tiles = {id(mask.tiles.get(index)) for index in tiles_over(area)}
    if tiles <= {id(None)}:
        return 0
    return 255 if tiles == {id(FULL)} else None


def _all_settled(tiles: Mapping[TileIndex, Pixels]) -> dict[TileIndex, Pixels]:
    kept = ((index, settled(tile)) for index, tile in tiles.items())
    return {index: tile for index, tile in kept if tile is not None}
