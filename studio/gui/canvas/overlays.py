"""What is drawn over the picture: frame, cursor, handles, the area of an extension, candidates.

Every function takes a painter in the view's coordinates and leaves it as it found it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from studio.core.geometry import Bounds
from studio.core.projection import IDENTITY, Projection
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.edge_handles import EdgeHandle
from studio.gui.canvas.viewport import Viewport, transform_of

HANDLE = 8.0
"""Side of a square handle, in view units."""
SMALLEST_CURSOR = 5.0
"""Below this diameter in view units the brush is shown as a cross."""
RING_ROOM = 56.0
"""Side of the square that the ring of progress needs."""
SWATCH_RADIUS = 15.0
SWATCH_OFFSET = QPointF(26.0, -26.0)
LABEL_PADDING = QSizeF(14.0, 6.0)


@contextmanager
def kept(painter: QPainter) -> Iterator[QPainter]:
    """The painter, brought back to its present state at the end."""
    painter.save()
    try:
        yield painter
    finally:
        painter.restore()


def paint_frame(
    painter: QPainter, outline: QPolygonF, colours: CanvasColours, *, active: bool = False
) -> None:
    """The generation frame: a thin line, dashed light on dark; thicker while it is in hand."""
    with kept(painter):
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width = 1.5 if active else 1.0
        painter.setPen(_pen(colours.dark, width))
        painter.drawPolyline(outline)
        pen = _pen(colours.accent.lighter(140) if active else colours.light, width)
        pen.setDashPattern([5.0, 4.0])
        painter.setPen(pen)
        painter.drawPolyline(outline)


def paint_label(painter: QPainter, text: str, rect: QRectF) -> None:
    """A small tag above the top left corner of ``rect``, or within it at the view's edge."""
    place = QRectF(QPointF(), _tag_size(painter, text))
    place.moveTopLeft(QPointF(max(2.0, rect.left()), rect.top() - place.height() - 5.0))
    if place.top() < 2.0:
        place.moveTop(max(2.0, rect.top() + 5.0))
    paint_tag(painter, text, place)


def paint_tag(painter: QPainter, text: str, place: QRectF) -> None:
    """Light text on a dark rounded ground that is readable over any picture."""
    with kept(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 20, 20, 205))
        painter.drawRoundedRect(place, 4.0, 4.0)
        painter.setPen(QColor(245, 245, 245))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def paint_handle(
    painter: QPainter, point: QPointF, colours: CanvasColours, *, active: bool
) -> None:
    """A square to take hold of; filled with the accent while the pointer is on it."""
    with kept(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(_pen(QColor(0, 0, 0, 150) if active else colours.accent, 1.5))
        painter.setBrush(colours.accent if active else QColor(255, 255, 255))
        corner = point - QPointF(HANDLE / 2, HANDLE / 2)
        painter.drawRoundedRect(QRectF(corner, QSizeF(HANDLE, HANDLE)), 1.5, 1.5)


def paint_edge_handle(
    painter: QPainter, handle: EdgeHandle, colours: CanvasColours, *, hot: bool
) -> None:
    """The pill beside a canvas edge that is dragged to extend; ``hot`` under the pointer."""
    pill = handle.pill
    with kept(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(handle.centre)
        painter.rotate(handle.angle)
        painter.setPen(_pen(QColor(0, 0, 0, 140), 1.0))
        painter.setBrush(colours.accent if hot else QColor(235, 235, 235, 225))
        radius = min(pill.width(), pill.height()) / 2
        painter.drawRoundedRect(pill, radius, radius)


def paint_cursor(
    painter: QPainter,
    centre: QPointF,
    radii: tuple[float, float],
    turn: float,
    hardness: float,
    colours: CanvasColours,
) -> None:
    """The brush at its true size: an outline, and within it the ring where it begins to soften.

    Args:
        radii: along and across.
        turn: clockwise, in degrees.
    """
    along, across = radii
    with kept(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if 2 * along < SMALLEST_CURSOR:
            _paint_cross(painter, centre, colours)
            return
        painter.translate(centre)
        painter.rotate(turn)
        middle = QPointF(0.0, 0.0)
        painter.setPen(_pen(colours.dark, 1.0))
        painter.drawEllipse(middle, along + 0.75, across + 0.75)
        painter.setPen(_pen(colours.light, 1.0))
        painter.drawEllipse(middle, along - 0.25, max(0.5, across - 0.25))
        inner = across * hardness
        if inner > 3.0 and across - inner > 3.0:
            for colour, offset in ((QColor(0, 0, 0, 90), 0.0), (QColor(255, 255, 255, 150), 3.0)):
                pen = _pen(colour, 1.0)
                pen.setDashPattern([3.0, 3.0])
                pen.setDashOffset(offset)
                painter.setPen(pen)
                painter.drawEllipse(middle, along * hardness, inner)


def paint_extension(
    painter: QPainter,
    old: Bounds,
    new: Bounds,
    text: str,
    viewport: Viewport,
    colours: CanvasColours,
) -> None:
    """The new area of a canvas being extended: hatched, outlined, with its size written in it."""
    area = QPainterPath()
    area.addPolygon(viewport.outline(new))
    kernel = QPainterPath()
    kernel.addPolygon(viewport.outline(old))
    with kept(painter):
        painter.fillPath(area - kernel, QColor(0, 0, 0, 60))
        hatch = QBrush(colours.accent.lighter(130), Qt.BrushStyle.BDiagPattern)
        painter.fillPath(area - kernel, hatch)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_pen(colours.accent, 1.5))
        painter.drawPath(area)
    place = QRectF(QPointF(), _tag_size(painter, text))
    strip = _largest_strip(QRectF(*old), QRectF(*new))
    place.moveCenter(viewport.to_widget(strip.center()))
    room = QPolygonF(viewport.transform.map(QPolygonF(strip)))
    if all(
        room.containsPoint(corner, Qt.FillRule.WindingFill) for corner in _padded_corners(place)
    ):
        paint_tag(painter, text, place)
    else:
        paint_label(painter, text, viewport.rect_to_widget(new))


def paint_picture(
    painter: QPainter,
    image: QImage,
    area: Bounds,
    viewport: Viewport,
    opacity: float = 1.0,
    projection: Projection = IDENTITY,
) -> None:
    """A candidate or preview, scaled smoothly into its place: where the area is projected to."""
    with kept(painter):
        magnified = area.width * viewport.zoom > 4 * image.width() and image.width() > 64
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not magnified)
        painter.setOpacity(opacity)
        if viewport.is_upright and projection.is_identity:
            painter.drawImage(viewport.rect_to_widget(area), image)
        else:
            painter.setTransform(transform_of(projection) * viewport.transform, True)
            painter.drawImage(QRectF(*area), image)


def paint_progress(
    painter: QPainter, rect: QRectF, fraction: float, colours: CanvasColours
) -> None:
    """A line along the bottom of the area that grows with the work done."""
    with kept(painter):
        line = QRectF(rect.left(), rect.bottom() - 3.0, rect.width(), 3.0)
        painter.fillRect(line, QColor(0, 0, 0, 130))
        line.setWidth(line.width() * min(1.0, max(0.0, fraction)))
        painter.fillRect(line, colours.accent)


def paint_ring(painter: QPainter, centre: QPointF, fraction: float, colours: CanvasColours) -> None:
    """A ring that closes with the work done, while there is no preview to look at."""
    circle = QRectF(centre - QPointF(18.0, 18.0), QSizeF(36.0, 36.0))
    with kept(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 20, 20, 150))
        painter.drawEllipse(centre, 26.0, 26.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_pen(QColor(255, 255, 255, 60), 4.0))
        painter.drawEllipse(circle)
        painter.setPen(_pen(colours.accent.lighter(130), 4.0))
        painter.drawArc(circle, 90 * 16, -round(max(0.02, fraction) * 360 * 16))


def paint_line(painter: QPainter, start: QPointF, end: QPointF, colours: CanvasColours) -> None:
    """A thin line that shows on any picture."""
    with kept(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((colours.dark, 2.5), (colours.light, 1.0)):
            painter.setPen(_pen(colour, width))
            painter.drawLine(start, end)


def paint_outline(painter: QPainter, line: QPolygonF, colours: CanvasColours) -> None:
    """The shape that is about to be selected: dashes of light on dark."""
    with kept(painter):
        painter.setPen(_pen(colours.dark, 1.0))
        painter.drawPolyline(line)
        pen = _pen(colours.light, 1.0)
        pen.setDashPattern([4.0, 4.0])
        painter.setPen(pen)
        painter.drawPolyline(line)


def paint_swatch(painter: QPainter, tip: QPointF, colour: QColor) -> None:
    """The colour under the picker, in a disc beside the pointer."""
    with kept(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(colour)
        painter.setPen(_pen(QColor(255, 255, 255), 2.0))
        painter.drawEllipse(tip + SWATCH_OFFSET, SWATCH_RADIUS, SWATCH_RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_pen(QColor(0, 0, 0, 120), 1.0))
        painter.drawEllipse(tip + SWATCH_OFFSET, SWATCH_RADIUS + 1.5, SWATCH_RADIUS + 1.5)


def _paint_cross(painter: QPainter, centre: QPointF, colours: CanvasColours) -> None:
    for colour, width in ((colours.dark, 3.0), (colours.light, 1.0)):
        painter.setPen(_pen(colour, width))
        for dx, dy in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
            direction = QPointF(dx, dy)
            painter.drawLine(centre + direction * 3.0, centre + direction * 8.0)


def _tag_size(painter: QPainter, text: str) -> QSizeF:
    metrics = QFontMetricsF(painter.font())
    return QSizeF(metrics.horizontalAdvance(text), metrics.height()) + LABEL_PADDING


def _largest_strip(old: QRectF, new: QRectF) -> QRectF:
    strips = (
        QRectF(new.topLeft(), QPointF(old.left(), new.bottom())),
        QRectF(QPointF(old.right(), new.top()), new.bottomRight()),
        QRectF(new.topLeft(), QPointF(new.right(), old.top())),
        QRectF(QPointF(new.left(), old.bottom()), new.bottomRight()),
    )
    return max(strips, key=lambda strip: max(0.0, strip.width()) * max(0.0, strip.height()))


def _padded_corners(place: QRectF) -> tuple[QPointF, ...]:
    room = place.adjusted(-HANDLE, -HANDLE, HANDLE, HANDLE)
    return room.topLeft(), room.topRight(), room.bottomRight(), room.bottomLeft()


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen
