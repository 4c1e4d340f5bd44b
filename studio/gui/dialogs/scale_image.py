"""Asks for the new size of the whole picture."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDoubleSpinBox, QWidget

from studio.core.geometry import Extent
from studio.gui.dialogs.buttons import Agreement
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import SizeBox, field_row, muted, rows, side_by_side

LONGEST = 32_768
"""Pixels a side that a picture may be scaled to."""
MOST_PIXELS = 2**28


class ScaleImageDialog(QDialog):
    """Width and height in pixels, or a share of both in per cent.

    Signals:
        chosen(Extent): the size that the person agreed to.

    Args:
        extent: of the picture.
        parent: over which it is shown.
    """

    chosen = Signal(object)

    def __init__(self, extent: Extent, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Scale Image")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._before = extent
        self._width = SizeBox("Width in pixels", 1, LONGEST)
        self._height = SizeBox("Height in pixels", 1, LONGEST)
        self._share = QDoubleSpinBox()
        self._share.setRange(0.1, 3200.0)
        self._share.setSuffix(" %")
        self._share.setKeyboardTracking(False)
        self._keeps = QCheckBox("Keep the aspect")
        self._keeps.setChecked(True)
        self._words = muted()
        self._buttons = Agreement(self, "Scale")
        self._lay_out()
        self._connect()
        self._show(extent)

    @property
    def extent(self) -> Extent:
        """The size that is shown."""
        return Extent(self._width.value(), self._height.value())

    def accept(self) -> None:
        """Agrees to the size."""
        super().accept()
        self.chosen.emit(self.extent)

    def _lay_out(self) -> None:
        layout = rows(self)
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.addWidget(field_row("Size", side_by_side(self._width, self._height)))
        layout.addWidget(field_row("Share", self._share))
        layout.addWidget(self._keeps)
        layout.addWidget(self._words)
        layout.addWidget(self._buttons)

    def _connect(self) -> None:
        self._width.valueChanged.connect(lambda width: self._on_side(width=width))
        self._height.valueChanged.connect(lambda height: self._on_side(height=height))
        self._share.valueChanged.connect(self._on_share)

    def _on_side(self, width: int | None = None, height: int | None = None) -> None:
        if not self._keeps.isChecked():
            self._show(self.extent)
        elif width is not None:
            self._show(Extent(width, max(1, round(width / self._before.aspect))))
        elif height is not None:
            self._show(Extent(max(1, round(height * self._before.aspect)), height))

    def _on_share(self, share: float) -> None:
        sides = (max(1, round(side * share / 100)) for side in self._before)
        self._show(Extent(*sides))

    def _show(self, extent: Extent) -> None:
        share = 100 * extent.width / self._before.width
        for number, value in ((self._width, extent.width), (self._height, extent.height)):
            with QSignalBlocker(number):
                number.setValue(value)
        with QSignalBlocker(self._share):
            self._share.setValue(share)
        fits = self.extent.area <= MOST_PIXELS
        before = f"{self._before.width} × {self._before.height}"
        self._words.setText(f"It is {before} now." if fits else "That is more than can be held.")
        self._buttons.allow(fits)
