"""The options of the brush, the eraser and the mask brushes."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QHBoxLayout, QPushButton, QSlider, QWidget

from studio.core.brush import LINEAR, MAX_SIZE, MIN_SIZE, BrushSettings, Source, Target
from studio.core.commands.selection import ClearMask, InvertMask
from studio.files.brushes import BrushKind
from studio.gui.canvas.colours import MASK_COLOUR
from studio.gui.options.colour import PaintingColourButton
from studio.gui.options.dynamics import DynamicsOptions
from studio.gui.options.tip import TipOptions
from studio.gui.theme import UNIT
from studio.gui.widgets.brush_picker import BrushPicker
from studio.gui.widgets.colour_button import ColourButton
from studio.gui.widgets.fields import Fold, SliderField, field_row, rows, side_by_side
from studio.gui.workspace import BRUSH_KINDS, ToolId, Workspace

_SLIDER_STEPS = 1000


class BrushOptions(QWidget):
    """Which brush, and how it paints or masks.

    Signals:
        mask_colour_chosen(QColor): the mask shall be shown in that colour.
        refused(str): something cannot be done; the sentence says why.
    """

    mask_colour_chosen = Signal(QColor)
    refused = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._picker = BrushPicker(workspace.brushes)
        self._size = BrushSizeField()
        self._shares = {
            name: SliderField(name.capitalize(), 0, 100) for name in ("hardness", "opacity", "flow")
        }
        self._pressure = {
            Target.SIZE: QCheckBox("Size follows the pen's pressure"),
            Target.FLOW: QCheckBox("Flow follows the pen's pressure"),
        }
        self._masking = MaskOptions(workspace)
        self._lay_out()
        self._connect()
        self._show_tool()
        self._show_brush()

    def _lay_out(self) -> None:
        self._colour_row = field_row("Colour", PaintingColourButton(self._workspace))
        layout = rows(self)
        layout.addWidget(field_row("Brush", self._picker))
        layout.addWidget(self._colour_row)
        layout.addWidget(field_row("Size", self._size))
        for name, field in self._shares.items():
            layout.addWidget(field_row(name.capitalize(), field))
        for box in self._pressure.values():
            layout.addWidget(box)
        layout.addWidget(self._masking)
        for title, part in (
            ("Tip and stroke", TipOptions(self._workspace)),
            ("Pen", DynamicsOptions(self._workspace)),
        ):
            fold = Fold(title)
            fold.rows.addWidget(part)
            layout.addWidget(fold)

    def _connect(self) -> None:
        workspace = self._workspace
        self._picker.chosen.connect(self._take)
        self._picker.refused.connect(self.refused)
        self._size.changed.connect(lambda size: workspace.set_brush(size=size))
        shares, pressure = self._shares, self._pressure
        shares["hardness"].changed.connect(lambda it: workspace.set_brush(hardness=it / 100))
        shares["opacity"].changed.connect(lambda it: workspace.set_brush(opacity=it / 100))
        shares["flow"].changed.connect(lambda it: workspace.set_brush(flow=it / 100))
        for target, box in pressure.items():
            box.toggled.connect(partial(self._follow_pressure, target))
        self._masking.colour_chosen.connect(self.mask_colour_chosen)
        workspace.tool_changed.connect(self._show_tool)
        workspace.brush_changed.connect(self._show_brush)

    def _show_tool(self) -> None:
        tool = self._workspace.tool_id
        self._picker.show_kind(BRUSH_KINDS.get(tool, BrushKind.PAINT))
        self._colour_row.setVisible(tool is ToolId.BRUSH)
        self._masking.setVisible(tool in (ToolId.MASK, ToolId.MASK_ERASER))

    def _show_brush(self) -> None:
        brush = self._workspace.brush
        self._picker.show_brush(brush)
        self._size.set_value(brush.size)
        for name, field in self._shares.items():
            field.set_value(round(getattr(brush, name) * 100))
        for target, box in self._pressure.items():
            with QSignalBlocker(box):
                box.setChecked(brush.curve(Source.PRESSURE, target) is not None)

    def _take(self, brush: BrushSettings) -> None:
        """Paints as that brush does, in the colour of this one."""
        self._workspace.use_brush(brush)

    def _follow_pressure(self, target: Target, follows: bool) -> None:
        curve = LINEAR if follows else None
        brush = self._workspace.brush.driven(Source.PRESSURE, target, curve)
        self._workspace.set_brush(dynamics=brush.dynamics)


class MaskOptions(QWidget):
    """What goes with masking.

    Signals:
        colour_chosen(QColor): the mask shall be shown in that colour.
    """

    colour_chosen = Signal(QColor)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        colour = ColourButton("Mask colour", MASK_COLOUR)
        clear, invert = QPushButton("Clear"), QPushButton("Invert")
        clear.setAccessibleName("Clear the mask")
        invert.setAccessibleName("Invert the mask")
        layout = rows(self)
        layout.addWidget(field_row("Shown in", colour))
        layout.addWidget(side_by_side(clear, invert))
        colour.chosen.connect(self.colour_chosen)
        clear.clicked.connect(lambda: workspace.stack.push(ClearMask()))
        invert.clicked.connect(lambda: workspace.stack.push(InvertMask()))


class BrushSizeField(QWidget):
    """A size whose slider moves by ratios, so that small brushes are as easy to set as large ones.

    Signals:
        changed(float): the person chose another diameter, in pixels.
    """

    changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, _SLIDER_STEPS)
        self._number = QDoubleSpinBox()
        self._number.setRange(MIN_SIZE, MAX_SIZE)
        self._number.setDecimals(0)
        self._number.setFixedWidth(64)
        for widget in (self, self._slider, self._number):
            widget.setAccessibleName("Brush size")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._number)
        self.setFocusProxy(self._slider)
        self._slider.valueChanged.connect(lambda step: self._choose(_size_at(step)))
        self._number.valueChanged.connect(self._choose)

    def set_value(self, size: float) -> None:
        """Shows a size without telling anybody."""
        with QSignalBlocker(self._slider), QSignalBlocker(self._number):
            share = math.log(size / MIN_SIZE) / math.log(MAX_SIZE / MIN_SIZE)
            self._slider.setValue(round(share * _SLIDER_STEPS))
            self._number.setValue(size)

    def _choose(self, size: float) -> None:
        self.set_value(size)
        self.changed.emit(self._number.value())


def _size_at(step: int) -> float:
    return float(round(MIN_SIZE * math.pow(MAX_SIZE / MIN_SIZE, step / _SLIDER_STEPS)))
