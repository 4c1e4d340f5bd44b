"""Masks grown, shrunk and softened.

Each operation works block by block and only near the mask's edges. The canvas' border is no edge:
what is selected up to it stays so, as if the picture went on beyond.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.selection.masks import clipped, cut, mask_of, rectangle, uniform_value
from studio.core.tiles import TILE, Snapshot, TileIndex

Change = Callable[[Pixels], Pixels]
"""New values for each of some, which depend on those within some reach around."""
Floats = npt.NDArray[np.float32]

MAX_RADIUS = 500
"""The farthest that an edge may be moved or softened, in pixels."""
_NEAR, _SMALL, _LARGE = 48, TILE, 4 * TILE
"""Up to this reach small blocks are the cheaper ones: less of them is far from an edge."""


def grown(mask: Snapshot, radius: int, canvas: Bounds) -> Snapshot:
    """With everything within ``radius`` pixels of what was selected."""
    return _changed(mask, canvas, radius, lambda values: _dilated(values, radius))


def shrunk(mask: Snapshot, radius: int, canvas: Bounds) -> Snapshot:
    """Without what lies within ``radius`` pixels of what was not selected."""
    return _changed(mask, canvas, radius, lambda values: _eroded(values, radius))


def feathered(mask: Snapshot, radius: int, canvas: Bounds) -> Snapshot:
    """With edges that fade over ``radius`` pixels to either side."""
    return _changed(mask, canvas, radius, lambda values: _softened(values, radius))


def bordered(mask: Snapshot, width: int, canvas: Bounds) -> Snapshot:
    """A band of ``width`` pixels along the edges, half of it outside."""
    outer, inner = width - width // 2, width // 2

    def band(values: Pixels) -> Pixels:
        return np.minimum(_dilated(values, outer), ~_eroded(values, inner))

    return _changed(mask, canvas, outer, band)


def smoothed(mask: Snapshot, radius: int, canvas: Bounds) -> Snapshot:
    """With corners rounded and specks gone that are smaller than about ``radius`` pixels."""
    return _changed(mask, canvas, radius, lambda values: _rounded(values, radius))


def antialiased(mask: Snapshot, canvas: Bounds) -> Snapshot:
    """With steps between pixels softened, and edges where they were."""
    return _changed(mask, canvas, 1, lambda values: _softened(values, 1))


def _changed(mask: Snapshot, canvas: Bounds, reach: int, change: Change) -> Snapshot:
    """The mask on the canvas with each value changed by those within ``reach`` of it.

    Raises:
        ValueError: if the reach is negative or larger than `MAX_RADIUS`.
    """
    if not 0 <= reach <= MAX_RADIUS:
        raise ValueError(f"An edge is moved by 0 to {MAX_RADIUS} pixels, not by {reach}.")
    mask = clipped(mask, canvas)
    if reach == 0:
        return mask
    stays_full = bool(change(np.full((1, 1), 255, dtype=np.uint8))[0, 0])
    tiles: dict[TileIndex, Pixels] = {}
    for block in _blocks(mask.bounds.padded(reach), _SMALL if reach <= _NEAR else _LARGE):
        part = block.intersection(canvas)
        value = uniform_value(mask, block.padded(reach).intersection(canvas))
        if value is None:
            tiles.update(cut(_changed_part(mask, part, canvas, reach, change), part))
        elif value and stays_full:
            tiles.update(rectangle(part).tiles)
    return mask_of(tiles)


def _changed_part(
    mask: Snapshot, part: Bounds, canvas: Bounds, reach: int, change: Change
) -> Pixels:
    wanted = part.padded(reach)
    seen = wanted.intersection(canvas)
    values = cv2.copyMakeBorder(
        mask.read(seen),
        top=seen.y - wanted.y,
        bottom=wanted.bottom - seen.bottom,
        left=seen.x - wanted.x,
        right=wanted.right - seen.right,
        borderType=cv2.BORDER_REPLICATE,
    )
    return change(np.asarray(values, dtype=np.uint8))[reach:-reach, reach:-reach]


def _blocks(bounds: Bounds, side: int) -> Iterator[Bounds]:
    """Squares of whole tiles that together hold ``bounds``."""
    for y in range(bounds.y // side * side, bounds.bottom, side):
        for x in range(bounds.x // side * side, bounds.right, side):
            yield Bounds(x, y, side, side)


def _eroded(values: Pixels, radius: int) -> Pixels:
    return np.bitwise_not(_dilated(np.bitwise_not(values), radius))


def _dilated(values: Pixels, radius: int) -> Pixels:
    """The largest value within a disc around each pixel.

    The disc is taken as a stack of rows, longest in the middle, and each row is widened from the
    one before it: so the cost grows with the radius, not with the area.
    """
    result, wide, width = values.copy(), values, 0
    for dy in range(radius, -1, -1):
        reach = math.isqrt(math.floor(radius * (radius + 0.8)) - dy * dy)
        if reach > width:
            row = np.ones((1, 2 * (reach - width) + 1), dtype=np.uint8)
            wide, width = cast(Pixels, cv2.dilate(wide, row)), reach
        np.maximum(result[dy:], wide[: len(wide) - dy], out=result[dy:])
        np.maximum(result[: len(wide) - dy], wide[dy:], out=result[: len(wide) - dy])
    return result


def _softened(values: Pixels, radius: int) -> Pixels:
    return np.rint(_blurred(values.astype(np.float32), radius)).astype(np.uint8)


def _blurred(values: Floats, radius: int) -> Floats:
    """Three box blurs that together reach ``radius`` pixels far: nearly a Gaussian one."""
    for step in range(3):
        side = 2 * (radius // 3 + (step < radius % 3)) + 1
        values = cast(Floats, cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE))
    return values


def _rounded(values: Pixels, radius: int) -> Pixels:
    blurred = _blurred(values.astype(np.float32), radius)
    # A straight edge, blurred so, falls by about this share a pixel: made steep again, it is one
    # pixel wide.
    steepness = max(1.0, radius * 0.85)
    steep = (blurred - 127.5) * steepness + 127.5
    return cast(Pixels, np.clip(np.rint(steep), 0, 255).astype(np.uint8))
