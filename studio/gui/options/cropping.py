"""The options of the crop tool."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QWidget

from studio.core.geometry import Bounds
from studio.gui.options.following import ToolOf
from studio.gui.options.snapping import SnapOptions
from studio.gui.widgets.fields import SizeBox, field_row, rows, side_by_side
from studio.gui.workspace import ToolId, Workspace
from studio.tools import CropSettings, CropTool

FARTHEST = 100_000
MAX_CANVAS = 65_536
"""Longest side of a canvas that can be asked for by number."""
RATIOS: tuple[tuple[str, float | None], ...] = (
    ("Free", None),
    *((f"{a} ∶ {b}", a / b) for a, b in ((1, 1), (5, 4), (4, 3), (3, 2), (16, 9), (2, 1))),
    *((f"{b} ∶ {a}", b / a) for a, b in ((5, 4), (4, 3), (3, 2), (16, 9))),
)
_SWITCHES = {
    "thirds": "Show thirds",
    "delete": "Delete what is cut off",
    "extend": "Fill what is added",
}


class CropOptions(QWidget):
    """Place, size and aspect of the new canvas, and what becomes of the rest."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._settings = workspace.tool_settings
        self._numbers = {
            "x": SizeBox("Crop x", -FARTHEST, FARTHEST),
            "y": SizeBox("Crop y", -FARTHEST, FARTHEST),
            "width": SizeBox("Crop width", 1, MAX_CANVAS),
            "height": SizeBox("Crop height", 1, MAX_CANVAS),
        }
        self._ratio = QComboBox()
        for words, ratio in RATIOS:
            self._ratio.addItem(words, ratio)
        self._switches = {name: QCheckBox(words) for name, words in _SWITCHES.items()}
        self._cancel = QPushButton("Cancel")
        self._apply = QPushButton("Crop")
        self._lay_out(workspace)
        self._tool = ToolOf(workspace, ToolId.CROP, CropTool, lambda tool: tool.changed, self._show)
        self._connect(workspace)
        self._show()

    def _lay_out(self, workspace: Workspace) -> None:
        layout, numbers = rows(self), self._numbers
        layout.addWidget(field_row("Place", side_by_side(numbers["x"], numbers["y"])))
        layout.addWidget(field_row("Size", side_by_side(numbers["width"], numbers["height"])))
        layout.addWidget(field_row("Aspect", self._ratio))
        for switch in self._switches.values():
            layout.addWidget(switch)
        layout.addWidget(SnapOptions(workspace))
        layout.addWidget(side_by_side(self._cancel, self._apply))

    def _connect(self, workspace: Workspace) -> None:
        for number in self._numbers.values():
            number.valueChanged.connect(self._on_number)
        self._ratio.activated.connect(
            lambda row: self._tool.tool.keep_ratio(self._ratio.itemData(row))
        )
        for name, switch in self._switches.items():
            switch.toggled.connect(
                lambda on, name=name: self._settings.change(CropSettings, **{name: on})
            )
        self._cancel.clicked.connect(lambda: self._tool.tool.cancel())
        self._apply.clicked.connect(lambda: self._tool.tool.apply())
        workspace.tool_changed.connect(self._show)

    def _on_number(self) -> None:
        self._tool.tool.set_area(
            Bounds(**{name: number.value() for name, number in self._numbers.items()})
        )

    def _show(self) -> None:
        tool, settings = self._tool.tool, self._settings[CropSettings]
        for name, value in tool.area._asdict().items():
            with QSignalBlocker(self._numbers[name]):
                self._numbers[name].setValue(value)
        for name, switch in self._switches.items():
            with QSignalBlocker(switch):
                switch.setChecked(getattr(settings, name))
        self._ratio.setCurrentIndex([ratio for _, ratio in RATIOS].index(settings.ratio))
        for button in (self._cancel, self._apply):
            button.setEnabled(tool.is_pending)
