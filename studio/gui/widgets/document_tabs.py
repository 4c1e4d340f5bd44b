"""The tabs over the canvas: one for each open document."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTabBar, QWidget

from studio.gui.canvas.file_drop import FileDrop
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import tool_button
from studio.gui.workspace import Workspace

CLOSE_SIDE = 12


class DocumentTabs(QWidget):
    """Shows which documents are open; a click looks at one, dragging puts them in another order.

    Signals:
        new_requested(): the person wants another empty document.
        close_requested(OpenDocument): one is to be closed.
        close_others_requested(OpenDocument): all but this one are to be closed.
        files_dropped(list[Path]): files were dropped here, each to become a document.
    """

    new_requested = Signal()
    close_requested = Signal(object)
    close_others_requested = Signal(object)
    files_dropped = Signal(list)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bar = _Bar()
        self._drop = FileDrop(self)
        self._following = False
        layout = QHBoxLayout(self)
        layout.setContentsMargins(UNIT // 2, 0, UNIT // 2, 0)
        layout.setSpacing(UNIT // 2)
        layout.addWidget(self._bar)
        add = tool_button("plus", "New picture")
        add.clicked.connect(lambda: self.new_requested.emit())
        layout.addWidget(add)
        layout.addStretch(1)
        self._drop.dropped.connect(self.files_dropped)
        self._bar.currentChanged.connect(self._on_chosen)
        self._bar.tabMoved.connect(self._on_moved)
        self._bar.tabCloseRequested.connect(
            lambda index: self.close_requested.emit(workspace.tabs[index])
        )
        self._bar.menu_requested.connect(self._show_menu)
        workspace.tabs_changed.connect(self._follow)
        self._follow()

    @property
    def bar(self) -> QTabBar:
        """The tabs themselves, in the order of the workspace's."""
        return self._bar

    def _follow(self) -> None:
        """Makes the tabs those of the workspace."""
        tabs = self._workspace.tabs
        self._following = True
        while self._bar.count() > len(tabs):
            self._bar.removeTab(self._bar.count() - 1)
        while self._bar.count() < len(tabs):
            self._bar.add()
        for index, tab in enumerate(tabs):
            if self._bar.tabText(index) != _escaped(tab.title):
                self._bar.setTabText(index, _escaped(tab.title))
            self._bar.setTabToolTip(index, str(tab.origin or "Not saved yet"))
        self._bar.setCurrentIndex(tabs.index(self._workspace.current))
        self._following = False

    def _on_chosen(self, index: int) -> None:
        if not self._following and index >= 0:
            self._workspace.switch_to(self._workspace.tabs[index])

    def _on_moved(self, source: int, target: int) -> None:
        if not self._following:
            self._workspace.move(self._workspace.tabs[source], target)

    def _show_menu(self, index: int, place: QPoint) -> None:
        tab = self._workspace.tabs[index]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Close", lambda: self.close_requested.emit(tab))
        others = menu.addAction("Close the Others", lambda: self.close_others_requested.emit(tab))
        others.setEnabled(len(self._workspace.tabs) > 1)
        menu.popup(place)


class _Bar(QTabBar):
    """Tabs that can be dragged, and closed with the middle button.

    Signals:
        menu_requested(int, QPoint): what can be done with that tab; the place is the screen's.
    """

    menu_requested = Signal(int, QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("documents")
        self.setAccessibleName("Open documents")
        self.setMovable(True)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehaviorOnRemove(QTabBar.SelectionBehavior.SelectLeftTab)

    def add(self) -> None:
        """Adds a tab with a button that closes it."""
        index = self.addTab("")
        button = tool_button("x", "Close the document")
        button.setIconSize(QSize(CLOSE_SIDE, CLOSE_SIDE))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self._close(button))
        self.setTabButton(index, QTabBar.ButtonPosition.RightSide, button)

    def _close(self, button: QWidget) -> None:
        side = QTabBar.ButtonPosition.RightSide
        index = next(
            index for index in range(self.count()) if self.tabButton(index, side) is button
        )
        self.tabCloseRequested.emit(index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The middle button closes the tab under the pointer, the right one shows its menu."""
        index = self.tabAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.MiddleButton and index >= 0:
            self.tabCloseRequested.emit(index)
        elif event.button() is Qt.MouseButton.RightButton and index >= 0:
            self.menu_requested.emit(index, event.globalPosition().toPoint())
        else:
            super().mouseReleaseEvent(event)


def _escaped(title: str) -> str:
    """So that an ampersand is shown, and is no shortcut."""
    return title.replace("&", "&&").replace("\n", " ")
