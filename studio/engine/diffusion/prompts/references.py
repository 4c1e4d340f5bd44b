"""Pictures that a model looks at while it paints, brought to sizes that it reads."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from studio.core.geometry import Extent
from studio.core.picture import Pixels


def extent_of(pixels: Pixels) -> Extent:
    """Width and height."""
    height, width = pixels.shape[:2]
    return Extent(width, height)


def of_area(extent: Extent, area: int, grid: int) -> Extent:
    """The extent of the same shape whose sides are multiples of the grid, of about this area.

    >>> of_area(Extent(300, 200), 1024 * 1024, 32)
    Extent(width=1248, height=832)
    """
    width = math.sqrt(area * extent.aspect)
    height = width / extent.aspect
    return Extent(*(max(grid, round(side / grid) * grid) for side in (width, height)))


def scaled(pixels: Pixels, extent: Extent) -> Pixels:
    """The picture at that extent, as the models' makers scale what they show to them."""
    if extent == extent_of(pixels):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(extent, Image.Resampling.LANCZOS))
