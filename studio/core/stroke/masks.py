"""Strokes on masks: on what is to be made anew, on what is selected, and on those of layers."""

from __future__ import annotations

import cv2

from studio.core.brush import BrushSettings
from studio.core.commands.paint import PaintLayerMask
from studio.core.commands.selection import PaintMask, Target
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
    """Paints on the document's mask, or on its selection, or takes from it.

    Args:
        document: whose mask is painted; what is selected holds back no paint from itself.
        settings: of the brush.
        erase: take away instead.
        target: which of both is painted.
    """

    def __init__(
        self,
        document: Document,
        settings: BrushSettings,
        *,
        erase: bool = False,
        target: Target = Target.MASK,
    ) -> None:
        held_back = target is Target.MASK
        stencil = Stencil.of(document) if held_back else Stencil(document.canvas)
        super().__init__(target.surface(document), settings, stencil, 0 if erase else 255)
        self._document = document
        self._target = target
        self._name = f"{'Erase' if erase else 'Paint'} {target}"

    def command(self) -> PaintMask | None:
        """The finished stroke."""
        change = self._change()
        return PaintMask(change, self._name, self._target) if change else None

    def _touch(self, dirty: Bounds) -> None:
        self._target.touch(self._document, [dirty])


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
