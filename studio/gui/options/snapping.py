"""What things are drawn to while they are moved: one fold for all tools that move something."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox

from studio.core.snapping import SnapSettings
from studio.gui.widgets.fields import Fold
from studio.gui.workspace import Workspace

_WORDS = {
    "enabled": "Snap while moving",
    "canvas": "To the canvas and its middle",
    "guides": "To guides",
    "frame": "To the frame",
    "layers": "To other layers",
}


class SnapOptions(Fold):
    """Switches for each kind of line."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__("Snapping")
        self._settings = workspace.tool_settings
        self._boxes = {name: QCheckBox(words) for name, words in _WORDS.items()}
        self._grid = QCheckBox("To the model's grid")
        for name, box in self._boxes.items():
            self.rows.addWidget(box)
            box.toggled.connect(
                lambda on, name=name: self._settings.change(SnapSettings, **{name: on})
            )
        self.rows.addWidget(self._grid)
        self._grid.toggled.connect(
            lambda on: self._settings.change(SnapSettings, grid=workspace.grid if on else None)
        )
        self._settings.changed.connect(self._on_settings)
        self._show()

    def _on_settings(self, kind: type) -> None:
        if kind is SnapSettings:
            self._show()

    def _show(self) -> None:
        settings = self._settings[SnapSettings]
        for name, box in self._boxes.items():
            with QSignalBlocker(box):
                box.setChecked(getattr(settings, name))
            box.setEnabled(name == "enabled" or settings.enabled)
        with QSignalBlocker(self._grid):
            self._grid.setChecked(settings.grid is not None)
        self._grid.setEnabled(settings.enabled)
