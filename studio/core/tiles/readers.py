"""Reading pixels that are kept in tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import cv2
import numpy as np

from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels
from studio.core.tiles.formats import TileFormat, is_opaque
from studio.core.tiles.grid import (
    ORIGIN,
    TILE,
    TileIndex,
    bounds_of,
    tile_count,
    tiles_over,
    touching,
    window,
)

Tiles = Mapping[TileIndex, Pixels]


class TileReader:
    """What a surface and its snapshots have in common."""

    def __init__(self, tile_format: TileFormat, tiles: Tiles, origin: Point) -> None:
        self._format = tile_format
        self._tiles = tiles
        self._origin = origin
        self._opaque: dict[TileIndex, bool] = {}
        self._around: Bounds | None = None

    @property
    def format(self) -> TileFormat:
        """How its tiles store what callers see."""
        return self._format

    @property
    def tiles(self) -> Tiles:
        """The stored pixels by index, counted from `origin`; not to be written into."""
        return self._tiles

    @property
    def origin(self) -> Point:
        """Where the corner of tile (0, 0) lies on the canvas."""
        return self._origin

    @property
    def fill(self) -> int:
        """The value of every pixel where there is no tile: 0, or 255 of a mask that shows all."""
        return self._format.fill

    @property
    def bounds(self) -> Bounds:
        """The rectangle around all tiles, in canvas coordinates; empty if there are none."""
        if self._around is None:
            self._around = bounds_of(self._tiles)
        return self._around.moved(*self._origin) if self._tiles else self._around

    @property
    def is_empty(self) -> bool:
        """Whether there is no tile at all."""
        return not self._tiles

    @property
    def size(self) -> int:
        """Bytes held by the tiles; one that stands in several places counts once."""
        return len({id(tile) for tile in self._tiles.values()}) * self._format.size

    def read(self, bounds: Bounds) -> Pixels:
        """A copy of the pixels in ``bounds``, nothing (`fill`) where there is no tile.

        Straight RGBA ``(height, width, 4)`` from a colour surface, ``(height, width)`` from a
        mask.
        """
        return self._format.decode(self.read_stored(bounds))

    def read_stored(self, bounds: Bounds) -> Pixels:
        """Like `read`, in the format in which the tiles are stored."""
        result = self._format.blank(max(0, bounds.height), max(0, bounds.width))
        for place, tile in self.tiles_in(bounds):
            part = place.intersection(bounds)
            result[window(part, bounds.origin)] = tile[window(part, place.origin)]
        return result

    def tiles_in(self, bounds: Bounds) -> Iterator[tuple[Bounds, Pixels]]:
        """The tiles that touch ``bounds``: where each lies on the canvas, and its stored pixels."""
        left, top = self._origin
        if tile_count(bounds) > 4 * len(self._tiles):
            for index in touching(self._tiles, bounds.relative_to(self._origin)):
                yield index.bounds.moved(left, top), self._tiles[index]
            return
        # Every tile of every layer that is composed comes by here, hence no `tiles_over`: a plain
        # tuple finds what a `TileIndex` does, and is made faster.
        get: Callable[[Any], Pixels | None] = self._tiles.get
        columns = range((bounds.x - left) // TILE, (bounds.right - left - 1) // TILE + 1)
        for row in range((bounds.y - top) // TILE, (bounds.bottom - top - 1) // TILE + 1):
            for column in columns:
                tile = get((column, row))
                if tile is not None:
                    yield Bounds(left + column * TILE, top + row * TILE, TILE, TILE), tile

    def has_tiles_in(self, bounds: Bounds) -> bool:
        """Whether any tile touches ``bounds``."""
        return bool(touching(self._tiles, bounds.relative_to(self._origin)))

    def places_in(self, bounds: Bounds) -> list[Bounds]:
        """Where tiles that touch ``bounds`` may lie, found without making any."""
        local = bounds.intersection(self.bounds).relative_to(self._origin)
        # What is computed when it is asked for holds no tiles, and knows only its bounds.
        indices = touching(self._tiles, local) if self._tiles else tiles_over(local)
        return [index.bounds.moved(*self._origin) for index in indices]

    def is_opaque(self, bounds: Bounds) -> bool:
        """Whether colour tiles hide whatever lies below them in ``bounds``."""
        places = tiles_over(bounds.relative_to(self._origin))
        return all(self._is_opaque_tile(index, bounds) for index in places)

    def used_bounds(self) -> Bounds:
        """The smallest rectangle around all pixels that are not nothing; looks at many of them."""
        used = Bounds(0, 0, 0, 0)
        for place, tile in self.tiles_in(self.bounds):
            if not used.contains(place):
                used = used.union(_used_part(tile, self.fill).moved(*place.origin))
        return used

    def _is_opaque_tile(self, index: TileIndex, bounds: Bounds) -> bool:
        """Whether the part of a tile in ``bounds``, in canvas coordinates, is opaque."""
        if index not in self._opaque:
            tile = self._tiles.get(index)
            self._opaque[index] = tile is not None and is_opaque(tile)
        return self._opaque[index]


class Snapshot(TileReader):
    """A surface as it was: immutable, and safe to read in any thread."""

    def moved(self, dx: int, dy: int) -> Snapshot:
        """The same pixels elsewhere, at no cost."""
        origin = Point(self._origin.x + dx, self._origin.y + dy)
        return Snapshot(self._format, self.tiles, origin)


class Computed(TileReader):
    """Pixels that are made where somebody looks: `tiles_in` and `bounds` say what there is.

    Args:
        tile_format: of the tiles.
        origin: of tile (0, 0) on the canvas.
    """

    def __init__(self, tile_format: TileFormat, origin: Point = ORIGIN) -> None:
        super().__init__(tile_format, {}, origin)

    @property
    def tiles(self) -> Tiles:
        """All tiles; `tiles_in` makes only those that matter."""
        left, top = self._origin
        return {
            TileIndex((place.x - left) // TILE, (place.y - top) // TILE): tile
            for place, tile in self.tiles_in(self.bounds)
        }


def _used_part(tile: Pixels, fill: int) -> Bounds:
    # What is premultiplied has colour only where it has alpha.
    used = cv2.extractChannel(tile, 3) if tile.ndim == 3 else tile ^ np.uint8(fill)
    return Bounds(*cv2.boundingRect(used))
