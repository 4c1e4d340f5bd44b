"""Masks of drawn shapes: ellipses and polygons, with soft or hard steps between pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.raster import outline_strips
from studio.core.selection.masks import NOTHING, cut, mask_of
from studio.core.tiles import TILE, Snapshot, TileIndex

Corner: TypeAlias = tuple[float, float]

_PRECISION = 0.02
"""How far the straight pieces that stand for a curve may lie beside it, in pixels."""


def polygon(corners: Sequence[Corner], canvas: Bounds, *, antialias: bool = True) -> Snapshot:
    """What an outline encloses on the canvas; where it crosses itself, all of it.

    Args:
        corners: in order; the last one is joined to the first. Whole numbers are pixels' corners.
        antialias: whether pixels that are partly enclosed are partly selected, else those whose
            middle is enclosed are selected.
    """
    area = _around(corners).intersection(canvas) if len(corners) > 2 else Bounds(0, 0, 0, 0)
    if area.is_empty:
        return NOTHING
    tiles: dict[TileIndex, Pixels] = {}
    for place, values in outline_strips(corners, _on_grid(area), TILE, antialias=antialias):
        part = place.intersection(area)
        inside = values[part.y - place.y :, part.x - place.x :][: part.height, : part.width]
        tiles.update(cut(inside, part))
    return mask_of(tiles)


def ellipse(start: Corner, end: Corner, canvas: Bounds, *, antialias: bool = True) -> Snapshot:
    """The ellipse in the rectangle between two opposite corners, on the canvas."""
    (x1, y1), (x2, y2) = start, end
    return polygon(ellipse_outline(x1, y1, x2, y2), canvas, antialias=antialias)


def ellipse_outline(x1: float, y1: float, x2: float, y2: float) -> list[Corner]:
    """Corners of a polygon that cannot be told from the ellipse in that rectangle."""
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    width, height = abs(x2 - x1) / 2, abs(y2 - y1) / 2
    radius = max(width, height, 1.0)
    count = max(16, math.ceil(math.pi / math.acos(1 - _PRECISION / radius)))
    angles = (2 * math.pi * step / count for step in range(count))
    return [(x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles]


def _around(corners: Sequence[Corner]) -> Bounds:
    columns, rows = zip(*corners, strict=True)
    return Bounds.from_edges(
        math.floor(min(columns)), math.floor(min(rows)),
        math.ceil(max(columns)), math.ceil(max(rows)),
    )  # fmt: skip


def _on_grid(area: Bounds) -> Bounds:
    """The rows of whole tiles that hold the area."""
    top = area.y // TILE * TILE
    return Bounds.from_edges(area.x, top, area.right, area.bottom)
