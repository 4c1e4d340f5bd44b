"""The one place that knows Qt's raster engine: QImage and QPainter over NumPy memory.

Nothing here needs a display or a QApplication, and all of it may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from studio.core.blend import BlendMode
from studio.core.formulas import COMPUTED, blended
from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels
from studio.core.tiles import TILE, TileReader, window

Image: TypeAlias = QImage
"""What the view paints: premultiplied ARGB32 whose memory is a NumPy array."""

_Mode = QPainter.CompositionMode
# Looked up once: these are read for every tile that is drawn.
_COLOUR = QImage.Format.Format_ARGB32_Premultiplied
_GREY = QImage.Format.Format_Grayscale8
_ALPHA = QImage.Format.Format_Alpha8
_TILE_STRIDE = TILE * 4

COMPOSITION = {
    BlendMode.NORMAL: _Mode.CompositionMode_SourceOver,
    BlendMode.MULTIPLY: _Mode.CompositionMode_Multiply,
    BlendMode.SCREEN: _Mode.CompositionMode_Screen,
    BlendMode.OVERLAY: _Mode.CompositionMode_Overlay,
    BlendMode.DARKEN: _Mode.CompositionMode_Darken,
    BlendMode.LIGHTEN: _Mode.CompositionMode_Lighten,
    BlendMode.COLOR_BURN: _Mode.CompositionMode_ColorBurn,
    BlendMode.HARD_LIGHT: _Mode.CompositionMode_HardLight,
    BlendMode.DIFFERENCE: _Mode.CompositionMode_Difference,
}
"""The raster engine's name of each blend mode that it knows; `formulas` has the others."""


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

    def __init__(self, painter: QPainter, target: Pixels, area: Bounds, clip: Bounds) -> None:
        self._painter = painter
        self._target = target
        self._area = area
        self._clip = clip
        self._blending: tuple[BlendMode, float] | None = None

    def style(self, mode: BlendMode, opacity: float) -> None:
        """How what is drawn from now on is mixed with what is there."""
        if mode in COMPUTED:
            self._blending = mode, opacity
            return
        self._compose(COMPOSITION[mode], opacity)

    def erase(self) -> None:
        """From now on what is drawn takes away, by its alpha, what is there."""
        self._compose(_Mode.CompositionMode_DestinationOut)

    def paint_atop(self) -> None:
        """From now on what is drawn covers only what is there, as far as that is opaque."""
        self._compose(_Mode.CompositionMode_SourceAtop)

    def draw(self, pixels: Pixels, place: Point) -> None:
        """Draws ``pixels``, whose top left lies at ``place`` on the canvas, within the clip."""
        if self._blending is None:
            self._draw(image_of(pixels), place)
        else:
            self._blend(pixels, place, *self._blending)

    def draw_tiles(self, tiles: TileReader, part: Bounds) -> bool:
        """Draws the colour tiles that touch ``part``; whether there were any."""
        drawn = False
        if self._blending is not None:
            for place, tile in tiles.tiles_in(part):
                self._blend(tile, place.origin, *self._blending)
                drawn = True
            return drawn
        draw, left, top = self._painter.drawImage, self._area.x, self._area.y
        for place, tile in tiles.tiles_in(part):
            draw(
                place[0] - left,
                place[1] - top,
                QImage(tile.data, TILE, TILE, _TILE_STRIDE, _COLOUR),
            )
            drawn = True
        return drawn

    def keep_where(self, pixels: Pixels, place: Point) -> None:
        """Makes what is there as transparent as ``pixels``: colour tiles by alpha, or a mask."""
        self._compose(_Mode.CompositionMode_DestinationIn)
        self._draw(image_of(pixels) if pixels.ndim == 3 else _alpha_image(pixels), place)

    def _compose(self, mode: QPainter.CompositionMode, opacity: float = 1.0) -> None:
        self._blending = None
        self._painter.setCompositionMode(mode)
        self._painter.setOpacity(opacity)

    def _draw(self, image: QImage, place: Point) -> None:
        self._painter.drawImage(place.x - self._area.x, place.y - self._area.y, image)

    def _blend(self, pixels: Pixels, place: Point, mode: BlendMode, opacity: float) -> None:
        """Draws in a mode that the raster engine lacks."""
        source = Bounds(*place, pixels.shape[1], pixels.shape[0])
        part = source.intersection(self._clip)
        if part.is_empty:
            return
        below = self._target[window(part, self._area.origin)]
        above = pixels[window(part, source.origin)]
        below[:] = blended(mode, below, above, opacity)


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
        yield Painter(painter, target, area, area if clip is None else clip.intersection(area))
    finally:
        painter.end()


def blank(width: int, height: int) -> Pixels:
    """Transparent premultiplied pixels."""
    return np.zeros((height, width, 4), dtype=np.uint8)


def outline_strips(
    corners: Sequence[tuple[float, float]], area: Bounds, height: int, *, antialias: bool
) -> Iterator[tuple[Bounds, Pixels]]:
    """How much of each pixel in ``area`` an outline encloses, 0 to 255, strip by strip.

    Args:
        corners: of the outline; where it crosses itself, all of it is enclosed.
        height: of a strip, in pixels; the last one may be lower.
    """
    outline = QPolygonF([QPointF(x, y) for x, y in corners])
    for top in range(area.y, area.bottom, height):
        strip = Bounds(area.x, top, area.width, min(height, area.bottom - top))
        cover = np.zeros((strip.height, strip.width), dtype=np.uint8)
        image = image_of(cover)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, antialias)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(Qt.GlobalColor.white))
        painter.translate(-strip.x, -strip.y)
        painter.drawPolygon(outline, Qt.FillRule.WindingFill)
        painter.end()
        # Some pixels that are wholly enclosed come out one short.
        cover[cover == 254] = 255
        yield strip, cover


def _alpha_image(mask: Pixels) -> QImage:
    height, width = mask.shape
    return QImage(mask.data, width, height, mask.strides[0], _ALPHA)
