"""The handles beside the canvas' edges that extend it, whichever tool is in hand."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF

from studio.core.geometry import Bounds
from studio.gui.canvas.viewport import Viewport
from studio.tools.grips import Grip, grip_at, handle

REACH = 36.0
"""How near to an edge the pointer must come for its handle to appear, in view units."""
DISTANCE = 12.0
"""From the edge to the middle of its handle."""
LENGTH, THICKNESS = 44.0, 7.0
SLACK = 6.0
"""How far beside a handle a press still takes hold of it."""
MARGIN = 4.0
_SIDEWAYS, _UPRIGHT = Grip.LEFT | Grip.RIGHT, Grip.TOP | Grip.BOTTOM


@dataclass(frozen=True)
class EdgeHandle:
    """A handle that is shown.

    Attributes:
        grip: the edge or corner that it moves.
        place: in view units; outside the canvas, so that it is in no stroke's way.
    """

    grip: Grip
    place: QRectF

    def is_under(self, pointer: QPointF) -> bool:
        """Whether a press there takes hold of it."""
        return self.place.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(pointer)


def handle_near(
    canvas: Bounds, viewport: Viewport, view: QSizeF, pointer: QPointF
) -> EdgeHandle | None:
    """The handle of the edge or corner that the pointer is near to.

    None where the pointer is far from all edges, or the one it is near to is out of sight.
    """
    here = viewport.to_canvas(pointer)
    grip = grip_at(canvas, here.x(), here.y(), REACH / viewport.zoom)
    if not grip:
        return None
    shown = QRectF(QPointF(), view)
    edge = viewport.to_widget(edge_point(canvas, grip))
    seen = viewport.rect_to_widget(canvas).intersected(shown)
    if grip & _SIDEWAYS and not shown.left() <= edge.x() <= shown.right():
        return None
    if grip & _UPRIGHT and not shown.top() <= edge.y() <= shown.bottom():
        return None
    middle = QPointF(
        edge.x() if grip & _SIDEWAYS else seen.center().x(),
        edge.y() if grip & _UPRIGHT else seen.center().y(),
    )
    return EdgeHandle(grip, _inside(_beside(grip, middle), shown))


def edge_point(canvas: Bounds, grip: Grip) -> QPointF:
    """The middle of that edge, or that corner, on the canvas."""
    point = handle(canvas, grip)
    return QPointF(point.x, point.y)


def _beside(grip: Grip, point: QPointF) -> QRectF:
    """The handle's place at a distance from a point of the edge, on its outer side."""
    size = QSizeF(2 * THICKNESS, 2 * THICKNESS)
    if not grip & _UPRIGHT:
        size = QSizeF(THICKNESS, LENGTH)
    elif not grip & _SIDEWAYS:
        size = QSizeF(LENGTH, THICKNESS)
    dx = DISTANCE * (bool(grip & Grip.RIGHT) - bool(grip & Grip.LEFT))
    dy = DISTANCE * (bool(grip & Grip.BOTTOM) - bool(grip & Grip.TOP))
    place = QRectF(QPointF(), size)
    place.moveCenter(point + QPointF(dx, dy))
    return place


def _inside(place: QRectF, view: QRectF) -> QRectF:
    inner = view.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    x = max(inner.left(), min(place.left(), inner.right() - place.width()))
    y = max(inner.top(), min(place.top(), inner.bottom() - place.height()))
    return QRectF(QPointF(x, y), place.size())
