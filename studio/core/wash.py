"""Ink laid over pixels as a whole, tile by tile and only where somebody looks.

A `Wash` shows a surface as it would be; so it serves as a preview of any size at once, and, asked
for all of its tiles, as the change to be made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import cv2
import numpy as np

from studio.core.blend import BlendMode
from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.raster import painting
from studio.core.stroke import Stencil, thinned
from studio.core.tiles import (
    Computed,
    Snapshot,
    TileChange,
    TileIndex,
    TileState,
    tiles_over,
    window,
)


class Ink(Protocol):
    """What is laid over the pixels; asked in any thread."""

    def __call__(self, part: Bounds) -> Pixels:
        """Premultiplied BGRA ``(height, width, 4)`` for a part of the canvas."""


class Wash(Computed):
    """A surface with ink over it, mixed whenever it is asked; safe to read in any thread.

    Args:
        below: colour or mask tiles; masks take the ink's brightness.
        ink: to be laid over them.
        stencil: where it is let through.
        atop: it covers only what is there.
    """

    def __init__(self, below: Snapshot, ink: Ink, stencil: Stencil, *, atop: bool = False) -> None:
        super().__init__(below.format, below.origin)
        self._below = below
        self._ink = ink
        self._stencil = stencil
        self._atop = atop

    @property
    def bounds(self) -> Bounds:
        """A rectangle outside of which nothing lies."""
        return self._below.bounds.union(self._stencil.bounds)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing below and nowhere to lay ink."""
        return self.bounds.is_empty

    @property
    def size(self) -> int:
        """Bytes held by what is below."""
        return self._below.size

    def tiles_in(self, bounds: Bounds) -> Iterator[tuple[Bounds, Pixels]]:
        """The tiles that touch ``bounds``, mixed."""
        for index in tiles_over(bounds.intersection(self.bounds).relative_to(self.origin)):
            tile = self._tile(index)
            if tile is not None:
                yield index.bounds.moved(*self.origin), tile

    def has_tiles_in(self, bounds: Bounds) -> bool:
        """Whether anything may lie there."""
        return not bounds.intersection(self.bounds).is_empty

    def used_bounds(self) -> Bounds:
        """The smallest rectangle around all pixels that are not nothing; looks at each of them."""
        return Snapshot(self.format, self.tiles, self.origin).used_bounds()

    def change(self) -> TileChange:
        """What laying the ink changes."""
        before: dict[TileIndex, Pixels | None] = {}
        after: dict[TileIndex, Pixels | None] = {}
        for index in tiles_over(self._stencil.bounds.relative_to(self.origin)):
            old, new = self._below.tiles.get(index), self._tile(index)
            if old is None if new is None else old is not None and np.array_equal(old, new):
                continue
            before[index], after[index] = old, new
        return TileChange(TileState(before, self.origin), TileState(after, self.origin))

    def _tile(self, index: TileIndex) -> Pixels | None:
        below = self._below.tiles.get(index)
        place = index.bounds.moved(*self.origin)
        part = place.intersection(self._stencil.bounds)
        if part.is_empty:
            return below
        ink = thinned(self._ink(part), self._stencil.share(part))
        tile = self.format.blank(place.height, place.width) if below is None else below.copy()
        if tile.ndim == 3:
            self._lay(ink, tile, place, part)
        else:
            tile[window(part, place.origin)] = _toned(tile[window(part, place.origin)], ink)
        tile.setflags(write=False)
        return None if below is None and self.format.is_blank(tile) else tile

    def _lay(self, ink: Pixels, tile: Pixels, place: Bounds, part: Bounds) -> None:
        with painting(tile, place) as painter:
            if self._atop:
                painter.paint_atop()
            else:
                painter.style(BlendMode.NORMAL, 1.0)
            painter.draw(ink, part.origin)


def _toned(mask: Pixels, ink: Pixels) -> Pixels:
    """A mask's values with the brightness of ink over them."""
    kept = cv2.multiply(mask, cv2.bitwise_not(cv2.extractChannel(ink, 3)), scale=1 / 255)
    toned: Pixels = cv2.add(kept, cv2.cvtColor(ink, cv2.COLOR_BGRA2GRAY))
    return toned
