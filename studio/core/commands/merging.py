"""Two layers become one."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from studio.core.blend import BlendMode
from studio.core.commands.stack import Command
from studio.core.compositor import Drawable, compose
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.layers import Layer, RasterLayer
from studio.core.tiles import TiledSurface, tiles_over


class MergeDown(Command):
    """Merges a layer into the one below, so that the two look as before.

    The result has the name and the blend mode of the lower one, and is opaque.

    Raises:
        KnownError: when it is done, if there is no layer below, or one of both is locked or
            hidden.
    """

    def __init__(self, layer: Layer) -> None:
        self._upper = layer
        self._lower: Layer | None = None
        self._merged: RasterLayer | None = None

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Merge down"

    @property
    def cost(self) -> int:
        """Bytes of the two layers, which undo needs."""
        return self._upper.pixels.size + (self._lower.pixels.size if self._lower else 0)

    def do(self, document: Document) -> None:
        """Puts the merged layer in the place of both."""
        lower = document.layers.below(self._upper)
        if lower is None:
            raise KnownError("There is no layer below to merge with: choose a higher one.")
        _check_mergeable(self._upper, lower)
        self._lower = lower
        self._merged = self._merged or merged(lower, self._upper)
        index = document.layers.remove(self._upper) - 1
        document.layers.remove(lower)
        document.layers.insert(index, self._merged)
        document.active = self._merged

    def undo(self, document: Document) -> None:
        """Puts both layers back."""
        if self._merged is None or self._lower is None:
            return
        index = document.layers.remove(self._merged)
        document.layers.insert(index, self._lower)
        document.layers.insert(index + 1, self._upper)
        document.active = self._upper


def merged(lower: Layer, upper: Layer) -> RasterLayer:
    """One layer that looks as these two do one above the other."""
    # What the lower one's mode does to the layers below it is left to the result's own mode.
    bottom = replace(lower.snapshot(), blend_mode=BlendMode.NORMAL)
    pair = _Pair([bottom, upper])
    surface = TiledSurface()
    for index in tiles_over(lower.bounds.union(upper.bounds)):
        surface.write_stored(index.bounds, compose(pair, index.bounds))
    return RasterLayer(lower.name, surface, blend_mode=lower.blend_mode)


class _Pair(NamedTuple):
    layers: list[Drawable]


def _check_mergeable(*layers: Layer) -> None:
    for layer in layers:
        if layer.locked:
            raise KnownError(f"The layer {layer.name!r} is locked: unlock it to merge it.")
        if not layer.visible:
            raise KnownError(f"The layer {layer.name!r} is hidden: show it to merge it.")
