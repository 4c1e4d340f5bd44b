"""Grid and guides: what helps to lay things, and is in no picture."""

from __future__ import annotations

import math

import msgspec
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter, QPen

from studio.core.geometry import Bounds
from studio.core.guides import Guide, Orientation
from studio.gui.canvas.viewport import Viewport

CLOSEST = 6.0
"""Lines of the grid are left out where they would lie closer, in view units."""
LEAST_SPACING, MOST_SPACING = 2, 4096
GRAB = 4.0
"""How near to a guide a press takes hold of it, in view units."""
GUIDE_COLOUR = QColor(0, 160, 235, 220)
_GRID_COLOUR = QColor(128, 128, 128, 160)


class AidSettings(msgspec.Struct, frozen=True):
    """Which aids are shown.

    Attributes:
        rulers, guides, grid: whether they are.
        guides_locked: whether guides stay where they are.
        spacing: between two lines of the grid, in canvas pixels.

    Raises:
        ValueError: if the lines would lie closer or farther apart than is allowed.
    """

    rulers: bool = False
    guides: bool = True
    guides_locked: bool = False
    grid: bool = False
    spacing: int = 64

    def __post_init__(self) -> None:
        if not LEAST_SPACING <= self.spacing <= MOST_SPACING:
            raise ValueError(f"A grid cannot have lines {self.spacing} pixels apart.")


def paint_grid(painter: QPainter, canvas: Bounds, viewport: Viewport, spacing: int) -> None:
    """Lines over the canvas, so many pixels apart from its corner on, as far as there is room."""
    step = spacing * _thinned(spacing * viewport.zoom)
    lines = [
        *(
            QLineF(x, canvas.y, x, canvas.bottom)
            for x in range(canvas.x + step, canvas.right, step)
        ),
        *(
            QLineF(canvas.x, y, canvas.right, y)
            for y in range(canvas.y + step, canvas.bottom, step)
        ),
    ]
    _draw(painter, lines, viewport, _GRID_COLOUR)


def paint_guides(
    painter: QPainter, guides: tuple[Guide, ...], viewport: Viewport, view: QSizeF
) -> None:
    """Each guide from one side of the view to the other."""
    shown = viewport.rect_to_canvas(QRectF(QPointF(), view)).padded(1)
    _draw(painter, [_line(guide, shown) for guide in guides], viewport, GUIDE_COLOUR)


def guide_at(guides: tuple[Guide, ...], viewport: Viewport, pointer: QPointF) -> Guide | None:
    """The guide under a place of the view, the nearest of several."""
    here = viewport.to_canvas(pointer)

    def distance(guide: Guide) -> float:
        return abs(_across(guide.orientation, here) - guide.position) * viewport.zoom

    nearest = min(guides, key=distance, default=None)
    return nearest if nearest is not None and distance(nearest) <= GRAB else None


def runs_down(orientation: Orientation, viewport: Viewport) -> bool:
    """Whether such guides run more downwards than across in the view."""
    along = QPointF(1, 0) if orientation is Orientation.HORIZONTAL else QPointF(0, 1)
    shown = viewport.vector_to_widget(along)
    return abs(shown.y()) > abs(shown.x())


def place_of(orientation: Orientation, point: QPointF) -> int:
    """Where a guide lies that goes through a point of the canvas: between two pixels."""
    return math.floor(_across(orientation, point) + 0.5)


def _across(orientation: Orientation, point: QPointF) -> float:
    return point.y() if orientation is Orientation.HORIZONTAL else point.x()


def _thinned(distance: float) -> int:
    """The least power of two that makes a distance in the view large enough."""
    return 1 if distance >= CLOSEST else 2 ** math.ceil(math.log2(CLOSEST / distance))


def _line(guide: Guide, shown: Bounds) -> QLineF:
    at = guide.position
    if guide.orientation is Orientation.HORIZONTAL:
        return QLineF(shown.x, at, shown.right, at)
    return QLineF(at, shown.y, at, shown.bottom)


def _draw(painter: QPainter, lines: list[QLineF], viewport: Viewport, colour: QColor) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not viewport.is_square)
    pen = QPen(colour, 1.0)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.drawLines([viewport.transform.map(line) for line in lines])
    painter.restore()
