"""Asks what is to be enlarged, by how much, and by which network."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from studio.core.geometry import Extent
from studio.generation.enlarging import SCALES, UpscalerInfo
from studio.generation.request import can_be_held
from studio.gui.dialogs.buttons import Agreement
from studio.gui.enlarging import EnlargeWish
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import field_row, muted, rows


class EnlargeDialog(QDialog):
    """Whole picture or layer, 2 or 4 times, and one of the upscalers that are installed.

    Signals:
        chosen(EnlargeWish): what the person agreed to.

    Args:
        canvas: size of the whole picture.
        layer: size of the active layer; None where it cannot be enlarged.
        upscalers: that there are, the usual one first; at least one.
        parent: over which it is shown.
    """

    chosen = Signal(object)

    def __init__(
        self,
        canvas: Extent,
        layer: Extent | None,
        upscalers: Sequence[UpscalerInfo],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Enlarge")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._canvas = canvas
        self._layer = layer
        self._what = _choice("What is enlarged")
        self._what.addItem("The whole picture", False)
        if layer is not None:
            self._what.addItem("The active layer", True)
        self._scale = _choice("By how much")
        for scale in SCALES:
            self._scale.addItem(f"{scale} times as large", scale)
        self._upscaler = _choice("Upscaler")
        for upscaler in upscalers:
            own = f" ({upscaler.scale}×)" if upscaler.scale else ""
            self._upscaler.addItem(f"{upscaler.title}{own}", upscaler.id)
        self._words = muted()
        self._buttons = Agreement(self, "Enlarge")
        self._lay_out()
        self._show()

    @property
    def wish(self) -> EnlargeWish:
        """What is shown."""
        return EnlargeWish(
            scale=self._scale.currentData(),
            upscaler=self._upscaler.currentData(),
            layer=self._what.currentData(),
        )

    def accept(self) -> None:
        """Agrees to it."""
        super().accept()
        self.chosen.emit(self.wish)

    def _lay_out(self) -> None:
        layout = rows(self)
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.addWidget(field_row("Enlarge", self._what))
        layout.addWidget(field_row("To be", self._scale))
        layout.addWidget(field_row("With", self._upscaler))
        layout.addWidget(self._words)
        layout.addWidget(self._buttons)
        for choice in (self._what, self._scale):
            choice.currentIndexChanged.connect(self._show)

    def _show(self) -> None:
        """Says what it comes to, and whether that can be held."""
        wish = self.wish
        before = self._layer if wish.layer and self._layer else self._canvas
        after = Extent(before.width * wish.scale, before.height * wish.scale)
        fits = can_be_held(after)
        words = f"From {before.width} × {before.height} to {after.width} × {after.height}."
        self._words.setText(words if fits else f"{words} That is more than can be held.")
        self._buttons.allow(fits)


def _choice(name: str) -> QComboBox:
    choice = QComboBox()
    choice.setAccessibleName(name)
    return choice
