"""How much of the computer's memory undo takes up, and may take up."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted, tool_button
from studio.gui.words import bytes_words

CHOICES = tuple(2**power for power in range(28, 34))
"""What the menu offers, in bytes of memory for each document: 256 MB to 8 GB."""


class UndoRoom(QWidget):
    """Says what the steps take up; a menu sets how much they may.

    Signals:
        chosen(object): the person wants it to be so many bytes (Qt's own integers are too small).
    """

    chosen = Signal(object)

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._words = muted()
        self._menu = QMenu(self)
        self._menu.setTitle("Memory for undo")
        self._choices = QActionGroup(self)
        for size in sorted({*CHOICES, limit}):
            self._offer(size)
        button = tool_button("sliders-horizontal", "Memory for undo")
        button.setMenu(self._menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(UNIT // 2, 0, 0, 0)
        layout.addWidget(self._words, 1)
        layout.addWidget(button)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    @property
    def choices(self) -> list[QAction]:
        """What the menu offers."""
        return self._choices.actions()

    def show_use(self, memory: int, disk: int) -> None:
        """Says so.

        Args:
            memory: bytes that the document's steps hold on to.
            disk: bytes of all documents' steps that wait on the disk.
        """
        words = f"{bytes_words(memory)} of {bytes_words(self._limit)} in memory"
        self._words.setText(f"{words}, {bytes_words(disk)} on disk" if disk else words)

    def _offer(self, size: int) -> None:
        action = QAction(f"{bytes_words(size)} for each picture", self._choices)
        action.setCheckable(True)
        action.setChecked(size == self._limit)
        action.triggered.connect(lambda: self._choose(size))
        self._menu.addAction(action)

    def _choose(self, size: int) -> None:
        self._limit = size
        self.chosen.emit(size)
