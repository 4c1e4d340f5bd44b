"""Sparse, copy-on-write pixel storage on an endless plane.

A surface keeps square tiles of `TILE` pixels a side, and only those that hold something. A snapshot
shares all of them: it marks them read-only and copies the dictionary, after which the next write
to a tile copies that one tile. So undo costs only what was touched, and a job in another thread
may keep a snapshot while the person paints on. (The idea is MyPaint's.)

Colour tiles hold premultiplied 8-bit pixels whose bytes are blue, green, red, alpha: what Qt calls
``Format_ARGB32_Premultiplied`` on little-endian machines, so that Qt and NumPy work on the same
memory. Whoever reads and writes through `read` and `write` sees straight RGBA.
"""

from studio.core.tiles.changes import TileChange, TileState
from studio.core.tiles.formats import (
    COLOUR,
    MASK,
    SHOWING_MASK,
    TileFormat,
    premultiplied,
    sealed,
    straight,
)
from studio.core.tiles.grid import (
    ORIGIN,
    TILE,
    TileIndex,
    bounds_of,
    tile_count,
    tiles_over,
    touching,
    whole_tiles,
    window,
)
from studio.core.tiles.readers import Computed, Snapshot, TileReader, Tiles
from studio.core.tiles.surfaces import MaskSurface, Surface, TiledSurface

__all__ = [
    "COLOUR",
    "MASK",
    "ORIGIN",
    "SHOWING_MASK",
    "TILE",
    "Computed",
    "MaskSurface",
    "Snapshot",
    "Surface",
    "TileChange",
    "TileFormat",
    "TileIndex",
    "TileReader",
    "TileState",
    "TiledSurface",
    "Tiles",
    "bounds_of",
    "premultiplied",
    "sealed",
    "straight",
    "tile_count",
    "tiles_over",
    "touching",
    "whole_tiles",
    "window",
]
