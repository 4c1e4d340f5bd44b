"""Chips of styles: one on at a time."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from studio.gui.knowledge import styles
from studio.gui.widgets.style_picker import StylePicker

STYLES = styles()


def chips(picker: StylePicker) -> dict[str, QToolButton]:
    return {chip.accessibleName(): chip for chip in picker.findChildren(QToolButton)}


def test_every_style_has_a_chip_with_a_picture(qtbot: QtBot) -> None:
    picker = StylePicker(STYLES)
    qtbot.addWidget(picker)
    assert list(chips(picker)) == [style.title for style in STYLES]
    assert all(not chip.icon().isNull() for chip in chips(picker).values())
    assert all(style.thumbnail.is_file() for style in STYLES)


def test_a_click_chooses_a_style_and_another_none(qtbot: QtBot) -> None:
    picker = StylePicker(STYLES)
    qtbot.addWidget(picker)
    chosen: list[object] = []
    picker.chosen.connect(chosen.append)
    chip = chips(picker)[STYLES[2].title]
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert chosen == [STYLES[2], None]


def test_the_shown_style_alone_is_on(qtbot: QtBot) -> None:
    picker = StylePicker(STYLES)
    qtbot.addWidget(picker)
    picker.show_style(STYLES[1])
    picker.show_style(STYLES[3])
    assert [chip.isChecked() for chip in chips(picker).values()] == [
        index == 3 for index in range(len(STYLES))
    ]
