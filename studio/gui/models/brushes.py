"""Brushes by name, with a sample stroke each that is drawn once somebody looks."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap

from studio.core.brush import BrushSettings
from studio.core.colour import Colour
from studio.core.raster import image_of
from studio.core.stroke import sample_stroke
from studio.files.brushes import BrushPreset

SAMPLE_WIDTH, SAMPLE_HEIGHT = 104, 24
"""Of a sample stroke, in view units."""
_Index = QModelIndex | QPersistentModelIndex


class BrushesModel(QAbstractListModel):
    """The brushes to choose from.

    Once `draw_samples` has been called, samples are drawn one after the other while nothing else
    happens, so that a list opens at once.

    Args:
        ratio: device pixels per view unit.
    """

    def __init__(self, ratio: float = 1.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ratio = ratio
        self._ink = Colour(0, 0, 0)
        self._presets: tuple[BrushPreset, ...] = ()
        self._samples: dict[BrushSettings, QIcon] = {}
        self._is_seen = False
        self._drawing = QTimer(self)
        self._drawing.timeout.connect(self._draw_next)

    @property
    def presets(self) -> tuple[BrushPreset, ...]:
        """The rows."""
        return self._presets

    def set_presets(self, presets: tuple[BrushPreset, ...]) -> None:
        """Shows other brushes."""
        if presets == self._presets:
            return
        self.beginResetModel()
        self._presets = presets
        self.endResetModel()
        self._go_on()

    def set_ink(self, colour: QColor) -> None:
        """Draws the samples in the colour of the text around them."""
        ink = Colour(colour.red(), colour.green(), colour.blue())
        if ink != self._ink:
            self._ink = ink
            self._samples.clear()
            self._go_on()

    def draw_samples(self) -> None:
        """Somebody looks: draws what is missing now, and from now on whatever changes."""
        if not self._is_seen:
            self._is_seen = True
            self._go_on()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        """How many brushes there are."""
        return 0 if parent.isValid() else len(self._presets)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, sample and explanation of a brush."""
        preset = self._presets[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return preset.name
            case Qt.ItemDataRole.DecorationRole:
                return self._samples.get(preset.settings)
            case Qt.ItemDataRole.ToolTipRole:
                return "Your own brush" if preset.is_own else "A brush of the program"
        return None

    def _go_on(self) -> None:
        if self._is_seen:
            self._drawing.start(0)

    def _draw_next(self) -> None:
        """Draws one sample that is missing; each takes less than a frame."""
        for row, preset in enumerate(self._presets):
            if preset.settings not in self._samples:
                self._samples[preset.settings] = self._sample(preset.settings)
                index = self.index(row)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])
                return
        self._drawing.stop()

    def _sample(self, settings: BrushSettings) -> QIcon:
        width, height = round(SAMPLE_WIDTH * self._ratio), round(SAMPLE_HEIGHT * self._ratio)
        image: QImage = image_of(sample_stroke(settings, width, height, self._ink)).copy()
        image.setDevicePixelRatio(self._ratio)
        return QIcon(QPixmap.fromImage(image))
