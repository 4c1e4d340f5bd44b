"""Asks by how many pixels, and shows meanwhile what that would come to."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from studio.gui.dialogs.buttons import Agreement
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import SliderField, field_row

SETTLE_MILLISECONDS = 40
WIDTH = 320


class AmountDialog(QDialog):
    """A slider at the corner of the canvas.

    Signals:
        amount_changed(int): the person looks at another amount, in pixels.

    Args:
        title: what is done, such as "Grow".
        amount, most: the first one, and the largest.
        parent: the canvas.
    """

    amount_changed = Signal(int)

    def __init__(self, title: str, amount: int, most: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self._field = SliderField(f"{title} by pixels", 1, most)
        self._field.set_value(amount)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.setSpacing(2 * UNIT)
        layout.addWidget(field_row(f"{title} by", self._field))
        layout.addWidget(Agreement(self, title))
        self._settling = QTimer(self, singleShot=True, interval=SETTLE_MILLISECONDS)
        self._settling.timeout.connect(lambda: self.amount_changed.emit(self.amount))
        self._field.changed.connect(lambda _: self._settling.start())

    @property
    def amount(self) -> int:
        """What is chosen, in pixels."""
        return round(self._field.value)

    def set_amount(self, amount: int) -> None:
        """Looks at another amount."""
        self._field.set_value(amount)
        self._settling.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Comes to the canvas' corner, where it hides the least of it."""
        super().showEvent(event)
        parent = self.parentWidget()
        if parent is not None:
            self.move(parent.mapToGlobal(QPoint(2 * UNIT, 2 * UNIT)))

    def accept(self) -> None:
        """Takes the amount, which may not have been shown yet."""
        self._settling.stop()
        self.amount_changed.emit(self.amount)
        super().accept()
