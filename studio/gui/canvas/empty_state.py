"""What an empty document says: how to begin, and three prompts to begin with."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.gui.widgets.fields import push_button

WIDTH = 400
CHIP_ICON = 14


class EmptyState(QWidget):
    """A card in the middle of an empty canvas; gone as soon as there is something to see.

    Signals:
        sample_chosen(str): the prompt that was clicked.
    """

    sample_chosen = Signal(str)

    def __init__(self, samples: Iterable[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("How to begin")
        self._width = WIDTH
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # no paint through the card
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(24, 22, 24, 22)
        self._layout.setSpacing(8)
        heading = QLabel("Describe a picture, and press Generate")
        heading.setObjectName("heading")
        hint = QLabel("Or drop a picture here to paint over it, extend it or vary it.")
        hint.setObjectName("muted")
        for label in (heading, hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            self._layout.addWidget(label)
        self._layout.addSpacing(8)
        self._chips: list[QPushButton] = []
        self.set_samples(samples)

    def set_room(self, width: int) -> None:
        """Becomes no wider than that, in view units."""
        width = min(WIDTH, width)
        if width != self._width:
            self._width = width
            self.set_samples(self._samples)

    def set_samples(self, samples: Iterable[str]) -> None:
        """Offers these prompts."""
        self._samples = tuple(samples)
        self.setFixedWidth(self._width)
        for chip in self._chips:
            self._layout.removeWidget(chip)
            chip.deleteLater()
        self._chips = [self._chip(sample) for sample in self._samples]
        for chip in self._chips:
            self._layout.addWidget(chip, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.adjustSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A quiet card, a little see-through, so that the canvas' edges stay in sight."""
        ground = QColor(self.palette().color(QPalette.ColorRole.Window))
        ground.setAlpha(235)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), 12.0, 12.0)

    def _chip(self, sample: str) -> QPushButton:
        chip = push_button("sparkles", self._shortened(sample), CHIP_ICON)
        chip.setObjectName("chip")
        chip.setToolTip(sample)
        chip.setAccessibleName(sample)
        chip.clicked.connect(lambda: self.sample_chosen.emit(sample))
        return chip

    def _shortened(self, text: str) -> str:
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self._width - 110)
