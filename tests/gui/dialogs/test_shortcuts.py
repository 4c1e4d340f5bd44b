"""Which keys do what, and how that is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QKeySequenceEdit, QLabel, QLineEdit, QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from studio.gui.dialogs.shortcuts import ShortcutsDialog
from studio.gui.main_window import MainWindow
from studio.gui.settings import load_settings, save_settings
from studio.gui.studio import Studio


@pytest.fixture
def dialog(window: MainWindow) -> ShortcutsDialog:
    dialog = ShortcutsDialog(window.registry, window)
    dialog.show()
    return dialog


def rows(dialog: ShortcutsDialog) -> dict[str, str]:
    """The keys by the action's text, of what is shown."""
    (tree,) = dialog.findChildren(QTreeWidget)
    found = tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)
    items = [item for item in found if item.parent() is not None]
    return {item.text(0): item.text(1) for item in items if not item.isHidden()}


def assign(dialog: ShortcutsDialog, action_id: str, keys: str) -> None:
    dialog.choose(action_id)
    dialog.findChild(QKeySequenceEdit).setKeySequence(QKeySequence(keys))  # type: ignore[union-attr]
    press(dialog, "Assign")


def press(dialog: ShortcutsDialog, text: str) -> None:
    button = next(button for button in dialog.findChildren(QPushButton) if button.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_every_action_is_listed_with_its_keys(dialog: ShortcutsDialog, window: MainWindow) -> None:
    shown = rows(dialog)
    assert {window.registry[spec.id].text() for spec in window.registry} <= set(shown)
    assert shown["Generate"].startswith("Ctrl+Return")


def test_the_search_looks_in_words_and_keys(dialog: ShortcutsDialog) -> None:
    search = next(line for line in dialog.findChildren(QLineEdit) if line.placeholderText())
    search.setText("ctrl+j")
    assert list(rows(dialog)) == ["Duplicate"]
    search.setText("duplic")
    assert "Duplicate" in rows(dialog)
    search.clear()
    assert len(rows(dialog)) > 50


def test_an_action_gets_other_keys_and_its_own_back(
    dialog: ShortcutsDialog, window: MainWindow
) -> None:
    assign(dialog, "file.export", "Ctrl+Alt+E")
    assert window.registry["file.export"].shortcut() == QKeySequence("Ctrl+Alt+E")
    assert "Ctrl+Alt+E" in window.registry["file.export"].toolTip()
    assert rows(dialog)["Export Picture…"] == "Ctrl+Alt+E"
    press(dialog, "Reset")
    assert window.registry["file.export"].shortcut() == QKeySequence("Ctrl+Shift+E")
    assert window.registry.custom_keys == {}


def test_keys_of_another_action_are_told_and_taken_from_it(
    dialog: ShortcutsDialog, window: MainWindow
) -> None:
    dialog.choose("file.export")
    dialog.findChild(QKeySequenceEdit).setKeySequence(QKeySequence("Ctrl+J"))  # type: ignore[union-attr]
    assert any("Duplicate" in label.text() for label in dialog.findChildren(QLabel))
    press(dialog, "Assign")
    assert window.registry.keys_of("layer.duplicate") == ()
    assert window.registry.custom_keys == {
        "file.export": ("Ctrl+J",),
        "layer.duplicate": (),
    }
    press(dialog, "Reset All")
    assert window.registry.custom_keys == {}


def test_no_keys_at_all_may_be_chosen(dialog: ShortcutsDialog, window: MainWindow) -> None:
    assign(dialog, "file.quit", "")
    assert window.registry["file.quit"].shortcut().isEmpty()


def test_changed_keys_come_back_at_the_next_start(
    dialog: ShortcutsDialog, window: MainWindow, studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    assign(dialog, "file.export", "Ctrl+Alt+E")
    save_settings(tmp_path, window.settings)
    again = MainWindow(studio, load_settings(tmp_path))
    qtbot.addWidget(again)
    assert again.registry.keys_of("file.export") == ("Ctrl+Alt+E",)
