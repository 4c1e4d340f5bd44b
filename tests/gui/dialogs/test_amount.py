from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.dialogs.amount import AmountDialog
from tests.helpers.documents import records


def test_each_amount_is_looked_at_once_it_has_settled(qtbot: QtBot) -> None:
    canvas = QWidget()
    qtbot.addWidget(canvas)
    dialog = AmountDialog("Grow", 8, 100, canvas)
    looked_at = records(dialog.amount_changed)
    dialog.set_amount(20)
    dialog.set_amount(30)
    qtbot.waitUntil(lambda: looked_at == [30])
    assert dialog.amount == 30


def test_the_amount_that_is_taken_was_looked_at(qtbot: QtBot) -> None:
    canvas = QWidget()
    qtbot.addWidget(canvas)
    dialog = AmountDialog("Grow", 8, 100, canvas)
    looked_at = records(dialog.amount_changed)
    dialog.set_amount(20)
    with qtbot.waitSignal(dialog.accepted):
        dialog.accept()
    assert looked_at == [20]


def test_it_comes_to_the_corner_of_the_canvas(qtbot: QtBot) -> None:
    canvas = QWidget()
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    canvas.show()
    dialog = AmountDialog("Grow", 8, 100, canvas)
    dialog.show()
    assert canvas.rect().contains(canvas.mapFromGlobal(dialog.pos()))
    assert dialog.geometry().center().y() < canvas.mapToGlobal(canvas.rect().center()).y()


def test_its_button_says_what_it_does(qtbot: QtBot) -> None:
    canvas = QWidget()
    qtbot.addWidget(canvas)
    dialog = AmountDialog("Feather", 8, 100, canvas)
    said = [button.text().replace("&", "") for button in dialog.findChildren(QPushButton)]
    assert sorted(said) == ["Cancel", "Feather"]
