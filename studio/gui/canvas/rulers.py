"""Rulers along the canvas' edges, in pixels of the canvas; guides are dragged out of them."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QSinglePointEvent,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from studio.core.guides import Orientation
from studio.gui.canvas.guide_drag import DragGuide, split_cursor
from studio.gui.canvas.view import CanvasView
from studio.gui.canvas.viewport import Viewport
from studio.gui.workspace import Workspace
from studio.tools import Modifiers, PointerEvent

THICKNESS = 20
MAJOR = 64.0
"""The least distance of two numbers, in view units."""
MINOR = 6.0
"""The least distance of two marks."""
_FONT_PIXELS = 9


class Scale(NamedTuple):
    """How a ruler reads: which canvas coordinate lies where along it.

    Attributes:
        guide: how those run that are dragged out of it: along the ruler.
        start: the coordinate at the ruler's beginning.
        step: coordinates per view unit; negative where they fall.
    """

    guide: Orientation
    start: float
    step: float

    @classmethod
    def of(cls, viewport: Viewport, *, down: bool) -> Scale:
        """Along the top of the view, or ``down`` its left side.

        In a turned view it reads rows or columns, whichever meet it more steeply, where they do.
        """
        start = viewport.to_canvas(QPointF())
        step = viewport.vector_to_canvas(QPointF(0, 1) if down else QPointF(1, 0))
        if abs(step.x()) >= abs(step.y()):
            return cls(Orientation.HORIZONTAL, start.x(), step.x())
        return cls(Orientation.VERTICAL, start.y(), step.y())

    def place(self, value: float) -> float:
        """Where along the ruler a coordinate lies, in view units."""
        return (value - self.start) / self.step

    def marks(self, length: float, apart: int) -> range:
        """The multiples of ``apart`` that lie on a ruler of that length."""
        ends = sorted((self.start, self.start + self.step * length))
        return range(math.floor(ends[0] / apart) * apart, math.ceil(ends[1]) + 1, apart)


def spacing(step: float, least: float) -> int:
    """The least of 1, 2, 5, 10, 20, ... canvas pixels that are so many view units apart.

    Args:
        step: canvas pixels per view unit.

    >>> spacing(1.0, 64.0), spacing(0.125, 64.0), spacing(0.01, 64.0)
    (100, 10, 1)
    """
    wanted = max(1.0, abs(step) * least)
    power = int(10 ** math.floor(math.log10(wanted)))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= wanted)


def parted(apart: int, step: float) -> int:
    """How far small marks are from each other between numbers that are ``apart``."""
    for parts in (10, 5, 2):
        if apart % parts == 0 and apart / parts / abs(step) >= MINOR:
            return apart // parts
    return apart


class Ruler(QWidget):
    """A ruler along the top of the view, or down its left side.

    Args:
        workspace: whose documents get the guides.
        view: that it lies beside.
        down: whether it stands at the left.
    """

    def __init__(self, workspace: Workspace, view: CanvasView, *, down: bool) -> None:
        super().__init__()
        self._workspace = workspace
        self._view = view
        self._down = down
        self._marker: float | None = None
        self._drag: DragGuide | None = None
        self.setAccessibleName("Vertical ruler" if down else "Horizontal ruler")
        self.setToolTip("Drag to lay a guide")
        if down:
            self.setFixedWidth(THICKNESS)
        else:
            self.setFixedHeight(THICKNESS)
        view.navigator.moved.connect(self._on_moved)
        view.installEventFilter(self)
        self._on_moved()

    @property
    def scale(self) -> Scale:
        """How it reads now."""
        return Scale.of(self._view.viewport, down=self._down)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Marks where the pointer is over the view."""
        kind = event.type()
        if isinstance(event, QSinglePointEvent) and kind in (
            QEvent.Type.MouseMove,
            QEvent.Type.TabletMove,
        ):
            at = event.position()
            self._mark(at.y() if self._down else at.x())
        elif kind is QEvent.Type.Leave:
            self._mark(None)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Numbers, marks, and where the pointer is."""
        role = QPalette.ColorRole
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(role.Window))
        if self._down:
            # Everything is drawn as along the top.
            painter.setTransform(QTransform(0.0, 1.0, 1.0, 0.0, 0.0, 0.0), True)
        painter.setPen(self.palette().color(role.Dark))
        painter.drawLine(QLineF(0, THICKNESS - 0.5, self._length, THICKNESS - 0.5))
        self._paint_marks(painter)
        if self._marker is not None:
            painter.setPen(self.palette().color(role.Link))
            painter.drawLine(QLineF(self._marker, 0, self._marker, THICKNESS))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes a new guide out."""
        if event.button() is Qt.MouseButton.LeftButton:
            navigator = self._view.navigator
            self._drag = DragGuide(self._workspace, navigator, self.scale.guide)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Takes it along."""
        if self._drag is not None:
            self._drag.move(*self._in_view(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lays it there; on the ruler it is none."""
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.release(*self._in_view(event))

    @property
    def _length(self) -> int:
        return self.height() if self._down else self.width()

    def _paint_marks(self, painter: QPainter) -> None:
        scale = self.scale
        apart = spacing(scale.step, MAJOR)
        small = parted(apart, scale.step)
        text = self.palette().color(QPalette.ColorRole.PlaceholderText)
        font = QFont(self.font())
        font.setPixelSize(_FONT_PIXELS)
        painter.setFont(font)
        painter.setPen(text)
        for value in scale.marks(self._length, small):
            place = math.floor(scale.place(value)) + 0.5
            is_major = value % apart == 0
            height = THICKNESS if is_major else 7 if value * 2 % apart == 0 else 4
            painter.drawLine(QLineF(place, THICKNESS - height, place, THICKNESS - 1))
            if is_major:
                self._paint_number(painter, str(value), place)

    def _paint_number(self, painter: QPainter, text: str, place: float) -> None:
        room = QRectF(place + 3.0, 1.0, MAJOR, THICKNESS - 7.0)
        painter.save()
        if self._down:
            painter.translate(room.topLeft())
            painter.scale(1.0, -1.0)
            room = QRectF(0.0, -room.height(), room.width(), room.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, text)
        painter.restore()

    def _mark(self, place: float | None) -> None:
        self._marker = place
        self.update()

    def _on_moved(self) -> None:
        self.setCursor(split_cursor(self.scale.guide, self._view.navigator))
        self.update()

    def _in_view(self, event: QMouseEvent) -> tuple[QPointF, PointerEvent]:
        """Where the pointer is in the view, and on the canvas."""
        at = self._view.mapFromGlobal(event.globalPosition())
        viewport = self._view.viewport
        place = viewport.to_canvas(at)
        free = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        held = Modifiers.CONTROL if free else Modifiers.NONE
        return at, PointerEvent(place.x(), place.y(), modifiers=held, zoom=viewport.zoom)
