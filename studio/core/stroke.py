"""From dabs to pixels: strokes on a layer or on the painted mask.

A stroke gathers what its dabs cover in a mask of its own, and mixes its ink once with the pixels
that were there before. So a stroke that crosses itself reaches its opacity and no more.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from studio.core.blend import BlendMode
from studio.core.brush import BrushSettings, Dab, dab_mask, mask_reach
from studio.core.commands.paint import PaintStroke
from studio.core.commands.selection import PaintMask
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.picture import Pixels
from studio.core.raster import painting
from studio.core.tiles import MaskSurface, Surface, TileChange, window


class Stroke(ABC):
    """A stroke under way; paints as it goes, and inside the canvas only.

    Args:
        surface: to paint on.
        settings: of the brush.
        limits: nothing outside of it is touched.
    """

    def __init__(self, surface: Surface, settings: BrushSettings, limits: Bounds) -> None:
        self._surface = surface
        self._settings = settings
        self._limits = limits
        self._before = surface.snapshot()
        self._cover = MaskSurface()

    @abstractmethod
    def command(self) -> Command | None:
        """The finished stroke, to be pushed; None if it changed nothing."""

    @abstractmethod
    def _touch(self, dirty: Bounds) -> None:
        """Tells whoever listens that pixels were changed."""

    @abstractmethod
    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        """Mixes the ink into the ``part`` of the tile ``target``, which lies at ``place``."""

    def paint(self, dabs: Iterable[Dab]) -> None:
        """Paints more dabs."""
        dirty: dict[Bounds, Bounds] = {}
        for dab in dabs:
            for place, part in self._add_cover(dab):
                dirty[place] = part.union(dirty.get(place, part))
        # Tile by tile: the rectangle around a long diagonal line is mostly untouched.
        for part in dirty.values():
            self._mix(part)
            self._touch(part)

    def abandon(self) -> None:
        """Takes all of it back."""
        self._touch(self._surface.restore(self._before))

    def _change(self) -> TileChange | None:
        self._surface.drop_empty(self._cover.bounds)
        change = TileChange.between(self._before, self._surface.snapshot())
        return None if change.is_nothing else change

    def _add_cover(self, dab: Dab) -> Iterator[tuple[Bounds, Bounds]]:
        """Adds to what is covered; the tiles where, and the part of each that changed."""
        size = self._settings.size_at(dab.pressure)
        reach = mask_reach(size)
        column, row = math.floor(dab.x), math.floor(dab.y)
        whole = Bounds(column - reach, row - reach, 2 * reach + 1, 2 * reach + 1)
        dirty = whole.intersection(self._limits)
        if dirty.is_empty:
            return
        mask = dab_mask(size, self._settings.hardness, dab.x - column, dab.y - row)
        scale = self._settings.flow_at(dab.pressure) / 255
        for place, tile in self._cover.edit_in(dirty):
            part = place.intersection(dirty)
            inside = window(part, place.origin)
            gain = mask[window(part, whole.origin)]
            free = cv2.bitwise_not(tile[inside])
            tile[inside] = cv2.add(tile[inside], cv2.multiply(free, gain, scale=scale))
            yield place, part

    def _mix(self, dirty: Bounds) -> None:
        cover = self._cover.read(dirty)
        before = self._before.read_stored(dirty)
        for place, tile in self._surface.edit_in(dirty):
            part = place.intersection(dirty)
            inside = window(part, dirty.origin)
            tile[window(part, place.origin)] = before[inside]
            self._ink(tile, place, part, cover[inside])


class LayerStroke(Stroke):
    """Paints colour on a layer, or takes it away.

    Args:
        layer: to paint on.
        settings: of the brush.
        limits: nothing outside of it is touched.
        erase: take away instead.
    """

    def __init__(
        self, layer: RasterLayer, settings: BrushSettings, limits: Bounds, *, erase: bool = False
    ) -> None:
        super().__init__(layer.surface, settings, limits)
        self._layer = layer
        self._erase = erase
        self._inks = _ink_table(settings)

    def command(self) -> PaintStroke | None:
        """The finished stroke."""
        change = self._change()
        name = "Erase" if self._erase else "Paint stroke"
        return PaintStroke(self._layer, change, name) if change else None

    def _touch(self, dirty: Bounds) -> None:
        self._layer.touch(dirty)

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        ink = self._inks[cover].view(np.uint8).reshape(part.height, part.width, 4)
        with painting(target, place) as painter:
            if self._erase:
                painter.erase()
            else:
                painter.style(BlendMode.NORMAL, 1.0)
            painter.draw(ink, part.origin)


class MaskStroke(Stroke):
    """Paints on the document's mask, or takes from it.

    Args:
        document: whose mask is painted.
        settings: of the brush; its colour is not used.
        erase: take away instead.
    """

    def __init__(self, document: Document, settings: BrushSettings, *, erase: bool = False) -> None:
        super().__init__(document.mask, settings, document.canvas)
        self._document = document
        self._erase = erase

    def command(self) -> PaintMask | None:
        """The finished stroke."""
        change = self._change()
        name = "Erase mask" if self._erase else "Paint mask"
        return PaintMask(change, name) if change else None

    def _touch(self, dirty: Bounds) -> None:
        self._document.touch_mask(dirty)

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        inside = window(part, place.origin)
        old = target[inside]
        scale = self._settings.opacity / 255
        if self._erase:
            target[inside] = cv2.subtract(old, cv2.multiply(old, cover, scale=scale))
        else:
            gain = cv2.multiply(cv2.bitwise_not(old), cover, scale=scale)
            target[inside] = cv2.add(old, gain)


def _ink_table(settings: BrushSettings) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """The premultiplied pixel for each cover, 0 to 255."""
    alpha = np.rint(np.arange(256) * settings.opacity)
    red, green, blue = settings.colour
    table = np.empty((256, 4), dtype=np.uint8)
    for channel, component in enumerate((blue, green, red, 255)):
        table[:, channel] = np.rint(alpha * component / 255)
    return table.view(np.uint32).reshape(256)
