"""What a stored tile holds, and how it becomes what callers see."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable

import cv2
import msgspec
import numpy as np
from msgspec.structs import replace

from studio.core.picture import Pixels
from studio.core.tiles.grid import TILE


def premultiplied(rgba: Pixels) -> Pixels:
    """Straight RGBA as premultiplied BGRA, exactly rounded."""
    bgra: Pixels = cv2.cvtColor(np.ascontiguousarray(rgba), cv2.COLOR_RGBA2BGRA)
    if not is_opaque(bgra):
        bgra = cv2.cvtColor(bgra, cv2.COLOR_RGBA2mRGBA)
    return bgra


def straight(bgra: Pixels) -> Pixels:
    """Premultiplied BGRA as straight RGBA.

    `premultiplied` brings the very same bytes back; opaque pixels keep theirs both ways.
    """
    pixels = np.ascontiguousarray(bgra)
    if not is_opaque(pixels):
        pixels = cv2.cvtColor(pixels, cv2.COLOR_mRGBA2RGBA)
    rgba: Pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA)
    return rgba


class TileFormat(msgspec.Struct, frozen=True):
    """How tiles store what callers see.

    Attributes:
        shape: of one tile.
        encode, decode: from the callers' pixels to the stored ones and back.
        fill: the value of every pixel where there is no tile.
    """

    shape: tuple[int, ...]
    encode: Callable[[Pixels], Pixels]
    decode: Callable[[Pixels], Pixels]
    fill: int = 0

    @property
    def size(self) -> int:
        """Bytes of one tile."""
        return math.prod(self.shape)

    def blank(self, height: int, width: int) -> Pixels:
        """Stored pixels with nothing in them."""
        return np.full((height, width, *self.shape[2:]), self.fill, dtype=np.uint8)

    def is_blank(self, stored: Pixels) -> bool:
        """Whether stored pixels hold nothing, so that they need no tile."""
        return not stored.any() if self.fill == 0 else bool((stored == self.fill).all())


COLOUR = TileFormat((TILE, TILE, 4), premultiplied, straight)
MASK = TileFormat((TILE, TILE), np.ascontiguousarray, np.ascontiguousarray)
SHOWING_MASK = replace(MASK, fill=255)


_uniform_tiles: weakref.WeakValueDictionary[tuple[tuple[int, ...], int], Pixels] = (
    weakref.WeakValueDictionary()
)


def sealed(tile: Pixels) -> Pixels:
    """A contiguous tile that nobody writes into any more, made read-only.

    All tiles that hold a single value become one: a plain area costs next to nothing.
    """
    values = tile.view(np.uint32)[..., 0] if tile.ndim == 3 else tile
    first = values[0, 0]
    tile.setflags(write=False)
    # The corners tell of most tiles that they hold more than one value.
    if values[-1, -1] != first or values[0, -1] != first or (values != first).any():
        return tile
    return _uniform_tiles.setdefault((tile.shape, int(first)), tile)


def is_opaque(pixels: Pixels) -> bool:
    """Whether colour pixels hide all that lies below them."""
    # Copying the channel out first makes the search for its minimum several times faster.
    return bool(cv2.extractChannel(pixels, 3).min() == 255)
