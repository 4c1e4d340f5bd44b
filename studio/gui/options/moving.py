"""The options of the move tool."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.gui.options.snapping import SnapOptions
from studio.gui.widgets.fields import muted, rows
from studio.gui.workspace import Workspace


class MoveOptions(QWidget):
    """What moved things are drawn to."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        layout = rows(self)
        layout.addWidget(muted("Shift keeps to one axis, Ctrl does not snap."))
        snapping = SnapOptions(workspace)
        snapping.set_open(True)
        layout.addWidget(snapping)
