"""What is drawn over the picture while it is transformed or cropped.

As in `overlays`, every function takes a painter in the view's coordinates and leaves it as it
found it.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from studio.core.geometry import Bounds
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.overlays import kept
from studio.gui.canvas.viewport import Viewport

PIVOT = 7.0
"""Half the width of the mark of a pivot, in view units."""
_SHADE = QColor(0, 0, 0, 130)
_MARK = QColor(255, 64, 180)
"""Of the lines that things are drawn to: a colour that few pictures have."""


def paint_pivot(painter: QPainter, at: QPointF, colours: CanvasColours, *, active: bool) -> None:
    """A ring with a cross: what something turns about."""
    with kept(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        light = colours.accent if active else colours.light
        for colour, width in ((colours.dark, 3.0), (light, 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(at, PIVOT - 3.0, PIVOT - 3.0)
            for way in (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)):
                painter.drawLine(at + way * (PIVOT - 3.0), at + way * PIVOT)


def paint_snap_mark(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """A line that something was drawn to."""
    with kept(painter):
        painter.setPen(QPen(_MARK, 1.0))
        painter.drawLine(start, end)


def paint_crop(
    painter: QPainter,
    area: Bounds,
    canvas: Bounds,
    viewport: Viewport,
    colours: CanvasColours,
    *,
    thirds: bool,
) -> None:
    """What goes is shaded, what comes is outlined, and lines may divide the rest in three."""
    outside = QPainterPath()
    outside.addPolygon(viewport.outline(canvas))
    inside = QPainterPath()
    inside.addPolygon(viewport.outline(area))
    with kept(painter):
        painter.fillPath(outside - inside, _SHADE)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if thirds:
            _paint_thirds(painter, area, viewport)
        for colour, width in ((colours.dark, 2.5), (colours.light, 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawPath(inside)


def _paint_thirds(painter: QPainter, bounds: Bounds, viewport: Viewport) -> None:
    area, place = QRectF(*bounds), viewport.to_widget
    for colour, width in ((QColor(0, 0, 0, 70), 2.0), (QColor(255, 255, 255, 150), 1.0)):
        painter.setPen(QPen(colour, width))
        for share in (1 / 3, 2 / 3):
            x, y = area.left() + area.width() * share, area.top() + area.height() * share
            painter.drawLine(place(QPointF(x, area.top())), place(QPointF(x, area.bottom())))
            painter.drawLine(place(QPointF(area.left(), y)), place(QPointF(area.right(), y)))
