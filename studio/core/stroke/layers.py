"""Strokes on layers: of a colour, taking away, or of another place of the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np

from studio.core.blend import BlendMode
from studio.core.brush import BrushSettings
from studio.core.colour import Colour
from studio.core.commands.paint import PaintStroke
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.picture import Pixels
from studio.core.raster import painting
from studio.core.stroke.stencil import Stencil, thinned
from studio.core.stroke.stroke import Stroke

ReadPixels: TypeAlias = Callable[[Bounds], Pixels]
"""Brings premultiplied BGRA ``(height, width, 4)`` of a part of the canvas."""


class OnLayer(Stroke):
    """What strokes on layers have in common.

    Args:
        layer: to paint on.
        settings: of the brush.
        stencil: what may be painted.
        name: of the finished stroke, as the person reads it.
    """

    def __init__(
        self, layer: RasterLayer, settings: BrushSettings, stencil: Stencil, name: str
    ) -> None:
        super().__init__(layer.surface, settings, stencil)
        self._layer = layer
        self._name = name

    def command(self) -> PaintStroke | None:
        """The finished stroke."""
        change = self._change()
        return PaintStroke(self._layer, change, self._name) if change else None

    def _touch(self, dirty: Bounds) -> None:
        self._layer.touch(dirty)

    def _lay(self, ink: Pixels, target: Pixels, place: Bounds, part: Bounds) -> None:
        """Lays premultiplied ink on a tile; where alpha is locked it covers only what is there."""
        with painting(target, place) as painter:
            if self._layer.locks.alpha:
                painter.paint_atop()
            else:
                painter.style(BlendMode.NORMAL, 1.0)
            painter.draw(ink, part.origin)


class LayerStroke(OnLayer):
    """Paints the brush's colour on a layer."""

    def __init__(self, layer: RasterLayer, settings: BrushSettings, stencil: Stencil) -> None:
        super().__init__(layer, settings, stencil, "Paint stroke")
        self._inks = ink_table(settings.colour, settings.opacity)

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        self._lay(inked(cover, self._inks), target, place, part)


class ErasingStroke(OnLayer):
    """Takes paint off a layer."""

    def __init__(self, layer: RasterLayer, settings: BrushSettings, stencil: Stencil) -> None:
        super().__init__(layer, settings, stencil, "Erase")
        self._inks = ink_table(settings.colour, settings.opacity)

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        with painting(target, place) as painter:
            painter.erase()
            painter.draw(inked(cover, self._inks), part.origin)


class CloneStroke(OnLayer):
    """Paints what lies somewhere else.

    Args:
        read: the picture that is copied from, as it was before.
        dx, dy: from each place to the one that is copied there.
    """

    def __init__(
        self,
        layer: RasterLayer,
        settings: BrushSettings,
        stencil: Stencil,
        read: ReadPixels,
        dx: int,
        dy: int,
    ) -> None:
        super().__init__(layer, settings, stencil, "Clone")
        self._read = read
        self._dx, self._dy = dx, dy

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        shares = cv2.convertScaleAbs(cover, alpha=self._settings.opacity)
        ink = thinned(self._read(part.moved(self._dx, self._dy)), shares)
        self._lay(ink, target, place, part)


InkTable: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int32]]
"""The premultiplied pixel, its four bytes as one number, for each cover, 0 to 255."""


def ink_table(colour: Colour, opacity: float) -> InkTable:
    """The ink of a colour at an opacity."""
    alpha = np.rint(np.arange(256) * opacity)
    red, green, blue = colour
    table = np.empty((256, 4), dtype=np.uint8)
    for channel, component in enumerate((blue, green, red, 255)):
        table[:, channel] = np.rint(alpha * component / 255)
    return table.view(np.int32).reshape(256)


def inked(cover: Pixels, table: InkTable) -> Pixels:
    """The ink for each cover: premultiplied BGRA of the cover's height and width."""
    ink: Pixels = cv2.LUT(cover, table).view(np.uint8).reshape(*cover.shape, 4)
    return ink
