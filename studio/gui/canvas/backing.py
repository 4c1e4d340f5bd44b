"""The picture as the view shows it, kept between frames and mended where it changed.

Cursor, frame and candidates move over it without the picture being drawn again; and a change too
large for one frame is drawn over several of them, with what was there before in between.
"""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap, QRegion, QTransform

from studio.core.compositor import MAX_LEVEL, CompositeCache
from studio.core.geometry import Bounds
from studio.core.tiles import TileIndex
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.levelled import Levelled
from studio.gui.canvas.mask_tiles import MaskTiles
from studio.gui.canvas.screen_colours import ScreenColours
from studio.gui.canvas.viewport import Viewport

BUDGET_SECONDS = 0.008
"""What mending may take of a frame."""
CHECK = 8
"""Side of a square of the checkerboard, in view units."""
NEAREST_ABOVE = 4.0
"""Beyond this zoom, in device pixels per canvas pixel, pixels are shown as squares in a grid."""
_BORDER = QColor(0, 0, 0, 110)


class Backing:
    """An image of canvas, mask and surround in device pixels, as large as the view needs it.

    It is drawn upright whatever the view, and turned or mirrored when it is shown.

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
        self._level = Levelled.of(Viewport(), QSize(0, 0))
        self._ratio = 1.0
        self._image = QImage()
        self._stale = QRegion()
        self._bare = QRegion()
        self._stand_in: tuple[QImage, Viewport] | None = None
        self._checks = QBrush()
        self._screen = ScreenColours()
        self.shows_mask = True
        self.quick_mask: MaskTiles | None = None
        self.set_colours(colours)

    @property
    def stale(self) -> QRect:
        """The part of the view, in its units, that does not yet show what is; may be empty."""
        return self._in_view((self._stale & self._level.seen).boundingRect())

    def draw(self, painter: QPainter) -> None:
        """Draws the picture as it stands, with a painter in view units."""
        painter.save()
        smooth = not self._level.is_square
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        to_view = QTransform.fromScale(1 / self._ratio, 1 / self._ratio)
        painter.setTransform(self._level.turn * to_view, True)
        painter.drawImage(QPoint(0, 0), self._image)
        painter.restore()

    def set_colours(self, colours: CanvasColours) -> None:
        """Draws everything anew in these colours."""
        self._colours = colours
        self._checks = _checkerboard(colours.checks, max(1, round(CHECK * self._ratio)))
        self.invalidate_all()

    def set_screen(self, colours: ScreenColours) -> None:
        """Shows the picture as that screen needs it."""
        self._screen = colours
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
        pixels = QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
        level = Levelled.of(viewport.in_device_pixels(ratio), pixels)
        before, old = self._level, self._image
        self._level = level
        if ratio != self._ratio:
            self._ratio = ratio
            self._checks = _checkerboard(self._colours.checks, max(1, round(CHECK * ratio)))
        elif level.viewport == before.viewport and level.size == old.size():
            return
        self._image = QImage(level.size, QImage.Format.Format_RGB32)
        if level.viewport.zoom == before.viewport.zoom:
            self._shift(old, before.viewport)
        else:
            if not old.isNull():
                self._stand_in = self._stand_in or (old, before.viewport)
            self.invalidate_all()
            self._bare = QRegion(self._image.rect())

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
        """Draws what is stale and seen, as far as it gets in that time.

        Elsewhere stays what was there before; where nothing was, the picture is shown coarsely.
        """
        if not self._stale.intersects(self._level.seen.boundingRect()):
            return
        painter = QPainter(self._image)
        painter.setClipRegion(self._stale)
        self._draw_surround(painter)
        if self._draw_tiles(painter, time.perf_counter() + seconds):
            self._stale -= self._level.seen
        painter.end()
        self._bare &= self._stale
        if not self._bare.isEmpty():
            self._fill_coarsely(self._bare)
        if self._stand_in is not None and not self._stale.isEmpty():
            self._carry_over(*self._stand_in, self._stale)
        self._bare, self._stand_in = QRegion(), None

    @property
    def _view(self) -> Viewport:
        return self._level.viewport

    @property
    def _mip(self) -> int:
        """The level of the tiles whose pixels are at least as fine as the picture's."""
        zoom = self._view.zoom
        return 0 if zoom >= 1.0 else min(MAX_LEVEL, math.floor(-math.log2(zoom)))

    def _device_rect(self, bounds: Bounds) -> QRect:
        exact = self._view.rect_to_widget(bounds)
        left, top = _nearest(exact.left()), _nearest(exact.top())
        return QRect(left, top, _nearest(exact.right()) - left, _nearest(exact.bottom()) - top)

    def _in_view(self, pixels: QRect) -> QRect:
        if pixels.isEmpty():
            return QRect()
        shown = self._level.on_screen(QRectF(pixels))
        sides = (shown.x(), shown.y(), shown.width(), shown.height())
        return QRectF(*(side / self._ratio for side in sides)).toAlignedRect()

    def _shift(self, old: QImage, before: Viewport) -> None:
        """What was shown before, where it is now; what came into the picture is bare."""
        shift = QPoint(round(self._view.x - before.x), round(self._view.y - before.y))
        whole = QRegion(self._image.rect())
        exposed = whole - QRegion(old.rect().translated(shift))
        self._stale = (self._stale.translated(shift) & whole) | exposed
        self._bare = (self._bare.translated(shift) & whole) | exposed
        self._carry_over(old, before)

    def _carry_over(self, old: QImage, before: Viewport, where: QRegion | None = None) -> None:
        """What was shown before, where it is now."""
        painter = QPainter(self._image)
        if where is not None:
            painter.setClipRegion(where)
        ratio = self._view.zoom / before.zoom
        painter.translate(self._view.x - before.x * ratio, self._view.y - before.y * ratio)
        painter.scale(ratio, ratio)
        painter.drawImage(QPoint(0, 0), old)
        painter.end()

    def _fill_coarsely(self, where: QRegion) -> None:
        """Shows the picture from coarser tiles that are ready anyway, or its ground alone."""
        painter = QPainter(self._image)
        painter.setClipRegion(where)
        part = self._device_rect(self._canvas)
        painter.fillRect(self._image.rect(), self._colours.surround)
        painter.setBrushOrigin(round(self._view.x), round(self._view.y))
        painter.fillRect(part, self._checks)
        painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
        shown = self._canvas_part(where)
        for level in range(self._mip + 1, MAX_LEVEL + 1):
            indices = CompositeCache.indices(shown, level)
            if all(self._tiles.is_ready(index, level) for index in indices):
                for index in indices:
                    self._draw_picture(painter, index, level)
                break
        painter.end()

    def _canvas_part(self, where: QRegion) -> Bounds:
        return self._view.rect_to_canvas(QRectF(where.boundingRect())).intersection(self._canvas)

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

    def _draw_tiles(self, painter: QPainter, deadline: float) -> bool:
        """Draws stale tiles until that moment; whether none is left."""
        level = self._mip
        for index in self._stale_tiles(level):
            while not self._tiles.advance(index, level):
                if time.perf_counter() > deadline:
                    return False
            self._draw_tile(painter, index, level)
            if time.perf_counter() > deadline:
                return False
        return True

    def _stale_tiles(self, level: int) -> list[TileIndex]:
        wanted = self._stale & self._level.seen
        return [
            index
            for index in CompositeCache.indices(self._canvas_part(wanted), level)
            if wanted.intersects(self._device_rect(CompositeCache.area(index, level)))
        ]

    def _draw_tile(self, painter: QPainter, index: TileIndex, level: int) -> None:
        place = self._device_rect(CompositeCache.area(index, level))
        part = place & self._device_rect(self._canvas)
        painter.save()
        painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
        painter.setBrushOrigin(round(self._view.x), round(self._view.y))
        painter.fillRect(part, self._checks)
        self._draw_picture(painter, index, level)
        masks = (self._mask if self.shows_mask else None, self.quick_mask)
        for mask in filter(None, masks):
            image = mask.image(index, level)
            if image is not None:
                painter.drawImage(place, image)
        if self._view.zoom > NEAREST_ABOVE:
            self._draw_grid(painter, part)
        painter.restore()
        self._stale -= QRegion(part)

    def _draw_picture(self, painter: QPainter, index: TileIndex, level: int) -> None:
        zoom = self._view.zoom
        smooth = zoom != 1.0 and zoom <= NEAREST_ABOVE
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        image = self._tiles.image(index, level)
        if image is not None:
            place = self._device_rect(CompositeCache.area(index, level))
            painter.drawImage(place, self._screen.shown(image))

    def _draw_grid(self, painter: QPainter, part: QRect) -> None:
        """Hairlines between pixels."""
        strength = min(56, round(8 * (self._view.zoom - NEAREST_ABOVE + 2)))
        colour = QColor(128, 128, 128, strength)
        shown = self._view.rect_to_canvas(QRectF(part & self._image.rect()))
        for column in range(shown.x, shown.right + 1):
            x = _nearest(self._view.x + column * self._view.zoom)
            painter.fillRect(QRect(x, part.top(), 1, part.height()), colour)
        for row in range(shown.y, shown.bottom + 1):
            y = _nearest(self._view.y + row * self._view.zoom)
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
