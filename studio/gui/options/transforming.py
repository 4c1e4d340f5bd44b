"""The options of the transform tool."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from studio.gui.options.following import ToolOf
from studio.gui.options.snapping import SnapOptions
from studio.gui.widgets.fields import field_row, muted, rows, side_by_side, tool_button
from studio.gui.workspace import ToolId, Workspace
from studio.tools import TransformSettings, TransformTool

FARTHEST = 100_000.0
LEAST_WIDTH = 56
LARGEST = 10_000.0
"""Of a width or height, in per cent."""


class TransformOptions(QWidget):
    """Place, size and angle in numbers, the usual turns, and the buttons that end it."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._settings = workspace.tool_settings
        self._x = NumberBox("Pivot x", -FARTHEST, FARTHEST, " px")
        self._y = NumberBox("Pivot y", -FARTHEST, FARTHEST, " px")
        self._width = NumberBox("Width", -LARGEST, LARGEST, " %")
        self._height = NumberBox("Height", -LARGEST, LARGEST, " %")
        self._angle = NumberBox("Angle", -180.0, 180.0, " °")
        self._link = tool_button("link-2", "Keep the aspect", "Scale both sides alike")
        self._link.setCheckable(True)
        self._reset = QPushButton("Reset")
        self._apply = QPushButton("Apply")
        self._turns = self._make_turns()
        self._lay_out(workspace)
        self._tool = ToolOf(
            workspace, ToolId.TRANSFORM, TransformTool, lambda tool: tool.changed, self._show
        )
        self._connect()
        self._show()

    def _make_turns(self) -> tuple[QToolButton, ...]:
        turns = (
            ("rotate-ccw", "Turn left", lambda tool: tool.turn(-90.0)),
            ("rotate-cw", "Turn right", lambda tool: tool.turn(90.0)),
            ("flip-horizontal-2", "Mirror left and right", lambda tool: tool.flip(across=True)),
            ("flip-vertical-2", "Mirror top and bottom", lambda tool: tool.flip(across=False)),
        )
        buttons = []
        for icon, name, act in turns:
            button = tool_button(icon, name)
            button.clicked.connect(lambda _, act=act: act(self._tool.tool))
            buttons.append(button)
        return tuple(buttons)

    def _lay_out(self, workspace: Workspace) -> None:
        layout = rows(self)
        layout.addWidget(
            muted(
                "Corners and edges scale, outside turns. Shift keeps the aspect, Alt the pivot;"
                " Ctrl distorts a corner or skews an edge."
            )
        )
        layout.addWidget(field_row("Pivot", side_by_side(self._x, self._y)))
        layout.addWidget(field_row("Size", side_by_side(self._width, self._height)))
        layout.addWidget(field_row("Angle", self._angle))
        layout.addWidget(side_by_side(self._link, *self._turns))
        layout.addWidget(SnapOptions(workspace))
        layout.addWidget(side_by_side(self._reset, self._apply))

    def _connect(self) -> None:
        for box in (self._x, self._y):
            box.valueChanged.connect(
                lambda: self._tool.tool.place(self._x.value(), self._y.value())
            )
        self._width.valueChanged.connect(lambda it: self._tool.tool.scale(x=it / 100))
        self._height.valueChanged.connect(lambda it: self._tool.tool.scale(y=it / 100))
        self._angle.valueChanged.connect(lambda it: self._tool.tool.turn_to(it))
        self._link.toggled.connect(lambda on: self._settings.change(TransformSettings, linked=on))
        self._reset.clicked.connect(lambda: self._tool.tool.reset())
        self._apply.clicked.connect(lambda: self._tool.tool.apply())

    def _show(self) -> None:
        tool = self._tool.tool
        box = tool.box
        values = (0.0, 0.0, 100.0, 100.0, 0.0)
        if box is not None:
            look = box.look
            values = (*box.place, look.scale_x * 100, look.scale_y * 100, look.angle)
        numbers = (self._x, self._y, self._width, self._height, self._angle)
        for number, value in zip(numbers, values, strict=True):
            with QSignalBlocker(number):
                number.setValue(value)
        with QSignalBlocker(self._link):
            self._link.setChecked(self._settings[TransformSettings].linked)
        for button in (self._reset, self._apply):
            button.setEnabled(tool.is_pending)


class NumberBox(QDoubleSpinBox):
    """A number that is told once it is written to its end."""

    def __init__(self, name: str, low: float, high: float, suffix: str) -> None:
        super().__init__()
        self.setRange(low, high)
        self.setDecimals(1)
        self.setSuffix(suffix)
        self.setAccessibleName(name)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setKeyboardTracking(False)
        # The widest number is far wider than those that matter, and panels are narrow.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(LEAST_WIDTH)
