"""Where the person writes what a picture should show."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PromptEditor(QPlainTextEdit):
    """A text field with the prompts written before: Ctrl+Up and Ctrl+Down go through them.

    Signals:
        submitted(): Ctrl+Enter was pressed.
    """

    submitted = Signal()

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._history: tuple[str, ...] = ()
        self._place = -1
        self._draft = ""
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def set_history(self, prompts: tuple[str, ...]) -> None:
        """The prompts to go through, newest first."""
        self._history = prompts
        self._place = -1

    def set_text(self, text: str) -> None:
        """Shows a text unless it is shown already, so that the cursor stays."""
        if text != self.toPlainText():
            self.setPlainText(text)

    def recall(self, step: int) -> None:
        """Shows an older (1) or newer (-1) prompt; before the newest comes what was being written.

        The texts that are recalled can be taken back with undo, like anything typed.
        """
        if self._place < 0:
            self._draft = self.toPlainText()
        place = max(-1, min(self._place + step, len(self._history) - 1))
        if place == self._place:
            return
        self._place = place
        self._replace(self._draft if place < 0 else self._history[place])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Submits and recalls; all else is typing."""
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held == Qt.KeyboardModifier.ControlModifier:
            if event.key() in _ENTER:
                self.submitted.emit()
                return
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self.recall(1 if event.key() == Qt.Key.Key_Up else -1)
                return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """As high as the lines that it was made for."""
        return QSize(200, self._lines * self.fontMetrics().lineSpacing() + 22)

    def minimumSizeHint(self) -> QSize:
        """No lower than two lines."""
        return QSize(120, 2 * self.fontMetrics().lineSpacing() + 22)

    def _replace(self, text: str) -> None:
        cursor = self.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
