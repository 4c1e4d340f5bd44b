"""What the help menu shows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from studio import __version__, paths
from studio.gui.dialogs.buttons import close_button


class AboutDialog(QDialog):
    """Version, licence, and where the person's things lie."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Sfumato")
        words = QLabel(
            f"<h3>Sfumato {__version__}</h3>"
            "<p>A desktop image studio. Nothing leaves this computer.</p>"
            "<p>Apache License 2.0. Icons by Lucide, ISC licence.</p>"
            f"<p>Gallery: {paths.gallery()}<br>Settings: {paths.config()}"
            f"<br>Logs: {paths.logs()}</p>"
        )
        words.setTextFormat(Qt.TextFormat.RichText)
        words.setWordWrap(True)
        words.setMinimumWidth(420)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(close_button(self))
