"""What a canvas shows, and which parts of it are painted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPaintEvent
from PySide6.QtWidgets import QApplication

from studio.core.geometry import Bounds
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import Workspace

RED = QColor(200, 40, 40)
"""The square of the painted workspace."""


def look(view: CanvasView) -> QImage:
    """The view as it is once everything that changed is painted."""
    image = view.grab().toImage()
    while not view.is_up_to_date:
        image = view.grab().toImage()
    return image


def shown(view: CanvasView, x: float, y: float) -> QColor:
    """The colour at a place of the view."""
    return QColor(look(view).pixelColor(round(x), round(y)))


def pixel(workspace: Workspace, x: int, y: int) -> tuple[int, ...]:
    """A pixel of the document, RGBA."""
    return tuple(workspace.document.flatten(Bounds(x, y, 1, 1)).data)


def grey(value: int) -> npt.NDArray[np.uint8]:
    """One mask pixel."""
    return np.full((1, 1), value, dtype=np.uint8)


def plain(colour: QColor) -> QImage:
    """A small picture of one colour."""
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill(colour)
    return image


class Repaints:
    """Which parts of a view are painted, from now on."""

    def __init__(self, view: CanvasView, monkeypatch: pytest.MonkeyPatch) -> None:
        QApplication.processEvents()
        look(view)
        QApplication.processEvents()
        self._rects: list[QRect] = []
        paint = view.paintEvent

        def spy(event: QPaintEvent) -> None:
            self._rects.append(event.region().boundingRect())
            paint(event)

        monkeypatch.setattr(view, "paintEvent", spy)

    def rect(self) -> QRect:
        """The rectangle around all of them, once everything asked for is painted."""
        QApplication.processEvents()
        union = QRect()
        for rect in self._rects:
            union = union.united(rect)
        return union
