from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio import __version__
from studio.gui.dialogs.crash import CrashDialog
from studio.gui.dialogs.help import AboutDialog
from studio.gui.main_window import MainWindow


def test_about_names_the_version(qtbot: QtBot, window: MainWindow) -> None:
    dialog = AboutDialog(window)
    assert any(__version__ in label.text() for label in dialog.findChildren(QLabel))


def test_a_report_can_be_copied(qtbot: QtBot) -> None:
    dialog = CrashDialog("Traceback: it broke")
    qtbot.addWidget(dialog)
    dialog.copy()
    assert QGuiApplication.clipboard().text() == "Traceback: it broke"
