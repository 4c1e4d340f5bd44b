"""The options of the gradient tool."""

from __future__ import annotations

from studio.core.gradient import GradientKind
from studio.gui.options.bound import BoundOptions
from studio.gui.options.colour import PaintingColourButton
from studio.gui.widgets.fields import field_row, muted
from studio.gui.workspace import Workspace
from studio.tools import GradientSettings

_KINDS = (("Linear", GradientKind.LINEAR), ("Radial", GradientKind.RADIAL))
_ENDS = (("Another colour", False), ("Nothing", True))


class GradientOptions(BoundOptions):
    """How a gradient spreads, and between what."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.tool_settings, GradientSettings)
        self.add_choice("kind", "Kind", _KINDS)
        self.add(field_row("From", PaintingColourButton(workspace)))
        self.add_choice("to_transparent", "To", _ENDS)
        self._end = self.add_colour("end", "End colour")
        self.add_slider("opacity", "Opacity", 0, 100, scale=100)
        self.add_check("reverse", "The other way round")
        self.add(muted("Drag from one end to the other; Ctrl keeps to even directions."))
        self.when_shown(self._show_end)

    def _show_end(self) -> None:
        self._end.setVisible(not self.settings.to_transparent)
