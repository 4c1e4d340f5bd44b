"""The options of the tool in hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.core.brush import LINEAR, MAX_SIZE, MIN_SIZE, Source, Target
from studio.core.colour import Colour
from studio.core.commands.canvas import SetFrame
from studio.core.commands.selection import ClearMask, InvertMask
from studio.core.geometry import Bounds, Extent
from studio.generation.request import MAX_SIDE, MIN_SIDE
from studio.gui.canvas.colours import MASK_COLOUR
from studio.gui.theme import UNIT
from studio.gui.widgets.colour_button import ColourButton
from studio.gui.widgets.fields import SizeBox, SliderField, field_row, muted
from studio.gui.workspace import ToolId, Workspace

SIZES = (
    *(Extent(256, 256), Extent(512, 512), Extent(1024, 1024)),
    *(Extent(1792, 1024), Extent(1024, 1792), Extent(1536, 1024), Extent(1024, 1536)),
)
FARTHEST = 100_000
"""How far from the origin a frame may be put."""
MOST = 8192
"""How far an edge may be extended at once."""
_SLIDER_STEPS = 1000
_TITLES = {
    ToolId.MOVE: "Move",
    ToolId.FRAME: "Frame",
    ToolId.EXTEND: "Extend",
    ToolId.BRUSH: "Brush",
    ToolId.ERASER: "Eraser",
    ToolId.MASK: "Mask brush",
    ToolId.MASK_ERASER: "Mask eraser",
    ToolId.PICKER: "Pick a colour",
    ToolId.HAND: "Hand",
}
_HINTS = {
    ToolId.MOVE: "Drag to move the chosen layer.",
    ToolId.PICKER: "Click on the picture to paint in its colour.",
    ToolId.HAND: "Drag to move the view. The space bar does the same with any tool.",
}


class ToolOptionsPanel(QWidget):
    """Shows what can be set about the tool in hand.

    Signals:
        mask_colour_chosen(QColor): the mask shall be shown in that colour.
        extend_requested(Bounds): the canvas should become this.
    """

    mask_colour_chosen = Signal(QColor)
    extend_requested = Signal(object)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setAccessibleName("Tool options")
        self._title = QLabel()
        self._title.setObjectName("heading")
        self._hint = muted()
        self._brush = BrushOptions(workspace)
        self._frame = FrameOptions(workspace)
        self._extend = ExtendOptions(workspace)
        self._pages = QStackedWidget()
        for page in (self._hint, self._brush, self._frame, self._extend):
            self._pages.addWidget(_at_the_top(page))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self._title)
        layout.addWidget(self._pages, 1)
        self._brush.mask_colour_chosen.connect(self.mask_colour_chosen)
        self._extend.extend_requested.connect(self.extend_requested)
        workspace.tool_changed.connect(self._show_tool)
        self._show_tool()

    def _show_tool(self) -> None:
        tool = self._workspace.tool_id
        self._title.setText(_TITLES[tool])
        self._hint.setText(_HINTS.get(tool, ""))
        pages = {ToolId.FRAME: 2, ToolId.EXTEND: 3} | dict.fromkeys(_HINTS, 0)
        self._pages.setCurrentIndex(pages.get(tool, 1))


class BrushOptions(QWidget):
    """Size, softness and strength of the brush, and what else goes with painting or masking.

    Signals:
        mask_colour_chosen(QColor): the mask shall be shown in that colour.
    """

    mask_colour_chosen = Signal(QColor)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._size = BrushSizeField()
        self._shares = {
            name: SliderField(name.capitalize(), 0, 100) for name in ("hardness", "opacity", "flow")
        }
        self._pressure = {
            Target.SIZE: QCheckBox("Size follows the pen's pressure"),
            Target.FLOW: QCheckBox("Flow follows the pen's pressure"),
        }
        self._colour = ColourButton("Colour", QColor(workspace.brush.colour.hex))
        self._mask_colour = ColourButton("Mask colour", MASK_COLOUR)
        self._clear = QPushButton("Clear")
        self._clear.setAccessibleName("Clear the mask")
        self._invert = QPushButton("Invert")
        self._invert.setAccessibleName("Invert the mask")
        self._lay_out()
        self._connect()
        self._show_tool()
        self._show_brush()

    def _lay_out(self) -> None:
        self._colour_row = field_row("Colour", self._colour)
        self._mask_row = field_row("Shown in", self._mask_colour)
        self._mask_buttons = QWidget()
        buttons = QHBoxLayout(self._mask_buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self._clear)
        buttons.addWidget(self._invert)
        layout = _rows(self)
        layout.addWidget(self._colour_row)
        layout.addWidget(field_row("Size", self._size))
        for name, field in self._shares.items():
            layout.addWidget(field_row(name.capitalize(), field))
        for box in self._pressure.values():
            layout.addWidget(box)
        layout.addWidget(self._mask_row)
        layout.addWidget(self._mask_buttons)

    def _connect(self) -> None:
        workspace = self._workspace
        self._size.changed.connect(lambda size: workspace.set_brush(size=size))
        shares, pressure = self._shares, self._pressure
        shares["hardness"].changed.connect(lambda it: workspace.set_brush(hardness=it / 100))
        shares["opacity"].changed.connect(lambda it: workspace.set_brush(opacity=it / 100))
        shares["flow"].changed.connect(lambda it: workspace.set_brush(flow=it / 100))
        for target, box in pressure.items():
            box.toggled.connect(partial(self._follow_pressure, target))
        self._colour.chosen.connect(
            lambda colour: workspace.set_colour(Colour.from_hex(colour.name()))
        )
        self._mask_colour.chosen.connect(self.mask_colour_chosen)
        self._clear.clicked.connect(lambda: workspace.stack.push(ClearMask()))
        self._invert.clicked.connect(lambda: workspace.stack.push(InvertMask()))
        workspace.tool_changed.connect(self._show_tool)
        workspace.brush_changed.connect(self._show_brush)

    def _show_tool(self) -> None:
        tool = self._workspace.tool_id
        masking = tool in (ToolId.MASK, ToolId.MASK_ERASER)
        self._colour_row.setVisible(tool is ToolId.BRUSH)
        self._mask_row.setVisible(masking)
        self._mask_buttons.setVisible(masking)

    def _show_brush(self) -> None:
        brush = self._workspace.brush
        self._size.set_value(brush.size)
        for name, field in self._shares.items():
            field.set_value(round(getattr(brush, name) * 100))
        for target, box in self._pressure.items():
            with QSignalBlocker(box):
                box.setChecked(brush.curve(Source.PRESSURE, target) is not None)
        self._colour.set_colour(QColor(brush.colour.hex))

    def _follow_pressure(self, target: Target, follows: bool) -> None:
        curve = LINEAR if follows else None
        brush = self._workspace.brush.driven(Source.PRESSURE, target, curve)
        self._workspace.set_brush(dynamics=brush.dynamics)


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


class FrameOptions(QWidget):
    """Place and size of the generation frame, in numbers."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._numbers = {
            "x": SizeBox("Frame x", -FARTHEST, FARTHEST),
            "y": SizeBox("Frame y", -FARTHEST, FARTHEST),
            "width": SizeBox("Frame width", MIN_SIDE, MAX_SIDE),
            "height": SizeBox("Frame height", MIN_SIDE, MAX_SIDE),
        }
        self._preset = QComboBox()
        self._preset.addItem("Usual sizes", None)
        for size in SIZES:
            self._preset.addItem(f"{size.width} × {size.height}", size)
        self._release: Callable[[], None] = lambda: None
        layout = _rows(self)
        layout.addWidget(field_row("Place", _side_by_side(self._numbers["x"], self._numbers["y"])))
        size_boxes = _side_by_side(self._numbers["width"], self._numbers["height"])
        layout.addWidget(field_row("Size", size_boxes))
        layout.addWidget(field_row("Preset", self._preset))
        for number in self._numbers.values():
            number.valueChanged.connect(self._on_number)
        self._preset.activated.connect(self._on_preset)
        workspace.document_replaced.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self._release()
        document = self._workspace.document
        document.frame_changed.connect(self._show_frame)
        self._release = lambda: document.frame_changed.disconnect(self._show_frame)
        self._show_frame(document.frame)

    def _show_frame(self, frame: Bounds) -> None:
        for name, value in frame._asdict().items():
            with QSignalBlocker(self._numbers[name]):
                self._numbers[name].setValue(value)

    def _on_number(self) -> None:
        self._set(Bounds(**{name: number.value() for name, number in self._numbers.items()}))

    def _on_preset(self, row: int) -> None:
        size: Extent | None = self._preset.itemData(row)
        if size is None:
            return
        old = self._workspace.document.frame
        x = old.x + (old.width - size.width) // 2
        y = old.y + (old.height - size.height) // 2
        self._set(Bounds(x, y, *size))
        self._preset.setCurrentIndex(0)

    def _set(self, frame: Bounds) -> None:
        if frame != self._workspace.document.frame:
            self._workspace.stack.push(SetFrame(frame))
            self._workspace.stack.seal()


class ExtendOptions(QWidget):
    """Extends the canvas by numbers.

    Signals:
        extend_requested(Bounds): the canvas should become this.
    """

    extend_requested = Signal(object)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._sides = {
            side: SizeBox(f"Extend {side}", 0, MOST) for side in ("left", "right", "top", "bottom")
        }
        self._result = muted()
        self._apply = QPushButton("Extend")
        layout = _rows(self)
        layout.addWidget(muted("Drag an edge of the canvas, or say by how many pixels."))
        for side, number in self._sides.items():
            number.setSuffix(" px")
            number.valueChanged.connect(self._show_result)
            layout.addWidget(field_row(side.capitalize(), number))
        layout.addWidget(self._result)
        layout.addWidget(self._apply)
        self._apply.clicked.connect(self._on_apply)
        workspace.document_replaced.connect(self._show_result)
        workspace.tool_changed.connect(self._show_result)
        self._show_result()

    def _wanted(self) -> Bounds:
        canvas = self._workspace.document.canvas
        by = {side: number.value() for side, number in self._sides.items()}
        return Bounds.from_edges(
            canvas.x - by["left"],
            canvas.y - by["top"],
            canvas.right + by["right"],
            canvas.bottom + by["bottom"],
        )

    def _show_result(self) -> None:
        for number in self._sides.values():
            number.setSingleStep(self._workspace.grid)
        wanted = self._wanted()
        self._result.setText(f"The canvas becomes {wanted.width} × {wanted.height}.")
        self._apply.setEnabled(wanted != self._workspace.document.canvas)

    def _on_apply(self) -> None:
        wanted = self._wanted()
        for number in self._sides.values():
            number.setValue(0)
        self.extend_requested.emit(wanted)
        self._show_result()


def _rows(widget: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT)
    return layout


def _side_by_side(*fields: QWidget) -> QWidget:
    box = QWidget()
    layout = QHBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT)
    for field in fields:
        layout.addWidget(field, 1)
    box.setFocusProxy(fields[0])
    return box


def _at_the_top(page: QWidget) -> QWidget:
    """The page with all room to spare below it."""
    holder = QWidget()
    layout = _rows(holder)
    layout.addWidget(page)
    layout.addStretch(1)
    return holder


def _size_at(step: int) -> float:
    return float(round(MIN_SIZE * math.pow(MAX_SIZE / MIN_SIZE, step / _SLIDER_STEPS)))
