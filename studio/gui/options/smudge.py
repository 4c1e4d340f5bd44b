"""The options of the smudge tool."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.gui.options.bound import BoundOptions
from studio.gui.options.brush import BrushOptions
from studio.gui.widgets.fields import rows
from studio.gui.workspace import Workspace
from studio.tools import SmudgeSettings


class SmudgeOptions(QWidget):
    """How far paint is drawn along, and the brush that does it."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        strength = BoundOptions(workspace.tool_settings, SmudgeSettings)
        strength.add_slider("strength", "Strength", 0, 100, scale=100)
        layout = rows(self)
        layout.addWidget(strength)
        layout.addWidget(BrushOptions(workspace))
