"""The options of the selection tools."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from studio.core.commands.selection import Target
from studio.core.selection import Operation
from studio.gui.options.bound import BoundOptions
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import field_row, muted, tool_button
from studio.gui.workspace import ToolId, Workspace
from studio.tools import SelectSettings

_MOST_FEATHER = 100
_OPERATIONS = (
    (Operation.REPLACE, "square", "Replace what is selected"),
    (Operation.ADD, "square-plus", "Add to what is selected (Shift)"),
    (Operation.SUBTRACT, "square-minus", "Take from what is selected (Alt)"),
    (Operation.INTERSECT, "squares-intersect", "Keep what both have in common (Shift+Alt)"),
)
_TARGETS = (("The selection", Target.SELECTION), ("The painted mask", Target.MASK))
_BY_COLOUR = (ToolId.WAND, ToolId.COLOUR_RANGE)
_HARD = (ToolId.RECTANGLE, ToolId.COLOUR_RANGE)
_HINTS = {
    ToolId.RECTANGLE: "Shift while dragging draws a square, Ctrl draws from the middle.",
    ToolId.ELLIPSE: "Shift while dragging draws a circle, Ctrl draws from the middle.",
    ToolId.LASSO: "Drag around what is to be selected.",
    ToolId.POLYGON: "Click the corners; Enter or a double click closes, Backspace takes one back.",
    ToolId.WAND: "Click on a region of one colour.",
    ToolId.COLOUR_RANGE: "Click on a colour to select it wherever it is.",
}


class SelectOptions(BoundOptions):
    """How the tool in hand selects; all selection tools share what they have in common."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.tool_settings, SelectSettings)
        self._workspace = workspace
        self._add_operations()
        self.add_choice("target", "Changes", _TARGETS)
        self._tolerance = self.add_slider("tolerance", "Tolerance", 0, 255)
        self._fuzziness = self.add_slider("fuzziness", "Fuzziness", 0, 255)
        self.add_slider("feather", "Feather", 0, _MOST_FEATHER)
        self._antialias = self.add_check("antialias", "Soft steps between pixels")
        self._contiguous = self.add_check("contiguous", "Only what is connected")
        self._all_layers = self.add_check("all_layers", "Look at all layers")
        self.add_colour("quick_mask", "Quick mask")
        self._hint = muted()
        self.add(self._hint)
        workspace.tool_changed.connect(self._show_tool)
        self._show_tool()

    def _add_operations(self) -> None:
        """One button for each way to combine."""
        row, group = QWidget(), QButtonGroup(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        for number, (_, icon_name, words) in enumerate(_OPERATIONS):
            button = tool_button(icon_name, words)
            button.setCheckable(True)
            group.addButton(button, number)
            layout.addWidget(button)
        layout.addStretch(1)
        self.add(field_row("Combine", row))
        operations = [operation for operation, _, _ in _OPERATIONS]
        group.idClicked.connect(lambda number: self._set("operation", operations[number]))

        def show() -> None:
            group.button(operations.index(self.settings.operation)).setChecked(True)

        self.when_shown(show)

    def _show_tool(self) -> None:
        tool = self._workspace.tool_id
        self._hint.setText(_HINTS.get(tool, ""))
        _show_row(self._tolerance, tool is ToolId.WAND)
        self._contiguous.setVisible(tool is ToolId.WAND)
        _show_row(self._fuzziness, tool is ToolId.COLOUR_RANGE)
        self._all_layers.setVisible(tool in _BY_COLOUR)
        self._antialias.setVisible(tool not in _HARD)


def _show_row(field: QWidget, shown: bool) -> None:
    """Shows or hides a field with its name."""
    row = field.parentWidget()
    if row is not None:
        row.setVisible(shown)
