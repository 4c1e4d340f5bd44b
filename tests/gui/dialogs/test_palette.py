from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from studio.gui.dialogs.palette import Palette
from studio.gui.main_window import MainWindow


def field(palette: Palette) -> QLineEdit:
    (found,) = palette.findChildren(QLineEdit)
    return found


def test_it_holds_every_action(window: MainWindow) -> None:
    palette = Palette(window.registry, window)
    assert len(palette.names) == len(list(window.registry))


def test_words_find_actions_by_name_first(window: MainWindow) -> None:
    palette = Palette(window.registry, window)
    QTest.keyClicks(field(palette), "new lay")
    assert palette.names[0] == "New Layer"
    palette.search("no such thing at all")
    assert palette.names == []


def test_enter_runs_the_chosen_one(qtbot: QtBot, window: MainWindow) -> None:
    palette = Palette(window.registry, window)
    palette.open()
    palette.search("mask brush")
    QTest.keyClick(field(palette), Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.registry["tool.mask"].isChecked()


def test_the_arrows_choose_while_typing_goes_on(window: MainWindow) -> None:
    palette = Palette(window.registry, window)
    palette.open()
    palette.search("theme")
    QTest.keyClick(field(palette), Qt.Key.Key_Down)
    second = palette.names[1]
    QTest.keyClick(field(palette), Qt.Key.Key_Return)
    theme = {"Dark Theme": "dark", "Light Theme": "light"}.get(second, "system")
    assert window.theme == theme


def test_what_cannot_be_done_now_is_not_run(window: MainWindow) -> None:
    palette = Palette(window.registry, window)
    palette.search("export")
    QTest.keyClick(field(palette), Qt.Key.Key_Return)
    assert window.isVisible()
