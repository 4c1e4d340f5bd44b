"""The options of the clone tool."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.gui.options.bound import BoundOptions
from studio.gui.options.brush import BrushOptions
from studio.gui.widgets.fields import muted, rows
from studio.gui.workspace import Workspace
from studio.tools import CloneSettings


class CloneOptions(QWidget):
    """What is copied, and the brush that copies it."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        source = BoundOptions(workspace.tool_settings, CloneSettings)
        source.add_check("aligned", "Strokes go on where the last one was")
        source.add_check("all_layers", "Copy what is seen of all layers")
        layout = rows(self)
        layout.addWidget(muted("Hold Alt and click to say where to copy from."))
        layout.addWidget(source)
        layout.addWidget(BrushOptions(workspace))
