"""Where the panels are, and how they make room for the canvas."""

from __future__ import annotations

import base64

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtWidgets import (
    QMainWindow,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.gui.room import room_for
from studio.gui.widgets.dock import Dock

VERSION = 1
"""Of the places; a state of another version is not restored."""
_LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_CANVAS, _GALLERY = 0, 1


class Layout:
    """The panels around the canvas of a window.

    Args:
        window: whose panels these are.
        canvas, gallery: what fills its middle, one at a time.
        tabs: stand over the canvas.
        docks: prompt, gallery, layers, variations, history, options and navigator, by these names.
    """

    def __init__(
        self,
        window: QMainWindow,
        canvas: QWidget,
        gallery: QWidget,
        tabs: QWidget,
        docks: dict[str, Dock],
    ) -> None:
        self._window = window
        self._canvas = canvas
        self._gallery = gallery
        self._docks = docks
        self._hidden: QByteArray | None = None
        self._middle = QStackedWidget()
        self._middle.addWidget(_over(tabs, canvas))
        self._middle.addWidget(gallery)
        window.setCentralWidget(self._middle)
        window.setDockNestingEnabled(True)
        for area in (_LEFT, _RIGHT):
            window.setTabPosition(area, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._place()

    def add(self, name: str, dock: Dock) -> None:
        """Puts a panel that was not there from the start among the layers' tabs."""
        self._docks[name] = dock
        self._window.addDockWidget(_RIGHT, dock)
        self._window.tabifyDockWidget(self._docks["variations"], dock)

    def reset(self) -> None:
        """Puts every panel back in its place."""
        self._hidden = None
        self._middle.setCurrentIndex(_CANVAS)
        self._place()
        self.fit(room_for(self._window))

    def fit(self, room: QSize) -> None:
        """Lets panels share places until the window needs no more room than that.

        At first those on the right share one, then all of them one on the left.
        """
        window, layout = self._window, self._window.layout()
        assert layout is not None
        for share in (self._share_right, self._share_all):
            if (least := window.minimumSizeHint()).boundedTo(room) == least:
                break
            share()
            layout.activate()  # which forgets how large the window had to be
        window.resize(window.size().boundedTo(room))

    def shows(self, name: str) -> bool:
        """Whether a panel is shown, be it behind another one."""
        return not self._docks[name].isHidden()

    def toggle(self, name: str) -> None:
        """Shows or hides a panel."""
        dock = self._docks[name]
        dock.setVisible(dock.isHidden())
        if not dock.isHidden():
            dock.raise_()

    def is_behind(self, widget: QWidget) -> bool:
        """Whether it is in a panel that another one hides."""
        docks = (dock for dock in self._docks.values() if dock.isAncestorOf(widget))
        return any(dock.visibleRegion().isEmpty() for dock in docks)

    def bring_forward(self, name: str) -> None:
        """Shows a panel in front of those that share its place."""
        self._docks[name].show()
        self._docks[name].raise_()

    def hides_panels(self) -> bool:
        """Whether only the canvas is left."""
        return self._hidden is not None

    def toggle_panels(self) -> None:
        """Leaves only what is in the middle, or brings the panels back as they were."""
        if self._hidden is None:
            self._hidden = self._window.saveState(VERSION)
            for dock in self._docks.values():
                dock.hide()
            return
        hidden, self._hidden = self._hidden, None
        self._window.restoreState(hidden, VERSION)

    def shows_gallery(self) -> bool:
        """Whether the gallery fills the middle."""
        return self._middle.currentIndex() == _GALLERY

    def toggle_gallery(self) -> None:
        """Shows the gallery over the whole window, or goes back to the canvas."""
        if self.shows_gallery() == self.hides_panels():
            self.toggle_panels()
        self._middle.setCurrentIndex(_CANVAS if self.shows_gallery() else _GALLERY)
        (self._gallery if self.shows_gallery() else self._canvas).setFocus()

    def show_gallery(self) -> None:
        """Shows the gallery over the whole window."""
        if not self.shows_gallery():
            self.toggle_gallery()

    def show_canvas(self) -> None:
        """Goes back to the canvas."""
        if self.shows_gallery():
            self.toggle_gallery()

    def is_full_screen(self) -> bool:
        """Whether the window uses the whole screen."""
        return self._window.isFullScreen()

    def toggle_full_screen(self) -> None:
        """Uses the whole screen, or no longer."""
        window = self._window
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def state(self) -> tuple[str, str]:
        """The window's geometry and the panels' places, as text."""
        if self.shows_gallery():
            self.toggle_gallery()
        if self.hides_panels():
            self.toggle_panels()
        window = self._window
        return _text(window.saveGeometry()), _text(window.saveState(VERSION))

    def restore(self, geometry: str, places: str) -> None:
        """Brings a `state` back as far as it fits this screen; an empty one changes nothing."""
        if geometry:
            self._window.restoreGeometry(_bytes(geometry))
        if places:
            self._window.restoreState(_bytes(places), VERSION)

    def _place(self) -> None:
        """Every panel in the place that it has at first."""
        docks, window = self._docks, self._window
        for name, area in (
            ("prompt", _LEFT),
            ("gallery", _BOTTOM),
            ("layers", _RIGHT),
            ("options", _RIGHT),
        ):
            window.addDockWidget(area, docks[name])
        window.tabifyDockWidget(docks["layers"], docks["variations"])
        window.tabifyDockWidget(docks["variations"], docks["history"])
        window.tabifyDockWidget(docks["options"], docks["navigator"])
        for dock in docks.values():
            dock.setFloating(False)
            dock.show()
        docks["prompt"].show_title(True)
        docks["layers"].raise_()
        docks["options"].raise_()
        sizes = {"prompt": 320, "layers": 280}
        window.resizeDocks(
            [docks[name] for name in sizes], list(sizes.values()), Qt.Orientation.Horizontal
        )
        heights = {"layers": 400, "options": 380, "gallery": 152}
        window.resizeDocks(
            [docks[name] for name in heights], list(heights.values()), Qt.Orientation.Vertical
        )

    def _share_right(self) -> None:
        self._share("layers", "options", "navigator")

    def _share_all(self) -> None:
        first = ("prompt", "layers", "options", "gallery")
        self._window.addDockWidget(_LEFT, self._docks["prompt"])
        self._share(*first, *(name for name in self._docks if name not in first))
        self._docks["prompt"].show_title(False)

    def _share(self, front: str, *others: str) -> None:
        """Puts panels behind another one."""
        before = self._docks[front]
        for name in others:
            self._window.tabifyDockWidget(before, self._docks[name])
            before = self._docks[name]
        self._docks[front].raise_()


def _over(tabs: QWidget, canvas: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(tabs)
    layout.addWidget(canvas, 1)
    return page


def _text(data: QByteArray) -> str:
    return base64.b64encode(data.data()).decode()


def _bytes(text: str) -> QByteArray:
    return QByteArray(base64.b64decode(text, validate=False))
