from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QTreeWidget
from pytestqt.qtbot import QtBot

from studio import __version__
from studio.gui.dialogs.crash import CrashDialog
from studio.gui.dialogs.help import AboutDialog, ShortcutsDialog
from studio.gui.main_window import MainWindow


def test_every_action_is_listed_with_its_keys(window: MainWindow) -> None:
    (tree,) = ShortcutsDialog(window.registry, window).findChildren(QTreeWidget)
    rows = {
        tree.topLevelItem(group).child(row).text(0): tree.topLevelItem(group).child(row).text(1)  # type: ignore[union-attr]
        for group in range(tree.topLevelItemCount())
        for row in range(tree.topLevelItem(group).childCount())  # type: ignore[union-attr]
    }
    assert {window.registry[spec.id].text() for spec in window.registry} <= set(rows)
    assert rows["Generate"] == "Ctrl+Return"


def test_about_names_the_version(qtbot: QtBot, window: MainWindow) -> None:
    dialog = AboutDialog(window)
    assert any(__version__ in label.text() for label in dialog.findChildren(QLabel))


def test_a_report_can_be_copied(qtbot: QtBot) -> None:
    dialog = CrashDialog("Traceback: it broke")
    qtbot.addWidget(dialog)
    dialog.copy()
    assert QGuiApplication.clipboard().text() == "Traceback: it broke"
