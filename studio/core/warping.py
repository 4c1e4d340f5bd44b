"""Pixels under a projection: bicubic where they grow, averaged where they shrink.

Colours are mixed premultiplied, so that nothing transparent darkens an edge. What is projected is
a rectangle whose border counts as a sharp edge: beyond it lies nothing, and a pixel that the edge
runs through is covered in part.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.projection import Projection, Spot, WholeTurn, bounds_around, corners
from studio.core.tiles import (
    ORIGIN,
    TILE,
    Computed,
    Snapshot,
    TileFormat,
    TileIndex,
    TileReader,
    tiles_over,
)

Values: TypeAlias = npt.NDArray[Any]
"""Pixels as tiles store them, as bytes or as 32-bit floats from 0 to 255."""
MOST_SAMPLES = 64
"""So many samples a pixel, each way, average what shrinks; beyond that they lie apart."""
_BLOCK = 1024
"""Side of the largest array of samples."""
_REACH = 3
"""How far around a pixel bicubic interpolation looks, in pixels, and one to spare."""
_COARSE = 2
"""One sample stands for so many pixels, each way, in a draft."""
_NOTHING = Bounds(0, 0, 0, 0)


class Warp:
    """A projected rectangle of a surface, of which any part can be computed.

    Reading it writes nothing, so it may be used in any thread if its source may.

    Args:
        source: colour or a mask.
        area: the rectangle of it that is projected, not empty; it holds all that is not nothing.
        projection: it must not turn ``area`` inside out: its corners stay convex.

    Raises:
        ValueError: if the projection flattens the area.
    """

    def __init__(self, source: TileReader, area: Bounds, projection: Projection) -> None:
        self._source = source
        self._area = area
        self._back = projection.inverse()
        self._turn = projection.whole_turn
        self._quad = projection.quad(area)
        self._outline = np.array(self._quad, dtype=np.float32)
        self.bounds = bounds_around(self._quad)

    def read(self, part: Bounds, *, draft: bool = False) -> Pixels | None:
        """The projected pixels in ``part``, as tiles store them; None where there are none.

        Args:
            draft: quickly and coarsely, as is good enough while something is dragged.
        """
        shape = self._seen(part)
        if not shape:
            return None
        needed = bounds_around(tuple(self._back.apply(spot) for spot in shape), 0.0)
        needed = needed.padded(_REACH).intersection(self._area)
        if needed.is_empty or not self._source.has_tiles_in(needed):
            return None
        pixels = self._source.read_stored(needed)
        if self._source.format.is_blank(pixels):
            return None
        if draft:
            return self._covered(self._drafted(pixels, needed, part), part)
        return self._covered(self._sampled(pixels, needed, part, shape), part)

    @property
    def format(self) -> TileFormat:
        """Of the source."""
        return self._source.format

    def snapshot(self) -> Snapshot:
        """All of it, as tiles.

        Whole moves cost nothing, and mirroring and quarter turns onto whole pixels change no value.
        """
        if self._turn is not None:
            return _turned(self._source, self._turn)
        tiles = {}
        for index in tiles_over(self.bounds):
            tile = self._tile(index)
            if tile is not None:
                tile.setflags(write=False)
                tiles[index] = tile
        return Snapshot(self._source.format, tiles, ORIGIN)

    def _tile(self, index: TileIndex) -> Pixels | None:
        """A whole tile, in blocks that many samples leave small enough."""
        shape = self._seen(index.bounds)
        if not shape:
            return None
        side = min(TILE, max(1, _BLOCK // max(self._samples(shape))))
        result = self._source.format.blank(TILE, TILE)
        for y in range(0, TILE, side):
            for x in range(0, TILE, side):
                block = Bounds(x, y, min(side, TILE - x), min(side, TILE - y))
                pixels = self.read(block.moved(*index.bounds.origin))
                if pixels is not None:
                    result[block.y : block.bottom, block.x : block.right] = pixels
        return None if self._source.format.is_blank(result) else result

    def _seen(self, part: Bounds) -> tuple[Spot, ...]:
        """The corners of what lies both in ``part`` and in the projected rectangle."""
        rectangle = np.array(corners(part.padded(1)), dtype=np.float32)
        area, shape = cv2.intersectConvexConvex(self._outline, rectangle)
        if area <= 0 or shape is None:
            return ()
        return tuple(Spot(float(x), float(y)) for x, y in shape.reshape(-1, 2))

    def _samples(self, shape: tuple[Spot, ...]) -> tuple[int, int]:
        """How many samples a pixel needs, across and down, for none of the source to be missed."""
        steps = [np.linalg.norm(self._back.jacobian(spot), axis=0) for spot in shape]
        across, down = np.max(steps, axis=0)
        return _count(across), _count(down)

    def _sampled(
        self, pixels: Pixels, needed: Bounds, part: Bounds, shape: tuple[Spot, ...]
    ) -> Values:
        across, down = self._samples(shape)
        if across > 1 and down > 1:
            fine = self._warped(pixels, needed, part, (1 / across, 1 / down), cv2.INTER_LINEAR)
            mean: Values = cv2.resize(fine, part.extent, interpolation=cv2.INTER_AREA)
            return mean
        # Weights add up to one, so that opaque pixels stay opaque and bytes are good enough.
        values = pixels if _is_opaque(pixels) else pixels.astype(np.float32)
        fine = self._warped(values, needed, part, (1 / across, 1 / down), cv2.INTER_CUBIC)
        if across > 1 or down > 1:
            fine = cv2.resize(fine, part.extent, interpolation=cv2.INTER_AREA)
        return fine if fine.dtype == np.uint8 else _within_range(fine)

    def _drafted(self, pixels: Pixels, needed: Bounds, part: Bounds) -> Values:
        coarse = self._warped(pixels, needed, part, (_COARSE, _COARSE), cv2.INTER_LINEAR)
        result: Values = cv2.resize(coarse, part.extent, interpolation=cv2.INTER_LINEAR)
        return result

    def _warped(
        self,
        pixels: Values,
        needed: Bounds,
        part: Bounds,
        step: tuple[float, float],
        method: int,
    ) -> Values:
        """Samples of ``part`` so many pixels apart; from ``pixels``, which cover ``needed``."""
        from_sample = Projection.scaling(*step).then(
            Projection.moving(part.x + step[0] / 2, part.y + step[1] / 2)
        )
        to_pixel = Projection.moving(-needed.x - 0.5, -needed.y - 0.5)
        matrix = from_sample.then(self._back).then(to_pixel).matrix
        size = (math.ceil(part.width / step[0]), math.ceil(part.height / step[1]))
        flags = method | cv2.WARP_INVERSE_MAP
        result: Values = cv2.warpPerspective(
            pixels, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return result

    def _covered(self, values: Values, part: Bounds) -> Pixels:
        """With nothing beyond the edges of the projected rectangle, as bytes."""
        coverage = self._coverage(part)
        if coverage is None:
            return values if values.dtype == np.uint8 else np.rint(values).astype(np.uint8)
        if values.ndim == 3:
            coverage = coverage[..., None]
        fill = np.float32(self._source.fill)
        result: Pixels = np.rint((values - fill) * coverage + fill).astype(np.uint8)
        return result

    def _coverage(self, part: Bounds) -> Values | None:
        """How much of each pixel the projected rectangle covers, 0 to 1; None for all of all."""
        x = np.arange(part.x, part.right, dtype=np.float32) + np.float32(0.5)
        y = np.arange(part.y, part.bottom, dtype=np.float32) + np.float32(0.5)
        result = None
        for across, down, offset in self._edges():
            inside = x[None, :] * np.float32(across) + (y[:, None] * np.float32(down) + offset)
            if inside.min() >= 0.5:
                continue
            share = np.clip(inside + np.float32(0.5), 0.0, 1.0).astype(np.float32)
            result = share if result is None else result * share
        return result

    def _edges(self) -> Iterator[tuple[float, float, np.float32]]:
        """For each edge the numbers that turn a place into its distance inwards, in pixels."""
        area = sum(
            a.x * b.y - a.y * b.x
            for a, b in zip(self._quad, (*self._quad[1:], self._quad[0]), strict=True)
        )
        facing = math.copysign(1.0, area)
        for number, end in enumerate(self._quad):
            start = self._quad[number - 1]
            length = max(1e-9, start.distance(end))
            across = -facing * (end.y - start.y) / length
            down = facing * (end.x - start.x) / length
            yield across, down, np.float32(-across * start.x - down * start.y)


class Draft(Computed):
    """A projected rectangle over what stays where it is, computed where it is looked at.

    Args:
        warp: what is in hand.
        below: what lies under it and does not move; None for nothing.
        coarse: quickly, as is good enough while something is dragged.
    """

    def __init__(self, warp: Warp, below: TileReader | None = None, *, coarse: bool = True) -> None:
        super().__init__(warp.format)
        self._warp = warp
        self._below = below
        self._coarse = coarse
        self._kept: dict[TileIndex, Pixels | None] = {}

    @property
    def bounds(self) -> Bounds:
        """A rectangle outside of which nothing lies."""
        below = self._below.bounds if self._below is not None else _NOTHING
        return self._warp.bounds.union(below)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can lie anywhere."""
        return self.bounds.is_empty

    def has_tiles_in(self, bounds: Bounds) -> bool:
        """Whether anything may lie in ``bounds``."""
        return not self.bounds.intersection(bounds).is_empty

    def tiles_in(self, bounds: Bounds) -> Iterator[tuple[Bounds, Pixels]]:
        """The tiles that touch ``bounds``, computed when they are first asked for."""
        for index in tiles_over(bounds.intersection(self.bounds)):
            if index not in self._kept:
                self._kept[index] = self._tile(index.bounds)
            tile = self._kept[index]
            if tile is not None:
                yield index.bounds, tile

    def _tile(self, place: Bounds) -> Pixels | None:
        moved = self._warp.read(place, draft=self._coarse)
        if self._below is None or not self._below.has_tiles_in(place):
            return moved
        below = self._below.read_stored(place)
        return below if moved is None else laid_over(below, moved)


def _is_opaque(pixels: Pixels) -> bool:
    return pixels.ndim == 3 and bool(cv2.extractChannel(pixels, 3).min() == 255)


def _within_range(values: Values) -> Values:
    """Without what bicubic interpolation overshoots: no alpha beyond 255, no colour beyond it."""
    if values.ndim == 2:
        return np.clip(values, 0.0, 255.0)
    alpha = cv2.extractChannel(values, 3)
    if alpha.max() > 255.0:
        values = values * (255.0 / np.maximum(alpha, 255.0))[..., None]
        alpha = np.minimum(alpha, 255.0)
    most = cv2.merge([np.maximum(alpha, 0.0)] * 4)
    result: Values = cv2.max(cv2.min(values, most), 0.0)
    return result


def laid_over(below: Pixels, above: Pixels) -> Pixels:
    """Premultiplied pixels, or a mask's, with others over them.

    Of a mask the larger value counts.
    """
    if below.ndim == 2:
        return np.maximum(below, above)
    let_through = cv2.bitwise_not(cv2.extractChannel(above, 3))
    shown = cv2.multiply(below, cv2.merge([let_through] * 4), scale=1 / 255)
    laid: Pixels = cv2.add(above, shown)
    return laid


def _turned(source: TileReader, turn: WholeTurn) -> Snapshot:
    """Tiles mirrored or turned by quarters, each by itself and to the bit."""
    moved = {turn.bounds(place).origin: turn.pixels(tile) for place, tile in _all_tiles(source)}
    if not moved:
        return Snapshot(source.format, {}, ORIGIN)
    first = next(iter(moved))
    tiles = {}
    for origin, tile in moved.items():
        tile.setflags(write=False)
        index = TileIndex((origin.x - first.x) // TILE, (origin.y - first.y) // TILE)
        tiles[index] = tile
    return Snapshot(source.format, tiles, first)


def _all_tiles(source: TileReader) -> Iterator[tuple[Bounds, Pixels]]:
    for index, tile in source.tiles.items():
        yield index.bounds.moved(*source.origin), tile


def _count(step: float) -> int:
    """Samples for a pixel that spans so many of the source; a little more than one is one."""
    return min(MOST_SAMPLES, max(1, math.ceil(step - 0.01)))
