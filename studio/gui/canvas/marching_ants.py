"""Marching ants: the edge of the selection, in motion."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, QSize, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QRegion, QTransform, qRgba

from studio.core.document import Document
from studio.core.geometry import Bounds, Extent
from studio.core.picture import Pixels
from studio.core.selection.reducing import ReducedMask
from studio.gui.canvas.selection_outline import level_for, look_at, outline, seen_part
from studio.gui.canvas.viewport import Viewport

STEP_MILLISECONDS = 120
"""Between two steps of the ants."""
ANT = 4
"""Device pixels of an ant, and of the gap to the next one."""
CELL = 32
"""Side of the squares in device pixels that are repainted at a step, where ants are in them."""
_PERIOD = 2 * ANT
_LIGHT, _DARK, _CLEAR = qRgba(255, 255, 255, 255), qRgba(0, 0, 0, 255), qRgba(0, 0, 0, 0)


class MarchingAnts(QObject):
    """Draws the edge of a document's selection in the view.

    The edge is found anew only when the selection or the view changes. Every pixel of it keeps
    its place in the row of ants; to make them march, only the table of colours turns.

    Signals:
        moved(QRegion): there the ants have gone a step farther.
    """

    moved = Signal(QRegion)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewport = Viewport()
        self._extent = Extent(0, 0)
        self._ratio = 1.0
        self._edge: QImage | None = None
        self._region = QRegion()
        self._is_stale = True
        self._is_shown = True
        self._step = 0
        self._offset = (0, 0)
        self._timer = QTimer(self, interval=STEP_MILLISECONDS)
        self._timer.timeout.connect(self.step)
        self._release: Callable[[], None] = lambda: None

    @property
    def region(self) -> QRegion:
        """The part of the view, in its units, that the ants are in."""
        self._find()
        return self._region.translated(self._way.toPoint())

    @property
    def is_marching(self) -> bool:
        """Whether there are ants in the view that move."""
        return self._timer.isActive()

    def follow(self, document: Document) -> None:
        """Shows the selection of another document."""
        self._release()
        self._offset = (0, 0)
        self._document = document
        self._mask = ReducedMask(document.selection)
        document.selection_changed.connect(self._on_changed)
        self._release = lambda: document.selection_changed.disconnect(self._on_changed)
        self._is_stale = True

    def set_view(self, viewport: Viewport, size: QSize, ratio: float) -> None:
        """Looks from somewhere else; as `Backing.set_view`."""
        self._viewport = viewport.in_device_pixels(ratio)
        self._extent = Extent(round(size.width() * ratio), round(size.height() * ratio))
        self._ratio = ratio
        self._is_stale = True

    def set_shown(self, shown: bool) -> None:
        """Shows or hides them."""
        self._is_shown = shown
        self._is_stale = True

    def shift(self, offset: tuple[int, int]) -> None:
        """Shows the selection so many canvas pixels beside its place."""
        if offset != self._offset:
            before = self.region
            self._offset = offset
            self.moved.emit(before.united(self.region))

    def paint(self, painter: QPainter) -> None:
        """Draws the ants with a painter in the view's units."""
        self._find()
        if self._edge is None:
            return
        self._edge.setColorTable(_colours(self._step))
        self._edge.setDevicePixelRatio(self._ratio)
        painter.drawImage(self._way, self._edge)

    def close(self) -> None:
        """Lets go of the document."""
        self._timer.stop()
        self._release()
        self._release = lambda: None

    def _on_changed(self, dirty: Bounds) -> None:
        self._mask.invalidate(dirty)
        before = self._region.translated(self._way.toPoint())
        self._is_stale = True
        self.moved.emit(before.united(self.region))

    def step(self) -> None:
        """Lets them go a step farther."""
        self._step = (self._step + 1) % _PERIOD
        self.moved.emit(self.region)

    @property
    def _way(self) -> QPointF:
        """From the selection's place to where it is shown, in the view's units."""
        transform = self._viewport.transform
        return (transform.map(QPointF(*self._offset)) - transform.map(QPointF())) / self._ratio

    def _find(self) -> None:
        """Finds the edge, unless it is known."""
        if not self._is_stale:
            return
        self._is_stale = False
        self._edge, self._region = None, QRegion()
        selection, transform = self._document.selection, self._viewport.transform
        seen = seen_part(selection, transform, self._extent)
        if self._is_shown and not seen.is_empty:
            look = look_at(self._mask, seen, level_for(self._viewport.zoom))
            self._keep(outline(look, transform, self._extent))
        if self._edge is None:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def _keep(self, edge: Pixels) -> None:
        cells = _cells(edge)
        if not cells.any():
            return
        height, width = edge.shape
        # Rows of an image are aligned to four bytes.
        ants = np.zeros((height, -(-width // 4) * 4), dtype=np.uint8)
        np.multiply(edge, _places(height, width), out=ants[:, :width])
        image = QImage(ants.data, width, height, ants.shape[1], QImage.Format.Format_Indexed8)
        self._edge = image
        self._region = _region(cells, self._ratio)


@functools.lru_cache(maxsize=2)
def _places(height: int, width: int) -> Pixels:
    """The place of each pixel in the row of ants: 1 to the period, along the diagonals."""
    steps = np.arange(_PERIOD, dtype=np.uint8)
    square = (steps[None, :] + steps[:, None]) % _PERIOD + 1
    repeated = np.tile(square, (-(-height // _PERIOD), -(-width // _PERIOD)))
    return np.ascontiguousarray(repeated[:height, :width], dtype=np.uint8)


def _colours(step: int) -> list[int]:
    """What each place looks like at a step; the first is no place."""
    row = [_LIGHT if (place - step) % _PERIOD < ANT else _DARK for place in range(_PERIOD)]
    return [_CLEAR, *row]


def _cells(edge: Pixels) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Which squares of the view have ants in them."""
    rows = np.add.reduceat(edge, np.arange(0, edge.shape[0], CELL), axis=0, dtype=np.uint32)
    return np.add.reduceat(rows, np.arange(0, edge.shape[1], CELL), axis=1) > 0


def _region(cells: np.ndarray[tuple[int, int], np.dtype[np.bool_]], ratio: float) -> QRegion:
    """These squares, in the view's units; neighbours in a row are one rectangle."""
    region = QRegion()
    for row, line in enumerate(cells):
        steps = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
        for start, end in steps.reshape(-1, 2).tolist():
            pixels = QRect(start * CELL, row * CELL, (end - start) * CELL, CELL)
            region += (
                QTransform.fromScale(1 / ratio, 1 / ratio).mapRect(pixels).adjusted(-1, -1, 1, 1)
            )
    return region
