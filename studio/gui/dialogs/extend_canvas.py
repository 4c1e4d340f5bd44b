"""Asks by how much the canvas is to grow, on each side."""

from __future__ import annotations

import enum

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QGridLayout,
    QToolButton,
    QWidget,
)

from studio.core.geometry import Bounds
from studio.gui.dialogs.buttons import Agreement
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import SizeBox, field_row, muted, rows, side_by_side

LARGEST = 32_768
"""Pixels a side that a canvas may be given by number."""
SIDES = ("left", "top", "right", "bottom")
_PLACES = ("Top left", "Top", "Top right", "Left", "Middle", "Right",
           "Bottom left", "Bottom", "Bottom right")  # fmt: skip
_ANCHOR_SIDE = 28


class Unit(enum.Enum):
    """What the numbers of the sides count."""

    PIXELS = "px"
    SHARES = "%"


class ExtendCanvasDialog(QDialog):
    """Pixels or per cent for each side; or a whole size, and where the picture stays in it.

    Signals:
        chosen(Bounds): what the canvas shall become.

    Args:
        canvas: as it is.
        parent: over which it is shown.
    """

    chosen = Signal(object)

    def __init__(self, canvas: Bounds, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Extend Canvas")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._canvas = canvas
        self._wanted = canvas
        self._unit = QComboBox()
        self._unit.addItem("Pixels", Unit.PIXELS)
        self._unit.addItem("Per cent", Unit.SHARES)
        self._sides = {side: SizeBox(side.capitalize(), 0, LARGEST) for side in SIDES}
        self._width = SizeBox("New width", canvas.width, max(LARGEST, canvas.width))
        self._height = SizeBox("New height", canvas.height, max(LARGEST, canvas.height))
        self._anchors = AnchorGrid()
        self._words = muted()
        self._buttons = Agreement(self, "Extend")
        self._lay_out()
        self._connect()
        self._show(canvas)

    @property
    def wanted(self) -> Bounds:
        """The canvas that is shown."""
        return self._wanted

    def accept(self) -> None:
        """Agrees to the canvas."""
        super().accept()
        if self._wanted != self._canvas:
            self.chosen.emit(self._wanted)

    def _lay_out(self) -> None:
        layout, sides = rows(self), self._sides
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.addWidget(field_row("Counted in", self._unit))
        layout.addWidget(field_row("Left, right", side_by_side(sides["left"], sides["right"])))
        layout.addWidget(field_row("Top, bottom", side_by_side(sides["top"], sides["bottom"])))
        layout.addWidget(field_row("New size", side_by_side(self._width, self._height)))
        layout.addWidget(field_row("Picture stays", self._anchors))
        layout.addWidget(self._words)
        layout.addWidget(self._buttons)

    def _connect(self) -> None:
        for side in self._sides.values():
            side.valueChanged.connect(self._on_side)
        for size in (self._width, self._height):
            size.valueChanged.connect(self._on_size)
        self._anchors.chosen.connect(self._on_size)
        self._unit.currentIndexChanged.connect(lambda: self._show(self._wanted))

    def _on_side(self) -> None:
        left, top, right, bottom = (
            round(number.value() / self._step(side)) for side, number in self._sides.items()
        )
        canvas = self._canvas
        self._show(
            Bounds.from_edges(
                canvas.x - left, canvas.y - top, canvas.right + right, canvas.bottom + bottom
            )
        )

    def _on_size(self) -> None:
        canvas, (column, row) = self._canvas, self._anchors.place
        width, height = self._width.value(), self._height.value()
        left = (width - canvas.width) * column // 2
        top = (height - canvas.height) * row // 2
        self._show(Bounds(canvas.x - left, canvas.y - top, width, height))

    def _step(self, side: str) -> float:
        """What one pixel counts on that side."""
        if self._unit.currentData() is Unit.PIXELS:
            return 1.0
        along = self._canvas.width if side in ("left", "right") else self._canvas.height
        return 100.0 / along

    def _show(self, wanted: Bounds) -> None:
        canvas, self._wanted = self._canvas, wanted
        depths = (
            *(canvas.x - wanted.x, canvas.y - wanted.y),
            *(wanted.right - canvas.right, wanted.bottom - canvas.bottom),
        )
        for (side, number), depth in zip(self._sides.items(), depths, strict=True):
            with QSignalBlocker(number):
                number.setSuffix(f" {self._unit.currentData().value}")
                number.setValue(round(depth * self._step(side)))
        for number, value in ((self._width, wanted.width), (self._height, wanted.height)):
            with QSignalBlocker(number):
                number.setValue(value)
        self._words.setText(f"The canvas becomes {wanted.width} × {wanted.height}.")
        self._buttons.allow(wanted != canvas)


class AnchorGrid(QWidget):
    """Nine places, one of which is chosen; the middle at first.

    Signals:
        chosen(): the person chose another one.
    """

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.setColumnStretch(3, 1)
        for number, name in enumerate(_PLACES):
            button = QToolButton()
            button.setCheckable(True)
            button.setFixedSize(_ANCHOR_SIDE, _ANCHOR_SIDE)
            button.setAccessibleName(name)
            button.setToolTip(name)
            self._group.addButton(button, number)
            layout.addWidget(button, number // 3, number % 3)
        self._group.button(4).setChecked(True)
        self._group.idClicked.connect(self.chosen)
        self._group.idToggled.connect(self._mark)
        self._mark()

    @property
    def place(self) -> tuple[int, int]:
        """Column and row, each 0 to 2."""
        number = self._group.checkedId()
        return number % 3, number // 3

    def _mark(self) -> None:
        for button in self._group.buttons():
            button.setText("●" if button.isChecked() else "○")
