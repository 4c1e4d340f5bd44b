"""Smudging: what is there already, paint or a mask, drawn along by the brush."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from studio.core.brush import BrushSettings, Dab
from studio.core.geometry import Bounds
from studio.core.layers import Layer, RasterLayer
from studio.core.picture import Pixels
from studio.core.stroke.cover import dab_bounds
from studio.core.stroke.layers import OnLayer
from studio.core.stroke.masks import OnLayerMask
from studio.core.stroke.stencil import Stencil
from studio.core.stroke.stroke import MASKS, Stroke
from studio.core.tiles import MaskSurface, TileIndex, tiles_over, window

_Floats = npt.NDArray[np.float32]
_FULL = 65535
_NOWHERE = Bounds(0, 0, 0, 0)


class Smudging(Stroke):
    """A stroke that carries a little of what the brush meets along with it."""

    _strength = 0.0
    _carried: _Floats | None = None
    _touched = _NOWHERE

    def paint(self, dabs: Iterable[Dab]) -> None:
        """Draws the paint along these dabs."""
        dirty: dict[TileIndex, Bounds] = {}
        for dab in dabs:
            part = self._smear(dab)
            for index in tiles_over(part):
                piece = part.intersection(index.bounds)
                dirty[index] = piece.union(dirty.get(index, piece))
        for piece in dirty.values():
            self._touched = self._touched.union(piece)
            self._touch(piece)

    @property
    def _covered_bounds(self) -> Bounds:
        return self._touched

    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        """Lays nothing: a smudge writes what it carries by itself."""

    def _smear(self, dab: Dab) -> Bounds:
        """Takes up what lies there and leaves some of what was carried; what changed."""
        whole = dab_bounds(dab._replace(size=self._settings.size))
        here = self._under(whole)
        if here is None:
            return _NOWHERE
        if self._carried is None:
            self._carried = here.astype(np.float32)
            return _NOWHERE
        cv2.accumulateWeighted(here, self._carried, 1.0 - self._strength)
        part = dab_bounds(dab).intersection(self._stencil.bounds)
        if not part.is_empty:
            inside = window(part, whole.origin)
            self._leave(dab, part, here[inside], cv2.convertScaleAbs(self._carried[inside]))
        return part

    def _under(self, whole: Bounds) -> Pixels | None:
        """The pixels there; what lies beyond the canvas is as on its border."""
        seen = whole.intersection(self._stencil.canvas)
        if seen.is_empty:
            return None
        pixels: Pixels = cv2.copyMakeBorder(
            self._surface.read_stored(seen),
            top=seen.y - whole.y,
            bottom=whole.bottom - seen.bottom,
            left=seen.x - whole.x,
            right=whole.right - seen.right,
            borderType=cv2.BORDER_REPLICATE,
        )
        return pixels

    def _leave(self, dab: Dab, part: Bounds, here: Pixels, carried: Pixels) -> None:
        share = self._share(dab, part)
        # Between two premultiplied pixels lies a third: rounding is the same for all channels.
        pixels = cv2.blendLinear(np.ascontiguousarray(here), carried, 1.0 - share, share)
        pixels = self._allowed(here, pixels)
        for place, tile in self._surface.edit_in(part):
            piece = place.intersection(part)
            tile[window(piece, place.origin)] = pixels[window(piece, part.origin)]

    def _allowed(self, here: Pixels, pixels: Pixels) -> Pixels:
        """Of what is to become of the pixels ``here`` what the layer's locks allow."""
        return pixels

    def _share(self, dab: Dab, part: Bounds) -> _Floats:
        """How much of what is carried is left on each pixel, 0 to 1."""
        mask = MASKS.of(dab)[window(part, dab_bounds(dab).origin)]
        share = mask * np.float32(dab.flow * dab.opacity * self._settings.opacity / _FULL)
        selected = self._stencil.share(part)
        return share if selected is None else share * (selected * np.float32(1 / 255))


class SmudgeStroke(Smudging, OnLayer):
    """Smudges the paint of a layer.

    Args:
        strength: how much of what it carries it keeps from dab to dab, 0 to 1.
    """

    def __init__(
        self, layer: RasterLayer, settings: BrushSettings, stencil: Stencil, strength: float
    ) -> None:
        super().__init__(layer, settings, stencil, "Smudge")
        self._strength = min(1.0, max(0.0, strength))

    def _allowed(self, here: Pixels, pixels: Pixels) -> Pixels:
        return _with_alpha_of(here, pixels) if self._layer.locks.alpha else pixels


class SmudgeMaskStroke(Smudging, OnLayerMask):
    """Smudges the mask of a layer; as `SmudgeStroke`."""

    def __init__(
        self,
        layer: Layer,
        mask: MaskSurface,
        settings: BrushSettings,
        stencil: Stencil,
        strength: float,
    ) -> None:
        super().__init__(layer, mask, settings, stencil, "Smudge layer mask")
        self._strength = min(1.0, max(0.0, strength))


def _with_alpha_of(here: Pixels, pixels: Pixels) -> Pixels:
    """The premultiplied pixels with their hue, as opaque as those of ``here``."""
    alpha = here[..., 3:].astype(np.float32)
    scaled = pixels * (alpha / np.maximum(pixels[..., 3:], 1))
    return np.asarray(np.minimum(np.rint(scaled), alpha), dtype=np.uint8)
