"""Chips with small pictures: a click adds a style to the prompt, another takes it off."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from studio.generation.styles import Style

COLUMNS = 4
SIDE = 48
"""Of a thumbnail, in pixels before scaling."""

_TITLE_SCALE = 0.85  # so that the longest title fits a quarter of the panel


class StylePicker(QWidget):
    """A grid of styles of which at most one is on.

    Signals:
        chosen(object): the person clicked this `Style`, or None for the one that was on.
    """

    chosen = Signal(object)

    def __init__(self, styles: Sequence[Style], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Style")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        self._chips = {style.id: self._chip(style) for style in styles}
        for index, chip in enumerate(self._chips.values()):
            grid.addWidget(chip, index // COLUMNS, index % COLUMNS)

    def show_style(self, style: Style | None) -> None:
        """Which one is on."""
        for style_id, chip in self._chips.items():
            chip.setChecked(style is not None and style_id == style.id)

    def _chip(self, style: Style) -> QToolButton:
        chip = QToolButton()
        chip.setText(style.title)
        chip.setToolTip(f"Add “{style.phrase}” to the prompt")
        chip.setAccessibleName(style.title)
        chip.setCheckable(True)
        chip.setAutoRaise(True)
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        font = chip.font()
        font.setPointSizeF(font.pointSizeF() * _TITLE_SCALE)
        chip.setFont(font)
        chip.setIcon(QIcon(str(style.thumbnail)))
        chip.setIconSize(QSize(SIDE, SIDE))
        chip.clicked.connect(lambda on: self.chosen.emit(style if on else None))
        return chip
