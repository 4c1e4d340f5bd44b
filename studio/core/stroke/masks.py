"""Strokes on masks: on what is to be made anew, on what is selected, and on those of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np

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

ReadMask: TypeAlias = Callable[[Bounds], Pixels]
"""Brings the values ``(height, width)`` of a part of the canvas, 0 to 255."""


class MaskStroke(Stroke):
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
        super().__init__(target.surface(document), settings, stencil)
        self._value = 0 if erase else 255
        self._document = document
        self._target = target
        self._name = f"{'Erase' if erase else 'Paint'} {target}"

    def command(self) -> PaintMask | None:
        """The finished stroke."""
        change = self._change()
        return PaintMask(change, self._name, self._target) if change else None

    def _touch(self, dirty: Bounds) -> None:
        self._target.touch(self._document, [dirty])

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        goal = np.full_like(cover, self._value)
        _draw_towards(target, place, part, goal, cover, self._settings.opacity)


class OnLayerMask(Stroke):
    """What strokes on the masks of layers have in common.

    Args:
        layer: whose mask is painted.
        mask: of that layer.
        settings: of the brush; its colour is not used.
        stencil: what may be painted.
        name: of the finished stroke, as the person reads it.
    """

    def __init__(
        self,
        layer: Layer,
        mask: MaskSurface,
        settings: BrushSettings,
        stencil: Stencil,
        name: str,
    ) -> None:
        super().__init__(mask, settings, stencil)
        self._layer = layer
        self._name = name

    def command(self) -> PaintLayerMask | None:
        """The finished stroke."""
        change = self._change()
        return PaintLayerMask(self._layer, change, self._name) if change else None

    def _touch(self, dirty: Bounds) -> None:
        self._layer.touch_mask(dirty)


class LayerMaskStroke(OnLayerMask):
    """Shows or hides parts of a layer.

    Args:
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
        super().__init__(layer, mask, settings, stencil, "Paint layer mask")
        self._value = value

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        goal = np.full_like(cover, self._value)
        _draw_towards(target, place, part, goal, cover, self._settings.opacity)


class CloneMaskStroke(OnLayerMask):
    """Gives a mask the values that it has somewhere else.

    Args:
        read: the mask that is copied from, as it was before.
        dx, dy: from each place to the one that is copied there.
    """

    def __init__(
        self,
        layer: Layer,
        mask: MaskSurface,
        settings: BrushSettings,
        stencil: Stencil,
        read: ReadMask,
        dx: int,
        dy: int,
    ) -> None:
        super().__init__(layer, mask, settings, stencil, "Clone layer mask")
        self._read = read
        self._dx, self._dy = dx, dy

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        source = self._read(part.moved(self._dx, self._dy))
        _draw_towards(target, place, part, source, cover, self._settings.opacity)


def _draw_towards(
    target: Pixels,
    place: Bounds,
    part: Bounds,
    goal: Pixels,
    cover: Pixels,
    opacity: float,
) -> None:
    """Draws a part of the tile ``target`` towards other values, as far as it is covered.

    A number in the place of ``goal`` would not do: of one column of up to four pixels OpenCV
    cannot tell whether it is pixels or the channels of one.
    """
    inside = window(part, place.origin)
    old = target[inside]
    more = cv2.multiply(cv2.subtract(goal, old), cover, scale=opacity / 255)
    less = cv2.multiply(cv2.subtract(old, goal), cover, scale=opacity / 255)
    target[inside] = cv2.subtract(cv2.add(old, more), less)
