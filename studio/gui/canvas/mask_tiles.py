"""Masks as translucent colour, tile by tile."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from PySide6.QtGui import QColor, QImage

from studio.core.commands.selection import Target
from studio.core.compositor import CompositeCache
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.raster import image_of
from studio.core.selection.reducing import ReducedMask
from studio.core.tiles import TileIndex
from studio.gui.canvas.colours import MASK_COLOUR, MASK_OPACITY

MOST_TILES = 512
"""How many are kept, at most: 128 MiB of them."""


class MaskTiles:
    """Coloured images of a document's mask at the compositor's places and levels.

    Kept until the mask changes there or others were asked for since; half-masked pixels are
    coloured half, so that a soft edge looks soft.

    Args:
        document: whose mask is shown.
        colour: of what is masked.
        target: the painted mask, or the selection.
    """

    def __init__(
        self,
        document: Document,
        colour: QColor = MASK_COLOUR,
        target: Target = Target.MASK,
    ) -> None:
        is_mask = target is Target.MASK
        self._reduced = ReducedMask(target.surface(document))
        self._changed = document.mask_changed if is_mask else document.selection_changed
        self._images: OrderedDict[tuple[int, TileIndex], QImage | None] = OrderedDict()
        self._shades = _shades(colour)
        self._changed.connect(self.invalidate)

    def set_colour(self, colour: QColor) -> None:
        """Shows the mask in another colour from now on."""
        self._shades = _shades(colour)
        self._images.clear()

    def image(self, index: TileIndex, level: int) -> QImage | None:
        """The coloured tile, ``TILE`` pixels a side; None where nothing is masked."""
        key = (level, index)
        if key not in self._images:
            self._images[key] = self._coloured(index, level)
            if len(self._images) > MOST_TILES:
                self._images.popitem(last=False)
        self._images.move_to_end(key)
        return self._images[key]

    def invalidate(self, dirty: Bounds) -> None:
        """The mask is different there."""
        self._reduced.invalidate(dirty)
        stale = [
            (level, index)
            for level, index in self._images
            if not CompositeCache.area(index, level).intersection(dirty).is_empty
        ]
        for key in stale:
            del self._images[key]

    def close(self) -> None:
        """Lets go of the document."""
        self._changed.disconnect(self.invalidate)
        self._images.clear()

    def _coloured(self, index: TileIndex, level: int) -> QImage | None:
        area = CompositeCache.area(index, level)
        values = self._reduced.read(area, level)
        return image_of(self._shades[values]) if values.any() else None


def _shades(colour: QColor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Premultiplied BGRA for each value of the mask."""
    alpha = np.arange(256) * MASK_OPACITY
    components = (colour.blue(), colour.green(), colour.red(), 255)
    shades = np.stack([alpha * component / 255 for component in components], axis=1)
    return np.rint(shades).astype(np.uint8)
