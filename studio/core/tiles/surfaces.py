"""Pixels in tiles that can be written."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Self

from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels
from studio.core.tiles.changes import TileChange, TileState
from studio.core.tiles.formats import COLOUR, MASK, SHOWING_MASK, TileFormat, is_opaque, sealed
from studio.core.tiles.grid import ORIGIN, TILE, TileIndex, bounds_of, tiles_over, window
from studio.core.tiles.readers import Snapshot, TileReader

MANY_TILES = 256
"""Where more of them changed at once, nobody is told of each."""


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
            self._writable[index] = sealed(self._writable[index])
        self._unshared.clear()
        return Snapshot(self._format, dict(self._writable), self._origin)

    def restore(self, snapshot: Snapshot) -> Bounds:
        """Brings a snapshot of this kind of surface back; the rectangle that changed."""
        dirty = self.apply(TileChange.between(self.snapshot(), snapshot).after)
        return functools.reduce(Bounds.union, dirty, Bounds(0, 0, 0, 0))

    def apply(self, state: TileState) -> list[Bounds]:
        """Brings some tiles, and the place of all, back; the rectangles that changed.

        Of very many tiles it is the one around all of them.
        """
        before = self.bounds
        moved = state.origin != self._origin
        self._origin = state.origin
        changed = [index for index, tile in state.tiles.items() if self._put(index, tile)]
        if moved:
            return [before.union(self.bounds)]
        if len(changed) > MANY_TILES:
            return [bounds_of(dict.fromkeys(changed)).moved(*self._origin)]
        return [index.bounds.moved(*self._origin) for index in changed]

    def write(self, bounds: Bounds, pixels: Pixels) -> None:
        """Replaces the pixels in ``bounds``; same shapes as `read` returns."""
        self.write_stored(bounds, self._format.encode(pixels))

    def write_stored(self, bounds: Bounds, stored: Pixels) -> None:
        """Like `write`, in the format in which the tiles are stored; drops tiles left empty."""
        for place, index in self._places(bounds):
            part = place.intersection(bounds)
            pixels = stored[window(part, bounds.origin)]
            if part == place:
                self._put(index, self._whole_tile(pixels))
            elif index in self._writable or not self._format.is_blank(pixels):
                self.edit(index)[window(part, place.origin)] = pixels
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
                self._put(index, None)

    def clear_all(self) -> Bounds:
        """Leaves nothing at all; the rectangle in which there was something."""
        changed = self.bounds
        for index in list(self._writable):
            self._put(index, None)
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
        self._put(index, tile)
        self._unshared.add(index)
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
        return is_opaque(self._writable[index][window(part, place.origin)])

    def _put(self, index: TileIndex, tile: Pixels | None) -> bool:
        """Puts a tile that nobody writes into there, None for nothing; whether it was not there."""
        before = self._writable.get(index)
        if before is tile:
            return False
        self._unshared.discard(index)
        self._opaque.pop(index, None)
        if tile is None:
            del self._writable[index]
        else:
            self._writable[index] = tile
        if before is None or tile is None:
            self._around = None
        return True

    def _drop_if_empty(self, index: TileIndex) -> None:
        if self._format.is_blank(self._writable[index]):
            self._put(index, None)

    def _whole_tile(self, pixels: Pixels) -> Pixels | None:
        """A tile of these pixels that nobody writes into; None where they hold nothing."""
        tile = sealed(pixels.copy())
        return None if self._format.is_blank(tile) else tile


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
