"""Where the edge of the selection runs in the view: pure functions on arrays."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QTransform

from studio.core.geometry import Bounds, Extent, Point
from studio.core.picture import Pixels
from studio.core.selection.reducing import MAX_LEVEL, ReducedMask
from studio.core.tiles import TileReader, whole_tiles

HALF = 128
"""The edge runs between pixels that are at least this much selected and those that are less."""

_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


class Look(NamedTuple):
    """What is seen of a mask, halved a few times.

    Attributes:
        values: 1 where at least half is selected, else 0.
        origin: of its first pixel, on the canvas.
        scale: canvas pixels per pixel of it.
    """

    values: Pixels
    origin: Point
    scale: int


def look_at(mask: ReducedMask, area: Bounds, level: int) -> Look:
    """What lies in ``area``, which is not empty, and more around it."""
    whole = whole_tiles(area)
    values = mask.read(whole, level) >= HALF
    return Look(values.astype(np.uint8), whole.origin, 1 << level)


def level_for(zoom: float) -> int:
    """How often a mask may be halved to be shown at that zoom, in device pixels.

    >>> level_for(2.0), level_for(0.5), level_for(0.2)
    (0, 1, 2)
    """
    return 0 if zoom >= 1.0 else min(MAX_LEVEL, math.floor(-math.log2(zoom)))


def outline(mask: Look, transform: QTransform, extent: Extent) -> Pixels:
    """The selected pixels beside the edge, as 1 among 0, ``(height, width)``.

    Args:
        mask: what is looked at, and some of what is around it.
        transform: takes canvas coordinates to those of the view.
        extent: of the view.
    """
    # One pixel more on each side: the view's border is no edge.
    around = Extent(extent.width + 2, extent.height + 2)
    inside = cv2.warpAffine(
        mask.values,
        _matrix(mask, transform),
        tuple(around),
        flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
    )
    edge = cv2.subtract(inside, cv2.erode(inside, _CROSS))
    return np.ascontiguousarray(edge[1:-1, 1:-1])


def _matrix(mask: Look, transform: QTransform) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """From pixels of the view, one more on each side, to those of the mask."""
    back = transform.inverted()[0]
    across, down = (back.m11(), back.m21()), (back.m12(), back.m22())
    # Pixels are looked at in their middles.
    x = back.dx() - 0.5 * (across[0] + across[1]) - mask.origin.x
    y = back.dy() - 0.5 * (down[0] + down[1]) - mask.origin.y
    matrix = np.array([[*across, x], [*down, y]]) / mask.scale
    matrix[:, 2] -= 0.5
    return matrix


def seen_part(mask: TileReader, transform: QTransform, extent: Extent) -> Bounds:
    """The canvas pixels that a view shows of a mask; empty where it shows none."""
    seen = transform.inverted()[0].mapRect(QRectF(-1, -1, extent.width + 2, extent.height + 2))
    shown = Bounds.from_edges(
        math.floor(seen.left()), math.floor(seen.top()),
        math.ceil(seen.right()), math.ceil(seen.bottom()),
    )  # fmt: skip
    return shown.intersection(mask.bounds)
