"""From layers to one picture.

`compose` and `render` look at everything anew and work on snapshots in any thread;
`CompositeCache` keeps what it has composed and is what a view paints from.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from studio.core.composing import Composed, Drawable, compose_part, draw_layers
from studio.core.events import SignalInstance
from studio.core.geometry import Bounds, Extent
from studio.core.picture import Pixels
from studio.core.raster import Image, blank, image_of, painting
from studio.core.tiles import TILE, TileIndex, sealed, tile_count, tiles_over, whole_tiles, window

MAX_LEVEL = 8
"""The smallest mip level: there a tile stands for ``TILE * 2 ** MAX_LEVEL`` canvas pixels."""
DEFAULT_CACHE_BYTES = 256 * 2**20


class Composable(Protocol):
    """What can be composed: a `Document`, and a snapshot of one."""

    @property
    def layers(self) -> Sequence[Drawable]:
        """The lowest first."""


class LiveComposable(Composable, Protocol):
    """Something composable that says when it looks different."""

    @property
    def changed(self) -> SignalInstance:
        """Emits the `Bounds` of what looks different."""


def compose(source: Composable, bounds: Bounds) -> Pixels:
    """All visible layers in ``bounds``: premultiplied BGRA, transparent where nothing lies."""
    target = blank(bounds.width, bounds.height)
    with painting(target, bounds, clip=bounds) as painter:
        draw_layers(painter, source.layers, bounds)
    return target


def render(source: Composable, bounds: Bounds, scale: float = 1.0) -> Image:
    """What lies in ``bounds``, scaled; transparent where nothing lies.

    Reducing averages (a box filter by powers of two, then bilinear), so that thumbnails do not
    flicker; enlarging repeats pixels. Memory follows the result's size, not that of ``bounds``.

    Args:
        scale: result pixels per canvas pixel, above 0.

    Raises:
        ValueError: if ``bounds`` is empty or ``scale`` not above 0.
    """
    if bounds.is_empty or scale <= 0:
        raise ValueError(f"Nothing can be rendered of {bounds} at scale {scale}.")
    return image_of(_scaled(source, bounds, scale))


def _scaled(source: Composable, bounds: Bounds, scale: float) -> Pixels:
    extent = Extent(max(1, round(bounds.width * scale)), max(1, round(bounds.height * scale)))
    if scale >= 1:
        pixels = compose(source, bounds)
        if extent == bounds.extent:
            return pixels
        return cv2.resize(pixels, extent, interpolation=cv2.INTER_NEAREST)  # type: ignore[no-any-return]
    level = min(MAX_LEVEL, math.floor(-math.log2(scale)))
    reduced, covered = _reduced(source, bounds, level)
    return _resampled(reduced, covered, bounds, extent)


def _reduced(source: Composable, bounds: Bounds, level: int) -> tuple[Pixels, Bounds]:
    """The tiles over ``bounds`` at 1 / 2**level, and what they cover on the canvas."""
    side = TILE >> level
    covered = whole_tiles(bounds)
    result = blank(covered.width >> level, covered.height >> level)
    for place, tile in Composed(source.layers).tiles_in(bounds):
        x, y = (place.x - covered.x) >> level, (place.y - covered.y) >> level
        result[y : y + side, x : x + side] = cv2.resize(
            tile, (side, side), interpolation=cv2.INTER_AREA
        )
    return result, covered


def _resampled(reduced: Pixels, covered: Bounds, bounds: Bounds, extent: Extent) -> Pixels:
    """The part ``bounds`` of ``reduced``, which shows ``covered``, at the size ``extent``."""
    step_x = bounds.width / extent.width * reduced.shape[1] / covered.width
    step_y = bounds.height / extent.height * reduced.shape[0] / covered.height
    start_x = (bounds.x - covered.x) * reduced.shape[1] / covered.width
    start_y = (bounds.y - covered.y) * reduced.shape[0] / covered.height
    to_source = np.array(
        [
            [step_x, 0.0, start_x + (step_x - 1) / 2],
            [0.0, step_y, start_y + (step_y - 1) / 2],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels: Pixels = cv2.warpAffine(
        reduced, to_source, extent, flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return pixels


class CompositeCache:
    """Composed tiles at several scales, of which only what changed is composed anew.

    At level ``n`` one pixel stands for ``2 ** n`` canvas pixels a side, and the tile at an index
    covers `area`. The cache follows the document's ``changed`` event by itself; a view that hears
    of the same event afterwards asks for `image` again. The least recently asked for tiles are
    forgotten beyond the limit. Not thread-safe: use it in the document's thread.

    Args:
        source: a `Document`; held until `close`.
        limit_bytes: of composed pixels.
    """

    def __init__(self, source: LiveComposable, limit_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self._source = source
        self._limit = limit_bytes
        self._entries: OrderedDict[tuple[int, TileIndex], _Entry] = OrderedDict()
        self._bytes = 0
        source.changed.connect(self.invalidate)

    @staticmethod
    def area(index: TileIndex, level: int) -> Bounds:
        """The canvas pixels that the tile at that index and level shows."""
        side = TILE << level
        return Bounds(index.column * side, index.row * side, side, side)

    @staticmethod
    def indices(bounds: Bounds, level: int) -> list[TileIndex]:
        """The tiles of that level that show any of these canvas pixels."""
        return list(tiles_over(_reduced_bounds(bounds, level)))

    @property
    def size(self) -> int:
        """Bytes of composed pixels that are kept."""
        return self._bytes

    def image(self, index: TileIndex, level: int = 0) -> Image | None:
        """The composed tile, ``TILE`` pixels a side; None where nothing lies.

        The image shares the cache's memory: paint it at once, and ask again next time.
        """
        pixels = self._pixels(index, level)
        self._shrink()
        return None if pixels is None else image_of(pixels)

    def is_ready(self, index: TileIndex, level: int = 0) -> bool:
        """Whether `image` would answer without composing anything; asking counts as asking for it.

        So the parts of a small picture are not forgotten while the last of them are composed.
        """
        entry = self._entries.get((level, index))
        if entry is None or not entry.stale.is_empty:
            return False
        self._entries.move_to_end((level, index))
        return True

    def advance(self, index: TileIndex, level: int = 0) -> bool:
        """Composes no more than one tile of what `image` lacks; whether it lacks nothing now.

        For those who may not wait for the many tiles that a small picture is made from.
        """
        entry = self._entries.get((level, index))
        stale = index.bounds if entry is None else entry.stale
        for child in tiles_over(_scaled_up(stale)) if level else ():
            if not self.is_ready(child, level - 1):
                self.advance(child, level - 1)
                return False
        self.image(index, level)
        return True

    def invalidate(self, dirty: Bounds) -> None:
        """These canvas pixels look different; composed anew when they are asked for."""
        for level in range(MAX_LEVEL + 1):
            reduced = _reduced_bounds(dirty, level)
            for index, entry in self._kept_in(reduced, level):
                entry.stale = entry.stale.union(reduced.intersection(index.bounds))

    def close(self) -> None:
        """Lets go of the document."""
        self._source.changed.disconnect(self.invalidate)
        self._entries.clear()
        self._bytes = 0

    def _pixels(self, index: TileIndex, level: int) -> Pixels | None:
        # Out of reach of `_shrink` while it is worked on.
        entry = self._entries.pop((level, index), None) or _Entry(index.bounds)
        if not entry.stale.is_empty:
            stale, entry.stale = entry.stale, _NOTHING
            self._bytes -= entry.size
            if level:
                self._reduce(entry, index, level, stale)
            else:
                self._compose(entry, index, stale)
            self._bytes += entry.size
        self._entries[level, index] = entry
        return entry.pixels

    def _compose(self, entry: _Entry, index: TileIndex, stale: Bounds) -> None:
        drawn = compose_part(entry.target(), index.bounds, self._source.layers, stale)
        if stale == index.bounds:
            entry.pixels = sealed(entry.target()) if drawn else None

    def _reduce(self, entry: _Entry, index: TileIndex, level: int, stale: Bounds) -> None:
        """Averages two by two pixels of the level below."""
        drawn = False
        for child in tiles_over(_scaled_up(stale)):
            part = _scaled_up(stale).intersection(child.bounds)
            pixels = self._ingredient(child, level - 1)
            place = window(_reduced_bounds(part, 1), index.bounds.origin)
            if pixels is None:
                entry.target()[place] = 0
                continue
            drawn = True
            finer = pixels[window(part, child.bounds.origin)]
            extent = Extent(part.width // 2, part.height // 2)
            entry.target()[place] = cv2.resize(finer, extent, interpolation=cv2.INTER_AREA)
        if stale == index.bounds:
            entry.pixels = sealed(entry.target()) if drawn else None

    def _ingredient(self, index: TileIndex, level: int) -> Pixels | None:
        """A tile for a smaller one; the first to be forgotten if nobody asked for it before."""
        asked_for = (level, index) in self._entries
        pixels = self._pixels(index, level)
        if not asked_for:
            self._entries.move_to_end((level, index), last=False)
            self._shrink()
        return pixels

    def _kept_in(self, bounds: Bounds, level: int) -> list[tuple[TileIndex, _Entry]]:
        """The entries of a level that touch ``bounds``, given in its own pixels."""
        if tile_count(bounds) > len(self._entries):
            return [(index, entry) for (at, index), entry in self._entries.items() if at == level]
        found = ((index, self._entries.get((level, index))) for index in tiles_over(bounds))
        return [(index, entry) for index, entry in found if entry is not None]

    def _shrink(self) -> None:
        while self._bytes > self._limit and len(self._entries) > 1:
            _, entry = self._entries.popitem(last=False)
            self._bytes -= entry.size


_NOTHING = Bounds(0, 0, 0, 0)


class _Entry:
    """A composed tile.

    Attributes:
        stale: the part to be composed anew, in pixels of the tile's own level.
        pixels: None while nothing lies there.
    """

    def __init__(self, stale: Bounds) -> None:
        self.stale = stale
        self.pixels: Pixels | None = None

    @property
    def size(self) -> int:
        return 0 if self.pixels is None else self.pixels.nbytes

    def target(self) -> Pixels:
        """The pixels to be written into, made where there are none, or shared ones."""
        if self.pixels is None:
            self.pixels = blank(TILE, TILE)
        elif not self.pixels.flags.writeable:
            self.pixels = self.pixels.copy()
        return self.pixels


def _reduced_bounds(bounds: Bounds, level: int) -> Bounds:
    """The pixels of that level that show any of these canvas pixels."""
    if bounds.is_empty:
        return _NOTHING
    return Bounds.from_edges(
        bounds.x >> level,
        bounds.y >> level,
        -(-bounds.right >> level),
        -(-bounds.bottom >> level),
    )


def _scaled_up(bounds: Bounds) -> Bounds:
    return Bounds(bounds.x * 2, bounds.y * 2, bounds.width * 2, bounds.height * 2)
