"""Strokes on masks: the one that says what to make anew, and those of layers."""

from __future__ import annotations

import cv2

from studio.core.brush import BrushSettings
from studio.core.commands.paint import PaintLayerMask
from studio.core.commands.selection import PaintMask
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import Layer
from studio.core.picture import Pixels
from studio.core.stroke.stencil import Stencil
from studio.core.stroke.stroke import Stroke
from studio.core.tiles import MaskSurface, window


class _OnMask(Stroke):
    """Draws a mask's values towards one value.

    Args:
        mask: to paint on.
        settings: of the brush; its colour is not used.
        stencil: what may be painted.
        value: 0 to 255.
    """

    def __init__(
        self, mask: MaskSurface, settings: BrushSettings, stencil: Stencil, value: int
    ) -> None:
        super().__init__(mask, settings, stencil)
        self._value = value

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        inside = window(part, place.origin)
        old = target[inside]
        scale = self._settings.opacity / 255
        more = cv2.multiply(cv2.subtract(float(self._value), old), cover, scale=scale)
        less = cv2.multiply(cv2.subtract(old, float(self._value)), cover, scale=scale)
        target[inside] = cv2.subtract(cv2.add(old, more), less)


class MaskStroke(_OnMask):
    """Paints on the document's mask, or takes from it.

    Args:
        document: whose mask is painted.
        settings: of the brush.
        erase: take away instead.
    """

    def __init__(self, document: Document, settings: BrushSettings, *, erase: bool = False) -> None:
        super().__init__(document.mask, settings, Stencil.of(document), 0 if erase else 255)
        self._document = document
        self._name = "Erase mask" if erase else "Paint mask"

    def command(self) -> PaintMask | None:
        """The finished stroke."""
        change = self._change()
        return PaintMask(change, self._name) if change else None

    def _touch(self, dirty: Bounds) -> None:
        self._document.touch_mask(dirty)


class LayerMaskStroke(_OnMask):
    """Shows or hides parts of a layer.

    Args:
        layer: whose mask is painted.
        mask: of that layer.
        settings: of the brush.
        stencil: what may be painted.
        value: 255 shows the layer, 0 hides it.
    """

    def __init__(
        self,
        layer: Layer,
        mask: MaskSurface,
        settings: BrushSettings,
        stencil: Stencil,
        value: int,
    ) -> None:
        super().__init__(mask, settings, stencil, value)
        self._layer = layer

    def command(self) -> PaintLayerMask | None:
        """The finished stroke."""
        change = self._change()
        return PaintLayerMask(self._layer, change) if change else None

    def _touch(self, dirty: Bounds) -> None:
        self._layer.touch_mask(dirty)
