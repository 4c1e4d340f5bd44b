"""The canvas with its rulers."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from studio.gui.canvas.aids import AidSettings
from studio.gui.canvas.rulers import THICKNESS, Ruler
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import Workspace


class CanvasPage(QWidget):
    """Lays rulers along the view while they are wanted.

    Args:
        workspace: whose settings say so.
        view: takes all the room that they leave, and the keyboard.
    """

    def __init__(self, workspace: Workspace, view: CanvasView) -> None:
        super().__init__()
        self._settings = workspace.tool_settings
        self._corner = QWidget()
        self._corner.setFixedSize(THICKNESS, THICKNESS)
        self._rulers = (
            Ruler(workspace, view, down=False),
            Ruler(workspace, view, down=True),
        )
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._corner, 0, 0)
        layout.addWidget(self._rulers[0], 0, 1)
        layout.addWidget(self._rulers[1], 1, 0)
        layout.addWidget(view, 1, 1)
        self.setFocusProxy(view)
        self._settings.changed.connect(self._on_settings)
        self._show_rulers()

    @property
    def rulers(self) -> tuple[Ruler, Ruler]:
        """Along the top, and down the left side."""
        return self._rulers

    def _on_settings(self, kind: type) -> None:
        if kind is AidSettings:
            self._show_rulers()

    def _show_rulers(self) -> None:
        shown = self._settings[AidSettings].rulers
        for widget in (self._corner, *self._rulers):
            widget.setVisible(shown)
