"""A button that shows a colour and lets another one be chosen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QWidget


class ColourButton(QAbstractButton):
    """A swatch; pressed, it opens a dialog beside the work, which goes on meanwhile.

    Signals:
        chosen(QColor): the person took another colour.
    """

    chosen = Signal(QColor)

    def __init__(self, name: str, colour: QColor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = colour
        self._name = name
        self.setAccessibleName(name)
        self.setToolTip(f"Choose another colour: {name.lower()}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self._ask)

    @property
    def colour(self) -> QColor:
        """The one that is shown."""
        return self._colour

    def set_colour(self, colour: QColor) -> None:
        """Shows a colour without telling anybody."""
        self._colour = colour
        self.setAccessibleDescription(colour.name())
        self.update()

    def sizeHint(self) -> QSize:
        """As high as other fields."""
        return QSize(64, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The colour, with a line around it that shows who has the keyboard."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = QPalette.ColorRole.Link if self.hasFocus() else QPalette.ColorRole.Mid
        painter.setPen(QPen(self.palette().color(role), 2 if self.hasFocus() else 1))
        painter.setBrush(self._colour)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)

    def _ask(self) -> None:
        dialog = QColorDialog(self._colour, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.setWindowTitle(self._name)
        dialog.currentColorChanged.connect(self._take)
        before = self._colour
        dialog.rejected.connect(lambda: self._take(before))
        dialog.open()

    def _take(self, colour: QColor) -> None:
        if colour.isValid() and colour != self._colour:
            self.set_colour(colour)
            self.chosen.emit(colour)
