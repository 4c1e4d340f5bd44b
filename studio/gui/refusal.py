"""Why there is no window, for those who have no terminal to read it in."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QMessageBox

from studio.core.errors import KnownError
from studio.gui.application import make_application
from studio.gui.settings import WindowSettings
from studio.gui.theme import apply_theme


def show_refusal(error: KnownError) -> None:
    """Says in a box why the window cannot be opened, until the person has read it."""
    application = make_application(sys.argv[:1])
    apply_theme(application, WindowSettings().theme)
    box = QMessageBox(QMessageBox.Icon.Critical, "Not opened", error.message)
    box.setDetailedText(error.details)
    box.exec()
