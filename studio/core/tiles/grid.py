"""Where tiles lie: squares of `TILE` pixels a side, counted from a surface's origin."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from studio.core.geometry import Bounds, Point

TILE = 256
"""Side of a tile in pixels."""

ORIGIN = Point(0, 0)
"""Where the canvas' coordinates start."""


class TileIndex(NamedTuple):
    """A tile's place: it covers ``TILE`` pixels from ``column * TILE``, ``row * TILE`` on."""

    column: int
    row: int

    @property
    def bounds(self) -> Bounds:
        """The pixels that it covers."""
        return Bounds(self.column * TILE, self.row * TILE, TILE, TILE)


def tiles_over(bounds: Bounds) -> Iterator[TileIndex]:
    """The indices of all tiles that touch ``bounds``, row by row.

    >>> [tuple(index) for index in tiles_over(Bounds(-1, 0, 2, 1))]
    [(-1, 0), (0, 0)]
    """
    if bounds.is_empty:
        return
    columns = range(bounds.x // TILE, (bounds.right - 1) // TILE + 1)
    for row in range(bounds.y // TILE, (bounds.bottom - 1) // TILE + 1):
        for column in columns:
            yield TileIndex(column, row)


def whole_tiles(area: Bounds) -> Bounds:
    """The whole tiles that hold an area; empty for an empty one.

    >>> whole_tiles(Bounds(-1, 10, 20, 300))
    Bounds(x=-256, y=0, width=512, height=512)
    """
    if area.is_empty:
        return Bounds(0, 0, 0, 0)
    return Bounds.from_edges(
        area.x // TILE * TILE,
        area.y // TILE * TILE,
        -(-area.right // TILE) * TILE,
        -(-area.bottom // TILE) * TILE,
    )


def tile_count(bounds: Bounds) -> int:
    """How many tiles touch ``bounds``.

    >>> tile_count(Bounds(-1, 0, 2, 1))
    2
    """
    whole = whole_tiles(bounds)
    return (whole.width // TILE) * (whole.height // TILE)


def touching(tiles: Collection[TileIndex], bounds: Bounds) -> list[TileIndex]:
    """Those of ``tiles`` that touch ``bounds``.

    Two layers may lie so far apart that nobody can walk over all tiles between them: this looks
    at no more places than there are tiles.
    """
    if tile_count(bounds) <= len(tiles):
        return [index for index in tiles_over(bounds) if index in tiles]
    return [index for index in tiles if not index.bounds.intersection(bounds).is_empty]


def bounds_of(tiles: Mapping[TileIndex, object]) -> Bounds:
    """The rectangle around these tiles; empty if there are none."""
    if not tiles:
        return Bounds(0, 0, 0, 0)
    columns = [index.column for index in tiles]
    rows = [index.row for index in tiles]
    return Bounds.from_edges(
        min(columns) * TILE, min(rows) * TILE, (max(columns) + 1) * TILE, (max(rows) + 1) * TILE
    )


def window(part: Bounds, origin: Point) -> tuple[slice, slice]:
    """The index of ``part`` in an array whose first pixel lies at ``origin``."""
    x, y = part.x - origin.x, part.y - origin.y
    return slice(y, y + part.height), slice(x, x + part.width)
