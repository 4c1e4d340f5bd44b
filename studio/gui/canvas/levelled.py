"""A turned or mirrored view, taken apart: an upright picture and how it is laid on the screen."""

from __future__ import annotations

import math

import msgspec
from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPolygonF, QRegion, QTransform

from studio.gui.canvas.viewport import Viewport

_SLACK = 2
"""Pixels around what is seen that smoothing may look at."""


class Levelled(msgspec.Struct, frozen=True):
    """What an upright picture must hold so that, turned, it fills the view.

    A turn about any angle finds the same picture, only shifted by whole pixels, so that the
    picture need not be drawn anew while the view is turned.

    Attributes:
        viewport: takes the canvas to the picture; upright, with its origin on a pixel.
        size: of the picture.
        turn: takes the picture to the screen, in device pixels; neither scales nor shears.
        seen: the part of the picture that lies in the view.
    """

    viewport: Viewport
    size: QSize
    turn: QTransform
    seen: QRegion

    @classmethod
    def of(cls, viewport: Viewport, screen: QSize) -> Levelled:
        """Of a view in device pixels.

        Args:
            viewport: with its origin on a pixel.
            screen: how many pixels of it the view has.
        """
        if viewport.is_upright:
            return cls(viewport, screen, QTransform(), QRegion(QRect(QPointF().toPoint(), screen)))
        side = math.ceil(math.hypot(screen.width(), screen.height())) + 2 * _SLACK
        centre = viewport.to_canvas(QPointF(screen.width() / 2, screen.height() / 2))
        level = Viewport(
            viewport.zoom,
            round(side / 2 - centre.x() * viewport.zoom),
            round(side / 2 - centre.y() * viewport.zoom),
        )
        turn = (
            QTransform()
            .translate(viewport.x, viewport.y)
            .rotate(viewport.rotation)
            .scale(-1.0 if viewport.mirrored else 1.0, 1.0)
            .translate(-level.x, -level.y)
        )
        return cls(level, QSize(side, side), turn, _seen(turn, screen))

    @property
    def is_square(self) -> bool:
        """Whether the picture's pixels lie exactly on the screen's."""
        return self.turn.m11() == 0.0 or self.turn.m12() == 0.0

    def on_screen(self, part: QRectF) -> QRectF:
        """The rectangle of the screen that holds a part of the picture."""
        shown = self.turn.mapRect(part)
        return shown if self.is_square else shown.adjusted(-1.0, -1.0, 1.0, 1.0)


def _seen(turn: QTransform, screen: QSize) -> QRegion:
    whole = QRectF(0.0, 0.0, screen.width(), screen.height())
    padded = whole.adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK)
    return QRegion(turn.inverted()[0].map(QPolygonF(padded)).toPolygon())
