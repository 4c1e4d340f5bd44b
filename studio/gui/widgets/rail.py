"""The bar at the window's edge that all tools are taken from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QPainter, QPaintEvent, QPalette, QPolygonF
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton, QWidget

from studio.gui.icons import icon
from studio.gui.theme import ICON_SIZE, RAIL_WIDTH

_TRIANGLE = 5.0
"""Side of the sign that there is more behind a button."""


class Rail(QToolBar):
    """One button for each place; tools that share a place are in its menu.

    Args:
        sections: from top to bottom, each a row of places, each the actions of its tools.
    """

    def __init__(
        self, sections: Iterable[Sequence[Sequence[QAction]]], parent: QWidget | None = None
    ) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("rail")
        self.setMovable(False)
        self.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.setMinimumWidth(RAIL_WIDTH)  # and wider while it shows what a low window leaves out
        self._places: list[ToolPlace] = []
        for number, section in enumerate(sections):
            if number:
                self.addSeparator()
            for actions in section:
                place = ToolPlace(actions)
                self._places.append(place)
                self.addWidget(place)
        self.orientationChanged.connect(self._dress_extension)  # each time Qt has done so

    @property
    def places(self) -> tuple[ToolPlace, ...]:
        """The buttons from top to bottom."""
        return tuple(self._places)

    def _dress_extension(self) -> None:
        """Lets Qt's button for the tools that there is no room for be seen and read."""
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        assert isinstance(more, QToolButton)
        role = QPalette.ColorRole
        more.setIcon(icon("chevron-down", role.WindowText, role.HighlightedText))
        more.setAccessibleName("More tools")
        more.setToolTip("More tools")


class ToolPlace(QToolButton):
    """A button that takes the tool in hand that was last taken from its place.

    Held down or clicked with the right button it offers all of them.

    Args:
        actions: of the tools that share the place; the first is shown at first.
    """

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._menu: QMenu | None = None
        self._tools = tuple(actions)
        if len(actions) > 1:
            self._menu = QMenu(self)
            self._menu.addActions(list(actions))
            self.setMenu(self._menu)
            self.setPopupMode(QToolButton.ToolButtonPopupMode.DelayedPopup)
        for action in actions:
            action.toggled.connect(self._show_taken)
        self.setDefaultAction(actions[0])
        self._name()

    @property
    def tools(self) -> tuple[QAction, ...]:
        """The actions of all tools that share the place."""
        return self._tools

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers all tools of the place."""
        if self._menu is not None:
            self.showMenu()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A small triangle says that there are several."""
        super().paintEvent(event)
        if self._menu is None:
            return
        role = QPalette.ColorRole
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(
            self.palette().color(role.HighlightedText if self.isChecked() else role.WindowText)
        )
        corner = QPointF(self.rect().bottomRight()) - QPointF(2.0, 2.0)
        across, up = QPointF(_TRIANGLE, 0.0), QPointF(0.0, _TRIANGLE)
        painter.drawPolygon(QPolygonF([corner, corner - across, corner - up]))

    def _show_taken(self) -> None:
        for action in self._tools:
            if action.isChecked() and action is not self.defaultAction():
                self.setDefaultAction(action)
                self._name()

    def _name(self) -> None:
        self.setAccessibleName(self.defaultAction().text())
