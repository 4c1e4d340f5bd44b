"""Panels around the canvas."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QWidget

from studio.gui.theme import UNIT


class Dock(QDockWidget):
    """A panel with a quiet title, or, among tabs that say it already, with none.

    Args:
        name: stays the same for ever, so that its place can be restored.
        title: as the person reads it.
        panel: what it holds.
        titled: whether it shows its title.
    """

    def __init__(self, name: str, title: str, panel: QWidget, *, titled: bool = True) -> None:
        super().__init__(title)
        self.setObjectName(f"dock-{name}")
        self.setWidget(panel)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable
            | QDockWidget.DockWidgetFeature.DockWidgetClosable
        )
        self.show_title(titled)

    def show_title(self, shown: bool) -> None:
        """Shows the title or, among tabs that say it, takes no room for it."""
        self.setTitleBarWidget(_Title(self.windowTitle()) if shown else _NoTitle())


class _Title(QWidget):
    """The name of a panel; it can be dragged by it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        label = QLabel(title)
        label.setObjectName("muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, UNIT // 2, UNIT, 2)
        layout.addWidget(label)


class _NoTitle(QWidget):
    """Takes no room."""

    def sizeHint(self) -> QSize:
        """Nothing."""
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        """Nothing."""
        return QSize(0, 0)
