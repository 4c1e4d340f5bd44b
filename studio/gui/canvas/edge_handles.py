"""The handles beside the canvas' edges that extend it, whichever tool is in hand."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

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
_LEVEL = 1e-9
_SIDEWAYS, _UPRIGHT = Grip.LEFT | Grip.RIGHT, Grip.TOP | Grip.BOTTOM


class EdgeHandle(msgspec.Struct, frozen=True):
    """A handle that is shown.

    Attributes:
        grip: the edge or corner that it moves.
        centre: in the view; outside the canvas, so that it is in no stroke's way.
        size: along and across the view's own axes before it is turned.
        angle: by which it is turned, in degrees clockwise.
    """

    grip: Grip
    centre: QPointF
    size: QSizeF
    angle: float = 0.0

    @property
    def pill(self) -> QRectF:
        """Its rectangle about its own middle, before it is turned."""
        return QRectF(QPointF(-self.size.width() / 2, -self.size.height() / 2), self.size)

    @property
    def place(self) -> QRectF:
        """The upright rectangle of the view that holds it."""
        turned = QTransform().translate(self.centre.x(), self.centre.y()).rotate(self.angle)
        return turned.mapRect(self.pill)

    def is_under(self, pointer: QPointF) -> bool:
        """Whether a press there takes hold of it."""
        turned = QTransform().translate(self.centre.x(), self.centre.y()).rotate(self.angle)
        here = turned.inverted()[0].map(pointer)
        return self.pill.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(here)


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
    middle = _seen_middle(canvas, grip, viewport, QRectF(QPointF(), view))
    if middle is None:
        return None
    angle = viewport.rotation % 90.0
    size = _size(grip, lies_down=(viewport.rotation // 90.0) % 2 == 1)
    handle = EdgeHandle(grip, middle + _outwards(grip, viewport) * DISTANCE, size, angle)
    return replace(handle, centre=_inside(handle.place, QRectF(QPointF(), view)).center())


def edge_point(canvas: Bounds, grip: Grip) -> QPointF:
    """The middle of that edge, or that corner, on the canvas."""
    point = handle(canvas, grip)
    return QPointF(point.x, point.y)


def _seen_middle(canvas: Bounds, grip: Grip, viewport: Viewport, view: QRectF) -> QPointF | None:
    """The corner, or the middle of what is seen of the edge; None where it is out of sight."""
    start, end = _ends(canvas, grip)
    seen = _clipped(viewport.to_widget(start), viewport.to_widget(end), view)
    return None if seen is None else (seen[0] + seen[1]) / 2


def _ends(canvas: Bounds, grip: Grip) -> tuple[QPointF, QPointF]:
    """Both ends of the edge on the canvas; a corner's lie in one place."""
    point = edge_point(canvas, grip)
    if not grip & _UPRIGHT:
        return QPointF(point.x(), canvas.y), QPointF(point.x(), canvas.bottom)
    if not grip & _SIDEWAYS:
        return QPointF(canvas.x, point.y()), QPointF(canvas.right, point.y())
    return point, point


def _clipped(start: QPointF, end: QPointF, view: QRectF) -> tuple[QPointF, QPointF] | None:
    """The part of a line that lies in the view."""
    way = end - start
    first, last = 0.0, 1.0
    for begin, step, low, high in (
        (start.x(), way.x(), view.left(), view.right()),
        (start.y(), way.y(), view.top(), view.bottom()),
    ):
        if abs(step) < _LEVEL:
            if not low <= begin <= high:
                return None
            continue
        shares = sorted(((low - begin) / step, (high - begin) / step))
        first, last = max(first, shares[0]), min(last, shares[1])
    return None if first > last else (start + way * first, start + way * last)


def _outwards(grip: Grip, viewport: Viewport) -> QPointF:
    """One view unit away from the canvas, from an edge; from a corner on both its sides."""
    dx = bool(grip & Grip.RIGHT) - bool(grip & Grip.LEFT)
    dy = bool(grip & Grip.BOTTOM) - bool(grip & Grip.TOP)
    return viewport.vector_to_widget(QPointF(dx, dy)) / viewport.zoom


def _size(grip: Grip, *, lies_down: bool) -> QSizeF:
    if grip & _UPRIGHT and grip & _SIDEWAYS:
        return QSizeF(2 * THICKNESS, 2 * THICKNESS)
    along = QSizeF(LENGTH, THICKNESS) if grip & _UPRIGHT else QSizeF(THICKNESS, LENGTH)
    return along.transposed() if lies_down else along


def _inside(place: QRectF, view: QRectF) -> QRectF:
    inner = view.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    x = max(inner.left(), min(place.left(), inner.right() - place.width()))
    y = max(inner.top(), min(place.top(), inner.bottom() - place.height()))
    return QRectF(QPointF(x, y), place.size())
