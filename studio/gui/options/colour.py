"""The painting colour, where tools use it."""

from __future__ import annotations

from PySide6.QtGui import QColor

from studio.core.colour import Colour
from studio.gui.widgets.colour_button import ColourButton
from studio.gui.workspace import Workspace


class PaintingColourButton(ColourButton):
    """Shows and sets the painting colour."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__("Colour", QColor(workspace.brush.colour.hex))
        self._workspace = workspace
        self.chosen.connect(self._choose)
        workspace.colour_changed.connect(self._show_colour)

    def _choose(self, colour: QColor) -> None:
        self._workspace.set_colour(Colour.from_hex(colour.name()))

    def _show_colour(self) -> None:
        self.set_colour(QColor(self._workspace.brush.colour.hex))
