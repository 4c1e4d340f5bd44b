"""Tabs for the open documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.gui.widgets.document_tabs import DocumentTabs
from studio.gui.workspace import Workspace

CANVAS = Bounds(0, 0, 10, 10)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    """The documents lake.ora, boat & co.png and an untitled one, which is current."""
    workspace = Workspace()
    workspace.open_document(Document(CANVAS), Path("/tmp/lake.ora"))
    workspace.open_document(Document(CANVAS), origin=Path("/tmp/boat & co.png"))
    workspace.new_document(Document(CANVAS))
    return workspace


@pytest.fixture
def tabs(workspace: Workspace, qtbot: QtBot) -> DocumentTabs:
    tabs = DocumentTabs(workspace)
    qtbot.addWidget(tabs)
    tabs.resize(600, 40)
    tabs.show()
    return tabs


def titles(tabs: DocumentTabs) -> list[str]:
    return [tabs.bar.tabText(index) for index in range(tabs.bar.count())]


def test_each_document_has_a_tab_with_its_title(tabs: DocumentTabs, workspace: Workspace) -> None:
    assert titles(tabs) == ["lake.ora", "boat && co.png", "untitled"]
    assert tabs.bar.currentIndex() == 2
    assert tabs.bar.tabToolTip(0) == "/tmp/lake.ora"
    workspace.stack.push(AddLayer(RasterLayer("paper")))
    assert titles(tabs)[2] == "untitled*"


def test_a_click_looks_at_another_document(tabs: DocumentTabs, workspace: Workspace) -> None:
    place = tabs.bar.tabRect(0).center()
    QTest.mouseClick(tabs.bar, Qt.MouseButton.LeftButton, pos=place)
    assert workspace.current.name == "lake.ora"


def test_tabs_follow_documents_that_come_and_go(tabs: DocumentTabs, workspace: Workspace) -> None:
    workspace.close_document(workspace.tabs[1])
    assert titles(tabs) == ["lake.ora", "untitled"]
    workspace.switch_to(workspace.tabs[0])
    assert tabs.bar.currentIndex() == 0


def test_dragging_a_tab_reorders_the_documents(tabs: DocumentTabs, workspace: Workspace) -> None:
    current = workspace.current
    tabs.bar.moveTab(2, 0)
    assert [tab.name for tab in workspace.tabs] == ["untitled", "lake.ora", "boat & co.png"]
    assert workspace.current is current
    assert tabs.bar.currentIndex() == 0


def test_middle_click_and_the_cross_ask_to_close(
    tabs: DocumentTabs, workspace: Workspace, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(tabs.close_requested) as middle:
        place = tabs.bar.tabRect(1).center()
        QTest.mouseClick(tabs.bar, Qt.MouseButton.MiddleButton, pos=place)
    assert middle.args == [workspace.tabs[1]]
    cross = tabs.bar.tabButton(0, QTabBar.ButtonPosition.RightSide)
    assert isinstance(cross, QToolButton)
    with qtbot.waitSignal(tabs.close_requested) as crossed:
        QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert crossed.args == [workspace.tabs[0]]


def test_the_plus_asks_for_another_document(tabs: DocumentTabs, qtbot: QtBot) -> None:
    plus = next(b for b in tabs.findChildren(QToolButton) if b.accessibleName() == "New picture")
    with qtbot.waitSignal(tabs.new_requested):
        QTest.mouseClick(plus, Qt.MouseButton.LeftButton)


def test_files_may_be_dropped_on_the_tabs(tabs: DocumentTabs, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/photo.png")])
    place, action = QPoint(500, 10), Qt.DropAction.CopyAction
    held = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entered = QDragEnterEvent(place, action, data, *held)
    QApplication.sendEvent(tabs, entered)
    assert entered.isAccepted()
    with qtbot.waitSignal(tabs.files_dropped) as dropped:
        QApplication.sendEvent(tabs, QDropEvent(QPointF(place), action, data, *held))
    assert dropped.args == [[Path("/tmp/photo.png")]]
