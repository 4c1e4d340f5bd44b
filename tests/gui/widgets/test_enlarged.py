from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.gui.widgets.enlarged import Enlarged


def plain(colour: str) -> QImage:
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    host = QWidget()
    host.resize(400, 400)
    qtbot.addWidget(host)
    host.show()
    return host


def colours(dialog: Enlarged) -> tuple[str, str]:
    """Left and right of the middle."""
    image = dialog.grab().toImage()
    return image.pixelColor(120, 200).name(), image.pixelColor(280, 200).name()


def test_one_picture_fills_the_window(host: QWidget) -> None:
    dialog = Enlarged([plain("#ff0000")], host)
    assert dialog.size() == host.size()
    assert colours(dialog) == ("#ff0000", "#ff0000")


def test_two_pictures_share_it_at_the_slider(host: QWidget) -> None:
    dialog = Enlarged([plain("#ff0000"), plain("#0000ff")], host)
    assert colours(dialog) == ("#ff0000", "#0000ff")
    QTest.mouseMove(dialog, QPoint(360, 200))
    for _ in range(12):
        QTest.keyClick(dialog, Qt.Key.Key_Right)
    assert colours(dialog) == ("#ff0000", "#ff0000")
    for _ in range(24):
        QTest.keyClick(dialog, Qt.Key.Key_Left)
    assert colours(dialog) == ("#0000ff", "#0000ff")


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_a_key_closes_it(qtbot: QtBot, host: QWidget, key: Qt.Key) -> None:
    dialog = Enlarged([plain("#ff0000")], host)
    dialog.open()
    QTest.keyClick(dialog, key)
    assert not dialog.isVisible()
