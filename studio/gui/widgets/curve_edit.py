"""Draws a curve by its points."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from studio.core.brush import LINEAR, Curve

_ROOM = 6.0
_NEAR = 10.0
"""View units from a point within which the pointer takes hold of it."""
_STEP = 0.05
_GAP = 0.02
"""How near two points may come to each other, along."""


class CurveEdit(QWidget):
    """A curve whose points are dragged; a click beside it makes one, a double click removes one.

    With the keyboard, left and right go from point to point, up and down move it.

    Signals:
        changed(object): the person drew another `Curve`.
    """

    changed = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points = list(LINEAR.points)
        self._held = 0
        self._is_dragging = False
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Drag the points; click beside the line for another, twice to remove it")

    @property
    def curve(self) -> Curve:
        """As it is drawn."""
        return Curve(tuple(self._points))

    def set_curve(self, curve: Curve) -> None:
        """Shows a curve without telling anybody."""
        if curve != self.curve:
            self._points = list(curve.points)
            self._held = min(self._held, len(self._points) - 1)
            self.update()

    def sizeHint(self) -> QSize:
        """Wide enough to aim at."""
        return QSize(180, 96)

    def minimumSizeHint(self) -> QSize:
        """Less than that is of no use."""
        return QSize(80, 72)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of a point, or makes one."""
        near = self._near(event.position())
        if near is None:
            x, y = self._place_of(event.position())
            near = next(i for i, point in enumerate(self._points) if point[0] > x)
            if not _fits(x, self._points[near - 1][0], self._points[near][0]):
                return
            self._points.insert(near, (x, y))
            self._tell()
        self._held, self._is_dragging = near, True
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Moves the point that is held."""
        if self._is_dragging:
            self._move_held(*self._place_of(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go of it."""
        self._is_dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Removes a point, but neither end."""
        near = self._near(event.position())
        if near is not None and 0 < near < len(self._points) - 1:
            del self._points[near]
            self._held = near - 1
            self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves a point, or goes to the next."""
        match event.key():
            case Qt.Key.Key_Left:
                self._held = max(0, self._held - 1)
            case Qt.Key.Key_Right:
                self._held = min(len(self._points) - 1, self._held + 1)
            case Qt.Key.Key_Up | Qt.Key.Key_Down as key:
                x, y = self._points[self._held]
                self._move_held(x, y + (_STEP if key == Qt.Key.Key_Up else -_STEP))
            case _:
                super().keyPressEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The curve over a quarter grid."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, area = self.palette(), self._area
        painter.fillRect(self.rect(), palette.base())
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Midlight), 1))
        for quarter in range(5):
            x = area.left() + area.width() * quarter / 4
            y = area.top() + area.height() * quarter / 4
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        accent = palette.color(QPalette.ColorRole.Highlight)
        line = QPolygonF([self._spot(*point) for point in self._points])
        painter.setPen(QPen(accent if self.isEnabled() else palette.mid().color(), 2))
        painter.drawPolyline(line)
        painter.setPen(Qt.PenStyle.NoPen)
        for number, point in enumerate(self._points):
            is_held = number == self._held and self.hasFocus()
            painter.setBrush(accent if is_held else palette.text())
            painter.drawEllipse(self._spot(*point), 4.0, 4.0)

    @property
    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_ROOM, _ROOM, -_ROOM, -_ROOM)

    def _spot(self, x: float, y: float) -> QPointF:
        area = self._area
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def _place_of(self, spot: QPointF) -> tuple[float, float]:
        area = self._area
        x = (spot.x() - area.left()) / area.width()
        y = (area.bottom() - spot.y()) / area.height()
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    def _near(self, spot: QPointF) -> int | None:
        ways = [(self._spot(*point) - spot).manhattanLength() for point in self._points]
        nearest = min(range(len(ways)), key=ways.__getitem__)
        return nearest if ways[nearest] <= _NEAR else None

    def _move_held(self, x: float, y: float) -> None:
        held, last = self._held, len(self._points) - 1
        stays = self._points[held][0]
        if held in (0, last):
            x = stays
        else:
            lowest, highest = self._points[held - 1][0] + _GAP, self._points[held + 1][0] - _GAP
            x = min(highest, max(lowest, x)) if lowest <= highest else stays
        self._points[held] = (x, min(1.0, max(0.0, y)))
        self._tell()

    def _tell(self) -> None:
        self.update()
        self.changed.emit(self.curve)


def _fits(x: float, before: float, after: float) -> bool:
    return before + _GAP <= x <= after - _GAP
