"""One picture as large as the window allows, or two side by side under a slider."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QWidget

_MARGIN = 32
_GROUND = QColor(18, 18, 18)
_CLOSING = (Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Enlarged(QDialog):
    """Covers its window until a key or a click; of two pictures the pointer says how much of each.

    Args:
        images: one or two.
    """

    def __init__(self, images: list[QImage], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.FramelessWindowHint)
        self._images = images[:2]
        self._split = 0.5
        self.setAccessibleName("Enlarged picture" if len(images) == 1 else "Two pictures compared")
        self.setMouseTracking(len(self._images) == 2)
        window = parent.window()
        self.setGeometry(QRect(window.mapToGlobal(window.rect().topLeft()), window.size()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows move the slider; the other usual keys close."""
        if event.key() in _CLOSING:
            self.accept()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._set_split(self._split + (0.05 if event.key() == Qt.Key.Key_Right else -0.05))
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The slider follows the pointer."""
        place = self._place(self._images[0])
        if len(self._images) == 2 and place.width() > 0:
            self._set_split((event.position().x() - place.x()) / place.width())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click closes."""
        self.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pictures, the first one left of the slider."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), _GROUND)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self._place(self._images[0])
        painter.drawImage(place, self._images[0])
        if len(self._images) == 2:
            x = place.x() + place.width() * self._split
            painter.save()
            painter.setClipRect(QRectF(x, 0, self.width() - x, self.height()))
            painter.drawImage(place, self._images[1])
            painter.restore()
            painter.setPen(QPen(QColor(255, 255, 255), 2))
            painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))

    def _place(self, image: QImage) -> QRectF:
        room = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        size = image.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(QPointF(0, 0), size)
        place.moveCenter(room.center())
        return place

    def _set_split(self, split: float) -> None:
        self._split = min(1.0, max(0.0, split))
        self.update()
