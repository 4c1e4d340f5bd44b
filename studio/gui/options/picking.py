"""The options of the colour picker."""

from __future__ import annotations

from studio.gui.options.bound import BoundOptions
from studio.gui.options.colour import PaintingColourButton
from studio.gui.widgets.fields import field_row
from studio.gui.workspace import Workspace
from studio.tools import PickSettings

_LARGEST = 32


class PickOptions(BoundOptions):
    """What the picker looks at."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.tool_settings, PickSettings)
        self.add(field_row("Colour", PaintingColourButton(workspace)))
        self.add_slider("radius", "Radius", 0, _LARGEST)
        self.add_check("all_layers", "Look at all layers")
