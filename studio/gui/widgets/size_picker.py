"""How large the next picture is: the usual sizes, or any."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.core.geometry import Extent
from studio.generation.request import MAX_SIDE, MIN_SIDE
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import SizeBox

SIZES = (
    Extent(256, 256),
    Extent(512, 512),
    Extent(1024, 1024),
    Extent(1792, 1024),
    Extent(1024, 1792),
    Extent(1536, 1024),
    Extent(1024, 1536),
)
_FREE = "Free size"


class SizePicker(QWidget):
    """A list of sizes; its last line opens two numbers.

    Signals:
        chosen(Extent): the person chose a size.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._list = QComboBox()
        self._list.setAccessibleName("Size of the picture")
        for extent in SIZES:
            self._list.addItem(_words(extent), extent)
        self._list.addItem(_FREE)
        self._width = SizeBox("Width in pixels", MIN_SIDE, MAX_SIDE)
        self._height = SizeBox("Height in pixels", MIN_SIDE, MAX_SIDE)
        self._free = QWidget()
        row = QHBoxLayout(self._free)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._width, QLabel("×"), self._height, QLabel("px")):
            row.addWidget(widget)
        row.setStretch(0, 1)
        row.setStretch(2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        layout.addWidget(self._list)
        layout.addWidget(self._free)
        self.setFocusProxy(self._list)
        self._list.activated.connect(self._picked)
        self._width.valueChanged.connect(self._typed)
        self._height.valueChanged.connect(self._typed)
        self.show_extent(SIZES[0])

    @property
    def extent(self) -> Extent:
        """What is shown."""
        return Extent(self._width.value(), self._height.value())

    def show_extent(self, extent: Extent) -> None:
        """Shows a size without telling anybody."""
        with (
            QSignalBlocker(self._list),
            QSignalBlocker(self._width),
            QSignalBlocker(self._height),
        ):
            self._width.setValue(extent.width)
            self._height.setValue(extent.height)
            place = SIZES.index(extent) if extent in SIZES else len(SIZES)
            self._list.setCurrentIndex(place)
        self._free.setVisible(place == len(SIZES))

    def _picked(self, place: int) -> None:
        if place == len(SIZES):
            self._free.show()
            self._width.setFocus()
            self._width.selectAll()
            return
        self.show_extent(SIZES[place])
        self.chosen.emit(self.extent)

    def _typed(self) -> None:
        self.chosen.emit(self.extent)


def _words(extent: Extent) -> str:
    shape = "" if extent.width == extent.height else " wide" if extent.aspect > 1 else " tall"
    return f"{extent.width} × {extent.height}{shape}"
