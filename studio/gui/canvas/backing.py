"""The picture as the view shows it, kept between frames and mended where it changed.

Cursor, frame and candidates move over it without the picture being drawn again; and a change too
large for one frame is drawn over several of them, with what was there before in between.
"""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap, QRegion

from studio.core.compositor import MAX_LEVEL, CompositeCache
from studio.core.geometry import Bounds
from studio.core.tiles import TileIndex
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.mask_tiles import MaskTiles
from studio.gui.canvas.viewport import Viewport

BUDGET_SECONDS = 0.009
"""What mending may take of a frame."""
CHECK = 8
"""Side of a square of the checkerboard, in view units."""
NEAREST_ABOVE = 4.0
"""Beyond this zoom, in device pixels per canvas pixel, pixels are shown as squares."""
GRID_ABOVE = 6.0
_BORDER = QColor(0, 0, 0, 110)


class Backing:
    """An image of the view's size, in device pixels, of canvas, mask and surround.

    Args:
        tiles: the composed picture.
        mask: its mask.
        colours: of the surround and the checkerboard.
    """

    def __init__(self, tiles: CompositeCache, mask: MaskTiles, colours: CanvasColours) -> None:
        self._tiles = tiles
        self._mask = mask
        self._colours = colours
        self._canvas = Bounds(0, 0, 1, 1)
        self._viewport = Viewport()
        self._ratio = 1.0
        self._image = QImage()
        self._stale = QRegion()
        self._stand_in: tuple[QImage, Viewport] | None = None
        self._checks = QBrush()
        self.shows_mask = True
        self.set_colours(colours)

    @property
    def stale(self) -> QRect:
        """The part of the view, in its units, that does not yet show what is; may be empty."""
        return self._in_view(self._stale.boundingRect())

    def draw(self, painter: QPainter) -> None:
        """Draws the picture as it stands, pixel by pixel, with a painter in view units."""
        self._image.setDevicePixelRatio(self._ratio)
        painter.drawImage(QPoint(0, 0), self._image)
        self._image.setDevicePixelRatio(1.0)

    def set_colours(self, colours: CanvasColours) -> None:
        """Draws everything anew in these colours."""
        self._colours = colours
        self._checks = _checkerboard(colours.checks, max(1, round(CHECK * self._ratio)))
        self.invalidate_all()

    def set_canvas(self, canvas: Bounds) -> None:
        """Shows another part of the plane as the canvas."""
        self._canvas = canvas
        self.invalidate_all()

    def set_view(self, viewport: Viewport, size: QSize, ratio: float) -> None:
        """Looks from somewhere else; what can be kept of the picture is shifted or scaled.

        Args:
            viewport: in view units.
            size: of the view, in its units.
            ratio: device pixels per view unit.
        """
        before, old = self._viewport, self._image
        viewport = viewport.in_device_pixels(ratio)
        pixels = QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
        same_size = old.size() == pixels and ratio == self._ratio
        if viewport == before and same_size:
            return
        if ratio != self._ratio:
            self._ratio = ratio
            self._checks = _checkerboard(self._colours.checks, max(1, round(CHECK * ratio)))
        self._viewport = viewport
        self._image = QImage(pixels, QImage.Format.Format_RGB32)
        if same_size and viewport.zoom == before.zoom:
            self._carry_over(old, before)
            kept = self._stale.translated(self._shift(before))
            exposed = QRegion(self._image.rect()) - QRegion(
                self._image.rect().translated(self._shift(before))
            )
            self._stale = (kept & QRegion(self._image.rect())) | exposed
        else:
            if not old.isNull():
                self._stand_in = self._stand_in or (old, before)
            self.invalidate_all()

    def invalidate(self, dirty: Bounds) -> QRect:
        """These canvas pixels look different; returns where, in view units."""
        seen = dirty.intersection(self._canvas)
        if seen.is_empty:
            return QRect()
        pixels = self._device_rect(seen).adjusted(-2, -2, 2, 2) & self._image.rect()
        self._stale |= QRegion(pixels)
        return self._in_view(pixels)

    def invalidate_all(self) -> None:
        """Everything looks different."""
        self._stale = QRegion(self._image.rect())

    def mend(self, seconds: float = BUDGET_SECONDS) -> None:
        """Draws what is stale, as far as it gets in that time; at least one tile."""
        if self._stale.isEmpty():
            return
        painter = QPainter(self._image)
        painter.setClipRegion(self._stale)
        self._draw_surround(painter)
        deadline = time.perf_counter() + seconds
        level = self._level
        for index in self._stale_tiles(level):
            self._draw_tile(painter, index, level)
            if time.perf_counter() > deadline:
                break
        else:
            self._stale = QRegion()
        painter.end()
        if self._stand_in is not None:
            self._show_stand_in(*self._stand_in)
            self._stand_in = None

    @property
    def _level(self) -> int:
        zoom = self._viewport.zoom
        return 0 if zoom >= 1.0 else min(MAX_LEVEL, math.floor(-math.log2(zoom)))

    def _device_rect(self, bounds: Bounds) -> QRect:
        exact = self._viewport.rect_to_widget(bounds)
        left, top = _nearest(exact.left()), _nearest(exact.top())
        return QRect(left, top, _nearest(exact.right()) - left, _nearest(exact.bottom()) - top)

    def _in_view(self, pixels: QRect) -> QRect:
        ratio = self._ratio
        return QRectF(
            *(side / ratio for side in (pixels.x(), pixels.y(), pixels.width(), pixels.height()))
        ).toAlignedRect()

    def _shift(self, before: Viewport) -> QPoint:
        return QPoint(round(self._viewport.x - before.x), round(self._viewport.y - before.y))

    def _show_stand_in(self, old: QImage, before: Viewport) -> None:
        """What was shown at the zoom before, where nothing could be drawn yet."""
        if self._stale.isEmpty():
            return
        painter = QPainter(self._image)
        painter.setClipRegion(self._stale)
        painter.fillRect(self._image.rect(), self._colours.surround)
        painter.end()
        self._carry_over(old, before, self._stale)

    def _carry_over(self, old: QImage, before: Viewport, where: QRegion | None = None) -> None:
        """What was shown before, where it is now."""
        painter = QPainter(self._image)
        if where is not None:
            painter.setClipRegion(where)
        ratio = self._viewport.zoom / before.zoom
        painter.translate(self._viewport.x - before.x * ratio, self._viewport.y - before.y * ratio)
        painter.scale(ratio, ratio)
        painter.drawImage(QPoint(0, 0), old)
        painter.end()

    def _draw_surround(self, painter: QPainter) -> None:
        canvas = self._device_rect(self._canvas)
        outside = self._stale - QRegion(canvas)
        painter.save()
        painter.setClipRegion(outside, Qt.ClipOperation.IntersectClip)
        painter.fillRect(outside.boundingRect(), self._colours.surround)
        # A translucent pen would darken some corners twice, depending on the clip.
        border = QRegion(canvas.adjusted(-1, -1, 1, 1)) & outside
        painter.setClipRegion(border)
        painter.fillRect(border.boundingRect(), _BORDER)
        painter.restore()
        self._stale -= outside

    def _stale_tiles(self, level: int) -> list[TileIndex]:
        shown = self._viewport.rect_to_canvas(QRectF(self._stale.boundingRect()))
        return [
            index
            for index in CompositeCache.indices(shown.intersection(self._canvas), level)
            if self._stale.intersects(self._device_rect(CompositeCache.area(index, level)))
        ]

    def _draw_tile(self, painter: QPainter, index: TileIndex, level: int) -> None:
        area = CompositeCache.area(index, level)
        place = self._device_rect(area)
        part = place & self._device_rect(self._canvas)
        painter.save()
        painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
        painter.setBrushOrigin(round(self._viewport.x), round(self._viewport.y))
        zoom = self._viewport.zoom
        smooth = zoom != 1.0 and zoom <= NEAREST_ABOVE
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        image = self._tiles.image(index, level)
        painter.fillRect(part, self._checks)
        if image is not None:
            painter.drawImage(place, image)
        mask = self._mask.image(index, level) if self.shows_mask else None
        if mask is not None:
            painter.drawImage(place, mask)
        if zoom >= GRID_ABOVE:
            self._draw_grid(painter, part)
        painter.restore()
        self._stale -= QRegion(part)

    def _draw_grid(self, painter: QPainter, part: QRect) -> None:
        """Hairlines between pixels."""
        strength = min(56, round(10 * (self._viewport.zoom - GRID_ABOVE + 2)))
        colour = QColor(128, 128, 128, strength)
        shown = self._viewport.rect_to_canvas(QRectF(part & self._image.rect()))
        for column in range(shown.x, shown.right + 1):
            x = _nearest(self._viewport.x + column * self._viewport.zoom)
            painter.fillRect(QRect(x, part.top(), 1, part.height()), colour)
        for row in range(shown.y, shown.bottom + 1):
            y = _nearest(self._viewport.y + row * self._viewport.zoom)
            painter.fillRect(QRect(part.left(), y, part.width(), 1), colour)


def _nearest(value: float) -> int:
    """The nearest whole number; halves always go up, so that a shifted edge stays where it is."""
    return math.floor(value + 0.5)


def _checkerboard(colours: tuple[QColor, QColor], side: int) -> QBrush:
    pattern = QPixmap(2 * side, 2 * side)
    pattern.fill(colours[0])
    painter = QPainter(pattern)
    painter.fillRect(0, 0, side, side, colours[1])
    painter.fillRect(side, side, side, side, colours[1])
    painter.end()
    return QBrush(pattern)
