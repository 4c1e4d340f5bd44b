"""An icon that stands among words."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.icons import icon
from studio.gui.theme import ICON_SIZE


class Sign(QWidget):
    """Draws its icon anew whenever it is painted, so that it follows a change of theme."""

    def __init__(self, name: str = "info") -> None:
        super().__init__()
        self._name = name
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, name: str) -> None:
        """Shows the icon of that name."""
        self._name = name
        self.update()

    def sizeHint(self) -> QSize:
        """That of every icon."""
        return QSize(ICON_SIZE, ICON_SIZE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The icon in the colour of the text around it."""
        icon(self._name).paint(QPainter(self), self.rect())
