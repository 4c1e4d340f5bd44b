"""The one place that knows Qt's raster engine: QImage and QPainter over NumPy memory.

Nothing here needs a display or a QApplication, and all of it may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
from PySide6.QtGui import QImage, QPainter

from studio.core.blend import BlendMode
from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels

Image: TypeAlias = QImage
"""What the view paints: premultiplied ARGB32 whose memory is a NumPy array."""

_Mode = QPainter.CompositionMode
# Looked up once: these are read for every tile that is drawn.
_COLOUR = QImage.Format.Format_ARGB32_Premultiplied
_GREY = QImage.Format.Format_Grayscale8

COMPOSITION = {
    BlendMode.NORMAL: _Mode.CompositionMode_SourceOver,
    BlendMode.MULTIPLY: _Mode.CompositionMode_Multiply,
    BlendMode.SCREEN: _Mode.CompositionMode_Screen,
    BlendMode.OVERLAY: _Mode.CompositionMode_Overlay,
    BlendMode.DARKEN: _Mode.CompositionMode_Darken,
    BlendMode.LIGHTEN: _Mode.CompositionMode_Lighten,
    BlendMode.COLOUR_DODGE: _Mode.CompositionMode_ColorDodge,
    BlendMode.COLOUR_BURN: _Mode.CompositionMode_ColorBurn,
    BlendMode.HARD_LIGHT: _Mode.CompositionMode_HardLight,
    BlendMode.SOFT_LIGHT: _Mode.CompositionMode_SoftLight,
    BlendMode.DIFFERENCE: _Mode.CompositionMode_Difference,
    BlendMode.PLUS: _Mode.CompositionMode_Plus,
}
"""The raster engine's name of each blend mode."""


def image_of(pixels: Pixels) -> Image:
    """The same memory as an image, without copying.

    Args:
        pixels: C-contiguous uint8: ``(height, width, 4)`` premultiplied BGRA, or
            ``(height, width)`` grey. The image keeps it alive; a read-only array must only be
            read through the image.
    """
    height, width = pixels.shape[:2]
    image_format = _COLOUR if pixels.ndim == 3 else _GREY
    return QImage(pixels.data, width, height, pixels.strides[0], image_format)


def pixels_of(image: Image) -> Pixels:
    """A copy of an image as premultiplied BGRA ``(height, width, 4)``."""
    plain = image.convertToFormat(_COLOUR)
    rows = np.frombuffer(plain.constBits(), dtype=np.uint8)
    rows = rows.reshape(plain.height(), plain.bytesPerLine())[:, : plain.width() * 4]
    return rows.reshape(plain.height(), plain.width(), 4).copy()


class Painter:
    """Draws tiles onto premultiplied pixels; open one with `painting`."""

    def __init__(self, painter: QPainter, origin: Point) -> None:
        self._painter = painter
        self._origin = origin

    def style(self, mode: BlendMode, opacity: float) -> None:
        """How what is drawn from now on is mixed with what is there."""
        self._painter.setCompositionMode(COMPOSITION[mode])
        self._painter.setOpacity(opacity)

    def erase(self) -> None:
        """From now on what is drawn takes away, by its alpha, what is there."""
        self._painter.setCompositionMode(_Mode.CompositionMode_DestinationOut)
        self._painter.setOpacity(1.0)

    def draw(self, pixels: Pixels, place: Point) -> None:
        """Draws ``pixels``, whose top left lies at ``place`` on the canvas, within the clip."""
        self._painter.drawImage(
            place.x - self._origin.x, place.y - self._origin.y, image_of(pixels)
        )


@contextmanager
def painting(target: Pixels, area: Bounds, *, clip: Bounds | None = None) -> Iterator[Painter]:
    """A painter onto ``target``, a writable premultiplied array that covers ``area``.

    Args:
        clip: nothing outside of it is drawn.
    """
    image = image_of(target)
    painter = QPainter(image)
    try:
        if clip is not None:
            painter.setClipRect(*clip.relative_to(area.origin))
        yield Painter(painter, area.origin)
    finally:
        painter.end()


def blank(width: int, height: int) -> Pixels:
    """Transparent premultiplied pixels."""
    return np.zeros((height, width, 4), dtype=np.uint8)
