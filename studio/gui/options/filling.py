"""The options of the fill tool."""

from __future__ import annotations

from studio.gui.options.bound import BoundOptions
from studio.gui.options.colour import PaintingColourButton
from studio.gui.widgets.fields import field_row
from studio.gui.workspace import Workspace
from studio.tools import FillSettings

_FARTHEST = 20


class FillOptions(BoundOptions):
    """What is filled, and how its edge looks."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.tool_settings, FillSettings)
        self.add(field_row("Colour", PaintingColourButton(workspace)))
        self.add_slider("tolerance", "Tolerance", 0, 255)
        self.add_slider("grow", "Grow by", 0, _FARTHEST)
        self.add_slider("opacity", "Opacity", 0, 100, scale=100)
        self.add_check("contiguous", "Only what hangs together")
        self.add_check("all_layers", "Go by all layers")
        self.add_check("antialias", "Soften the edge")
