"""The options of the selection tools."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QHBoxLayout, QWidget

from studio.core.colour import Colour
from studio.core.commands.selection import Target
from studio.core.selection import Operation
from studio.gui.theme import UNIT
from studio.gui.widgets.colour_button import ColourButton
from studio.gui.widgets.fields import SliderField, field_row, muted, rows, tool_button
from studio.gui.workspace import ToolId, Workspace
from studio.tools import SelectSettings

_OPERATIONS = (
    (Operation.REPLACE, "square", "Replace what is selected"),
    (Operation.ADD, "square-plus", "Add to what is selected (Shift)"),
    (Operation.SUBTRACT, "square-minus", "Take from what is selected (Alt)"),
    (Operation.INTERSECT, "squares-intersect", "Keep what both have in common (Shift+Alt)"),
)
_TARGETS = ((Target.SELECTION, "The selection"), (Target.MASK, "The painted mask"))
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


class SelectOptions(QWidget):
    """How the tool in hand selects; all selection tools share what they have in common."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._hint = muted()
        self._operations = _OperationButtons(self._change_operation)
        self._target = QComboBox()
        self._target.addItems([words for _, words in _TARGETS])
        self._feather = SliderField("Feather", 0, 100)
        self._tolerance = SliderField("Tolerance", 0, 255)
        self._fuzziness = SliderField("Fuzziness", 0, 255)
        self._antialias = QCheckBox("Soft steps between pixels")
        self._contiguous = QCheckBox("Only what is connected")
        self._all_layers = QCheckBox("Look at all layers")
        self._quick_mask = ColourButton("Quick mask colour", QColor())
        self._lay_out()
        self._connect()
        self._show_tool()
        self._show_settings()

    def _lay_out(self) -> None:
        self._tolerance_row = field_row("Tolerance", self._tolerance)
        self._fuzziness_row = field_row("Fuzziness", self._fuzziness)
        layout = rows(self)
        layout.addWidget(field_row("New ones", self._operations))
        layout.addWidget(field_row("Changes", self._target))
        for widget in (
            *(self._tolerance_row, self._fuzziness_row, field_row("Feather", self._feather)),
            *(self._antialias, self._contiguous, self._all_layers),
            *(field_row("Quick mask", self._quick_mask), self._hint),
        ):
            layout.addWidget(widget)

    def _connect(self) -> None:
        workspace = self._workspace
        self._target.activated.connect(lambda row: self._change(target=_TARGETS[row][0]))
        self._feather.changed.connect(lambda it: self._change(feather=round(it)))
        self._tolerance.changed.connect(lambda it: self._change(tolerance=round(it)))
        self._fuzziness.changed.connect(lambda it: self._change(fuzziness=round(it)))
        self._antialias.toggled.connect(lambda it: self._change(antialias=it))
        self._contiguous.toggled.connect(lambda it: self._change(contiguous=it))
        self._all_layers.toggled.connect(lambda it: self._change(all_layers=it))
        self._quick_mask.chosen.connect(
            lambda colour: self._change(quick_mask=Colour.from_hex(colour.name()))
        )
        workspace.tool_changed.connect(self._show_tool)
        workspace.tool_settings.changed.connect(self._on_settings)

    def _show_tool(self) -> None:
        tool = self._workspace.tool_id
        self._hint.setText(_HINTS.get(tool, ""))
        self._tolerance_row.setVisible(tool is ToolId.WAND)
        self._contiguous.setVisible(tool is ToolId.WAND)
        self._fuzziness_row.setVisible(tool is ToolId.COLOUR_RANGE)
        self._all_layers.setVisible(tool in _BY_COLOUR)
        self._antialias.setVisible(tool not in _HARD)

    def _on_settings(self, kind: type) -> None:
        if kind is SelectSettings:
            self._show_settings()

    def _show_settings(self) -> None:
        settings = self._workspace.tool_settings[SelectSettings]
        self._operations.show_operation(settings.operation)
        self._target.setCurrentIndex([it for it, _ in _TARGETS].index(settings.target))
        self._feather.set_value(settings.feather)
        self._tolerance.set_value(settings.tolerance)
        self._fuzziness.set_value(settings.fuzziness)
        self._quick_mask.set_colour(QColor(settings.quick_mask.hex))
        boxes = (
            (self._antialias, settings.antialias),
            (self._contiguous, settings.contiguous),
            (self._all_layers, settings.all_layers),
        )
        for box, checked in boxes:
            with QSignalBlocker(box):
                box.setChecked(checked)

    def _change_operation(self, operation: Operation) -> None:
        self._change(operation=operation)

    def _change(self, **changes: object) -> None:
        self._workspace.tool_settings.change(SelectSettings, **changes)


class _OperationButtons(QWidget):
    """One of four."""

    def __init__(self, chosen: Callable[[Operation], None]) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        for number, (_, icon_name, words) in enumerate(_OPERATIONS):
            button = tool_button(icon_name, words)
            button.setCheckable(True)
            self._group.addButton(button, number)
            layout.addWidget(button)
        layout.addStretch(1)
        self._group.idClicked.connect(lambda number: chosen(_OPERATIONS[number][0]))

    def show_operation(self, operation: Operation) -> None:
        """Shows which one is chosen, without telling anybody."""
        number = [it for it, _, _ in _OPERATIONS].index(operation)
        self._group.button(number).setChecked(True)
