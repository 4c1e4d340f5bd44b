"""Pictures that a model looks at, brought to sizes that it reads and to colours without holes."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.generation.preparation import resized, to_bytes


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


def covering(pixels: Pixels, extent: Extent) -> Pixels:
    """Scaled, its shape kept, until it covers the extent, and cropped to that around its middle."""
    height, width = pixels.shape[:2]
    scale = max(extent.width / width, extent.height / height)
    enough = Extent(
        max(extent.width, round(width * scale)), max(extent.height, round(height * scale))
    )
    if enough != (width, height):
        pixels = to_bytes(resized(pixels.astype(np.float32), enough))
    left, top = (enough.width - extent.width) // 2, (enough.height - extent.height) // 2
    return pixels[top : top + extent.height, left : left + extent.width]


def on_white(picture: Picture) -> Pixels:
    """Colours as they look on white paper."""
    if picture.mode != "RGBA":
        return picture.rgb()
    rgba = picture.array().astype(np.float32)
    alpha = rgba[..., 3:] / np.float32(255)
    return to_bytes(rgba[..., :3] * alpha + 255 * (1 - alpha))
