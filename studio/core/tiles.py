"""Sparse, copy-on-write pixel storage on an endless plane.

A surface keeps square tiles of `TILE` pixels a side, and only those that hold something. A snapshot
shares all of them: it marks them read-only and copies the dictionary, after which the next write
to a tile copies that one tile. So undo costs only what was touched, and a job in another thread
may keep a snapshot while the person paints on. (The idea is MyPaint's.)

Colour tiles hold premultiplied 8-bit pixels whose bytes are blue, green, red, alpha: what Qt calls
``Format_ARGB32_Premultiplied`` on little-endian machines, so that Qt and NumPy work on the same
memory. Whoever reads and writes through `read` and `write` sees straight RGBA.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import cv2
import numpy as np

from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels
from studio.core.spool import Spool, Spooled

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


Tiles = Mapping[TileIndex, Pixels]


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


def premultiplied(rgba: Pixels) -> Pixels:
    """Straight RGBA as premultiplied BGRA, exactly rounded."""
    bgra: Pixels = cv2.cvtColor(np.ascontiguousarray(rgba), cv2.COLOR_RGBA2BGRA)
    if not _is_opaque(bgra):
        bgra = cv2.cvtColor(bgra, cv2.COLOR_RGBA2mRGBA)
    return bgra


def straight(bgra: Pixels) -> Pixels:
    """Premultiplied BGRA as straight RGBA.

    `premultiplied` brings the very same bytes back; opaque pixels keep theirs both ways.
    """
    pixels = np.ascontiguousarray(bgra)
    if not _is_opaque(pixels):
        pixels = cv2.cvtColor(pixels, cv2.COLOR_mRGBA2RGBA)
    rgba: Pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA)
    return rgba


@dataclass(frozen=True)
class TileFormat:
    """How tiles store what callers see.

    Attributes:
        shape: of one tile.
        encode, decode: from the callers' pixels to the stored ones and back.
        fill: the value of every pixel where there is no tile.
    """

    shape: tuple[int, ...]
    encode: Callable[[Pixels], Pixels]
    decode: Callable[[Pixels], Pixels]
    fill: int = 0

    @property
    def size(self) -> int:
        """Bytes of one tile."""
        return math.prod(self.shape)

    def blank(self, height: int, width: int) -> Pixels:
        """Stored pixels with nothing in them."""
        return np.full((height, width, *self.shape[2:]), self.fill, dtype=np.uint8)

    def is_blank(self, stored: Pixels) -> bool:
        """Whether stored pixels hold nothing, so that they need no tile."""
        return not stored.any() if self.fill == 0 else bool((stored == self.fill).all())


COLOUR = TileFormat((TILE, TILE, 4), premultiplied, straight)
MASK = TileFormat((TILE, TILE), np.ascontiguousarray, np.ascontiguousarray)
SHOWING_MASK = replace(MASK, fill=255)


class TileReader:
    """What a surface and its snapshots have in common."""

    def __init__(self, tile_format: TileFormat, tiles: Tiles, origin: Point) -> None:
        self._format = tile_format
        self._tiles = tiles
        self._origin = origin
        self._opaque: dict[TileIndex, bool] = {}

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
        return bounds_of(self._tiles).moved(*self._origin)

    @property
    def is_empty(self) -> bool:
        """Whether there is no tile at all."""
        return not self._tiles

    @property
    def size(self) -> int:
        """Bytes held by the tiles."""
        return len(self._tiles) * self._format.size

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
        if bounds.is_empty:
            return
        left, top = self._origin
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
        return any(index in self._tiles for index in tiles_over(bounds.relative_to(self._origin)))

    def is_opaque(self, bounds: Bounds) -> bool:
        """Whether colour tiles hide whatever lies below them in ``bounds``."""
        places = tiles_over(bounds.relative_to(self._origin))
        return all(self._is_opaque_tile(index, bounds) for index in places)

    def used_bounds(self) -> Bounds:
        """The smallest rectangle around all pixels that are not nothing; looks at each of them."""
        used = Bounds(0, 0, 0, 0)
        for index, tile in self._tiles.items():
            used = used.union(_used_part(tile, self.fill).moved(*index.bounds.origin))
        return used.moved(*self._origin) if not used.is_empty else used

    def _is_opaque_tile(self, index: TileIndex, bounds: Bounds) -> bool:
        """Whether the part of a tile in ``bounds``, in canvas coordinates, is opaque."""
        if index not in self._opaque:
            tile = self._tiles.get(index)
            self._opaque[index] = tile is not None and _is_opaque(tile)
        return self._opaque[index]


class Snapshot(TileReader):
    """A surface as it was: immutable, and safe to read in any thread."""

    def moved(self, dx: int, dy: int) -> Snapshot:
        """The same pixels elsewhere, at no cost."""
        origin = Point(self._origin.x + dx, self._origin.y + dy)
        return Snapshot(self._format, self.tiles, origin)


class Surface(TileReader):
    """Tiles that can be written; use `TiledSurface` or `MaskSurface`.

    >>> surface = MaskSurface()
    >>> surface.write(Bounds(0, 0, 1, 1), np.array([[7]], dtype=np.uint8))
    >>> before = surface.snapshot()
    >>> surface.write(Bounds(0, 0, 1, 1), np.array([[9]], dtype=np.uint8))
    >>> int(before.read(Bounds(0, 0, 1, 1))[0, 0]), int(surface.read(Bounds(0, 0, 1, 1))[0, 0])
    (7, 9)
    """

    def __init__(self, tile_format: TileFormat) -> None:
        self._writable: dict[TileIndex, Pixels] = {}
        super().__init__(tile_format, self._writable, ORIGIN)
        self._unshared: set[TileIndex] = set()

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """A surface with these pixels, shared until one of them is written."""
        surface = cls.__new__(cls)
        Surface.__init__(surface, snapshot.format)
        surface.restore(snapshot)
        return surface

    def snapshot(self) -> Snapshot:
        """The surface as it is now, in time proportional to the number of tiles."""
        for index in self._unshared:
            self._writable[index].setflags(write=False)
        self._unshared.clear()
        return Snapshot(self._format, dict(self._writable), self._origin)

    def restore(self, snapshot: Snapshot) -> Bounds:
        """Brings a snapshot of this kind of surface back; the rectangle that changed."""
        dirty = self.apply(TileChange.between(self.snapshot(), snapshot).after)
        return functools.reduce(Bounds.union, dirty, Bounds(0, 0, 0, 0))

    def apply(self, state: TileState) -> list[Bounds]:
        """Brings some tiles, and the place of all, back; the rectangles that changed."""
        before = self.bounds
        moved = state.origin != self._origin
        self._origin = state.origin
        changed = [index for index, tile in state.tiles.items() if self._put(index, tile)]
        if moved:
            return [before.union(self.bounds)]
        return [index.bounds.moved(*self._origin) for index in changed]

    def write(self, bounds: Bounds, pixels: Pixels) -> None:
        """Replaces the pixels in ``bounds``; same shapes as `read` returns."""
        self.write_stored(bounds, self._format.encode(pixels))

    def write_stored(self, bounds: Bounds, stored: Pixels) -> None:
        """Like `write`, in the format in which the tiles are stored; drops tiles left empty."""
        for place, index in self._places(bounds):
            part = place.intersection(bounds)
            pixels = stored[window(part, bounds.origin)]
            if index not in self._writable and self._format.is_blank(pixels):
                continue
            tile = self.edit(index)
            tile[window(part, place.origin)] = pixels
            self._drop_if_empty(index)

    def clear(self, bounds: Bounds) -> None:
        """Leaves nothing in ``bounds``."""
        for place, index in self._places(bounds):
            if index not in self._writable:
                continue
            part = place.intersection(bounds)
            if part != place:
                self.edit(index)[window(part, place.origin)] = self.fill
                self._drop_if_empty(index)
            else:
                self._drop(index)

    def clear_all(self) -> Bounds:
        """Leaves nothing at all; the rectangle in which there was something."""
        changed = self.bounds
        self._writable.clear()
        self._unshared.clear()
        self._opaque.clear()
        return changed

    def translate(self, dx: int, dy: int) -> None:
        """Moves everything, at no cost."""
        self._origin = Point(self._origin.x + dx, self._origin.y + dy)

    def edit(self, index: TileIndex) -> Pixels:
        """The tile there to be written into, made or copied first where that is needed."""
        if index in self._unshared:
            return self._writable[index]
        shared = self._writable.get(index)
        tile = self._format.blank(TILE, TILE) if shared is None else shared.copy()
        self._writable[index] = tile
        self._unshared.add(index)
        self._opaque.pop(index, None)
        return tile

    def edit_in(self, bounds: Bounds) -> Iterator[tuple[Bounds, Pixels]]:
        """Like `tiles_in`, for writing: makes the tiles that are missing."""
        for place, index in self._places(bounds):
            yield place, self.edit(index)

    def drop_empty(self, bounds: Bounds) -> None:
        """Forgets the tiles that touch ``bounds`` and hold nothing."""
        for _, index in self._places(bounds):
            if index in self._writable:
                self._drop_if_empty(index)

    def _places(self, bounds: Bounds) -> Iterator[tuple[Bounds, TileIndex]]:
        for index in tiles_over(bounds.relative_to(self._origin)):
            yield index.bounds.moved(*self._origin), index

    def _is_opaque_tile(self, index: TileIndex, bounds: Bounds) -> bool:
        if index not in self._unshared:
            return super()._is_opaque_tile(index, bounds)
        # It may be written at any time: what is found now says nothing about later.
        place = index.bounds.moved(*self._origin)
        part = place.intersection(bounds)
        return _is_opaque(self._writable[index][window(part, place.origin)])

    def _put(self, index: TileIndex, tile: Pixels | None) -> bool:
        """Brings a shared tile back, None for nothing; whether it was not there already."""
        if self._writable.get(index) is tile:
            return False
        self._unshared.discard(index)
        self._opaque.pop(index, None)
        if tile is None:
            del self._writable[index]
        else:
            self._writable[index] = tile
        return True

    def _drop(self, index: TileIndex) -> None:
        del self._writable[index]
        self._unshared.discard(index)
        self._opaque.pop(index, None)

    def _drop_if_empty(self, index: TileIndex) -> None:
        if self._format.is_blank(self._writable[index]):
            self._drop(index)


class TiledSurface(Surface):
    """Colour: straight RGBA ``(height, width, 4)`` uint8 outside, premultiplied BGRA inside."""

    def __init__(self) -> None:
        super().__init__(COLOUR)


class MaskSurface(Surface):
    """One 8-bit channel ``(height, width)``: 255 = selected, or shown.

    Args:
        fill: 0 or 255, what every pixel is until it is written.
    """

    def __init__(self, fill: int = 0) -> None:
        super().__init__(SHOWING_MASK if fill else MASK)


class TileState:
    """Some tiles of a surface, None where there was none, and the place of all.

    The tiles may wait on the disk: `put_away` writes them there, `let_go` then forgets them in
    memory, and asking for them reads them back.

    Args:
        tiles: nobody writes into them any more.
        origin: of the surface.
    """

    def __init__(self, tiles: Mapping[TileIndex, Pixels | None], origin: Point) -> None:
        self.origin = origin
        self._tiles: Mapping[TileIndex, Pixels | None] | None = tiles
        self._size = sum(tile.nbytes for tile in tiles.values() if tile is not None)
        self._spooled: Spooled | None = None

    @property
    def tiles(self) -> Mapping[TileIndex, Pixels | None]:
        """The tiles by index.

        Raises:
            SpoolError: if the disk does not give them back.
        """
        if self._tiles is None:
            tiles = self._spooled.read() if self._spooled else {}
            self._tiles = {TileIndex(*index): tile for index, tile in tiles.items()}
        return self._tiles

    @property
    def size(self) -> int:
        """Bytes held by the tiles in memory."""
        return 0 if self._tiles is None else self._size

    @property
    def stored(self) -> int:
        """Bytes that the tiles take up on the disk."""
        return self._spooled.size if self._spooled else 0

    @property
    def is_pending(self) -> bool:
        """Whether the tiles are on their way to the disk."""
        return self._spooled is not None and self._spooled.is_pending

    def put_away(self, spool: Spool) -> None:
        """Starts to write the tiles to the disk, unless they are there already."""
        if self._tiles is not None and self._size and self._spooled is None:
            self._spooled = spool.put(self._tiles)

    def let_go(self) -> None:
        """Forgets the tiles in memory if they are on the disk."""
        if self._spooled is None or self._spooled.is_pending:
            return
        if self._spooled.is_whole:
            self._tiles = None
        else:
            self._spooled = None

    def discard(self) -> None:
        """Removes the tiles from the disk; nobody asks for them any more."""
        if self._spooled is not None:
            self._spooled.discard()


@dataclass(frozen=True)
class TileChange:
    """What differs between two snapshots of one surface: enough to go either way."""

    before: TileState
    after: TileState

    @classmethod
    def between(cls, before: Snapshot, after: Snapshot) -> TileChange:
        """The tiles that are not the same object in both."""
        old, new = before.tiles, after.tiles
        touched = [
            index for index in old.keys() | new.keys() if old.get(index) is not new.get(index)
        ]
        return cls(
            TileState({index: old.get(index) for index in touched}, before.origin),
            TileState({index: new.get(index) for index in touched}, after.origin),
        )

    @property
    def is_nothing(self) -> bool:
        """Whether both snapshots were the same."""
        return not self.before.tiles and self.before.origin == self.after.origin

    @property
    def states(self) -> tuple[TileState, TileState]:
        """Both sides."""
        return self.before, self.after

    @property
    def size(self) -> int:
        """Bytes that keeping it costs: one side lives on in the surface or in a neighbour."""
        return max(self.before.size, self.after.size)

    def then(self, later: TileChange) -> TileChange:
        """Both changes as one."""
        before = {**later.before.tiles, **self.before.tiles}
        after = {**self.after.tiles, **later.after.tiles}
        return TileChange(
            TileState(before, self.before.origin), TileState(after, later.after.origin)
        )


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


def _is_opaque(pixels: Pixels) -> bool:
    # Copying the channel out first makes the search for its minimum several times faster.
    return bool(cv2.extractChannel(pixels, 3).min() == 255)


def _used_part(tile: Pixels, fill: int) -> Bounds:
    # What is premultiplied has colour only where it has alpha.
    used = cv2.extractChannel(tile, 3) if tile.ndim == 3 else tile ^ np.uint8(fill)
    return Bounds(*cv2.boundingRect(used))
