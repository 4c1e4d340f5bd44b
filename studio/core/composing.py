"""How layers are drawn one above the other: modes, masks, clipping and groups.

`draw_layers` is what all composing comes down to. What a group shows is composed tile by tile:
`ComposedSnapshot` does so whenever it is asked, in any thread; `CachedComposed` keeps its tiles
until they are said to be out of date.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from studio.core.blend import BlendMode
from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.raster import Painter, blank, painting
from studio.core.tiles import (
    COLOUR,
    TILE,
    Computed,
    Snapshot,
    TileIndex,
    TileReader,
    tile_count,
    tiles_over,
    touching,
    window,
)

GROUP_CACHE_BYTES = 64 * 2**20
_NOTHING = Bounds(0, 0, 0, 0)
_FEW = 16
"""So many tiles are looked for one by one, rather than asked for of each layer."""


class Drawable(Protocol):
    """What composing asks of a layer or of its snapshot."""

    @property
    def visible(self) -> bool:
        """Whether it is drawn at all."""

    @property
    def opacity(self) -> float:
        """0 to 1."""

    @property
    def blend_mode(self) -> BlendMode:
        """How it is mixed with what lies below."""

    @property
    def clipped(self) -> bool:
        """Whether it is drawn only where the layer below it is."""

    @property
    def shown_mask(self) -> TileReader | None:
        """What of it is drawn, 255 = drawn; None for all."""

    @property
    def mask_enabled(self) -> bool:
        """Whether the mask counts."""

    @property
    def shown(self) -> TileReader:
        """Its colour tiles."""


def draw_layers(painter: Painter, layers: Sequence[Drawable], part: Bounds) -> bool:
    """Draws all visible layers, the lowest first.

    Args:
        painter: onto what lies below them.
        part: of the canvas, beyond which the painter draws nothing.

    Returns:
        Whether any layer had a tile there.
    """
    runs = [run for run in _runs(layers) if _shows(run.base)]
    drawn = False
    for base, clipped in runs[_hiding(runs, part) :]:
        painter.style(base.blend_mode, base.opacity)
        if not clipped and _mask_of(base) is None:
            drawn = painter.draw_tiles(base.shown, part) or drawn
            continue
        for place, tile in _clipped_tiles(base, clipped, part):
            painter.draw(tile, place.origin)
            drawn = True
    return drawn


def compose_part(target: Pixels, area: Bounds, layers: Sequence[Drawable], part: Bounds) -> bool:
    """Composes ``part`` anew within ``target``, which covers ``area``; as `draw_layers`."""
    if part.is_empty:
        return False
    target[window(part, area.origin)] = 0
    with painting(target, area, clip=part) as painter:
        return draw_layers(painter, layers, part)


class _Run(NamedTuple):
    """A layer that is not clipped, with the visible ones that are clipped to it."""

    base: Drawable
    clipped: Sequence[Drawable]


def _runs(layers: Sequence[Drawable]) -> Iterator[_Run]:
    base: Drawable | None = None
    clipped: list[Drawable] = []
    for layer in layers:
        if base is not None and layer.clipped:
            if _shows(layer):
                clipped.append(layer)
            continue
        if base is not None:
            yield _Run(base, clipped)
        base, clipped = layer, []
    if base is not None:
        yield _Run(base, clipped)


def _hiding(runs: Sequence[_Run], part: Bounds) -> int:
    """The index of the topmost layer through which nothing of those below is seen; 0 if none."""
    for index in range(len(runs) - 1, 0, -1):
        if _hides(runs[index].base, part):
            return index
    return 0


def _hides(layer: Drawable, part: Bounds) -> bool:
    return (
        layer.opacity == 1
        and layer.blend_mode is BlendMode.NORMAL
        and _mask_of(layer) is None
        and layer.shown.is_opaque(part)
    )


def _mask_of(layer: Drawable) -> TileReader | None:
    return layer.shown_mask if layer.mask_enabled else None


def _shows(layer: Drawable) -> bool:
    return layer.visible and layer.opacity > 0


def _clipped_tiles(
    base: Drawable, clipped: Sequence[Drawable], part: Bounds
) -> Iterator[tuple[Bounds, Pixels]]:
    """The tiles of a layer, cut to ``part``, with those that are clipped to it drawn on them."""
    if not clipped:
        yield from _masked_tiles(base, part)
        return
    for place, tile in _masked_tiles(base, part):
        opaque = cv2.cvtColor(tile, cv2.COLOR_mRGBA2RGBA)
        opaque[..., 3] = 255
        with painting(opaque, place) as painter:
            for layer in clipped:
                painter.style(layer.blend_mode, layer.opacity)
                for upper_place, upper in _masked_tiles(layer, place):
                    painter.draw(upper, upper_place.origin)
            painter.keep_where(tile, place.origin)
        yield place, opaque


def _masked_tiles(layer: Drawable, part: Bounds) -> Iterator[tuple[Bounds, Pixels]]:
    """The tiles of a layer, cut to ``part``, as far as its mask shows them."""
    mask = _mask_of(layer)
    for place, tile in layer.shown.tiles_in(part):
        cut = place.intersection(part)
        pixels = np.ascontiguousarray(tile[window(cut, place.origin)])
        if mask is None or (mask.fill == 255 and not mask.has_tiles_in(cut)):
            yield cut, pixels
        elif mask.has_tiles_in(cut):
            yield cut, masked(pixels, cut, mask)


def masked(pixels: Pixels, place: Bounds, mask: TileReader) -> Pixels:
    """A copy of colour pixels that lie at ``place``, as far as a mask shows them."""
    cover = mask.read(place)
    shown: Pixels = cv2.multiply(pixels, cv2.merge([cover] * 4), scale=1 / 255)
    return shown


class Composed(Computed):
    """What layers show together, composed whenever it is asked.

    Its tiles lie where the canvas starts, whatever the places of the layers' own.

    Args:
        layers: the lowest first.
    """

    def __init__(self, layers: Sequence[Drawable]) -> None:
        super().__init__(COLOUR)
        self._layers = layers

    @property
    def bounds(self) -> Bounds:
        """A rectangle outside of which nothing lies."""
        return functools.reduce(
            Bounds.union, (layer.shown.bounds for layer in self._layers), _NOTHING
        )

    @property
    def is_empty(self) -> bool:
        """Whether no layer has a tile."""
        return all(layer.shown.is_empty for layer in self._layers)

    @property
    def size(self) -> int:
        """Bytes held by the layers."""
        return sum(layer.shown.size for layer in self._layers)

    def tiles_in(self, bounds: Bounds) -> Iterator[tuple[Bounds, Pixels]]:
        """The tiles that touch ``bounds``, composed."""
        for place in self.places_in(bounds):
            tile = self._tile(TileIndex(place.x // TILE, place.y // TILE))
            if tile is not None:
                yield place, tile

    def places_in(self, bounds: Bounds) -> list[Bounds]:
        """Where tiles that touch ``bounds`` may lie, found without composing any."""
        within = bounds.intersection(self.bounds)
        if tile_count(within) <= _FEW:
            return [index.bounds for index in tiles_over(within)]
        indices = {
            index
            for layer in self._layers
            if _shows(layer)
            for place in layer.shown.places_in(within)
            for index in tiles_over(place.intersection(within))
        }
        return [index.bounds for index in sorted(indices)]

    def has_tiles_in(self, bounds: Bounds) -> bool:
        """Whether any visible layer has a tile that touches ``bounds``."""
        return any(layer.shown.has_tiles_in(bounds) for layer in self._layers if _shows(layer))

    def is_opaque(self, bounds: Bounds) -> bool:
        """Whether a single layer hides whatever lies below it in ``bounds``."""
        bases = (run.base for run in _runs(self._layers))
        return any(_shows(layer) and _hides(layer, bounds) for layer in bases)

    def _tile(self, index: TileIndex) -> Pixels | None:
        if not self.has_tiles_in(index.bounds):
            return None
        target = blank(TILE, TILE)
        drawn = compose_part(target, index.bounds, self._layers, index.bounds)
        return target if drawn else None


class ComposedSnapshot(Composed, Snapshot):
    """What immutable layers show together; may be asked in any thread."""


class CachedComposed(Composed):
    """What layers show together, where only what changed is composed anew.

    The least recently asked for tiles are forgotten beyond the limit. Not thread-safe.

    Args:
        layers: the lowest first; whoever changes them calls `invalidate`.
        limit_bytes: of composed tiles.
    """

    def __init__(self, layers: Sequence[Drawable], limit_bytes: int = GROUP_CACHE_BYTES) -> None:
        super().__init__(layers)
        self._limit = limit_bytes
        self._kept: OrderedDict[TileIndex, Pixels | None] = OrderedDict()
        self._stale: dict[TileIndex, Bounds] = {}

    def invalidate(self, dirty: Bounds) -> None:
        """These canvas pixels look different."""
        for index in touching(self._kept, dirty):
            part = dirty.intersection(index.bounds)
            self._stale[index] = self._stale.get(index, _NOTHING).union(part)

    def _tile(self, index: TileIndex) -> Pixels | None:
        if index not in self._kept:
            self._kept[index] = super()._tile(index)
            self._forget_oldest()
        elif index in self._stale:
            self._kept[index] = self._refreshed(index, self._stale.pop(index))
        self._kept.move_to_end(index)
        return self._kept[index]

    def _refreshed(self, index: TileIndex, stale: Bounds) -> Pixels | None:
        tile = self._kept[index]
        if tile is None or stale == index.bounds:
            return super()._tile(index)
        compose_part(tile, index.bounds, self._layers, stale)
        return tile

    def _forget_oldest(self) -> None:
        while len(self._kept) * COLOUR.size > self._limit:
            index, _ = self._kept.popitem(last=False)
            self._stale.pop(index, None)
