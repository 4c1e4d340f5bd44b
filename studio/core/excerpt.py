"""A part of the picture by itself, for the clipboard; all of it safe in any thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from msgspec.structs import replace

from studio.core.blend import BlendMode
from studio.core.composing import Drawable
from studio.core.compositor import compose
from studio.core.document import DocumentSnapshot
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Point
from studio.core.layers import LayerSnapshot
from studio.core.picture import Picture, Pixels
from studio.core.tiles import Snapshot, premultiplied, straight

MAX_PIXELS = 2**27
"""The largest excerpt: half a gigabyte."""
_NOTHING = "There is nothing to copy: choose a layer with something in it there."


class Excerpt(NamedTuple):
    """Some pixels, and where they lay."""

    picture: Picture
    """RGBA."""
    origin: Point
    """Of its top left pixel on the canvas."""

    @property
    def place(self) -> Bounds:
        """What it covered."""
        return Bounds(*self.origin, *self.picture.extent)


def layer_excerpt(layer: LayerSnapshot, selection: Snapshot) -> Excerpt:
    """What a layer shows, without its opacity and mode, where it is selected or everywhere.

    Raises:
        KnownError: if there is nothing, or too much.
    """
    return _excerpt([plain(layer)], layer.pixels.bounds, selection)


def merged_excerpt(document: DocumentSnapshot, selection: Snapshot) -> Excerpt:
    """What all visible layers show together on the canvas, where it is selected or everywhere.

    Raises:
        KnownError: if there is nothing, or too much.
    """
    return _excerpt(document.layers, document.canvas, selection)


def plain(layer: LayerSnapshot) -> LayerSnapshot:
    """The layer as it shows by itself: opaque, unclipped and with the usual mode."""
    return replace(layer, visible=True, opacity=1.0, blend_mode=BlendMode.NORMAL, clipped=False)


class _Layers(NamedTuple):
    layers: Sequence[Drawable]


def _excerpt(layers: Sequence[Drawable], area: Bounds, selection: Snapshot) -> Excerpt:
    if not selection.is_empty:
        area = area.intersection(selection.bounds)
    if area.is_empty:
        raise KnownError(_NOTHING)
    if area.width * area.height > MAX_PIXELS:
        raise KnownError("That is too much to be copied at once: select a part of it.")
    pixels = compose(_Layers(layers), area)
    if not selection.is_empty:
        pixels = _selected(pixels, selection.read(area))
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(pixels[..., 3]))
    if not width:
        raise KnownError(_NOTHING)
    rgba = straight(pixels[y : y + height, x : x + width])
    return Excerpt(Picture.from_array(rgba), Point(area.x + x, area.y + y))


def _selected(pixels: Pixels, values: Pixels) -> Pixels:
    """Premultiplied pixels, as far as they are selected."""
    rgba = straight(pixels)
    alpha = rgba[..., 3].astype(np.uint16) * values
    rgba[..., 3] = (alpha + 127) // 255
    return premultiplied(rgba)
