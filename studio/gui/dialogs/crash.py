"""What is shown when the mistake is ours."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from studio.gui.dialogs.buttons import close_button
from studio.gui.room import room_for


class CrashDialog(QDialog):
    """Says that something broke, and gives the traceback to be copied; work goes on."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.resize(QSize(640, 400).boundedTo(room_for(self)))
        words = QLabel(
            "Sfumato made a mistake. Your picture is still open: save it under another name to be "
            "sure. The text below tells us what happened; nothing is sent by itself."
        )
        words.setWordWrap(True)
        self._report = QPlainTextEdit(report)
        self._report.setReadOnly(True)
        self._report.setAccessibleName("What happened")
        self._report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        buttons = close_button(self)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self.copy)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self._report, 1)
        layout.addWidget(buttons)

    def copy(self) -> None:
        """Puts the report on the clipboard."""
        QGuiApplication.clipboard().setText(self._report.toPlainText())
