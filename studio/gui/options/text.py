"""The options of the text tool."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFontComboBox,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from studio.core.colour import Colour
from studio.core.text import Alignment
from studio.gui.options.following import ToolOf
from studio.gui.widgets.colour_button import ColourButton
from studio.gui.widgets.fields import field_row, muted, rows, side_by_side, tool_button
from studio.gui.workspace import ToolId, Workspace
from studio.tools import TextTool

SMALLEST, LARGEST = 1.0, 4000.0
"""Of letters, in canvas pixels."""
_ALIGNMENTS = {
    Alignment.LEFT: ("text-align-start", "Align left"),
    Alignment.CENTRE: ("text-align-center", "Align to the middle"),
    Alignment.RIGHT: ("text-align-end", "Align right"),
    Alignment.JUSTIFIED: ("text-align-justify", "Justify"),
}


class TextOptions(QWidget):
    """How the text that is written looks, the active one, or the next."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._family = QFontComboBox()
        self._family.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._size = QDoubleSpinBox()
        self._size.setRange(SMALLEST, LARGEST)
        self._size.setDecimals(1)
        self._size.setSuffix(" px")
        self._height = QDoubleSpinBox()
        self._height.setRange(0.2, 5.0)
        self._height.setSingleStep(0.05)
        self._height.setSuffix(" ×")
        self._bold = _switch("bold", "Bold")
        self._italic = _switch("italic", "Italic")
        self._colour = ColourButton("Text colour", QColor(0, 0, 0))
        self._alignments = {
            alignment: _switch(icon, name) for alignment, (icon, name) in _ALIGNMENTS.items()
        }
        self._keep = QPushButton("Done")
        self._lay_out()
        self._tool = ToolOf(workspace, ToolId.TEXT, TextTool, lambda tool: tool.changed, self._show)
        self._connect(workspace)
        self._show()

    def _lay_out(self) -> None:
        layout = rows(self)
        layout.addWidget(
            muted(
                "Click to write, or drag a box that lines are wrapped in."
                " Ctrl+Enter keeps it, Esc gives it up."
            )
        )
        layout.addWidget(field_row("Font", self._family))
        layout.addWidget(field_row("Size", self._size))
        layout.addWidget(field_row("Line height", self._height))
        layout.addWidget(field_row("Colour", self._colour))
        layout.addWidget(field_row("Style", side_by_side(self._bold, self._italic)))
        layout.addWidget(side_by_side(*self._alignments.values()))
        layout.addWidget(self._keep)

    def _connect(self, workspace: Workspace) -> None:
        self._family.currentFontChanged.connect(lambda font: self._set(family=font.family()))
        self._size.valueChanged.connect(lambda size: self._set(size_px=size))
        self._height.valueChanged.connect(lambda height: self._set(line_height=height))
        self._bold.toggled.connect(lambda on: self._set(bold=on))
        self._italic.toggled.connect(lambda on: self._set(italic=on))
        self._colour.chosen.connect(lambda colour: self._set(colour=Colour.from_hex(colour.name())))
        for alignment, button in self._alignments.items():
            button.clicked.connect(lambda _, it=alignment: self._set(alignment=it))
        self._keep.clicked.connect(lambda: self._tool.tool.finish())
        workspace.tool_changed.connect(self._show)

    def _set(self, **changes: object) -> None:
        self._tool.tool.set_look(**changes)
        self._show()

    def _show(self) -> None:
        look = self._tool.tool.look
        with QSignalBlocker(self._family):
            self._family.setCurrentFont(QFont(look.family))
        for number, value in ((self._size, look.size_px), (self._height, look.line_height)):
            with QSignalBlocker(number):
                number.setValue(value)
        for switch, is_on in ((self._bold, look.bold), (self._italic, look.italic)):
            with QSignalBlocker(switch):
                switch.setChecked(is_on)
        for alignment, button in self._alignments.items():
            button.setChecked(alignment is look.alignment)
        self._colour.set_colour(QColor(look.colour.hex))
        self._keep.setEnabled(self._tool.tool.draft is not None)


def _switch(icon: str, name: str) -> QToolButton:
    button = tool_button(icon, name)
    button.setCheckable(True)
    return button
