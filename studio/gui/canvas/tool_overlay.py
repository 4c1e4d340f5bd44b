"""Draws what a tool wants to see over the canvas."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter, QPolygonF

from studio.core.geometry import Bounds
from studio.gui.canvas import overlays, transform_overlays
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.viewport import Viewport
from studio.tools import (
    Circle,
    CropBox,
    FrameBox,
    Handle,
    Line,
    NewArea,
    Outline,
    Overlay,
    PivotMark,
    Shape,
    SnapMark,
    Swatch,
)

_EDGE = 6.0
_LABEL_ROOM = QSizeF(420.0, 80.0)
"""From above the corner of a rectangle on, all that its label may take."""


def paint_overlay(
    painter: QPainter, overlay: Overlay, viewport: Viewport, colours: CanvasColours
) -> None:
    """Draws the shapes, given in canvas coordinates, with a painter in the view's."""
    for shape in overlay:
        _paint(painter, shape, viewport, colours)


def extent_of(overlay: Overlay, viewport: Viewport) -> QRectF:
    """The part of the view that the shapes are drawn in."""
    extent = QRectF()
    for shape in overlay:
        extent = extent.united(_extent(shape, viewport))
    return extent


def extension_text(bounds: Bounds, canvas: Bounds) -> str:
    """How much is added, and what size that makes: ``+256 × +0   →   1280 × 1024``."""
    width, height = bounds.width - canvas.width, bounds.height - canvas.height
    added = " · ".join(f"{side:+d} px" for side in (width, height) if side) or "+0 px"
    return f"{added}   →   {bounds.width} × {bounds.height}"


def _paint(painter: QPainter, shape: Shape, viewport: Viewport, colours: CanvasColours) -> None:
    match shape:
        case Circle():
            _paint_circle(painter, shape, viewport, colours)
        case Line(x1, y1, x2, y2):
            ends = viewport.to_widget(QPointF(x1, y1)), viewport.to_widget(QPointF(x2, y2))
            overlays.paint_line(painter, *ends, colours)
        case FrameBox(bounds):
            rect = viewport.rect_to_widget(bounds)
            overlays.paint_frame(painter, viewport.outline(bounds), colours, active=True)
            overlays.paint_label(painter, f"{bounds.width} × {bounds.height}", rect)
        case NewArea(bounds, canvas):
            text = extension_text(bounds, canvas)
            overlays.paint_extension(painter, canvas, bounds, text, viewport, colours)
        case Handle(x, y, active):
            point = viewport.to_widget(QPointF(x, y))
            overlays.paint_handle(painter, point, colours, active=active)
        case Swatch(x, y, colour):
            overlays.paint_swatch(painter, viewport.to_widget(QPointF(x, y)), QColor(colour))
        case PivotMark(x, y, active):
            point = viewport.to_widget(QPointF(x, y))
            transform_overlays.paint_pivot(painter, point, colours, active=active)
        case SnapMark(x1, y1, x2, y2):
            ends = viewport.to_widget(QPointF(x1, y1)), viewport.to_widget(QPointF(x2, y2))
            transform_overlays.paint_snap_mark(painter, *ends)
        case CropBox(bounds, canvas, thirds):
            transform_overlays.paint_crop(painter, bounds, canvas, viewport, colours, thirds=thirds)
            rect = viewport.rect_to_widget(bounds)
            overlays.paint_label(painter, f"{bounds.width} × {bounds.height}", rect)
        case Outline(corners, closed):
            line = _polygon(corners, viewport, closed=closed)
            overlays.paint_outline(painter, line, colours)


def _paint_circle(
    painter: QPainter, circle: Circle, viewport: Viewport, colours: CanvasColours
) -> None:
    centre, radius = viewport.to_widget(QPointF(circle.x, circle.y)), circle.radius * viewport.zoom
    angle = math.radians(circle.angle)
    along = viewport.vector_to_widget(QPointF(math.cos(angle), math.sin(angle)))
    turn = math.degrees(math.atan2(along.y(), along.x()))
    radii = (radius, radius * circle.roundness)
    overlays.paint_cursor(painter, centre, radii, turn, circle.hardness, colours)


def _extent(shape: Shape, viewport: Viewport) -> QRectF:
    match shape:
        case Circle(x, y, radius):
            return _around(viewport, x, y, max(10.0, radius * viewport.zoom + _EDGE))
        case Line(x1, y1, x2, y2) | SnapMark(x1, y1, x2, y2):
            ends = _around(viewport, x1, y1, _EDGE), _around(viewport, x2, y2, _EDGE)
            return ends[0].united(ends[1])
        case FrameBox(bounds) | NewArea(bounds):
            rect = viewport.rect_to_widget(bounds)
            label = QPointF(max(0.0, rect.left()), max(0.0, rect.top() - _LABEL_ROOM.height()))
            return rect.adjusted(-_EDGE, -_EDGE, _EDGE, _EDGE).united(QRectF(label, _LABEL_ROOM))
        case Handle(x, y):
            return _around(viewport, x, y, overlays.HANDLE)
        case Outline(corners):
            line = _polygon(corners, viewport, closed=False)
            return line.boundingRect().adjusted(-_EDGE, -_EDGE, _EDGE, _EDGE)
        case Swatch(x, y):
            return _around(viewport, x, y, 2 * overlays.SWATCH_RADIUS + 30.0)
        case PivotMark(x, y):
            return _around(viewport, x, y, transform_overlays.PIVOT + _EDGE)
        case CropBox(bounds, canvas):
            whole = viewport.rect_to_widget(bounds.union(canvas))
            return whole.adjusted(-_EDGE, -_LABEL_ROOM.height(), _EDGE, _EDGE)
        case _:
            return QRectF()


def _polygon(
    corners: Sequence[tuple[float, float]], viewport: Viewport, *, closed: bool
) -> QPolygonF:
    ends = corners[:1] if closed else ()
    return viewport.transform.map(QPolygonF([QPointF(x, y) for x, y in (*corners, *ends)]))


def _around(viewport: Viewport, x: float, y: float, distance: float) -> QRectF:
    point = viewport.to_widget(QPointF(x, y))
    return QRectF(point.x() - distance, point.y() - distance, 2 * distance, 2 * distance)
