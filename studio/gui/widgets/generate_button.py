"""The window's one primary button: it starts a generation, and stops the one that runs."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

_HEIGHT = 44
_RADIUS = 8.0


class GenerateButton(QAbstractButton):
    """Generate while nothing runs; else Cancel, filled as far as the job has come.

    Signals:
        generate(): pressed while nothing runs.
        cancel(): pressed while something runs.
    """

    generate = Signal()
    cancel = Signal()

    def __init__(self, shortcut: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shortcut = shortcut
        self._fraction: float | None = None
        self._doing = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._press)
        self.show_idle()

    @property
    def is_running(self) -> bool:
        """Whether pressing it cancels."""
        return self._fraction is not None

    def show_idle(self) -> None:
        """Offers to generate."""
        self._fraction, self._doing = None, ""
        self._name("Generate", "Make what the line above says")

    def show_progress(self, fraction: float, doing: str) -> None:
        """Offers to cancel, and says how far the job is.

        Args:
            fraction: 0 to 1.
            doing: the phase and the time left, in words.
        """
        self._fraction, self._doing = fraction, doing
        self._name("Cancel", doing)

    def sizeHint(self) -> QSize:
        """Room for the longest phase."""
        return QSize(200, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Never lower than its two lines."""
        return QSize(120, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button, its progress and its words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        path = QPainterPath()
        path.addRoundedRect(box, _RADIUS, _RADIUS)
        painter.fillPath(path, self._ground())
        if self._fraction is not None:
            painter.setClipPath(path)
            done = QRectF(box.x(), box.bottom() - 4, box.width() * self._fraction, 4)
            painter.fillRect(done, self._colour(QPalette.ColorRole.Highlight))
            painter.setClipping(False)
        if self.hasFocus():
            painter.setPen(QPen(self._colour(QPalette.ColorRole.WindowText), 1.5))
            painter.drawPath(path)
        self._paint_words(painter, box)

    def _paint_words(self, painter: QPainter, box: QRectF) -> None:
        if self._fraction is None:
            self._paint_idle(painter, box)
            return
        role = QPalette.ColorRole
        upper = QRectF(box.x(), box.y() + 3, box.width(), box.height() / 2 - 2)
        lower = QRectF(box.x() + 8, box.center().y() - 1, box.width() - 16, box.height() / 2 - 4)
        painter.setFont(self._bold())
        painter.setPen(self._colour(role.WindowText))
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.setFont(self.font())
        painter.setPen(self._colour(role.PlaceholderText))
        words = painter.fontMetrics().elidedText(
            self._doing, Qt.TextElideMode.ElideRight, int(lower.width())
        )
        painter.drawText(lower, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_idle(self, painter: QPainter, box: QRectF) -> None:
        role = QPalette.ColorRole
        ink = role.HighlightedText if self.isEnabled() else role.PlaceholderText
        painter.setPen(self._colour(ink))
        painter.setFont(self._bold())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.setFont(self.font())
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box.adjusted(0, 0, -12, 0), right, self._shortcut)

    def _ground(self) -> QColor:
        role = QPalette.ColorRole
        if self._fraction is not None or not self.isEnabled():
            return self._colour(role.Mid if self.underMouse() else role.Button)
        accent = self._colour(role.Highlight)
        if self.isDown():
            return accent.darker(112)
        return accent.lighter(108) if self.underMouse() else accent

    def _colour(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(QPalette.ColorGroup.Active, role)

    def _bold(self) -> QFont:
        font = self.font()
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _name(self, text: str, description: str) -> None:
        self.setText(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription(description)
        self.setToolTip(description)
        self.update()

    def _press(self) -> None:
        (self.cancel if self.is_running else self.generate).emit()
