from __future__ import annotations

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.gui.theme import apply_theme
from studio.gui.widgets.sign import Sign


def darkest(sign: Sign) -> int:
    image = sign.grab().toImage()
    places = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return min(QColor(image.pixelColor(x, y)).lightness() for x, y in places)


def test_a_sign_follows_the_theme_and_shows_another_icon_when_told(
    qtbot: QtBot, qapp: QApplication
) -> None:
    sign = Sign("triangle-alert")
    qtbot.addWidget(sign)
    apply_theme(qapp, "light")
    assert darkest(sign) < 80
    before = sign.grab().toImage()
    sign.show_icon("sparkles")
    assert sign.grab().toImage() != before
    apply_theme(qapp, "dark")
    lightest = sign.grab().toImage()
    assert lightest != before
