"""Each button of the rail takes the tool that was last taken from its place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from studio.gui.icons import icon
from studio.gui.main_window import MainWindow
from studio.gui.toolbox import CARDS, RAIL
from studio.gui.widgets.rail import Rail
from studio.gui.workspace import ToolId

NAMES = ("Brush", "Fill", "Gradient")


@pytest.fixture
def actions(qapp: QApplication) -> dict[str, QAction]:
    group = QActionGroup(qapp)
    made = {name: QAction(icon("square"), name, group) for name in NAMES}
    for action in made.values():
        action.setCheckable(True)
    return made


@pytest.fixture
def rail(actions: dict[str, QAction], qtbot: QtBot) -> Rail:
    rail = Rail([[[actions["Brush"]], [actions["Fill"], actions["Gradient"]]]])
    qtbot.addWidget(rail)
    rail.show()
    return rail


def test_a_click_takes_the_tool_that_is_shown(rail: Rail, actions: dict[str, QAction]) -> None:
    _, filling = rail.places
    QTest.mouseClick(filling, Qt.MouseButton.LeftButton)
    assert actions["Fill"].isChecked()


def test_a_place_shows_the_tool_that_was_taken_from_it_last(
    rail: Rail, actions: dict[str, QAction]
) -> None:
    brush, filling = rail.places
    actions["Gradient"].trigger()
    assert filling.accessibleName() == "Gradient"
    actions["Brush"].trigger()
    assert brush.isChecked() and not filling.isChecked()
    QTest.mouseClick(filling, Qt.MouseButton.LeftButton)
    assert actions["Gradient"].isChecked()


def test_the_right_button_offers_all_tools_of_the_place(
    rail: Rail, actions: dict[str, QAction], qtbot: QtBot
) -> None:
    brush, filling = rail.places
    assert brush.menu() is None
    menu = filling.menu()
    offered: list[list[str]] = []

    def take() -> None:
        offered.append([action.text() for action in menu.actions()])
        menu.close()

    assert isinstance(menu, QMenu)
    menu.aboutToShow.connect(take, Qt.ConnectionType.QueuedConnection)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(filling, QContextMenuEvent(reason, QPoint(5, 5), QPoint(5, 5)))
    assert offered == [["Fill", "Gradient"]]


def test_every_tool_has_a_place_and_a_key() -> None:
    assert set(CARDS) == set(ToolId)
    assert len([card for row in RAIL for place in row for card in place]) == len(CARDS)
    assert all(card.keys for card in CARDS.values())


def test_the_rail_does_not_overflow_a_window_of_900_pixels(window: MainWindow) -> None:
    window.resize(1280, 900)
    rail = window.findChild(Rail)
    assert isinstance(rail, Rail)
    assert rail.sizeHint().height() <= rail.height()
    assert all(place.isVisible() for place in rail.places)


def test_a_low_window_shows_the_tools_that_it_has_no_room_for_beside_the_others(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.places.fit(QSize(1280, 360))
    rail = window.findChild(Rail)
    assert isinstance(rail, Rail)
    last = rail.places[-1]
    qtbot.waitUntil(lambda: not last.isVisible())
    [more] = [b for b in rail.findChildren(QToolButton) if b.accessibleName() == "More tools"]
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not last.visibleRegion().isEmpty())
